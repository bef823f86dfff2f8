"""The dietary store: a database of its own, in which every answer is ciphertext (P5)."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Vault(Model):
    """One event's diets: which key opens them, and that they were deleted. The key itself is a
    file outside both databases; destroying it deletes."""

    event_id = fields.UUIDField(primary_key=True)
    key_id = fields.CharField(max_length=32, unique=True)
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=30, default="")
    due_at = fields.DatetimeField(null=True)
    diets = fields.IntField(default=0)
    deleted_at = fields.DatetimeField(null=True)

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
