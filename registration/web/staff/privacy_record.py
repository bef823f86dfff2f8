"""The record of processing activities: as a page, on paper, for spreadsheets."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import Endpoint, get, page_response, settings
from registration.press import print_paper
from registration.privacy.record import Column, Record, by_kind, record_of
from registration.privacy.record_paper import facts_of, paper
from registration.privacy.record_sheet import write_xlsx
from registration.teaching import queries as teaching
from registration.web.staff.desk import STAFF, Desk, desk
from registration.web.staff.privacy_parts import Part, parts

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ADDRESS = "/staff/privacy/record"
FILE_NAME = "record-of-processing"


@dataclass(frozen=True, slots=True)
class RecordPage:
    """``activities`` are names, and (label, words) of each; ``columns`` stand together by what
    they say."""

    desk: Desk
    parts: tuple[Part, ...]
    record: Record
    activities: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    columns: tuple[Column, ...]


async def _record(request: Request) -> Record:
    return record_of(settings(request).organisation, await teaching.recipients())


async def show(request: Request) -> Response:
    record = await _record(request)
    told = tuple((each.name, facts_of(each)) for each in record.activities)
    page = RecordPage(desk(request), parts(request), record, told, by_kind(record.columns))
    return page_response(request, "staff/privacy_record.html", page)


async def as_pdf(request: Request) -> Response:
    house = settings(request)
    document = paper(await _record(request), house.organisation, now=clock.now())
    content = await print_paper(document, settings=house)
    return _file(content, "application/pdf", "pdf")


async def as_xlsx(request: Request) -> Response:
    return _file(write_xlsx(await _record(request)), XLSX, "xlsx")


def _file(content: bytes, media_type: str, ending: str) -> Response:
    name = f'attachment; filename="{FILE_NAME}.{ending}"'
    return Response(content, media_type=media_type, headers={"Content-Disposition": name})


ROUTES: tuple[Endpoint, ...] = (
    get(ADDRESS, show, STAFF),
    get(f"{ADDRESS}.pdf", as_pdf, STAFF),
    get(f"{ADDRESS}.xlsx", as_xlsx, STAFF),
)
