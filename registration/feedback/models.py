from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class Survey(Model):
    """Feedback on one session or event. ``own``: up to two questions of staff, by language.
    ``asked_at``: when those who want surveys were asked by mail; ``closed_at``: nothing is taken
    after."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=8)
    offering_id = fields.UUIDField(unique=True)
    own: fields.Field[list[dict[str, str]]] = fields.JSONField(default=list)
    asked_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True, db_index=True)

    class Meta:
        table = "survey"


class Said(Model):
    """The answers to the questions, whoever's they are."""

    id = fields.UUIDField(primary_key=True)
    survey: fields.ForeignKeyRelation[Survey] = fields.ForeignKeyField("main.Survey")
    survey_id: UUID
    overall = fields.SmallIntField()
    content = fields.SmallIntField(null=True)
    arrangements = fields.SmallIntField(null=True)
    recommend = fields.SmallIntField(null=True)
    own_1 = fields.SmallIntField(null=True)
    own_2 = fields.SmallIntField(null=True)
    good = fields.CharField(max_length=1000, default="")
    better = fields.CharField(max_length=1000, default="")
    drop_at = fields.DatetimeField(db_index=True)

    class Meta:
        abstract = True


class Feedback(Said):
    """An answer that is nobody's: nothing in its row leads to a person, a place or a time, nor does
    its row's position, since all of a survey are written anew in a random order with each one.
    ``shown``: it is among those that can be read."""

    way = fields.CharField(max_length=5)
    shown = fields.BooleanField(default=False)

    class Meta:
        table = "feedback"


class NamedFeedback(Said):
    """An answer that its person wanted tied to their name, to be answered."""

    person_id = fields.UUIDField(db_index=True)
    place_id = fields.UUIDField(unique=True)
    made_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "named_feedback"


class SpentTicket(Model):
    """That somebody has answered, so that nobody does twice. ``key`` is a keyed hash of their place
    (or of the page that the code opened): without the secret it says nothing, and it goes when the
    survey closes."""

    key = fields.CharField(max_length=64, primary_key=True)
    drop_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "spent_ticket"
