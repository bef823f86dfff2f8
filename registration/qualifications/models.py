from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from registration.enrolment.models import Place


class Certificate(Model):
    """What was issued, as it was issued: a later change of name or training does not alter it."""

    id = fields.UUIDField(primary_key=True)
    number = fields.CharField(max_length=30, unique=True)
    place: fields.OneToOneRelation[Place] = fields.OneToOneField("main.Place")
    place_id: object
    person_id = fields.UUIDField(db_index=True)
    training_id = fields.UUIDField()
    token = fields.CharField(max_length=64, unique=True)
    language = fields.CharField(max_length=2)
    person_name = fields.CharField(max_length=202)
    company_name = fields.CharField(max_length=200, default="")
    training_title = fields.CharField(max_length=300)
    qualifies_for = fields.CharField(max_length=600, default="")
    grade = fields.CharField(max_length=8, default="")
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


class Series(Model):
    """The last certificate number of a year; locked before the next is given."""

    year = fields.IntField(primary_key=True, generated=False)
    issued = fields.IntField(default=0)

    class Meta:
        table = "certificate_series"
