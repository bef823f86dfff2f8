"""The outbox: mail is written in the transaction of what it tells of, and sent by a job."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Mail(Model):
    """One mail. Its address, subject and bodies are blanked once it was sent, or could not be."""

    id = fields.UUIDField(primary_key=True)
    template = fields.CharField(max_length=40)
    purpose = fields.CharField(max_length=20)
    person_id = fields.UUIDField(null=True, db_index=True)
    account_id = fields.UUIDField(null=True)
    language = fields.CharField(max_length=2)
    address = fields.CharField(max_length=254)
    subject = fields.CharField(max_length=300)
    body_text = fields.TextField()
    body_html = fields.TextField()
    calendar = fields.TextField(default="")
    calendar_method = fields.CharField(max_length=10, default="")
    state = fields.CharField(max_length=10, default="queued")
    queued_at = fields.DatetimeField()
    next_try_at = fields.DatetimeField(null=True)
    drop_at = fields.DatetimeField(null=True)
    tries = fields.IntField(default=0)
    sent_at = fields.DatetimeField(null=True)
    failure = fields.CharField(max_length=60, default="")

    class Meta:
        table = "mail"
        indexes = (Index(fields=("state", "next_try_at")),)
