from __future__ import annotations

from uuid import UUID

from tortoise import fields
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
    """A trainer teaches a session for a recipient, until ``ends_at``, null: until two weeks after
    the session's end, wherever that moves."""

    id = fields.UUIDField(primary_key=True)
    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField("main.Session")
    session_id: UUID
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("main.Account")
    account_id: UUID
    recipient: fields.ForeignKeyRelation[Recipient] = fields.ForeignKeyField("main.Recipient")
    recipient_id: UUID
    ends_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

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
    version = fields.IntField(default=1)
    recorded_by = fields.UUIDField()
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "outcome"


class Pack(Model):
    """That a pack was downloaded, the file itself is not kept."""

    id = fields.UUIDField(primary_key=True)
    assignment: fields.ForeignKeyRelation[Assignment] = fields.ForeignKeyField("main.Assignment")
    assignment_id: UUID
    purpose = fields.CharField(max_length=20)
    format = fields.CharField(max_length=5)
    people = fields.IntField()
    made_at = fields.DatetimeField()

    class Meta:
        table = "pack"
