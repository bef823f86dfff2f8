"""People who did not want to be enrolled by their company: each must have an answer in a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    Endpoint,
    flash,
    get,
    page_response,
    path_id,
    post,
    redirect,
    require,
)
from registration.enrolment.agreeing import ObjectionLine, objections, settle_objection
from registration.i18n import _, format_date, text_in
from registration.web.staff.desk import STAFF, Desk, desk
from registration.web.staff.ledger import Part, parts

DUE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    id: UUID
    name: str
    email: str
    company: str
    what: str
    when: str
    path: str
    status: str
    reason: str
    made_at: datetime
    due_at: datetime
    late: bool
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class ObjectionsPage:
    desk: Desk
    parts: tuple[Part, ...]
    waiting: tuple[ObjectionRow, ...]
    settled: tuple[ObjectionRow, ...]


def objection_row(line: ObjectionLine, *, now: datetime) -> ObjectionRow:
    place = line.place
    due_at = line.made_at + DUE
    return ObjectionRow(
        line.id,
        place.name,
        place.email,
        place.company_name,
        text_in(place.offering.title),
        format_date(place.offering.starts_at),
        f"/staff/{place.offering.kind}s/{place.offering.id}",
        place.status.value,
        line.reason,
        line.made_at,
        due_at,
        line.settled_at is None and due_at <= now,
        line.settled_at,
    )


async def show(request: Request) -> Response:
    now = clock.now()
    page = ObjectionsPage(
        desk(request),
        parts(request),
        tuple(objection_row(line, now=now) for line in await objections(settled=False)),
        tuple(objection_row(line, now=now) for line in await objections(settled=True, limit=50)),
    )
    return page_response(request, "staff/objections.html", page)


async def settle(request: Request) -> Response:
    """Raises ``ObjectionNotFound``."""
    await settle_objection(path_id(request), actor_id=require(request).account_id, now=clock.now())
    flash(request, "good", _("The objection is marked as answered."))
    return redirect("/staff/ledger/objections")


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/ledger/objections", show, STAFF),
    post("/staff/ledger/objections/{id}/settle", settle, STAFF),
)
