from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from registration.catalogue.models import Seating
from registration.people.models import Person


class Place(Model):
    """What an enrolment or a registration holds. ``turn`` orders the waiting list.

    ``current`` is true while the place is not cancelled and null after: with the unique constraint
    a person has at most one current place on a seating, and as many cancelled ones as it took.

    ``awaits`` is what it still needs before it can be confirmed (``rules.Awaits``); ``until`` is
    the end of an offer or of a hold, null else. ``order_number`` is the buyer's own,
    for the invoice. ``moved_from`` is the place that this one was transferred from. ``agreed_at``
    and ``objected_at``: what the person whom a company enrolled said to that.
    """

    id = fields.UUIDField(primary_key=True)
    seating: fields.ForeignKeyRelation[Seating] = fields.ForeignKeyField("main.Seating")
    seating_id: UUID
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("main.Person")
    person_id: UUID
    status = fields.CharField(max_length=10)
    awaits = fields.CharField(max_length=10, default="")
    current = fields.BooleanField(null=True, default=True)
    turn = fields.BigIntField()
    source = fields.CharField(max_length=10)
    company_id = fields.UUIDField(null=True, db_index=True)
    enrolled_by = fields.UUIDField(null=True)
    submission = fields.CharField(max_length=64, null=True, unique=True)
    diet_token = fields.CharField(max_length=64, null=True, unique=True)
    price_cents = fields.IntField(default=0)
    vat_basis_points = fields.IntField(default=0)
    order_number = fields.CharField(max_length=60, default="")
    until = fields.DatetimeField(null=True)
    moved_from = fields.UUIDField(null=True)
    reminded_at = fields.DatetimeField(null=True)
    agreed_at = fields.DatetimeField(null=True)
    objected_at = fields.DatetimeField(null=True)
    invoice_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "place"
        unique_together = (("seating", "person", "current"),)
        indexes = (
            Index(fields=("seating_id", "status", "turn")),
            Index(fields=("person_id",)),
            Index(fields=("until",)),
            Index(fields=("invoice_id",)),
        )


class KeptCount(Model):
    """How many places of a seating were deleted, by how they stood: what a statistic still needs
    of them, without persons. ``outcome``: completed, not-completed or empty."""

    id = fields.UUIDField(primary_key=True)
    seating: fields.ForeignKeyRelation[Seating] = fields.ForeignKeyField("main.Seating")
    seating_id: UUID
    status = fields.CharField(max_length=10)
    outcome = fields.CharField(max_length=16, default="")
    number = fields.IntField()

    class Meta:
        table = "kept_count"
        unique_together = (("seating", "status", "outcome"),)


class Objection(Model):
    """What a person says who did not want the place that a company took for them. ``reason`` is
    theirs, and may be empty; ``settled_at``: when staff had dealt with it."""

    id = fields.UUIDField(primary_key=True)
    place: fields.OneToOneRelation[Place] = fields.OneToOneField("main.Place")
    place_id: UUID
    person_id = fields.UUIDField(db_index=True)
    company_id = fields.UUIDField(null=True, db_index=True)
    reason = fields.CharField(max_length=1000, default="")
    made_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.UUIDField(null=True)

    class Meta:
        table = "objection"
        indexes = (Index(fields=("settled_at", "made_at")),)


class HeldSeat(Model):
    """A seat that a company keeps without saying for whom, until ``until``. It is taken as much as
    a place is; the row goes when a person is named, when it is given back, or when it ends."""

    id = fields.UUIDField(primary_key=True)
    seating: fields.ForeignKeyRelation[Seating] = fields.ForeignKeyField("main.Seating")
    seating_id: UUID
    company_id = fields.UUIDField(db_index=True)
    held_by = fields.UUIDField()
    order_number = fields.CharField(max_length=60, default="")
    price_cents = fields.IntField(default=0)
    vat_basis_points = fields.IntField(default=0)
    until = fields.DatetimeField(db_index=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "held_seat"
        indexes = (Index(fields=("seating_id", "company_id")),)


class Interest(Model):
    """A person wants to hear when a session of a training opens. ``told_at``: when they were told
    last; the row goes with ``drop_at``, or when they say so."""

    id = fields.UUIDField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("main.Person")
    person_id: UUID
    training_id = fields.UUIDField(db_index=True)
    created_at = fields.DatetimeField()
    told_at = fields.DatetimeField(null=True)
    drop_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "interest"
        unique_together = (("person", "training_id"),)


class Upload(Model):
    """A spreadsheet that a coordinator uploaded, until it was enrolled or thrown away.

    The file itself is never stored. ``kept`` are its cells without what must not be kept,
    ``reading`` its rows as they now stand, both packed JSON. Both are blanked when its people are
    enrolled, but for the rows left out, and a day later all of it goes.

    While people are being enrolled ``actor_id`` says who asked for it, ``done`` of ``total`` rows
    have their answer, ``tally`` (JSON) which, and ``stepped_at`` is when the last step was made;
    ``order_number`` is the buyer's own for all of them.
    """

    id = fields.UUIDField(primary_key=True)
    company_id = fields.UUIDField()
    account_id = fields.UUIDField()
    session_id = fields.UUIDField()
    digest = fields.CharField(max_length=64)
    file_name = fields.CharField(max_length=120)
    kept = fields.BinaryField(null=True)
    reading = fields.BinaryField(null=True)
    state = fields.CharField(max_length=10)
    created_at = fields.DatetimeField()
    drop_at = fields.DatetimeField(db_index=True)
    enrolled = fields.IntField(default=0)
    actor_id = fields.UUIDField(null=True)
    order_number = fields.CharField(max_length=60, default="")
    language = fields.CharField(max_length=8, default="")
    total = fields.IntField(default=0)
    done = fields.IntField(default=0)
    tally = fields.BinaryField(null=True)
    stepped_at = fields.DatetimeField(null=True)

    class Meta:
        table = "upload"
        indexes = (Index(fields=("company_id", "created_at")),)


class StoredAnswer(Model):
    """The answer to a POST with an ``Idempotency-Key``, so that a repeat gets the same one."""

    key = fields.CharField(max_length=64, primary_key=True)
    request_digest = fields.CharField(max_length=64)
    status = fields.IntField(null=True)
    body = fields.TextField(default="")
    created_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "stored_answer"
