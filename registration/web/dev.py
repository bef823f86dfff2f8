"""For demonstrations only: the outbox as a mailbox, and every component on one page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from registration.edge import ANYONE, PageNotFound, get, page_response, path_id, settings
from registration.edge.fence import POLICY
from registration.mail import queries
from registration.mail.queries import MailLine, MailShown

FRAMING = {"Content-Security-Policy": f"{POLICY}; frame-src 'self'"}
# A mail brings its own styles and no script, and is shown only inside a page of ours.
FRAMED = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
        "sandbox allow-popups allow-top-navigation-by-user-activation"
    ),
    "X-Frame-Options": "SAMEORIGIN",
}


@dataclass(frozen=True, slots=True)
class MailboxPage:
    mails: tuple[MailLine, ...]


@dataclass(frozen=True, slots=True)
class MailPage:
    mail: MailShown
    body_url: str


def _only_demo(request: Request) -> None:
    if not settings(request).demo:
        raise PageNotFound


async def mailbox(request: Request) -> Response:
    _only_demo(request)
    page = MailboxPage(tuple(await queries.outbox()))
    return page_response(request, "dev/mailbox.html", page)


async def mail(request: Request) -> Response:
    _only_demo(request)
    found = await queries.shown(path_id(request))
    page = MailPage(found, f"/dev/mail/{found.line.id}/body")
    return page_response(request, "dev/mail.html", page, headers=FRAMING)


async def body(request: Request) -> Response:
    """The HTML as it was queued; its links open in the whole window."""
    _only_demo(request)
    found = await queries.shown(path_id(request))
    return HTMLResponse(f'<base target="_top">{found.html}', headers=FRAMED)


async def patterns(request: Request) -> Response:
    _only_demo(request)
    return page_response(request, "patterns.html", None)


ROUTES = (
    get("/patterns", patterns, ANYONE),
    get("/dev/mail", mailbox, ANYONE),
    get("/dev/mail/{id}", mail, ANYONE),
    get("/dev/mail/{id}/body", body, ANYONE),
)
