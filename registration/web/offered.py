"""The page of one session and of one event: what, when, where, price and seats at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine, SessionLine
from registration.catalogue.rules import EventNotFound, SessionNotFound, State
from registration.catering.rules import Reason
from registration.edge import ANYONE, Endpoint, get, page_response, path_id, path_text
from registration.enrolment.queries import Occupancy, occupancies
from registration.i18n import format_date, format_moment, format_when
from registration.ledger import queries as ledger
from registration.web.kept import kept
from registration.web.meals import meal_name
from registration.web.public import Needed, length_text, needed_before, validity_text
from registration.web.standing import (
    Price,
    Standing,
    language_name,
    standing_of,
    standing_text,
    tentative_text,
    terms_texts,
)

# These receipts are for the diet of one guest, not for those of the event.
ONE_GUEST = frozenset({Reason.REGISTRATION_CANCELLED, Reason.WITHDRAWN})
MOST_RECEIPTS = 1000


@dataclass(frozen=True, slots=True)
class SessionPage:
    """``days`` are texts; ``terms`` say what is special about signing up, a sentence each;
    ``tentative`` is one of its own, empty when it is certain that it runs."""

    session: SessionLine
    needs: tuple[Needed, ...]
    tentative: str
    terms: tuple[str, ...]
    occupancy: Occupancy
    standing: Standing
    standing_text: str
    days: tuple[str, ...]
    price: Price
    language_name: str
    length: str
    validity: str
    sign_up_url: str


@dataclass(frozen=True, slots=True)
class DietsGone:
    """That an event's diets were deleted; ``receipt`` is its proof's id, or empty."""

    when: str
    receipt: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """``tentative`` and ``terms`` as of ``SessionPage``. ``meals``: the day and its meals in order.
    ``diets_go`` says when food restrictions are deleted, ``diets_gone`` that they were."""

    event: EventLine
    tentative: str
    terms: tuple[str, ...]
    occupancy: Occupancy
    standing: Standing
    standing_text: str
    when: str
    meals: tuple[tuple[str, str], ...]
    diets_go: str
    diets_gone: DietsGone | None
    sign_up_url: str


async def seen_session(request: Request) -> SessionLine:
    """The session of the address, unless it is a draft. Raises ``SessionNotFound``."""
    line = await catalogue.session(path_id(request))
    if line.state is State.DRAFT:
        raise SessionNotFound
    return line


async def seen_event(request: Request) -> EventLine:
    """The event of the address, unless it is a draft. Raises ``EventNotFound``."""
    line = await catalogue.event_by_slug(path_text(request, "slug"))
    if line.state is State.DRAFT:
        raise EventNotFound
    return line


async def occupancy_of(line: SessionLine | EventLine) -> Occupancy:
    return (await occupancies({line.seating_id: line.seats}))[line.seating_id]


async def session_page(request: Request) -> Response:
    line = await seen_session(request)
    occupancy = await occupancy_of(line)
    standing = standing_of(line, occupancy, now=clock.now())
    page = SessionPage(
        session=line,
        needs=await needed_before(line.training.id),
        tentative=tentative_text(line),
        terms=terms_texts(line),
        occupancy=occupancy,
        standing=standing,
        standing_text=standing_text(standing, line),
        days=session_days(line),
        price=Price.of(line.price_cents, starts_at=line.starts_at),
        language_name=language_name(line.language),
        length=length_text(line.training.length_minutes),
        validity=validity_text(line.training.valid_months),
        sign_up_url=f"/sessions/{line.id}/enrol",
    )
    return page_response(request, "public/session.html", page)


async def event_page(request: Request) -> Response:
    line = await seen_event(request)
    occupancy = await occupancy_of(line)
    standing = standing_of(line, occupancy, now=clock.now())
    zone = ZoneInfo(line.zone)
    page = EventPage(
        event=line,
        tentative=tentative_text(line),
        terms=terms_texts(line),
        occupancy=occupancy,
        standing=standing,
        standing_text=standing_text(standing, line),
        when=format_when(line.starts_at, line.ends_at, zone=zone),
        meals=_meals(line),
        diets_go=format_moment(line.erase_at, zone=zone) if line.erase_at else "",
        diets_gone=await diets_gone(line),
        sign_up_url=f"/events/{line.slug}/register",
    )
    return page_response(request, "public/event.html", page)


def session_days(line: SessionLine) -> tuple[str, ...]:
    zone = ZoneInfo(line.zone)
    return tuple(format_when(day.starts_at, day.ends_at, zone=zone) for day in line.days)


async def diets_gone(line: EventLine) -> DietsGone | None:
    """The proof that the event's diets were deleted (P4); None while they were not."""
    if line.diets_deleted_at is None:
        return None
    receipts = await ledger.receipts(event_id=line.id, limit=line.seats + MOST_RECEIPTS)
    whole = [receipt for receipt in receipts if receipt.reason not in ONE_GUEST]
    last = max(whole, key=lambda receipt: receipt.done_at, default=None)
    return DietsGone(
        format_moment(line.diets_deleted_at, zone=ZoneInfo(line.zone)),
        str(last.id) if last else "",
    )


def _meals(line: EventLine) -> tuple[tuple[str, str], ...]:
    days = sorted({meal.on for meal in line.meals})
    return tuple(
        (
            format_date(day),
            ", ".join(meal_name(meal) for meal in line.meals if meal.on == day),
        )
        for day in days
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/sessions/{id}", kept(session_page), ANYONE, name="session"),
    get("/events/{slug}", kept(event_page), ANYONE, name="event"),
)
