from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from registration.accounts.models import Account
from registration.catalogue.models import Session, SessionDay
from registration.enrolment.models import Place


class Recipient(Model):
    """A trainer organisation that may be given data (P7, P15, P16)."""

    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=200, unique=True)
    country = fields.CharField(max_length=2)
    agreement_on = fields.DateField(null=True)
    agreement_until = fields.DateField(null=True)
    safeguard = fields.CharField(max_length=200, default="")

    class Meta:
        table = "recipient"


class Assignment(Model):
    """A trainer is asked to teach a session for a recipient, until ``ends_at``, null: until two
    weeks after the session's end, wherever that moves. Names are shown from ``accepted_at`` on;
    who has declined was not there, and may still accept."""

    id = fields.UUIDField(primary_key=True)
    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField("main.Session")
    session_id: UUID
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("main.Account")
    account_id: UUID
    recipient: fields.ForeignKeyRelation[Recipient] = fields.ForeignKeyField("main.Recipient")
    recipient_id: UUID
    ends_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)
    declined_at = fields.DatetimeField(null=True)
    declined_because = fields.CharField(max_length=200, default="")

    class Meta:
        table = "assignment"
        unique_together = (("session", "account"),)


class Attendance(Model):
    id = fields.UUIDField(primary_key=True)
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField("main.Place")
    place_id: UUID
    day: fields.ForeignKeyRelation[SessionDay] = fields.ForeignKeyField("main.SessionDay")
    day_id: UUID
    present = fields.BooleanField()
    recorded_by = fields.UUIDField()
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "attendance"
        unique_together = (("place", "day"),)


class Outcome(Model):
    id = fields.UUIDField(primary_key=True)
    place: fields.OneToOneRelation[Place] = fields.OneToOneField("main.Place")
    place_id: UUID
    grade = fields.CharField(max_length=8, default="")
    completed = fields.BooleanField(null=True)
    overridden_because = fields.CharField(max_length=200, default="")
    version = fields.IntField(default=1)
    recorded_by = fields.UUIDField()
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "outcome"


class OutcomeChange(Model):
    """One save that changed what stood on record of a place: before and after. ``attendance`` is
    by the ISO date that the day had then."""

    id = fields.UUIDField(primary_key=True)
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField("main.Place")
    place_id: UUID
    changed_at = fields.DatetimeField()
    changed_by = fields.UUIDField(null=True)
    attendance_before: fields.Field[dict[str, bool]] = fields.JSONField(default=dict)
    attendance_after: fields.Field[dict[str, bool]] = fields.JSONField(default=dict)
    grade_before = fields.CharField(max_length=8, default="")
    grade_after = fields.CharField(max_length=8, default="")
    completed_before = fields.BooleanField(null=True)
    completed_after = fields.BooleanField(null=True)
    no_show_before = fields.BooleanField(default=False)
    no_show_after = fields.BooleanField(default=False)
    because_before = fields.CharField(max_length=200, default="")
    because_after = fields.CharField(max_length=200, default="")

    class Meta:
        table = "outcome_change"
        indexes = (Index(fields=("place_id", "changed_at")),)


class ResultLock(Model):
    """The results of a session were said to be final. While ``reopened_at`` is null nothing is
    recorded."""

    id = fields.UUIDField(primary_key=True)
    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField("main.Session")
    session_id: UUID
    locked_at = fields.DatetimeField()
    locked_by = fields.UUIDField()
    reopened_at = fields.DatetimeField(null=True)
    reopened_by = fields.UUIDField(null=True)
    reopened_because = fields.CharField(max_length=200, default="")

    class Meta:
        table = "result_lock"
        indexes = (Index(fields=("session_id", "reopened_at")),)


class Pack(Model):
    """That a pack was downloaded and until when it may be kept, the file itself is not here.
    ``recipient_id`` is for whom the trainer taught then; ``destroyed_how`` what staff were told,
    where the trainer did not confirm it."""

    id = fields.UUIDField(primary_key=True)
    assignment: fields.ForeignKeyRelation[Assignment] = fields.ForeignKeyField("main.Assignment")
    assignment_id: UUID
    recipient_id = fields.UUIDField()
    purpose = fields.CharField(max_length=20)
    format = fields.CharField(max_length=5)
    people = fields.IntField()
    made_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    asked_at = fields.DatetimeField(null=True)
    reminded_at = fields.DatetimeField(null=True)
    destroyed_at = fields.DatetimeField(null=True)
    destroyed_by = fields.UUIDField(null=True)
    destroyed_how = fields.CharField(max_length=200, default="")

    class Meta:
        table = "pack"
        indexes = (Index(fields=("recipient_id",)), Index(fields=("destroyed_at", "ends_at")))
