"""What a trainer's page of a session is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request

from registration.catalogue.lines import SessionLine
from registration.catalogue.rules import GradeScale, State
from registration.edge import require
from registration.forms import Form
from registration.i18n import format_weekday, text_in
from registration.teaching import queries as teaching
from registration.teaching import service
from registration.teaching.deciding import Verdict
from registration.teaching.history import changed_places
from registration.teaching.locking import LockLine, locks_of
from registration.teaching.queries import AssignedSession
from registration.teaching.rules import DayOf, days_of
from registration.teaching.service import Participant
from registration.web.outcome_words import rule_words
from registration.web.said import Said, said_of
from registration.web.trainer.packs import PackCard, cards
from registration.web.trainer.typed import TypedRow


@dataclass(frozen=True, slots=True)
class DayColumn:
    """``label`` is short, as ``Wed 1.4.``."""

    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """A person's line; ``errors`` are (field, text), where the field is a name of the form.
    ``verdict`` is what the training's rule says of what is on record, None without a rule;
    ``history`` leads to what was corrected, or is empty."""

    name: str
    company: str
    typed: TypedRow
    verdict: Verdict | None = None
    history: str = ""
    errors: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the last save did nothing."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class SessionPage:
    """``rule`` is in words, empty where there is none. ``locks``: when the results were made final
    and reopened, the newest first."""

    title: str
    said: Said
    language: str
    path: str
    recipient: str
    ends_at: datetime
    begun: bool
    held: bool
    cancelled: bool
    decided: int
    scale: GradeScale
    rule: str
    days: tuple[DayColumn, ...]
    rows: tuple[Row, ...]
    packs: tuple[PackCard, ...]
    locked: bool
    locks: tuple[LockLine, ...]
    form: Form
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A session and its people, read once; that they were shown is on record."""

    assigned: AssignedSession
    people: tuple[Participant, ...]
    days: tuple[DayOf, ...]
    locks: tuple[LockLine, ...]
    changed: frozenset[UUID]

    @property
    def path(self) -> str:
        return f"/trainer/sessions/{self.assigned.session.id}"

    def row(self, person: Participant, typed: TypedRow, **errors: list[str]) -> Row:
        changed = person.place_id in self.changed
        history = f"{self.path}/places/{person.place_id}" if changed else ""
        return Row(person.name, person.company, typed, person.verdict, history, errors)


async def read_shown(request: Request, session_id: UUID, *, now: datetime) -> Shown:
    """Raises what ``service.participants`` raises."""
    who = require(request)
    people = await service.participants(session_id, identity=who, now=now)
    assigned = await teaching.assigned_session(session_id, who.account_id, now=now)
    return Shown(
        assigned,
        people,
        days_in(assigned.session),
        await locks_of(session_id),
        await changed_places([each.place_id for each in people]),
    )


def days_in(session: SessionLine) -> tuple[DayOf, ...]:
    return days_of([(day.id, day.starts_at) for day in session.days], zone=session.zone)


def day_labels(session: SessionLine, days: Sequence[DayOf]) -> tuple[str, ...]:
    zone = ZoneInfo(session.zone)
    return tuple(
        f"{format_weekday(line.starts_at, zone=zone)} {day.on.day}.{day.on.month}."
        for day, line in zip(days, session.days, strict=True)
    )


def page_of(
    shown: Shown,
    rows: Sequence[Row],
    *,
    now: datetime,
    form: Form | None = None,
    trouble: Trouble | None = None,
) -> SessionPage:
    assigned, session = shown.assigned, shown.assigned.session
    return SessionPage(
        title=text_in(session.training.title),
        said=said_of(session),
        language=session.language,
        path=shown.path,
        recipient=assigned.recipient,
        ends_at=assigned.ends_at,
        begun=now >= session.starts_at,
        held=now >= session.days[-1].starts_at,
        cancelled=session.state is State.CANCELLED,
        decided=assigned.decided,
        scale=session.training.grade_scale,
        rule=rule_words(session.training),
        days=tuple(DayColumn(label) for label in day_labels(session, shown.days)),
        rows=tuple(rows),
        packs=cards(session.id),
        locked=assigned.locked,
        locks=shown.locks,
        form=form or Form(),
        trouble=trouble,
    )
