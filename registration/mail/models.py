"""The outbox: mail is written in the transaction of what it tells of, and sent by a job."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Mail(Model):
    """One mail. Its address, subject and bodies are blanked once it was sent, or could not be.

    ``claimed_by`` is the run of the sender that has it, until ``next_try_at``. ``address_hash``
    tells addresses apart that are not kept (see ``rules.address_hash``).
    """

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
    claimed_by = fields.UUIDField(null=True)
    address_hash = fields.CharField(max_length=64, default="")
    drop_at = fields.DatetimeField(null=True)
    tries = fields.IntField(default=0)
    sent_at = fields.DatetimeField(null=True)
    failure = fields.CharField(max_length=60, default="")

    class Meta:
        table = "mail"
        indexes = (Index(fields=("state", "next_try_at")),)


class DeadAddress(Model):
    """An address from which mail came back for good, as a keyed hash. ``person_id``: of the mail
    that came back. ``again_at``: when somebody said that it works, and mail is tried again."""

    id = fields.UUIDField(primary_key=True)
    address_hash = fields.CharField(max_length=64, unique=True)
    person_id = fields.UUIDField(null=True, db_index=True)
    code = fields.CharField(max_length=10)
    bounced_at = fields.DatetimeField(db_index=True)
    again_at = fields.DatetimeField(null=True)

    class Meta:
        table = "dead_address"
