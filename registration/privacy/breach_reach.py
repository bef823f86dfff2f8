"""What an account could have seen: the access that it held, over what there was then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from uuid import UUID

from tortoise.expressions import Q

from registration.accounts.models import Account, Grant
from registration.accounts.rules import NEEDS_NDA, Role
from registration.catalogue.models import Event
from registration.companies.models import Employment
from registration.enrolment.models import Place
from registration.ledger.models import Receipt
from registration.people.models import Person
from registration.privacy.breach_seen import on_seatings
from registration.privacy.datamap.columns import Kind
from registration.teaching.models import Assignment

_OWN = (Kind.NAME, Kind.CONTACT, Kind.COMPANY, Kind.PARTICIPATION, Kind.OUTCOME)
# What the pages and the API of each role show of others.
KINDS: Mapping[Role, tuple[Kind, ...]] = {
    Role.STAFF: (*_OWN, Kind.CHOICE, Kind.ACCESS, Kind.TRACE, Kind.LETTER),
    Role.ORGANISER: (Kind.NAME, Kind.CONTACT, Kind.COMPANY, Kind.PARTICIPATION),
    Role.COORDINATOR: _OWN,
    Role.TRAINER: (Kind.NAME, Kind.COMPANY, Kind.PARTICIPATION, Kind.OUTCOME),
    Role.PARTICIPANT: (*_OWN, Kind.CHOICE, Kind.ACCESS, Kind.TRACE),
}


@dataclass(frozen=True, slots=True)
class Window:
    since: datetime
    until: datetime

    def within(self, since: datetime | None, until: datetime | None) -> Window | None:
        """The part of it that lies in that time too; None if there is none."""
        both = Window(
            max(self.since, since) if since else self.since,
            min(self.until, until) if until else self.until,
        )
        return both if both.since < both.until else None


@dataclass(frozen=True, slots=True)
class ReachLine:
    """A role that was held over ``scope_id`` (None: the organisation) in a part of the time, and
    how many people that opened."""

    role: Role
    scope_id: UUID | None
    since: datetime
    until: datetime
    persons: int


@dataclass(frozen=True, slots=True)
class DietLine:
    """Food restrictions of an event that the account organised: ``held`` are there still,
    ``deleted`` were there then and are proven to be gone."""

    event_id: UUID
    since: datetime
    until: datetime
    held: int
    deleted: int


@dataclass(slots=True)
class Reach:
    """``everybody_until``: with staff access everybody who was known by then."""

    lines: list[ReachLine] = field(default_factory=list)
    diets: list[DietLine] = field(default_factory=list)
    persons: set[UUID] = field(default_factory=set)
    everybody_until: datetime | None = None

    def add(self, role: Role, scope_id: UUID | None, window: Window, persons: set[UUID]) -> None:
        self.lines.append(ReachLine(role, scope_id, window.since, window.until, len(persons)))
        self.persons |= persons

    @property
    def kinds(self) -> tuple[Kind, ...]:
        found = {kind for line in self.lines if line.persons for kind in KINDS[line.role]}
        if any(line.held or line.deleted for line in self.diets):
            found.add(Kind.DIET)
        return tuple(kind for kind in Kind if kind in found)


async def reach_of(account: Account, window: Window, *, only: Role | None) -> Reach:
    """By every grant that counted in the window, those that have ended since too; ``only``: the
    role that a token gives."""
    reach = Reach()
    open_ = window.within(account.created_at, account.ended_at)
    if open_ is None:
        return reach
    for grant in await Grant.filter(account_id=account.id).order_by("starts_at", "id"):
        role = Role(grant.role)
        part = open_.within(grant.starts_at, grant.ends_at)
        if part is not None and role in NEEDS_NDA:
            part = _agreed(part, account)
        if part is not None and only in {None, role}:
            await _by_grant(reach, account, role, grant.scope_id, part)
    return reach


def _agreed(part: Window, account: Account) -> Window | None:
    """Without the agreement the grant gave nothing (P14)."""
    if account.nda_on is None:
        return None
    return part.within(datetime.combine(account.nda_on, time(), tzinfo=UTC), None)


async def _by_grant(
    reach: Reach, account: Account, role: Role, scope_id: UUID | None, part: Window
) -> None:
    match role:
        case Role.STAFF:
            known = await Person.filter(created_at__lt=part.until).count()
            reach.lines.append(ReachLine(role, None, part.since, part.until, known))
            reach.everybody_until = max(part.until, reach.everybody_until or part.until)
        case Role.ORGANISER if scope_id is not None:
            await _by_event(reach, scope_id, part)
        case Role.COORDINATOR if scope_id is not None:
            reach.add(role, scope_id, part, await _of_company(scope_id, part))
        case Role.TRAINER:
            await _by_assignments(reach, account.id, part)
        case Role.PARTICIPANT if account.person_id is not None:
            reach.add(role, None, part, {account.person_id})
        case _:
            reach.add(role, scope_id, part, set())


async def _by_event(reach: Reach, event_id: UUID, part: Window) -> None:
    event = await Event.get_or_none(id=event_id)
    guests = await on_seatings([event.seating_id], part.since, part.until) if event else set()
    reach.add(Role.ORGANISER, event_id, part, guests)
    held = 0
    if event is not None:
        held = (
            await Place.filter(seating_id=event.seating_id, created_at__lt=part.until)
            .exclude(diet_token=None)
            .count()
        )
    gone = await Receipt.filter(event_id=event_id, done_at__gt=part.since)
    deleted = sum(receipt.diets for receipt in gone)
    if held or deleted:
        reach.diets.append(DietLine(event_id, part.since, part.until, held, deleted))


async def _of_company(company_id: UUID, part: Window) -> set[UUID]:
    """Its people of that time, and those for whom it took a place."""
    working = await Employment.filter(
        Q(until=None) | Q(until__gt=part.since), company_id=company_id, since__lt=part.until
    ).values_list("person_id", flat=True)
    placed = (
        await Place.filter(company_id=company_id, created_at__lt=part.until)
        .distinct()
        .values_list("person_id", flat=True)
    )
    return {UUID(str(each)) for each in (*working, *placed)}


async def _by_assignments(reach: Reach, account_id: UUID, part: Window) -> None:
    """A trainer sees the people of sessions that they accepted, until the assignment ends."""
    rows = await Assignment.filter(account_id=account_id, declined_at=None).select_related(
        "session"
    )
    for row in rows:
        held = part.within(row.accepted_at, row.ends_at) if row.accepted_at else None
        if held is not None:
            people = await on_seatings([row.session.seating_id], held.since, held.until)
            reach.add(Role.TRAINER, row.session_id, held, people)
