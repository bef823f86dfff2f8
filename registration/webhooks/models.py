"""Where companies want to be told of changes, and what they were told. Ids and states only."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Webhook(Model):
    """Where a company is told. ``failing_since``: nothing has arrived since then."""

    id = fields.UUIDField(primary_key=True)
    company_id = fields.UUIDField(db_index=True)
    url = fields.CharField(max_length=500)
    sealed_secret = fields.BinaryField()
    events = fields.CharField(max_length=200)
    made_by = fields.UUIDField(null=True)
    made_at = fields.DatetimeField()
    failing_since = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    ended_because = fields.CharField(max_length=20, default="")

    class Meta:
        table = "webhook"


class WebhookDelivery(Model):
    """One message to one webhook.

    ``due_at`` is null once it is over; while a process sends it, it is the moment at which another
    may try."""

    id = fields.UUIDField(primary_key=True)
    webhook: fields.ForeignKeyRelation[Webhook] = fields.ForeignKeyField("main.Webhook")
    webhook_id: UUID
    event = fields.CharField(max_length=40)
    place_id = fields.UUIDField(null=True)
    session_id = fields.UUIDField(null=True)
    event_id = fields.UUIDField(null=True)
    status = fields.CharField(max_length=10, default="")
    happened_at = fields.DatetimeField()
    state = fields.CharField(max_length=10)
    due_at = fields.DatetimeField(null=True, db_index=True)
    tries = fields.IntField(default=0)
    answer = fields.CharField(max_length=20, default="")
    tried_at = fields.DatetimeField(null=True)

    class Meta:
        table = "webhook_delivery"
        indexes = (Index(fields=("webhook_id", "happened_at")),)


class WebhookCursor(Model):
    """How far the ledger was read: the position of the last seal whose entry was told of."""

    id = fields.UUIDField(primary_key=True)
    position = fields.BigIntField()

    class Meta:
        table = "webhook_cursor"
