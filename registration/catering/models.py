"""The dietary store: a database of its own, in which every answer is ciphertext (P5)."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Vault(Model):
    """One event's diets: which key opens them, and how far their deletion has come.

    The key is a file outside both databases (``keyed``: one was made); destroying it deletes.
    ``closed_at``: nothing is written any more, and ``diets`` were there. ``deleted_at``: key and
    rows are gone. ``finished_at``: that was looked at again, and there is a receipt.
    """

    event_id = fields.UUIDField(primary_key=True)
    key_id = fields.CharField(max_length=32, unique=True)
    keyed = fields.BooleanField()
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=30, default="")
    due_at = fields.DatetimeField(null=True)
    diets = fields.IntField(default=0)
    deleted_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "vault"


class SealedDiet(Model):
    """``content``: 12 bytes nonce, then AES-256-GCM ciphertext bound to token and event."""

    token = fields.CharField(max_length=64, primary_key=True)
    event_id = fields.UUIDField(db_index=True)
    content = fields.BinaryField()
    written_at = fields.DatetimeField()

    class Meta:
        table = "sealed_diet"
