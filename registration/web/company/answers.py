"""What a company's people answered to being enrolled, and whom our mail does not reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from registration.edge import Endpoint, get, page_response, settings
from registration.enrolment.agreeing import objections
from registration.enrolment.unreached import Unreached, unreached
from registration.i18n import format_date, text_in
from registration.web.company.portal import COORDINATORS, Portal, portal_of


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    name: str
    email: str
    what: str
    when: str
    status: str
    reason: str
    made_at: datetime
    answered: bool


@dataclass(frozen=True, slots=True)
class AnswersPage:
    portal: Portal
    objections: tuple[ObjectionRow, ...]
    unreached: tuple[Unreached, ...]


async def show(request: Request) -> Response:
    portal = await portal_of(request)
    page = AnswersPage(
        portal,
        tuple(
            ObjectionRow(
                line.place.name,
                line.place.email,
                text_in(line.place.offering.title),
                format_date(line.place.offering.starts_at),
                line.place.status.value,
                line.reason,
                line.made_at,
                line.settled_at is not None,
            )
            for line in await objections(company_ids=[portal.id])
        ),
        tuple(await unreached(company_id=portal.id, settings=settings(request))),
    )
    return page_response(request, "company/answers.html", page)


ROUTES: tuple[Endpoint, ...] = (get("/company/answers", show, COORDINATORS),)
