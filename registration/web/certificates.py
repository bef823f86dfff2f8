"""A participant's own certificates: a page for each, the file, and the badge for a wallet."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.edge import Endpoint, get, page_response, path_id, require, roles, settings
from registration.i18n import _
from registration.qualifications import printing, queries
from registration.qualifications.queries import CertificateLine
from registration.qualifications.rules import CertificateNotFound
from registration.teaching.packs import grade_words
from registration.web.validity import Validity, validity_of

OWN = roles(Role.PARTICIPANT)


@dataclass(frozen=True, slots=True)
class Issue:
    """One of the certificates that were issued for the same training. ``ended_because`` is in the
    reader's words; ``corrected_because`` why it was issued in another's stead."""

    line: CertificateLine
    path: str
    ended_because: str
    corrected_because: str


@dataclass(frozen=True, slots=True)
class MyCertificatePage:
    """``others``: what was issued for the same training before or after, the newest first."""

    certificate: CertificateLine
    grade: str
    validity: Validity
    ended_because: str
    others: tuple[Issue, ...]


async def show(request: Request) -> Response:
    now, line = clock.now(), await _own(request)
    issues = await queries.certificates_of_place(line.place_id, now=now)
    page = MyCertificatePage(
        certificate=line,
        grade=grade_words(line.grade, line.grade_scale),
        validity=validity_of(line, now=now),
        ended_because=because(line),
        others=tuple(issue_of(each, "/me/certificates") for each in issues if each.id != line.id),
    )
    return page_response(request, "me/certificate.html", page)


def issue_of(line: CertificateLine, under: str) -> Issue:
    return Issue(line, f"{under}/{line.id}", because(line), line.reissued_because)


def because(line: CertificateLine) -> str:
    """Why it was revoked, in the reader's language where it is ours to say."""
    return _(line.revoked_because) if line.revoked_because else ""


async def download(request: Request) -> Response:
    line = await _own(request)
    content = await printing.pdf(line.id, settings=settings(request), now=clock.now())
    return pdf_response(line.number, content)


def pdf_response(number: str, content: bytes) -> Response:
    """The signed PDF, to be shown or saved under its number."""
    return Response(
        content,
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{number}.pdf"'},
    )


async def badge(request: Request) -> Response:
    """The certificate for a wallet: a signed Open Badge as a compact JWT."""
    line = await _own(request)
    content = await printing.badge(line.id, settings=settings(request), now=clock.now())
    return Response(
        content,
        media_type="application/vc+jwt",
        headers={"Content-Disposition": f'attachment; filename="{line.number}.jwt"'},
    )


async def _own(request: Request) -> CertificateLine:
    """One's own certificate; another's is as if it were not there."""
    found = await queries.certificate(path_id(request), now=clock.now())
    if found.person_id != require(request).person_id:
        raise CertificateNotFound
    return found


ROUTES: tuple[Endpoint, ...] = (
    get("/me/certificates/{id}", show, OWN),
    get("/me/certificates/{id}.pdf", download, OWN),
    get("/me/certificates/{id}.jwt", badge, OWN),
)
