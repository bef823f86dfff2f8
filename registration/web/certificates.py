"""A participant's own certificates as files."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.edge import Endpoint, get, path_id, require, roles, settings
from registration.qualifications import queries, service
from registration.qualifications.queries import CertificateLine
from registration.qualifications.rules import CertificateNotFound
from registration.settings import Settings


async def download(request: Request) -> Response:
    """One's own certificate; another's is as if it were not there."""
    found = await queries.certificate(path_id(request), now=clock.now())
    if found.person_id != require(request).person_id:
        raise CertificateNotFound
    return await file_response(found, settings=settings(request))


async def file_response(found: CertificateLine, *, settings: Settings) -> Response:
    """The signed PDF, to be shown or saved under its number."""
    content = await service.pdf(found.id, settings=settings)
    return Response(
        content,
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{found.number}.pdf"'},
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/me/certificates/{id}.pdf", download, roles(Role.PARTICIPANT)),
)
