"""Reading recipients, assignments and outcomes into frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.functions import Count

from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.catalogue.rules import SessionNotFound
from registration.enrolment.models import Place
from registration.errors import Forbidden
from registration.teaching.models import Assignment, Attendance, Outcome, Recipient, ResultLock
from registration.teaching.rules import (
    STAYS_OPEN,
    TAUGHT,
    Invitation,
    NotAccepted,
    Recorded,
    Terms,
    may_teach,
)

TAUGHT_VALUES = [status.value for status in TAUGHT]


@dataclass(frozen=True, slots=True)
class RecipientLine:
    id: UUID
    name: str
    country: str
    agreement_on: date | None
    agreement_until: date | None
    safeguard: str


@dataclass(frozen=True, slots=True)
class AssignmentLine:
    """Who teaches a session, for whom, and until when; ``ends_at`` is never absent here.
    ``declined_because`` may be empty."""

    id: UUID
    session_id: UUID
    account_id: UUID
    trainer: str
    recipient_id: UUID
    recipient: str
    ends_at: datetime
    invitation: Invitation
    invited_at: datetime
    accepted_at: datetime | None
    declined_at: datetime | None
    declined_because: str


class Stage(StrEnum):
    """Where a session stands for its trainer; ``INVITED`` and ``DECLINED`` while it is not theirs
    to teach but they can say yes."""

    INVITED = "invited"
    DECLINED = "declined"
    AHEAD = "ahead"
    TODAY = "today"
    RUNNING = "running"
    TO_RECORD = "to_record"
    DONE = "done"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AssignedSession:
    """A session as its trainer's list shows it. ``refusal`` says why nothing more is shown (the
    reason's msgid), or is empty; ``people`` and ``decided`` are counts. ``locked``: the results are
    final."""

    assignment_id: UUID
    session: SessionLine
    recipient: str
    ends_at: datetime
    people: int
    decided: int
    stage: Stage
    refusal: str
    invitation: Invitation
    declined_because: str
    locked: bool


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """``version`` counts the times that it was recorded; 0: never."""

    place_id: UUID
    recorded: Recorded
    version: int
    recorded_at: datetime | None


async def recipients() -> list[RecipientLine]:
    return [_recipient(row) for row in await Recipient.all().order_by("name")]


async def recipient_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    wanted = list(set(ids))
    rows = await Recipient.filter(id__in=wanted).values_list("id", "name") if wanted else []
    return {UUID(str(made)): str(name) for made, name in rows}


async def assignments_of_session(session_id: UUID) -> list[AssignmentLine]:
    """In the order in which they were given, the ended ones too."""
    session = await catalogue.session(session_id)
    rows = (
        await Assignment.filter(session_id=session_id)
        .select_related("account", "recipient")
        .order_by("created_at", "id")
    )
    return [
        AssignmentLine(
            row.id,
            session_id,
            row.account_id,
            row.account.name,
            row.recipient_id,
            row.recipient.name,
            end_of(row, session),
            invitation_of(row),
            row.created_at,
            row.accepted_at,
            row.declined_at,
            row.declined_because,
        )
        for row in rows
    ]


def end_of(row: Assignment, session: SessionLine) -> datetime:
    return row.ends_at or session.ends_at + STAYS_OPEN


def terms_of(row: Assignment, session: SessionLine) -> Terms:
    """``row`` was read with its recipient."""
    recipient = row.recipient
    return Terms(
        end_of(row, session),
        recipient.agreement_on,
        recipient.agreement_until,
        recipient.country,
        recipient.safeguard,
        accepted=row.accepted_at is not None,
    )


def invitation_of(row: Assignment) -> Invitation:
    if row.accepted_at is not None:
        return Invitation.ACCEPTED
    return Invitation.DECLINED if row.declined_at is not None else Invitation.INVITED


async def assigned_sessions(account_id: UUID, *, now: datetime) -> list[AssignedSession]:
    """All that this account was ever given to teach, in the order of their start; a constant
    number of queries."""
    rows = await Assignment.filter(account_id=account_id).select_related("recipient")
    lines = await catalogue.sessions_by_id([row.session_id for row in rows])
    counts = await _counts([line.seating_id for line in lines.values()])
    locked = await locked_sessions(list(lines))
    found = [
        _assigned(row, lines[row.session_id], counts, locked, now=now)
        for row in rows
        if row.session_id in lines
    ]
    return sorted(found, key=lambda each: (each.session.starts_at, str(each.session.id)))


async def assigned_session(session_id: UUID, account_id: UUID, *, now: datetime) -> AssignedSession:
    """Raises ``SessionNotFound`` for a session that this account was not given to teach."""
    row = await Assignment.get_or_none(session_id=session_id, account_id=account_id).select_related(
        "recipient"
    )
    if row is None:
        raise SessionNotFound
    session = await catalogue.session(session_id)
    counts = await _counts([session.seating_id])
    return _assigned(row, session, counts, await locked_sessions([session_id]), now=now)


async def locked_sessions(session_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those whose results are final."""
    if not session_ids:
        return frozenset()
    rows = await ResultLock.filter(
        session_id__in=list(session_ids), reopened_at__isnull=True
    ).values_list("session_id", flat=True)
    return frozenset(UUID(str(each)) for each in rows)


async def outcomes_of(place_ids: Sequence[UUID]) -> dict[UUID, OutcomeLine]:
    """What is recorded of each place, in two queries; places without a record are there too.

    ``no_show`` is the place's own status and not read here: it is False.
    """
    if not place_ids:
        return {}
    days: dict[UUID, dict[UUID, bool]] = {}
    for mark in await Attendance.filter(place_id__in=list(place_ids)):
        days.setdefault(mark.place_id, {})[mark.day_id] = mark.present
    outcomes = {row.place_id: row for row in await Outcome.filter(place_id__in=list(place_ids))}
    return {each: _outcome(each, outcomes.get(each), days.get(each, {})) for each in place_ids}


def _outcome(place_id: UUID, row: Outcome | None, attendance: Mapping[UUID, bool]) -> OutcomeLine:
    if row is None:
        return OutcomeLine(place_id, Recorded(attendance), 0, None)
    recorded = Recorded(attendance, row.grade, row.completed, because=row.overridden_because)
    return OutcomeLine(place_id, recorded, row.version, row.recorded_at)


async def _counts(seating_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """(people taught, people whose result is decided) by seating, in two queries."""
    if not seating_ids:
        return {}
    ids = list(seating_ids)
    people = (
        await Place.filter(seating_id__in=ids, status__in=TAUGHT_VALUES)
        .annotate(number=Count("id"))
        .group_by("seating_id")
        .values_list("seating_id", "number")
    )
    # Decided: there is a result, or the person did not come.
    decided = {
        UUID(str(place)): UUID(str(seating))
        for place, seating in await Outcome.filter(
            place__seating_id__in=ids, place__status__in=TAUGHT_VALUES, completed__isnull=False
        ).values_list("place_id", "place__seating_id")
    }
    decided |= {
        UUID(str(place)): UUID(str(seating))
        for place, seating in await Place.filter(seating_id__in=ids, status="no_show").values_list(
            "id", "seating_id"
        )
    }
    done = list(decided.values())
    numbers = {UUID(str(seating)): int(number) for seating, number in people}
    return {each: (numbers.get(each, 0), done.count(each)) for each in ids}


def _assigned(
    row: Assignment,
    session: SessionLine,
    counts: Mapping[UUID, tuple[int, int]],
    locked: frozenset[UUID],
    *,
    now: datetime,
) -> AssignedSession:
    people, decided = counts.get(session.seating_id, (0, 0))
    refusal, stage = "", _stage(session, people, decided, now=now)
    try:
        may_teach(terms_of(row, session), now=now)
    except NotAccepted as refused:
        refusal = refused.message
        stage = Stage.DECLINED if row.declined_at is not None else Stage.INVITED
    except Forbidden as refused:
        refusal, stage = refused.message, Stage.CLOSED
    return AssignedSession(
        row.id,
        session,
        row.recipient.name,
        end_of(row, session),
        people,
        decided,
        stage,
        refusal,
        invitation_of(row),
        row.declined_because,
        session.id in locked,
    )


def _stage(session: SessionLine, people: int, decided: int, *, now: datetime) -> Stage:
    if now >= session.ends_at:
        return Stage.DONE if decided >= people else Stage.TO_RECORD
    zone = ZoneInfo(session.zone)
    today = now.astimezone(zone).date()
    if any(day.starts_at.astimezone(zone).date() == today for day in session.days):
        return Stage.TODAY
    return Stage.AHEAD if now < session.starts_at else Stage.RUNNING


def _recipient(row: Recipient) -> RecipientLine:
    return RecipientLine(
        row.id, row.name, row.country, row.agreement_on, row.agreement_until, row.safeguard
    )
