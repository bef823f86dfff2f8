"""A list while it is enrolled, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.edge import page_response
from registration.enrolment import enrolling
from registration.enrolment.enrolling import Outcome
from registration.enrolment.uploads import UploadLine
from registration.web.company import preview
from registration.web.company.portal import Portal
from registration.web.company.preview import Part, PlainRow, part_of
from registration.web.paging import page_number
from registration.web.said import Said, said_of

LEFT_ON_PAGE = 100
SLOW = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class ResultPage:
    portal: Portal
    line: UploadLine
    said: Said
    session_path: str
    path: str
    outcome: Outcome
    stopped: str
    left: tuple[PlainRow, ...]
    left_part: Part


@dataclass(frozen=True, slots=True)
class ProgressPage:
    """``slow``: no step was made for a while; another process will go on."""

    portal: Portal
    line: UploadLine
    said: Said
    session_path: str
    path: str
    slow: bool


async def result(request: Request, portal: Portal, line: UploadLine) -> Response:
    outcome = await enrolling.outcome_of(line)
    session = await catalogue.session(line.session_id)
    path = f"/company/uploads/{line.id}"
    left, left_part = part_of(
        outcome.left, page_number(request, "left"), LEFT_ON_PAGE, path, "left", "left"
    )
    page = ResultPage(
        portal=portal,
        line=line,
        said=said_of(session),
        session_path=portal.url(f"/company/sessions/{line.session_id}"),
        path=path,
        outcome=outcome,
        stopped=preview.reasons_text([outcome.stopped]) if outcome.stopped else "",
        left=tuple(
            PlainRow(
                row.row_number, preview.first_cells(row.cells), preview.reasons_text(row.reasons)
            )
            for row in left
        ),
        left_part=left_part,
    )
    return page_response(request, "company/result.html", page)


async def progress(request: Request, portal: Portal, line: UploadLine) -> Response:
    session = await catalogue.session(line.session_id)
    page = ProgressPage(
        portal=portal,
        line=line,
        said=said_of(session),
        session_path=portal.url(f"/company/sessions/{line.session_id}"),
        path=f"/company/uploads/{line.id}",
        slow=line.stepped_at is not None and clock.now() - line.stepped_at > SLOW,
    )
    return page_response(request, "company/progress.html", page)
