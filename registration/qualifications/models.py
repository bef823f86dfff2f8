from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from registration.enrolment.models import Place


class Certificate(Model):
    """What was issued, as it was issued: a later change of name or training does not alter it.

    ``current`` is true until it is revoked and null after: a place has at most one current
    certificate, and as many revoked ones as it took.
    """

    id = fields.UUIDField(primary_key=True)
    number = fields.CharField(max_length=30, unique=True)
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField("main.Place")
    place_id: UUID
    current = fields.BooleanField(null=True, default=True)
    person_id = fields.UUIDField(db_index=True)
    training_id = fields.UUIDField()
    token = fields.CharField(max_length=64, unique=True)
    language = fields.CharField(max_length=2)
    person_name = fields.CharField(max_length=202)
    company_name = fields.CharField(max_length=200, default="")
    training_title = fields.CharField(max_length=300)
    qualifies_for = fields.CharField(max_length=600, default="")
    grade = fields.CharField(max_length=8, default="")
    grade_scale = fields.CharField(max_length=12)
    length_minutes = fields.IntField()
    held: fields.Field[list[str]] = fields.JSONField()
    venue = fields.CharField(max_length=240, default="")
    trainer_organisation = fields.CharField(max_length=200, default="")
    issued_on = fields.DateField()
    valid_until = fields.DateField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    revoked_because = fields.CharField(max_length=200, default="")

    class Meta:
        table = "certificate"
        unique_together = (("place", "current"),)


class Series(Model):
    """The last certificate number of a year, locked before the next is given."""

    id = fields.UUIDField(primary_key=True)
    year = fields.IntField(unique=True)
    issued = fields.IntField(default=0)

    class Meta:
        table = "certificate_series"
