"""What people asked of us, what authorities require, and what must not come back."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class RightsRequest(Model):
    """Somebody asked for one of their rights (P12). ``person_id`` is empty until it is known whose
    data it is about, and leads nowhere once that person is erased.

    ``asker_name`` and ``asker_contact`` are for who has no record here or asks for another
    (``behalf``), ``asked`` are their words; all three go when the person is erased, and at
    ``drop_at``. ``identity`` is how it was made sure who asks, ``identity_seen`` what was looked
    at; no copy and no number of a document is kept. ``due_at`` is a month after ``received_at``,
    ``extended_until`` at most two more. ``last_copy_at``: when the person had a copy within the
    twelve months before; ``fee`` is what a human decided on that. ``matched``: whether it was found
    out whose data it is about; ``mandate_seen``: what shows that one may ask for another.
    """

    id = fields.UUIDField(primary_key=True)
    reference = fields.CharField(max_length=20, unique=True)
    person_id = fields.UUIDField(null=True, db_index=True)
    account_id = fields.UUIDField(null=True, db_index=True)
    kind = fields.CharField(max_length=16)
    channel = fields.CharField(max_length=10)
    language = fields.CharField(max_length=2)
    received_at = fields.DatetimeField()
    asked = fields.TextField(default="")
    asker_name = fields.CharField(max_length=202, default="")
    asker_contact = fields.CharField(max_length=600, default="")
    asker_email = fields.CharField(max_length=254, default="")
    behalf = fields.CharField(max_length=12, default="")
    mandate_seen = fields.CharField(max_length=300, default="")
    matched = fields.CharField(max_length=8, default="")
    identity = fields.CharField(max_length=16, default="")
    identity_seen = fields.CharField(max_length=300, default="")
    identity_by = fields.UUIDField(null=True)
    identity_at = fields.DatetimeField(null=True)
    identity_asked_at = fields.DatetimeField(null=True)
    due_at = fields.DatetimeField()
    extended_until = fields.DatetimeField(null=True)
    extended_because = fields.CharField(max_length=500, default="")
    last_copy_at = fields.DatetimeField(null=True)
    fee = fields.CharField(max_length=10, default="")
    fee_cents = fields.IntField(default=0)
    fee_because = fields.CharField(max_length=500, default="")
    fee_by = fields.UUIDField(null=True)
    state = fields.CharField(max_length=12)
    decision = fields.CharField(max_length=12, default="")
    ground = fields.CharField(max_length=12, default="")
    decision_because = fields.TextField(default="")
    decided_by = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)
    carried_out_at = fields.DatetimeField(null=True)
    answered_how = fields.CharField(max_length=10, default="")
    answered_by = fields.UUIDField(null=True)
    answered_at = fields.DatetimeField(null=True)
    handler_id = fields.UUIDField(null=True)
    made_by = fields.UUIDField(null=True)
    drop_at = fields.DatetimeField(null=True, db_index=True)

    class Meta:
        table = "rights_request"
        indexes = (Index(fields=("state", "due_at")),)


class RightsPart(Model):
    """What becomes of one thing of several that a request asks for."""

    id = fields.UUIDField(primary_key=True)
    request: fields.ForeignKeyRelation[RightsRequest] = fields.ForeignKeyField("main.RightsRequest")
    request_id: UUID
    position = fields.IntField()
    what = fields.CharField(max_length=200)
    decision = fields.CharField(max_length=12)
    because = fields.CharField(max_length=500, default="")

    class Meta:
        table = "rights_part"
        unique_together = (("request", "position"),)


class Redaction(Model):
    """Something that is left out of a copy, for it would show another person (Art. 15(4))."""

    id = fields.UUIDField(primary_key=True)
    request: fields.ForeignKeyRelation[RightsRequest] = fields.ForeignKeyField("main.RightsRequest")
    request_id: UUID
    record_table = fields.CharField(max_length=40)
    record_id = fields.UUIDField()
    record_column = fields.CharField(max_length=40)
    because = fields.CharField(max_length=300)
    made_by = fields.UUIDField()
    made_at = fields.DatetimeField()

    class Meta:
        table = "redaction"
        unique_together = (("request", "record_table", "record_id", "record_column"),)


class RequestSeries(Model):
    """The last number of a year, locked before the next is given."""

    id = fields.UUIDField(primary_key=True)
    year = fields.IntField(unique=True)
    issued = fields.IntField(default=0)

    class Meta:
        table = "request_series"


class Restriction(Model):
    """A person restricted what is done with their data, or objected to it (GDPR Art. 18 and 21).

    ``scope`` is a table of the data map whose use rests on our legitimate interest, or empty: all
    of their data. ``ground`` is the person's reason to restrict it. It is in force from ``made_at``
    until ``lifted_at``; ``upheld`` null: a human still has to decide on it.
    """

    id = fields.UUIDField(primary_key=True)
    person_id = fields.UUIDField(db_index=True)
    request_id = fields.UUIDField(null=True)
    kind = fields.CharField(max_length=12)
    scope = fields.CharField(max_length=40, default="")
    ground = fields.CharField(max_length=12, default="")
    because = fields.CharField(max_length=1000, default="")
    made_at = fields.DatetimeField()
    upheld = fields.BooleanField(null=True)
    decided_because = fields.CharField(max_length=1000, default="")
    decided_by = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)
    lifted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "restriction"
        indexes = (Index(fields=("upheld", "made_at")),)


class Hold(Model):
    """An authority requires that something is kept (P13), until it is lifted.

    ``record_table`` and ``record_id`` name one record of the data map, and ``columns`` (with
    commas) some of its columns; empty: all that is held of the person. ``silent``: the authority
    has forbidden that the person is told.
    """

    id = fields.UUIDField(primary_key=True)
    person_id = fields.UUIDField(db_index=True)
    record_table = fields.CharField(max_length=40, default="")
    record_id = fields.UUIDField(null=True)
    columns = fields.CharField(max_length=400, default="")
    authority = fields.CharField(max_length=200)
    reference = fields.CharField(max_length=100)
    reason = fields.CharField(max_length=1000)
    silent = fields.BooleanField(default=False)
    review_on = fields.DateField()
    reviewed_at = fields.DatetimeField(null=True)
    reviewed_by = fields.UUIDField(null=True)
    placed_by = fields.UUIDField()
    placed_at = fields.DatetimeField()
    lifted_at = fields.DatetimeField(null=True)
    lifted_by = fields.UUIDField(null=True)
    lifted_because = fields.CharField(max_length=300, default="")

    class Meta:
        table = "hold"
        indexes = (Index(fields=("lifted_at", "review_on")),)


class RetentionRun(Model):
    """One sweep of what is due. While ``ended_at`` is empty a process is at it, or was until
    ``stepped_at``; ``actor_id`` is who asked for it, empty: the clock. ``longest_ms``: for how long
    one step held its locks, at most."""

    id = fields.UUIDField(primary_key=True)
    started_at = fields.DatetimeField(db_index=True)
    stepped_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    actor_id = fields.UUIDField(null=True)
    longest_ms = fields.IntField(default=0)

    class Meta:
        table = "retention_run"


class RetentionReceipt(Model):
    """What one run did by one rule: how many it deleted, and how many that were due it left, for
    a hold, a restriction or an open request. Counts only. The chain holds the same, with the
    receipt's id, in the entry ``entry_number``; without deletions there is none."""

    id = fields.UUIDField(primary_key=True)
    run: fields.ForeignKeyRelation[RetentionRun] = fields.ForeignKeyField("main.RetentionRun")
    run_id: UUID
    rule = fields.CharField(max_length=40)
    months = fields.CharField(max_length=40)
    deleted = fields.IntField(default=0)
    held = fields.IntField(default=0)
    restricted = fields.IntField(default=0)
    pending = fields.IntField(default=0)
    done_at = fields.DatetimeField()
    entry_number = fields.BigIntField(null=True)

    class Meta:
        table = "retention_receipt"
        unique_together = (("run", "rule"),)


class Gone(Model):
    """Whose data was erased, as the id that leads nowhere since: what a restored copy of the
    register brings back is erased again by it.

    ``waits``: something stays until a hold is lifted or an invoice is made, and goes then."""

    id = fields.UUIDField(primary_key=True)
    subject_id = fields.UUIDField(unique=True)
    erased_at = fields.DatetimeField(db_index=True)
    waits = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "gone"


class NoticeVersion(Model):
    """The privacy notice as it stood from ``made_at`` on, in every language (P19): never changed,
    never deleted.

    ``content`` is JSON of ``notice_content.Content``, ``digest`` its SHA-256. ``compared_with`` is
    the version that people knew before it, ``concerned`` are the categories of people whom the
    change is about. Nobody is written to before somebody decides, or ``tell_at``; ``summary`` says
    in languages what changed, where staff wrote it. ``told_until`` is the id of the last person,
    and then account, that was written to: ``told`` of them in all.
    """

    id = fields.UUIDField(primary_key=True)
    number = fields.IntField(unique=True)
    digest = fields.CharField(max_length=64)
    content = fields.TextField()
    compared_with = fields.IntField(null=True)
    concerned: fields.Field[list[str]] = fields.JSONField()
    summary: fields.Field[dict[str, str]] = fields.JSONField()
    state = fields.CharField(max_length=10)
    made_at = fields.DatetimeField()
    tell_at = fields.DatetimeField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.UUIDField(null=True)
    because = fields.CharField(max_length=500, default="")
    stage = fields.CharField(max_length=10, default="")
    told_until = fields.UUIDField(null=True)
    told = fields.IntField(default=0)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notice_version"
