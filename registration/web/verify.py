"""Anyone may check a certificate, with the code that stands on it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    ANYONE,
    Endpoint,
    Of,
    check_limit,
    get,
    limit,
    page_response,
    path_text,
    redirect,
    settings,
)
from registration.edge.limits import MISSED_LOOKUPS
from registration.forms import Form
from registration.i18n import _
from registration.qualifications import queries, service
from registration.qualifications.queries import CertificateLine
from registration.qualifications.rules import CertificateNotFound, read_token
from registration.teaching.packs import grade_words

# The code in the address is a secret: no search engine keeps it, and no link passes it on. (With
# "no-referrer" the page's own form, logging out, would be sent with "Origin: null" and refused.)
HEADERS = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "strict-origin"}
MOST = 300


@dataclass(frozen=True, slots=True)
class AskPage:
    """``unknown``: a code was given that belongs to no certificate."""

    form: Form
    unknown: bool


@dataclass(frozen=True, slots=True)
class VerifiedPage:
    """``grade`` and ``revoked_because`` are in the reader's words."""

    certificate: CertificateLine
    grade: str
    revoked_because: str


async def ask(request: Request) -> Response:
    typed = request.query_params.get("code", "")[:MOST]
    if not typed.strip():
        return page_response(request, "verify/ask.html", AskPage(Form(), False), headers=HEADERS)
    token = read_token(typed)
    return redirect(f"/verify/{token}") if token else await _unknown(request, typed)


async def show(request: Request) -> Response:
    check_limit(request, MISSED_LOOKUPS)
    typed = path_text(request, "token")
    token = read_token(typed)
    if token and token != typed:
        return redirect(f"/verify/{quote(token)}")
    try:
        found = await queries.by_token(token, now=clock.now())
    except CertificateNotFound:
        return await _unknown(request, typed)
    page = VerifiedPage(
        found,
        grade_words(found.grade, found.grade_scale),
        _(found.revoked_because) if found.revoked_because else "",
    )
    return page_response(request, "verify/certificate.html", page, headers=HEADERS)


async def _unknown(request: Request, typed: str) -> Response:
    await limit(request, MISSED_LOOKUPS)
    message = _("No certificate has this code. Compare it with the certificate, letter by letter.")
    form = Form(values={"code": typed[:MOST]}, errors={"code": [message]})
    page = AskPage(form, True)
    return page_response(request, "verify/ask.html", page, status=404, headers=HEADERS)


async def key(request: Request) -> Response:
    """The organisation's certificate: with it a file is checked without asking this site."""
    content = await service.public_certificate(settings(request))
    headers = {"Content-Disposition": 'attachment; filename="certificate-key.pem"'}
    return Response(content, media_type="application/x-pem-file", headers=headers)


ROUTES: tuple[Endpoint, ...] = (
    get("/verify", ask, ANYONE),
    get("/verify/key.pem", key, ANYONE),
    get("/verify/{token}", show, ANYONE, whose=Of.SECRET),
)
