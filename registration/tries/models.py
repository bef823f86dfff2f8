"""How often something was tried of late. No row says by whom, or what."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Tries(Model):
    """``id`` is half of a keyed hash of what is tried and by whom.

    With the house's secret the row can be found again, without it it says nothing.
    """

    id = fields.UUIDField(primary_key=True)
    hits = fields.IntField()
    ends_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "tries"
