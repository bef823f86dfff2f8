"""Heads of the ledger's chain, to be kept where nobody who runs the service can change them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.db import transaction
from registration.edge import Endpoint, PageNotFound, get, page_response, require, settings
from registration.i18n import N_, _
from registration.ledger.heads import MOST_HEADS, heads_text, latest_heads, newest_heads
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.web.staff.desk import STAFF, Desk, desk
from registration.web.staff.ledger import Part, parts

SHOWN = 30
COMMAND = "registration ledger verify --heads FILE"
INTRODUCTION = N_(
    "Heads of the ledger of {house}. Keep this file where nobody who runs the service can change "
    "it. To compare: {command}"
)


@dataclass(frozen=True, slots=True)
class HeadRow:
    place: int
    digest: str
    sealed_at: datetime | None
    leaves: int


@dataclass(frozen=True, slots=True)
class HeadsPage:
    """``newest`` is what to copy, empty until something is sealed; ``file`` leads to all shown."""

    desk: Desk
    parts: tuple[Part, ...]
    newest: str
    command: str
    file: str
    rows: tuple[HeadRow, ...]


async def show(request: Request) -> Response:
    lines = await latest_heads(limit=SHOWN) or await newest_heads()
    rows = tuple(
        HeadRow(line.head.position, line.head.digest, line.sealed_at, line.leaves) for line in lines
    )
    page = HeadsPage(
        desk(request),
        parts(request),
        str(lines[0].head) if lines else "",
        COMMAND,
        f"/staff/ledger/heads.txt?since={rows[-1].place}" if rows else "",
        rows,
    )
    return page_response(request, "staff/ledger_heads.html", page)


async def download(request: Request) -> Response:
    """Those from the place ``since`` on, oldest first, as a text; that they left is on record."""
    text = request.query_params.get("since", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise PageNotFound
    lines = await newest_heads(since=max(1, int(text)), limit=MOST_HEADS)
    async with transaction():
        await record(
            Act.HEADS_TAKEN,
            now=clock.now(),
            actor_id=require(request).account_id,
            note=Note(count=len(lines)),
        )
    house = settings(request).organisation.name
    first = _(INTRODUCTION, house=house, command=COMMAND)
    return Response(
        f"# {first}\n{heads_text(lines)}",
        media_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="ledger-heads.txt"'},
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/ledger/heads", show, STAFF),
    get("/staff/ledger/heads.txt", download, STAFF),
)
