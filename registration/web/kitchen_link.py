"""What a caterer's link opens: the kitchen sheet, numbers only, on a phone and on paper."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catering.links import CatererLinkNotFound, Opened, open_link
from registration.catering.rules import FOLD_BELOW
from registration.catering.sheets import changes
from registration.edge import ANYONE, Endpoint, get, language, page_response, path_text, settings
from registration.i18n import format_moment
from registration.press import SheetDocument, print_sheet
from registration.web.kitchen_sheet import Changed, document, said_changes

# The address is the secret: nobody stores it, no search engine keeps it, no link passes it on.
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}
LONGEST = 100


@dataclass(frozen=True, slots=True)
class CatererPage:
    """``sheet`` None: the link is not in use. ``changes`` are those since the version before that
    are large enough to be said; ``changed`` that there are any. Times are the event's."""

    sheet: SheetDocument | None
    caterer: str
    pdf: str
    ends: str
    since: int
    changes: tuple[Changed, ...]
    changed: bool


async def show(request: Request) -> Response:
    try:
        opened = await _open(request)
    except CatererLinkNotFound:
        page = CatererPage(None, "", "", "", 0, (), False)
        return page_response(request, "kitchen/caterer.html", page, status=404, headers=HEADERS)
    handed, before = opened.handed, opened.before
    anew = before is not None and before.version != handed.version
    page = CatererPage(
        sheet=_document(request, opened),
        caterer=opened.caterer,
        pdf=f"/kitchen/{path_text(request, 'token')}/sheet.pdf",
        ends=format_moment(opened.ends_at, zone=ZoneInfo(opened.event.zone)),
        since=before.version if before else 0,
        changes=said_changes(changes(before.sheet, handed.sheet, least=FOLD_BELOW), handed.sheet)
        if before and anew
        else (),
        changed=anew,
    )
    return page_response(request, "kitchen/caterer.html", page, headers=HEADERS)


async def pdf(request: Request) -> Response:
    """Raises ``CatererLinkNotFound``."""
    opened = await _open(request)
    content = await print_sheet(_document(request, opened), settings=settings(request))
    disposition = {"Content-Disposition": 'inline; filename="kitchen.pdf"'}
    return Response(content, media_type="application/pdf", headers={**HEADERS, **disposition})


async def _open(request: Request) -> Opened:
    secret = path_text(request, "token")
    if len(secret) > LONGEST:
        raise CatererLinkNotFound
    return await open_link(secret, settings=settings(request), now=clock.now())


def _document(request: Request, opened: Opened) -> SheetDocument:
    return document(
        opened.handed,
        opened.event,
        by=opened.caterer,
        now=clock.now(),
        language=language(request),
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/kitchen/{token}", show, ANYONE),
    get("/kitchen/{token}/sheet.pdf", pdf, ANYONE),
)
