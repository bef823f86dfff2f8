"""The privacy notice, the whole list behind it, and its earlier versions: for anybody (P19)."""

from __future__ import annotations

from dataclasses import dataclass

from babel import Locale
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    ANYONE,
    Endpoint,
    PageNotFound,
    get,
    language,
    page_response,
    settings,
)
from registration.privacy import notice_versions
from registration.privacy.notice_content import changes, compared
from registration.privacy.notice_versions import Standing, VersionLine
from registration.web.kept import kept
from registration.web.notice_parts import Section, sections, unchanged

LONGEST_NUMBER = 6


@dataclass(frozen=True, slots=True)
class NoticePage:
    """``standing`` is the version that says the same; None: it is being made at this moment.
    ``firms`` are the trainers' firms that may be given data today, with their countries."""

    sections: tuple[Section, ...]
    standing: Standing | None
    firms: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class VersionsPage:
    lines: tuple[tuple[VersionLine, str], ...]


@dataclass(frozen=True, slots=True)
class VersionPage:
    """An earlier or the present version, with what became of each line since ``before`` (a
    number; None: nothing stood before). ``newest`` is the number of the one that stands now."""

    line: VersionLine
    sections: tuple[Section, ...]
    details: tuple[Section, ...]
    before: int | None
    changes: tuple[str, ...]
    summary: str
    newest: int


async def _standing(digest: str) -> Standing | None:
    found = await notice_versions.newest()
    return found if found is not None and found.digest == digest else None


async def show(request: Request) -> Response:
    now = clock.now()
    content = await notice_versions.content_now(settings(request).organisation, now=now)
    territories = Locale.parse(language(request)).territories
    page = NoticePage(
        sections(unchanged(content.in_language(language(request)).notice)),
        await _standing(content.digest),
        tuple(
            (each.name, str(territories.get(each.country, each.country)))
            for each in await notice_versions.firms_now(now=now)
        ),
    )
    return page_response(request, "privacy/notice.html", page)


async def show_details(request: Request) -> Response:
    content = await notice_versions.content_now(settings(request).organisation, now=clock.now())
    page = NoticePage(
        sections(unchanged(content.in_language(language(request)).details)),
        await _standing(content.digest),
    )
    return page_response(request, "privacy/details.html", page)


async def show_versions(request: Request) -> Response:
    lines = await notice_versions.versions()
    code = language(request)
    page = VersionsPage(tuple((line, line.summary.get(code, "")) for line in lines))
    return page_response(request, "privacy/versions.html", page)


async def show_version(request: Request) -> Response:
    found = await notice_versions.version(number_of(request))
    standing = await notice_versions.newest()
    code = language(request)
    texts = found.content.in_language(code)
    before = found.before.in_language(code) if found.before else texts
    page = VersionPage(
        found.line,
        sections(compared(before.notice, texts.notice)),
        sections(compared(before.details, texts.details)),
        found.before_number,
        tuple(changes(found.before, found.content)) if found.before else (),
        found.line.summary.get(code, ""),
        standing.number if standing else found.line.number,
    )
    return page_response(request, "privacy/version.html", page)


def number_of(request: Request) -> int:
    """The version's number in the address. Raises ``PageNotFound`` for what is none."""
    given = str(request.path_params["number"])
    if not (given.isascii() and given.isdigit()) or len(given) > LONGEST_NUMBER:
        raise PageNotFound
    return int(given)


ROUTES: tuple[Endpoint, ...] = (
    get("/privacy", kept(show), ANYONE),
    get("/privacy/details", kept(show_details), ANYONE),
    get("/privacy/versions", show_versions, ANYONE),
    get("/privacy/versions/{number}", show_version, ANYONE),
)
