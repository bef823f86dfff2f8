"""Anyone may check a certificate, with the code that stands on it or with its file, and fetch what
others need to check it without us: our keys, and the list of what was revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    ANYONE,
    UPLOAD_BODY,
    Endpoint,
    Of,
    PageNotFound,
    Stop,
    check_limit,
    get,
    limit,
    page_response,
    path_text,
    post,
    read_upload,
    redirect,
    settings,
)
from registration.edge.limits import MISSED_LOOKUPS, Limit
from registration.errors import FieldError, Invalid
from registration.forms import Form
from registration.i18n import N_, _
from registration.qualifications import checking, keys, queries, status
from registration.qualifications.checking import Checked
from registration.qualifications.queries import CertificateLine
from registration.qualifications.rules import CertificateNotFound, read_token
from registration.teaching.packs import grade_words

# The code in the address is a secret: no search engine keeps it, and no link passes it on. (With
# "no-referrer" the page's own form, logging out, would be sent with "Origin: null" and refused.)
HEADERS = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "strict-origin"}
MOST = 1000
CHECKED_FILES = Limit("checked files", 30, timedelta(minutes=10))
# Programs on other sites read these, and they are nobody's data.
OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}


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


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """``revoked_because`` is in the reader's words."""

    checked: Checked
    revoked_because: str


async def ask(request: Request) -> Response:
    typed = request.query_params.get("code", "")[:MOST]
    if not typed.strip():
        return page_response(request, "verify/ask.html", AskPage(Form(), False), headers=HEADERS)
    # Of a whole QR code only the address is asked for; its claim is for whoever is offline.
    token = read_token(typed.partition("#")[0])
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


async def check(request: Request) -> Response:
    """What a file is worth. It is read in memory, and nothing of it is kept or logged."""
    await limit(request, CHECKED_FILES)
    try:
        sent = await read_upload(request, "file", max_bytes=checking.MOST)
    except Stop as stopped:
        if stopped.status != 413:
            raise
        message = N_("The file is larger than 4 MB: no certificate of ours is so large.")
        return _refused(request, FieldError("file", stopped.code, message), status=413)
    except Invalid as wrong:
        first = FieldError("file", wrong.code, wrong.message, wrong.params)
        return _refused(request, *(wrong.errors or (first,)), status=422)
    found = await checking.check(sent.content, settings=settings(request), now=clock.now())
    because = found.certificate.revoked_because if found.certificate else ""
    page = CheckedPage(found, _(because) if because else "")
    return page_response(request, "verify/checked.html", page, headers=HEADERS)


def _refused(request: Request, *errors: FieldError, status: int) -> Response:
    page = AskPage(Form().with_errors(errors), False)
    return page_response(request, "verify/ask.html", page, status=status, headers=HEADERS)


async def key(request: Request) -> Response:
    """The organisation's certificates, of all keys that ever signed: with them a file is checked
    without asking this site."""
    content = await keys.bundle(settings(request), now=clock.now())
    headers = {"Content-Disposition": 'attachment; filename="certificate-key.pem"', **OPEN}
    return Response(content, media_type="application/x-pem-file", headers=headers)


async def key_set(request: Request) -> Response:
    content = await keys.key_set(settings(request), now=clock.now())
    return Response(orjson.dumps(content), media_type="application/jwk-set+json", headers=OPEN)


async def did_document(request: Request) -> Response:
    """What the issuer named in a badge resolves to; there is none without https."""
    content = await keys.did_document(settings(request), now=clock.now())
    if content is None:
        raise PageNotFound
    return Response(orjson.dumps(content), media_type="application/did+json", headers=OPEN)


async def revoked(request: Request) -> Response:
    """A list of what was revoked, as a signed credential."""
    number = path_text(request, "number")
    if not (number.isascii() and number.isdecimal() and len(number) < 5):
        raise PageNotFound
    content = await status.status_list(int(number), settings=settings(request), now=clock.now())
    return Response(content, media_type="application/vc+jwt", headers=OPEN)


ROUTES: tuple[Endpoint, ...] = (
    get("/verify", ask, ANYONE),
    post("/verify/check", check, ANYONE, max_body=UPLOAD_BODY, whose=Of.SECRET),
    get("/verify/key.pem", key, ANYONE),
    get("/verify/status/{number}", revoked, ANYONE),
    get("/.well-known/jwks.json", key_set, ANYONE),
    get("/.well-known/did.json", did_document, ANYONE),
    get("/verify/{token}", show, ANYONE, whose=Of.SECRET),
)
