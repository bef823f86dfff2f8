"""Changing the catalogue. Whoever holds a place is told by ``enrolment.service``, which calls
these; the edges call it for sessions and events, and this directly for trainings and venues."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tortoise.models import Model

from registration.catalogue.models import (
    Event,
    Meal,
    Seating,
    Session,
    SessionDay,
    Training,
    Venue,
)
from registration.catalogue.prerequisites import write_needs
from registration.catalogue.rules import (
    LONGEST_GRACE,
    AlreadyCancelled,
    EndsInThePast,
    EventGiven,
    EventNotFound,
    SessionGiven,
    SessionNotFound,
    SlugTaken,
    State,
    TrainingGiven,
    TrainingNotFound,
    VenueGiven,
    VenueNotFound,
    erase_after,
    slugify,
)
from registration.db import after_commit, announce, connection, transaction
from registration.errors import FieldError, Invalid
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record

# Of a training: what is not simply a column as it was given.
OWN_WAY = {"slug", "prerequisites"}

_deadline_listeners: list[Callable[[], None]] = []


def on_deadline_changed(wake: Callable[[], None]) -> None:
    """``wake`` is called when a deletion deadline was set or moved, after the commit."""
    _deadline_listeners.append(wake)


def _deadline_changed() -> None:
    for listener in _deadline_listeners:
        listener()


class UnknownPart(Invalid):
    message = N_("Some of what you gave needs a correction.")


@dataclass(frozen=True, slots=True)
class LockedSeating:
    """A seating whose row this transaction holds. ``turn`` is this caller's place in the order of
    arrival; ``revision`` is that of the offering."""

    id: UUID
    seats: int
    waiting_open: bool
    turn: int
    revision: int


async def lock_seating(seating_id: UUID, *, turns: int = 1) -> LockedSeating:
    """The row is this transaction's until it ends: nobody else gives or frees a place meanwhile.

    One statement, a write, so that it locks on SQLite and PostgreSQL alike. ``turns`` reserves
    that many consecutive turns, of which ``turn`` is the last.
    """
    db = connection()
    first, second = ("$1", "$2") if db.capabilities.support_for_update else ("?", "?")
    rows = await db.execute_query_dict(
        f"UPDATE seating SET turn = turn + {first} WHERE id = {second} "  # noqa: S608 -- placeholders
        "RETURNING seats, waiting_open, turn, revision",
        [turns, seating_id if db.capabilities.support_for_update else str(seating_id)],
    )
    if not rows:
        raise SessionNotFound
    row = rows[0]
    return LockedSeating(
        seating_id, row["seats"], bool(row["waiting_open"]), row["turn"], row["revision"]
    )


async def add_training(given: TrainingGiven, *, actor_id: UUID | None, now: datetime) -> UUID:
    """Raises ``SlugTaken`` when the address was chosen and is in use."""
    async with transaction():
        made = uuid4()
        await Training.create(
            id=made,
            **given.model_dump(exclude=OWN_WAY),
            slug=await _free_slug(Training, given.slug, given.title),
            changed_at=now,
        )
        await write_needs(made, given.prerequisites)
        await _changed("training", made, actor_id=actor_id, now=now)
    return made


async def change_training(
    training_id: UUID, given: TrainingGiven, *, actor_id: UUID | None, now: datetime
) -> None:
    """All of the training is as given; its sessions' calendars follow. Raises ``TrainingNotFound``,
    ``SlugTaken``."""
    async with transaction():
        training = await Training.get_or_none(id=training_id)
        if training is None:
            raise TrainingNotFound
        training.update_from_dict(given.model_dump(exclude=OWN_WAY))
        if given.slug and given.slug != training.slug:
            training.slug = await _free_slug(Training, given.slug, given.title)
        training.changed_at = now
        await training.save()
        await write_needs(training_id, given.prerequisites)
        sessions = Session.filter(training_id=training_id)
        await _revise(await sessions.values_list("seating_id", flat=True))
        await _changed("training", training_id, actor_id=actor_id, now=now)


async def add_venue(given: VenueGiven, *, actor_id: UUID | None, now: datetime) -> UUID:
    async with transaction():
        made = uuid4()
        await Venue.create(id=made, **given.model_dump())
        await _changed("venue", made, actor_id=actor_id, now=now)
    return made


async def change_venue(
    venue_id: UUID, given: VenueGiven, *, actor_id: UUID | None, now: datetime
) -> None:
    """Raises ``VenueNotFound``."""
    async with transaction():
        if not await Venue.filter(id=venue_id).update(**given.model_dump()):
            raise VenueNotFound
        seatings = [
            *await Session.filter(venue_id=venue_id).values_list("seating_id", flat=True),
            *await Event.filter(venue_id=venue_id).values_list("seating_id", flat=True),
        ]
        await _revise(seatings)
        await _changed("venue", venue_id, actor_id=actor_id, now=now)


async def add_session(given: SessionGiven, *, actor_id: UUID | None, now: datetime) -> UUID:
    """Raises ``UnknownPart`` for an unknown training or venue, ``EndsInThePast``."""
    async with transaction():
        await _check_parts(training=given.training, venue=given.venue)
        if given.all_days[-1].ends_at <= now:
            raise EndsInThePast
        seating_id, made = uuid4(), uuid4()
        seating = Seating(id=seating_id)
        await seating.update_from_dict(_seating_columns(given)).save(force_create=True)
        session = Session(id=made, seating_id=seating_id)
        session.update_from_dict(_session_columns(given, now=now))
        await session.save(force_create=True)
        await _write_days(made, given)
        await _changed("session", made, actor_id=actor_id, now=now)
    return made


async def change_session(
    session_id: UUID, given: SessionGiven, *, actor_id: UUID | None, now: datetime
) -> None:
    """All of the session is as given. Seats are not looked at here: the caller holds the seating.

    Days keep their ids in order, so that recorded attendance stays with its day.
    """
    async with transaction():
        session = await Session.get_or_none(id=session_id)
        if session is None:
            raise SessionNotFound
        if session.state == State.CANCELLED:
            raise AlreadyCancelled
        await _check_parts(training=given.training, venue=given.venue)
        session.update_from_dict(_session_columns(given, now=now))
        await session.save()
        await Seating.filter(id=session.seating_id).update(**_seating_columns(given))
        await _write_days(session_id, given)
        await _revise([session.seating_id])
        await _changed("session", session_id, actor_id=actor_id, now=now)


async def add_event(given: EventGiven, *, actor_id: UUID | None, now: datetime) -> UUID:
    """Raises ``UnknownPart`` for an unknown venue, ``SlugTaken``, ``EndsInThePast``."""
    async with transaction():
        await _check_parts(venue=given.venue)
        if given.ends_at <= now:
            raise EndsInThePast
        seating_id, made = uuid4(), uuid4()
        seating = Seating(id=seating_id)
        await seating.update_from_dict(_seating_columns(given)).save(force_create=True)
        event = Event(
            id=made,
            seating_id=seating_id,
            slug=await _free_slug(Event, given.slug, given.title),
            latest_erase_at=erase_after(given.ends_at, LONGEST_GRACE, latest=None),
        )
        event.update_from_dict(_event_columns(given, latest=None, now=now))
        await event.save(force_create=True)
        await _write_meals(made, given)
        await _changed("event", made, actor_id=actor_id, now=now)
    after_commit(_deadline_changed)
    return made


async def change_event(
    event_id: UUID,
    given: EventGiven,
    *,
    actor_id: UUID | None,
    now: datetime,
    told: bool = True,
    past: bool = False,
) -> None:
    """All of the event is as given, its deletion deadline with it (P4).

    ``told``: guests know when it ends, so that its diets go within seven days of what they were
    told first, wherever it moves. ``past``: it may end in the past; what is due then is deleted at
    once. Raises ``EndsInThePast``, ``AlreadyCancelled``, ``EventNotFound``.
    """
    async with transaction():
        event = await Event.get_or_none(id=event_id)
        if event is None:
            raise EventNotFound
        if event.state == State.CANCELLED:
            raise AlreadyCancelled
        await _check_parts(venue=given.venue)
        if given.ends_at != event.ends_at and given.ends_at <= now and not past:
            raise EndsInThePast
        if given.slug and given.slug != event.slug:
            event.slug = await _free_slug(Event, given.slug, given.title)
        if not told:
            event.latest_erase_at = erase_after(given.ends_at, LONGEST_GRACE, latest=None)
        event.update_from_dict(_event_columns(given, latest=event.latest_erase_at, now=now))
        await event.save()
        await Seating.filter(id=event.seating_id).update(**_seating_columns(given))
        await _write_meals(event_id, given)
        await _revise([event.seating_id])
        await _changed("event", event_id, actor_id=actor_id, now=now)
        after_commit(_deadline_changed)


async def cancel_session(session_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    async with transaction():
        session = await Session.get_or_none(id=session_id)
        if session is None:
            raise SessionNotFound
        if session.state == State.CANCELLED:
            raise AlreadyCancelled
        session.state, session.changed_at = State.CANCELLED.value, now
        await session.save()
        await _revise([session.seating_id])
        await _changed("session", session_id, actor_id=actor_id, now=now, codes=("cancelled",))


async def cancel_event(event_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """The event is off, and its diets are due for deletion at this moment (P4)."""
    async with transaction():
        event = await Event.get_or_none(id=event_id)
        if event is None:
            raise EventNotFound
        if event.state == State.CANCELLED:
            raise AlreadyCancelled
        event.state, event.changed_at = State.CANCELLED.value, now
        if event.erase_at is not None:
            event.erase_at = min(event.erase_at, now)
        await event.save()
        await _revise([event.seating_id])
        await _changed("event", event_id, actor_id=actor_id, now=now, codes=("cancelled",))
        after_commit(_deadline_changed)


async def mark_diets_deleted(event_id: UUID, *, now: datetime) -> None:
    """The event's page says from now on that its food restrictions were deleted."""
    async with transaction():
        await Event.filter(id=event_id, diets_deleted_at=None).update(diets_deleted_at=now)
        announce()


async def ask_diets_anew(event_id: UUID) -> None:
    """An event that is still to come, and whose food restrictions went when guests had been told,
    has a deadline by its present end: what is told from now on goes by that (P4)."""
    async with transaction():
        event = await Event.get(id=event_id)
        grace = timedelta(seconds=event.erase_diets_seconds)
        event.latest_erase_at = erase_after(event.ends_at, LONGEST_GRACE, latest=None)
        event.erase_at = erase_after(event.ends_at, grace, latest=None)
        await event.save(update_fields=["latest_erase_at", "erase_at"])
        announce()
    after_commit(_deadline_changed)


def _seating_columns(given: SessionGiven | EventGiven) -> dict[str, object]:
    return {"seats": given.capacity, "waiting_open": given.waiting_open, **given.columns()}


def _session_columns(given: SessionGiven, *, now: datetime) -> dict[str, object]:
    days = given.all_days
    return {
        "training_id": given.training,
        "venue_id": given.venue,
        "link": given.link,
        "language": given.language,
        "starts_at": days[0].starts_at,
        "ends_at": days[-1].ends_at,
        "time_zone": given.time_zone,
        "opens_at": given.opens_at,
        "closes_at": given.closes_at or days[0].starts_at,
        "price_cents": given.price_cents,
        "state": given.state.value,
        "changed_at": now,
    }


def _event_columns(
    given: EventGiven, *, latest: datetime | None, now: datetime
) -> dict[str, object]:
    return {
        "title": given.title,
        "summary": given.summary,
        "venue_id": given.venue,
        "link": given.link,
        "starts_at": given.starts_at,
        "ends_at": given.ends_at,
        "time_zone": given.time_zone,
        "opens_at": given.opens_at,
        "closes_at": given.closes_at or given.ends_at,
        "catered": given.catered,
        "erase_daily": given.catered and given.erase_daily,
        "erase_diets_seconds": int(given.erase_diets_after / timedelta(seconds=1)),
        "erase_at": erase_after(given.ends_at, given.erase_diets_after, latest=latest)
        if given.catered
        else None,
        "diets_until": given.diets_until if given.catered else None,
        "state": given.state.value,
        "changed_at": now,
    }


async def _check_parts(*, venue: UUID | None, training: UUID | None = None) -> None:
    errors = []
    if training is not None and not await Training.filter(id=training).exists():
        errors.append(FieldError("training", "unknown", TrainingNotFound.message))
    if venue is not None and not await Venue.filter(id=venue).exists():
        errors.append(FieldError("venue", "unknown", VenueNotFound.message))
    if errors:
        raise UnknownPart(*errors)


async def _write_days(session_id: UUID, given: SessionGiven) -> None:
    known = await SessionDay.filter(session_id=session_id).order_by("starts_at")
    days = given.all_days
    for row, day in zip(known, days, strict=False):
        row.starts_at, row.ends_at = day.starts_at, day.ends_at
        await row.save()
    for row in known[len(days) :]:
        await row.delete()
    await SessionDay.bulk_create(
        [
            SessionDay(
                id=uuid4(), session_id=session_id, starts_at=day.starts_at, ends_at=day.ends_at
            )
            for day in days[len(known) :]
        ]
    )


async def _write_meals(event_id: UUID, given: EventGiven) -> None:
    """A meal of the same day and kind keeps its id: guests have said whether they take it."""
    wanted = {(meal.on, meal.kind.value): meal.name for meal in given.meals}
    for row in await Meal.filter(event_id=event_id):
        name = wanted.pop((row.on, row.kind), None)
        if name is None:
            await row.delete()
        elif name != row.name:
            row.name = name
            await row.save(update_fields=["name"])
    await Meal.bulk_create(
        [
            Meal(id=uuid4(), event_id=event_id, on=on, kind=kind, name=name)
            for (on, kind), name in wanted.items()
        ]
    )


async def _free_slug(model: type[Model], wish: str, title: dict[str, str]) -> str:
    if wish:
        if await model.filter(slug=wish).exists():
            raise SlugTaken
        return wish
    base = slugify(title)
    found = await model.filter(slug__startswith=base).values_list("slug", flat=True)
    taken = {str(slug) for slug in found}
    number = 2
    slug = base
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


async def _revise(seating_ids: Iterable[object]) -> None:
    """What people were told of these has changed."""
    ids = list(seating_ids)
    for seating in await Seating.filter(id__in=ids).values("id", "revision") if ids else ():
        await Seating.filter(id=seating["id"]).update(revision=seating["revision"] + 1)


async def _changed(
    kind: str,
    object_id: UUID,
    *,
    actor_id: UUID | None,
    now: datetime,
    codes: tuple[str, ...] = (),
) -> None:
    announce()
    await record(
        Act.CATALOGUE_CHANGED,
        now=now,
        actor_id=actor_id,
        object_id=object_id,
        note=Note(purpose=kind, codes=codes),
    )
