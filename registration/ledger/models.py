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
        indexes = (
            Index(fields=("act", "at")),
            Index(fields=("actor_id", "at")),
            Index(fields=("at",)),
        )


class Seal(Model):
    """Where an entry stands in the order of sealing: ``position`` counts 1, 2, 3 … without gaps;
    ``entry_number`` may skip where a transaction was rolled back.

    ``digest`` is the entry's leaf in the Merkle tree of its block; in an older version's seal, the
    hash over the entry and the seal before it."""

    id = fields.UUIDField(primary_key=True)
    position = fields.BigIntField(unique=True)
    entry_number = fields.BigIntField(unique=True)
    digest = fields.BinaryField()

    class Meta:
        table = "ledger_seal"


class Block(Model):
    """What was sealed together, as a link of the chain (``chain.BlockRow``). ``position`` goes on
    counting after the seals of older versions, which were links themselves."""

    id = fields.UUIDField(primary_key=True)
    position = fields.BigIntField(unique=True)
    sealed_at = fields.DatetimeField()
    entries = fields.IntField()
    disclosures = fields.IntField()
    receipts = fields.IntField()
    seals_to = fields.BigIntField()
    settled = fields.BigIntField()
    root = fields.BinaryField()
    digest = fields.BinaryField()

    class Meta:
        table = "ledger_block"


class Disclosure(Model):
    """Data of one person, shown or sent to a recipient or looked at by staff (P15).

    ``block`` and ``leaf`` are null until it is sealed: the block's position and, from 0, the place
    in its Merkle tree."""

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
    block = fields.BigIntField(null=True)
    leaf = fields.IntField(null=True)

    class Meta:
        table = "disclosure"
        indexes = (
            Index(fields=("person_id", "at")),
            Index(fields=("at",)),
            Index(fields=("block", "leaf")),
            Index(fields=("actor_id", "at")),
        )


class Receipt(Model):
    """Proof that diets were deleted, without saying what they said (P4). ``steps`` are those that
    were done and looked at again; the entry ``entry_number`` holds the receipt's id and these in
    the chain. ``block`` and ``leaf`` as a disclosure's."""

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
    block = fields.BigIntField(null=True)
    leaf = fields.IntField(null=True)

    class Meta:
        table = "receipt"
        indexes = (Index(fields=("event_id",)), Index(fields=("block", "leaf")))
