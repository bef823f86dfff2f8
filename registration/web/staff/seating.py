"""What staff see of the seats of a session or an event: how they are taken, who waits and why
somebody is passed over; and deciding what is tentative."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine, SessionLine
from registration.edge import Endpoint, flash, path_id, post, redirect, require, settings
from registration.enrolment.holds import HeldLine, held_on
from registration.enrolment.queries import queue
from registration.enrolment.rules import PlaceStatus
from registration.enrolment.sureness import run_anyway
from registration.errors import Conflict
from registration.i18n import N_, _, format_moment
from registration.web.staff.desk import EITHER, STAFF, said
from registration.web.staff.events import own_event
from registration.web.staff.terms_form import terms_said
from registration.web.standing import tentative_text

# Key (its look), what it is called, and the statuses that it counts.
PARTS: tuple[tuple[str, str, tuple[PlaceStatus, ...]], ...] = (
    (
        "confirmed",
        N_("Confirmed"),
        (PlaceStatus.CONFIRMED, PlaceStatus.ATTENDED, PlaceStatus.NO_SHOW),
    ),
    ("offered", N_("Offered"), (PlaceStatus.OFFERED,)),
    ("held", N_("Held"), (PlaceStatus.HELD,)),
)


@dataclass(frozen=True, slots=True)
class Part:
    """Seats of one kind; ``start`` and ``width`` are hundredths of the drawing."""

    key: str
    label: str
    number: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Seats that a company keeps without a name, all until the same moment."""

    company: str
    number: int
    until: str
    order_number: str


@dataclass(frozen=True, slots=True)
class SeatingPart:
    """``edge`` is where the seats end in the drawing, and the waiting list begins. ``tentative``
    is empty where it is certain that it runs; else ``run`` is the address that decides so."""

    seats: int
    parts: tuple[Part, ...]
    edge: float
    unnamed: tuple[Unnamed, ...]
    terms: tuple[tuple[str, str], ...]
    tentative: str
    run: str


async def seating_part(
    line: SessionLine | EventLine, counts: Mapping[PlaceStatus, int]
) -> tuple[SeatingPart, dict[UUID, str]]:
    """What the page shows of the seats, and why each who is passed over is; a constant
    number of queries."""
    held = await held_on(line.seating_id)
    kind = "sessions" if isinstance(line, SessionLine) else "events"
    parts, edge = _parts(line.seats, counts, len(held))
    part = SeatingPart(
        seats=line.seats,
        parts=parts,
        edge=edge,
        unnamed=_unnamed(held, ZoneInfo(line.zone)),
        terms=terms_said(line.terms, ZoneInfo(line.zone)),
        tentative=tentative_text(line),
        run=f"/staff/{kind}/{line.id}/run",
    )
    quota = line.terms.company_quota
    if quota is None:
        return part, {}
    text = N_("Passed over: the company has as many seats as it may, {quota}.")
    return part, {
        each.place_id: _(text, quota=quota)
        for each in await queue(line.seating_id)
        if each.passed_over
    }


def _parts(
    seats: int, counts: Mapping[PlaceStatus, int], unnamed: int
) -> tuple[tuple[Part, ...], float]:
    numbers = [
        (key, label, sum(counts.get(status, 0) for status in statuses))
        for key, label, statuses in PARTS
    ]
    numbers.append(("unnamed", N_("Without a name"), unnamed))
    taken = sum(number for _key, _label, number in numbers)
    numbers.append(("free", N_("Free"), max(0, seats - taken)))
    waiting = counts.get(PlaceStatus.WAITING, 0)
    numbers.append(("waiting", N_("Waiting"), waiting))
    whole = max(seats, taken) + waiting
    parts: list[Part] = []
    start = 0.0
    for key, label, number in numbers:
        width = 100 * number / whole
        parts.append(Part(key, _(label), number, round(start, 2), round(width, 2)))
        start += width
    return tuple(parts), round(100 * seats / whole, 2)


def _unnamed(held: Sequence[HeldLine], zone: ZoneInfo) -> tuple[Unnamed, ...]:
    alike = Counter((line.company_name, line.until, line.order_number) for line in held)
    return tuple(
        Unnamed(company, number, format_moment(until, zone=zone), order)
        for (company, until, order), number in sorted(alike.items())
    )


async def run_session(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    return await _run(request, line.seating_id, f"/staff/sessions/{line.id}")


async def run_event(request: Request) -> Response:
    line = await own_event(request)
    return await _run(request, line.seating_id, f"/staff/events/{line.id}")


async def _run(request: Request, seating_id: UUID, back: str) -> Response:
    """Pressed twice, it is decided once."""
    try:
        await run_anyway(
            seating_id,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except Conflict as refused:
        flash(request, "wait", said(refused))
    else:
        flash(request, "good", _("It takes place for certain now, and everybody on it is told."))
    return redirect(back)


ROUTES: tuple[Endpoint, ...] = (
    post("/staff/sessions/{id}/run", run_session, STAFF),
    post("/staff/events/{id}/run", run_event, EITHER),
)
