"""The ledger's tables. Ids here are pseudonymous: random UUIDs that mean nothing once the row
they point to is gone. No foreign keys, so that an erasure need not touch an entry."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Entry(Model):
    """One thing that happened. Written in the transaction of the act, sealed later by a job."""

    number = fields.BigIntField(primary_key=True, generated=True)
    at = fields.DatetimeField()
    act = fields.CharField(max_length=40)
    actor_id = fields.UUIDField(null=True)
    subject_id = fields.UUIDField(null=True, db_index=True)
    object_id = fields.UUIDField(null=True)
    detail = fields.TextField(default="")

    class Meta:
        table = "ledger_entry"
        indexes = (Index(fields=("act", "at")),)


class Seal(Model):
    """The hash over an entry and the seal before it. ``position`` counts 1, 2, 3 … without gaps,
    in the order of sealing; ``entry_number`` may skip where a transaction was rolled back."""

    id = fields.UUIDField(primary_key=True)
    position = fields.BigIntField(unique=True)
    entry_number = fields.BigIntField(unique=True)
    digest = fields.BinaryField()

    class Meta:
        table = "ledger_seal"


class Disclosure(Model):
    """Data of one person, shown or sent to a recipient or looked at by staff (P15)."""

    id = fields.UUIDField(primary_key=True)
    at = fields.DatetimeField()
    person_id = fields.UUIDField()
    actor_id = fields.UUIDField(null=True)
    recipient_id = fields.UUIDField(null=True)
    object_id = fields.UUIDField(null=True)
    purpose = fields.CharField(max_length=40)
    basis = fields.CharField(max_length=30)
    road = fields.CharField(max_length=20)
    fields_shown = fields.CharField(max_length=300)

    class Meta:
        table = "disclosure"
        indexes = (Index(fields=("person_id", "at")), Index(fields=("at",)))


class Receipt(Model):
    """Proof that diets were deleted, without saying what they said (P4). ``steps`` are those that
    were done and looked at again; the entry ``entry_number`` holds the receipt's id and these in
    the chain."""

    id = fields.UUIDField(primary_key=True)
    event_id = fields.UUIDField()
    reason = fields.CharField(max_length=30)
    diets = fields.IntField()
    due_at = fields.DatetimeField()
    done_at = fields.DatetimeField(db_index=True)
    lateness_seconds = fields.FloatField()
    deletion_id = fields.CharField(max_length=64, unique=True)
    steps = fields.CharField(max_length=120, default="")
    entry_number = fields.BigIntField(null=True)

    class Meta:
        table = "receipt"
        indexes = (Index(fields=("event_id",)),)
