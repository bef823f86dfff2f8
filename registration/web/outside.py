"""The organisation's own login (OpenID Connect): the way there, and back."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from registration import clock
from registration.accounts import proofs, sso
from registration.accounts.factors import ProofRefused
from registration.accounts.proofs import NobodyKnown
from registration.accounts.sso import OutsideRefused, ProviderSilent
from registration.edge import (
    ANYONE,
    Endpoint,
    Of,
    PageNotFound,
    check_limit,
    get,
    identity,
    limit,
    local_path,
    page_response,
    settings,
)
from registration.edge.cookies import OUTSIDE, read_asked
from registration.edge.limits import MISSED_LINKS
from registration.errors import DomainError
from registration.i18n import _
from registration.web.entering import asking, device, forgetting, let_in


@dataclass(frozen=True, slots=True)
class RefusedPage:
    text: str
    known: bool


async def leave_for_it(request: Request) -> Response:
    """To the provider, with what must come back kept in the browser."""
    now_set, now = settings(request), clock.now()
    if not sso.configured(now_set):
        raise PageNotFound
    anew = request.query_params.get("again") == "1"
    try:
        begun = await sso.begin(settings=now_set, anew=anew, now=now)
    except (ProviderSilent, OutsideRefused) as refusal:
        return _refused(request, refusal)
    asked = {
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "next": local_path(request.query_params.get("next", "")),
        "anew": str(int(now.timestamp())) if anew else "",
    }
    return asking(request, RedirectResponse(begun.url, status_code=303), OUTSIDE, asked)


async def come_back(request: Request) -> Response:
    """From the provider: the state is this browser's and was not answered before, then the code
    is exchanged. Whatever is wrong, the person sees a plain page and can begin again."""
    now_set, now = settings(request), clock.now()
    if not sso.configured(now_set):
        raise PageNotFound
    check_limit(request, MISSED_LINKS)
    try:
        asked = read_asked(now_set, request.scope, OUTSIDE, now=now)
        code = await _code(request, asked, now=now)
        outsider = await sso.finish(
            code,
            nonce=asked["nonce"],
            verifier=asked["verifier"],
            settings=now_set,
            anew_since=datetime.fromtimestamp(int(asked["anew"]), UTC) if asked["anew"] else None,
            now=now,
        )
        cookie = await proofs.by_outside(
            identity(request), outsider, device=device(request), settings=now_set, now=now
        )
    except (ProviderSilent, OutsideRefused, ProofRefused, NobodyKnown) as refusal:
        await limit(request, MISSED_LINKS)
        return _refused(request, refusal)
    return await let_in(request, cookie, asked["next"], done=OUTSIDE)


async def _code(request: Request, asked: dict[str, str], *, now: datetime) -> str:
    """The code that came with our own state, from our own provider (RFC 9207).

    Raises ``OutsideRefused``, and ``ProofRefused`` for a state that came before.
    """
    query = request.query_params
    state, code = query.get("state", ""), query.get("code", "")
    issuer = settings(request).oidc_issuer
    ours = hmac.compare_digest(state.encode(), asked.get("state", "").encode())
    if not asked or not state or not ours or query.get("iss", issuer) != issuer:
        raise OutsideRefused
    await proofs.spent_state(state, now=now)
    if not code or "error" in query or len(code) > 2000:
        raise OutsideRefused
    return code


def _refused(request: Request, refusal: DomainError) -> Response:
    page = RefusedPage(_(refusal.message), not isinstance(refusal, NobodyKnown))
    status = 503 if isinstance(refusal, ProviderSilent) else 403
    answer = page_response(request, "login/refused.html", page, status=status)
    return forgetting(request, answer, OUTSIDE)


ROUTES: tuple[Endpoint, ...] = (
    get("/login/sso", leave_for_it, ANYONE),
    get(sso.CALLBACK, come_back, ANYONE, whose=Of.SECRET),
)
