"""What is on record: receipts of deletions, who saw whose data, mail that did not go out.

The ledger knows pseudonymous ids; a name is shown where there still is somebody behind one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration.accounts.queries import names_of
from registration.catalogue import queries as catalogue
from registration.edge import Endpoint, PageNotFound, get, page_response
from registration.i18n import N_, _, text_in
from registration.ledger.overview import latest_disclosures
from registration.ledger.queries import DisclosureLine, latest_receipts
from registration.people.overview import names
from registration.teaching.queries import recipient_names
from registration.web.staff.desk import STAFF, Desk, desk
from registration.web.staff.proofs import REASONS

PAGE = 50
PARTS = (
    (N_("Receipts of deletions"), "/staff/ledger"),
    (N_("Who saw what"), "/staff/ledger/disclosures"),
    (N_("Mail in trouble"), "/staff/ledger/mail"),
    (N_("Objections"), "/staff/ledger/objections"),
    (N_("Mail that was sent"), "/staff/ledger/mail/sent"),
)
Part = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """``late`` in whole seconds, 0 when it was on time."""

    id: UUID
    event: str
    path: str
    reason: str
    diets: int
    due_at: datetime
    done_at: datetime
    late: int


@dataclass(frozen=True, slots=True)
class ReceiptsPage:
    desk: Desk
    parts: tuple[Part, ...]
    rows: tuple[ReceiptRow, ...]


@dataclass(frozen=True, slots=True)
class DisclosureRow:
    at: datetime
    whose: str
    who: str
    to: str
    fields: str
    purpose: str
    road: str


@dataclass(frozen=True, slots=True)
class DisclosuresPage:
    desk: Desk
    parts: tuple[Part, ...]
    rows: tuple[DisclosureRow, ...]
    next: str


def parts(request: Request) -> tuple[Part, ...]:
    return tuple((_(label), url, url == request.url.path) for label, url in PARTS)


async def show_receipts(request: Request) -> Response:
    lines = await latest_receipts(limit=200)
    events = await catalogue.events_by_id(list({line.event_id for line in lines}))
    titles = {found: text_in(event.title) for found, event in events.items()}
    rows = tuple(
        ReceiptRow(
            line.id,
            titles.get(line.event_id, ""),
            f"/staff/events/{line.event_id}" if line.event_id in titles else "",
            _(REASONS.get(line.reason, line.reason)),
            line.diets,
            line.due_at,
            line.done_at,
            int(line.lateness_seconds),
        )
        for line in lines
    )
    page = ReceiptsPage(desk(request), parts(request), rows)
    return page_response(request, "staff/receipts.html", page)


async def show_disclosures(request: Request) -> Response:
    after = request.query_params.get("after", "")
    try:
        start = UUID(after) if after else None
    except ValueError:
        raise PageNotFound from None
    lines = await latest_disclosures(after=start, limit=PAGE)
    more = f"/staff/ledger/disclosures?after={lines[-1].id}" if len(lines) == PAGE else ""
    page = DisclosuresPage(desk(request), parts(request), await _rows(lines), more)
    return page_response(request, "staff/disclosures.html", page)


async def _rows(lines: Sequence[DisclosureLine]) -> tuple[DisclosureRow, ...]:
    """Three queries, however many lines."""
    persons = await names(line.person_id for line in lines)
    actors = await names_of(line.actor_id for line in lines if line.actor_id)
    recipients = await recipient_names(line.recipient_id for line in lines if line.recipient_id)
    return tuple(
        DisclosureRow(
            line.at,
            persons.get(line.person_id, brief(line.person_id)),
            _known(line.actor_id, actors),
            _known(line.recipient_id, recipients),
            ", ".join(line.fields),
            line.purpose,
            line.road,
        )
        for line in lines
    )


def _known(wanted: UUID | None, known: Mapping[UUID, str]) -> str:
    return known.get(wanted, brief(wanted)) if wanted else ""


def brief(pseudonym: UUID) -> str:
    """Enough of an id to tell two apart, where nobody is behind it any more."""
    return f"{str(pseudonym)[:8]}…"


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/ledger", show_receipts, STAFF),
    get("/staff/ledger/disclosures", show_disclosures, STAFF),
)
