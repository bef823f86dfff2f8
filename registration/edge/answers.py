"""Answers of the HTML edge: pages in their frame, redirects that stay on this site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from registration.accounts.assurance import How
from registration.accounts.rules import Identity, Role
from registration.edge.call import call_of, identity, settings
from registration.i18n import N_, NATIVE_NAMES, _
from registration.templating import render

LONGEST_PATH = 200

ROLE_NAMES: Mapping[Role, str] = {
    Role.STAFF: N_("Staff"),
    Role.ORGANISER: N_("Organiser"),
    Role.COORDINATOR: N_("Company coordinator"),
    Role.TRAINER: N_("Trainer"),
    Role.PARTICIPANT: N_("Participant"),
}
# Who sees which part of the site in the head of a page; what they may do there is not said here.
NAV: tuple[tuple[str, str, frozenset[Role] | None], ...] = (
    (N_("Trainings and events"), "/", None),
    (N_("My pages"), "/me", frozenset({Role.PARTICIPANT})),
    (N_("Company"), "/company", frozenset({Role.COORDINATOR})),
    (N_("Teaching"), "/trainer", frozenset({Role.TRAINER})),
    (N_("Staff"), "/staff", frozenset({Role.STAFF, Role.ORGANISER})),
)
INVITING = frozenset({"/staff", "/trainer"})


@dataclass(frozen=True, slots=True)
class ShellOrganisation:
    name: str
    logo_url: str
    privacy_email: str


@dataclass(frozen=True, slots=True)
class Viewer:
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shell:
    """What the frame of every page shows. ``languages``: code, native name, this page in it;
    ``nav``: label, address, whether it is here; ``flash``: tone, text; ``invite``: to a way of
    logging in that needs no printed link."""

    language: str
    languages: tuple[tuple[str, str, str], ...]
    organisation: ShellOrganisation
    viewer: Viewer | None
    nav: tuple[tuple[str, str, bool], ...]
    demo: bool
    base_url: str
    path: str
    flash: tuple[tuple[str, str], ...]
    invite: bool = False


def page_response(
    request: Request,
    template: str,
    page: object,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The page, in its frame and the reader's language; the template sees ``page``, ``shell``."""
    content = render(template, {"page": page, "shell": shell(request)})
    return HTMLResponse(content, status_code=status, headers=dict(headers or {}))


def redirect(url: str) -> Response:
    """303 to a path of this site. Raises ``ValueError`` for any other address."""
    if local_path(url) != url:
        raise ValueError("a redirect stays on this site")
    return RedirectResponse(url, status_code=303)


def local_path(given: str, *, otherwise: str = "") -> str:
    """``given`` if it is a path of this site, however a browser may read it; else ``otherwise``.

    Refused: other hosts (``//evil``), schemes, backslashes, which browsers take for slashes, and
    control characters, which they leave out.
    """
    plain = given.isprintable() and "\\" not in given and " " not in given
    if not plain or not given.startswith("/") or given.startswith("//"):
        return otherwise
    try:
        parts = urlsplit(given)
    except ValueError:
        return otherwise
    return otherwise if parts.scheme or parts.netloc else given


def here(request: Request) -> str:
    """This request's own path and query, to come back to; empty when it is too long to keep."""
    query, path = request.url.query, _own_path(request)
    whole = local_path(f"{path}?{query}" if query else path)
    return whole if len(whole) <= LONGEST_PATH else ""


def came_from(request: Request) -> str:
    """The page of ours that this request was sent from, as far as the browser says so."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host", ""):
        return ""
    whole = local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return whole if len(whole) <= LONGEST_PATH else ""


def shell(request: Request) -> Shell:
    call, now_set = call_of(request.scope), settings(request)
    who = identity(request)
    path = request.url.path
    flash = tuple(call.shown + call.kept)
    call.rendered = True
    organisation = now_set.organisation
    return Shell(
        language=call.language,
        languages=tuple(
            (code, NATIVE_NAMES[code], _in_language(request, code)) for code in now_set.languages
        ),
        organisation=ShellOrganisation(
            organisation.name,
            "/brand/logo" if organisation.logo else "",
            organisation.privacy_email,
        ),
        viewer=Viewer(who.name, _role_names(who)) if who else None,
        nav=tuple(
            (_(label), url, path == url or (url != "/" and path.startswith(f"{url}/")))
            for label, url, allowed in NAV
            if allowed is None or (who and allowed & who.roles)
        ),
        demo=now_set.demo,
        base_url=now_set.base_url,
        path=_own_path(request),
        flash=flash,
        invite=who is not None and who.how == How.PRINTED and path in INVITING,
    )


def _role_names(who: Identity) -> tuple[str, ...]:
    held = [role for role in Role if role in who.roles]
    return tuple(_(ROLE_NAMES[role]) for role in held if role is not Role.PARTICIPANT)


def _in_language(request: Request, code: str) -> str:
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    return f"{_own_path(request)}?{urlencode([*kept, ('lang', code)])}"


def _own_path(request: Request) -> str:
    """The path as it was asked for, percent-encoded."""
    return quote(request.url.path, safe="/:@!$&'()*+,;=~-._")
