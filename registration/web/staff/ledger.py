"""The parts of the ledger's pages, and the first of them: receipts of deletions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration.catalogue import queries as catalogue
from registration.edge import Endpoint, get, page_response
from registration.i18n import N_, _, text_in
from registration.ledger.queries import latest_receipts
from registration.web.staff.desk import STAFF, Desk, desk
from registration.web.staff.proofs import REASONS

PARTS = (
    (N_("Receipts of deletions"), "/staff/ledger"),
    (N_("What happened"), "/staff/ledger/entries"),
    (N_("Who saw what"), "/staff/ledger/disclosures"),
    (N_("After a breach"), "/staff/ledger/breach"),
    (N_("Heads"), "/staff/ledger/heads"),
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


def brief(pseudonym: UUID) -> str:
    """Enough of an id to tell two apart, where nobody is behind it any more."""
    return f"{str(pseudonym)[:8]}…"


ROUTES: tuple[Endpoint, ...] = (get("/staff/ledger", show_receipts, STAFF),)
