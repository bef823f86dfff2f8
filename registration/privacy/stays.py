"""What stays of a person after an erasure, in words for that person: what, why, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from registration.accounts.models import Account, Grant
from registration.accounts.rules import Role
from registration.enrolment import queries as enrolment
from registration.enrolment.models import Place
from registration.i18n import N_, _, format_date, text_in
from registration.people.models import Person
from registration.people.rules import PersonNotFound
from registration.periods import Schedule
from registration.privacy.datamap import DATA_MAP
from registration.privacy.export import model_of
from registration.privacy.holds import HoldLine, holds_of
from registration.privacy.rules import Why
from registration.privacy.staying import HOLDS, Staying, erasing_order, staying

DEFAULT = Schedule()
EVERYTHING = N_("Everything that we hold of you, but food restrictions")
TO_PROVE = N_(
    "It may have to be proved that you may work at a site. Only your name, your company and the "
    "training stay."
)
TO_INVOICE = N_(
    "The company that booked it has not been invoiced yet. It stays without your name until then."
)
REQUIRED = N_("{authority} requires it, under the reference {reference}: {reason}")


@dataclass(frozen=True, slots=True)
class StayLine:
    """One thing that stays, in the language now spoken. ``until``: what a duty keeps goes on that
    day, what an authority requires is looked at again by then; None: as ``because`` says."""

    what: str
    count: int
    why: Why
    because: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Stays:
    """``kept`` is what stays, ``goes`` what would go: heading and number of rows, and ``diets``
    besides. ``roles`` has an account of its own at the same address, which is not this person's
    data; ``shared``: other people are on record with the address."""

    kept: tuple[StayLine, ...]
    goes: tuple[tuple[str, int], ...] = ()
    diets: int = 0
    roles: tuple[Role, ...] = ()
    shared: bool = False


async def what_stays(person_id: UUID, *, now: datetime, schedule: Schedule = DEFAULT) -> Stays:
    """What an erasure of the person at this moment would leave, and why, in the language now
    spoken. What an authority has forbidden to tell is not among it. Raises ``PersonNotFound``."""
    person = await Person.get_or_none(id=person_id)
    if person is None:
        raise PersonNotFound
    holds = await holds_of(person_id)
    found = await staying(person_id, holds, schedule=schedule, today=now.date())
    return Stays(
        kept=await lines_of(found, holds),
        goes=await _goes(person_id, found),
        diets=await Place.filter(person_id=person_id, diet_token__not_isnull=True).count(),
        roles=await _roles(person.email, now=now),
        shared=bool(person.email)
        and await Person.filter(email=person.email).exclude(id=person_id).exists(),
    )


async def lines_of(found: Staying, holds: Sequence[HoldLine]) -> tuple[StayLine, ...]:
    """One line for each training, booking and hold."""
    unpaid = sorted(found.unpaid - set(found.proven))
    places = await enrolment.places_by_id([*found.proven, *unpaid])
    lines = [
        StayLine(_named(places[place]), 1, Why.DUTY, _(TO_PROVE), until)
        for place, until in sorted(found.proven.items(), key=lambda one: (one[1], one[0]))
    ]
    lines += [
        StayLine(_named(places[place]), 1, Why.NEEDED, _(TO_INVOICE), None) for place in unpaid
    ]
    return *lines, *(_held(found, hold) for hold in holds)


def _named(place: enrolment.PlaceLine) -> str:
    return f"{text_in(place.offering.title)}, {format_date(place.offering.ends_at)}"


def _held(found: Staying, hold: HoldLine) -> StayLine:
    rows = found.ids(hold.table) if hold.table else []
    return StayLine(
        what=_(DATA_MAP[hold.table].heading) if hold.table else _(EVERYTHING),
        count=1 if hold.record_id or not hold.table else len(rows),
        why=Why.HOLD,
        because=_(REQUIRED, authority=hold.authority, reference=hold.reference, reason=hold.reason),
        until=hold.review_on,
    )


async def _goes(person_id: UUID, found: Staying) -> tuple[tuple[str, int], ...]:
    wanted = set(erasing_order()) - {HOLDS}  # of one that was lifted nothing may be told either
    lines: list[tuple[str, int]] = []
    for name, table in DATA_MAP.items():
        if name in wanted and table.heading:
            rows = await model_of(name).filter(**{table.subject: person_id}).count()
            if rows > len(found.ids(name)):
                lines.append((_(table.heading), rows - len(found.ids(name))))
    return tuple(lines)


async def _roles(address: str, *, now: datetime) -> tuple[Role, ...]:
    if not address:
        return ()
    accounts = await Account.filter(email=address, person_id=None, ended_at=None).values_list(
        "id", flat=True
    )
    grants = await Grant.filter(account_id__in=list(accounts), starts_at__lte=now)
    held = {grant.role for grant in grants if grant.ends_at is None or grant.ends_at > now}
    return tuple(role for role in Role if role.value in held)
