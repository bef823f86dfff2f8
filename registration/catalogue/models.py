"""What can be signed up for. Texts that people read are maps by language, {"fi": …, "en": …}."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Training(Model):
    """Whoever was there for ``attendance_percent`` of the days and has at least ``lowest_grade``
    has completed it. None and "": that is not looked at, and without both the trainer says."""

    id = fields.UUIDField(primary_key=True)
    slug = fields.CharField(max_length=80, unique=True)
    title: fields.Field[dict[str, str]] = fields.JSONField()
    summary: fields.Field[dict[str, str]] = fields.JSONField()
    aims: fields.Field[dict[str, str]] = fields.JSONField()
    qualifies_for: fields.Field[dict[str, str]] = fields.JSONField()
    topic: fields.Field[dict[str, str]] = fields.JSONField(default=dict)
    length_minutes = fields.IntField()
    grade_scale = fields.CharField(max_length=12)
    valid_months = fields.IntField(null=True)
    attendance_percent = fields.IntField(null=True)
    lowest_grade = fields.CharField(max_length=8, default="")
    certificate_design = fields.CharField(max_length=8, default="formal")
    published = fields.BooleanField(default=True)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "training"


class Prerequisite(Model):
    """Who takes ``training`` must have completed ``needed``. ``valid``: and the qualification
    that it gave must still be in force when the session begins."""

    id = fields.UUIDField(primary_key=True)
    training: fields.ForeignKeyRelation[Training] = fields.ForeignKeyField(
        "main.Training", related_name="prerequisites"
    )
    training_id: UUID
    needed: fields.ForeignKeyRelation[Training] = fields.ForeignKeyField(
        "main.Training", related_name="needed_by"
    )
    needed_id: UUID
    valid = fields.BooleanField(default=False)

    class Meta:
        table = "prerequisite"
        unique_together = (("training", "needed"),)


class Venue(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=120)
    street = fields.CharField(max_length=200, default="")
    postal_code = fields.CharField(max_length=20, default="")
    city = fields.CharField(max_length=100, default="")
    country = fields.CharField(max_length=2, default="FI")

    class Meta:
        table = "venue"


class Seating(Model):
    """The seats of a session or an event: the row that is locked before a place is given.

    ``turn`` is raised by each lock, so that it orders those who came by it. ``revision`` rises
    whenever anything changes that people were told: time, place, title, state. It is the SEQUENCE
    of calendar entries, and the key under which what was read of the offering may be kept.

    ``offer_hours``: how long a freed seat is offered to who waits first; None: it is theirs at
    once. ``company_quota``: most seats of one company. ``minimum``: it is tentative until so many
    are confirmed, known to run since ``sure_at``; staff decide by ``decide_by``. Until
    ``cancels_until`` people cancel by themselves, until ``names_until`` companies name who comes
    (None: until the start). ``remind_hours`` before the start a reminder goes out.
    """

    id = fields.UUIDField(primary_key=True)
    seats = fields.IntField()
    waiting_open = fields.BooleanField(default=True)
    offer_hours = fields.IntField(null=True)
    company_quota = fields.IntField(null=True)
    minimum = fields.IntField(null=True)
    sure_at = fields.DatetimeField(null=True)
    decide_by = fields.DatetimeField(null=True)
    cancels_until = fields.DatetimeField(null=True)
    names_until = fields.DatetimeField(null=True)
    remind_hours = fields.IntField(null=True)
    turn = fields.BigIntField(default=0)
    revision = fields.IntField(default=0)

    class Meta:
        table = "seating"


class Session(Model):
    id = fields.UUIDField(primary_key=True)
    training: fields.ForeignKeyRelation[Training] = fields.ForeignKeyField("main.Training")
    training_id: UUID
    seating: fields.OneToOneRelation[Seating] = fields.OneToOneField("main.Seating")
    seating_id: UUID
    venue: fields.ForeignKeyNullableRelation[Venue] = fields.ForeignKeyField(
        "main.Venue", null=True
    )
    venue_id: UUID | None
    link = fields.CharField(max_length=300, default="")
    language = fields.CharField(max_length=2)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    time_zone = fields.CharField(max_length=40)
    opens_at = fields.DatetimeField(null=True)
    closes_at = fields.DatetimeField()
    price_cents = fields.IntField(default=0)
    state = fields.CharField(max_length=10)
    changed_at = fields.DatetimeField()
    days: fields.ReverseRelation[SessionDay]

    class Meta:
        table = "session"
        indexes = (Index(fields=("state", "starts_at")),)


class SessionDay(Model):
    id = fields.UUIDField(primary_key=True)
    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField(
        "main.Session", related_name="days"
    )
    session_id: UUID
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()

    class Meta:
        table = "session_day"


class Event(Model):
    """``erase_at`` is the deadline of its diets (P4): always ``ends_at`` plus the grace, kept in
    the same row so that moving the event moves it. ``diets_until`` is the kitchen's: from then on
    guests call; None while it follows the end of sign-up. ``erase_daily``: what concerns only a
    day that is over goes after that day. ``latest_erase_at`` is seven days after the first end
    that guests were told."""

    id = fields.UUIDField(primary_key=True)
    slug = fields.CharField(max_length=80, unique=True)
    seating: fields.OneToOneRelation[Seating] = fields.OneToOneField("main.Seating")
    seating_id: UUID
    title: fields.Field[dict[str, str]] = fields.JSONField()
    summary: fields.Field[dict[str, str]] = fields.JSONField()
    venue: fields.ForeignKeyNullableRelation[Venue] = fields.ForeignKeyField(
        "main.Venue", null=True
    )
    venue_id: UUID | None
    link = fields.CharField(max_length=300, default="")
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    time_zone = fields.CharField(max_length=40)
    opens_at = fields.DatetimeField(null=True)
    closes_at = fields.DatetimeField()
    catered = fields.BooleanField(default=False)
    erase_diets_seconds = fields.IntField()
    erase_daily = fields.BooleanField(default=False)
    erase_at = fields.DatetimeField(null=True)
    latest_erase_at = fields.DatetimeField(null=True)
    diets_deleted_at = fields.DatetimeField(null=True)
    diets_until = fields.DatetimeField(null=True)
    state = fields.CharField(max_length=10)
    changed_at = fields.DatetimeField()
    meals: fields.ReverseRelation[Meal]

    class Meta:
        table = "event"
        indexes = (Index(fields=("state", "starts_at")), Index(fields=("erase_at",)))


class Meal(Model):
    """``name`` by language, or empty: then its kind is what it is called. Guests refer to its id,
    which stays with its day and kind when the event is changed."""

    id = fields.UUIDField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "main.Event", related_name="meals"
    )
    event_id: UUID
    on = fields.DateField()
    kind = fields.CharField(max_length=12)
    name: fields.Field[dict[str, str]] = fields.JSONField(default=dict)

    class Meta:
        table = "meal"
