"""Single sign-on by OpenID Connect: authorization code with PKCE, state and nonce.

The provider says who somebody is. Whether that person has an account is decided in ``proofs``.
"""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlencode, urlsplit

import httpx
import structlog
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from registration.errors import Conflict, Forbidden
from registration.i18n import N_
from registration.settings import Settings

TIMEOUT_SECONDS = 10.0
LEEWAY_SECONDS = 60
KNOWN_FOR = timedelta(hours=1)
# Signed with the provider's private key; nothing that our own secret could have made, nor "none".
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
CALLBACK = "/login/sso/callback"
log = structlog.get_logger("registration.sso")


class ProviderSilent(Conflict):
    message = N_(
        "Your organisation's login does not answer just now. Try again in a moment, or log in by "
        "e-mail."
    )


class OutsideRefused(Forbidden):
    message = N_("Your organisation's login gave no proof that we can take. Begin again.")


@dataclass(frozen=True, slots=True)
class Provider:
    """What the provider says of itself (OpenID Connect Discovery 1.0)."""

    authorize_at: str
    token_at: str
    keys_at: str
    person_at: str
    algorithms: tuple[str, ...]
    secret_in_form: bool
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """``url`` is where the person goes; the rest comes back with them and must fit."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Outsider:
    """Who has logged in there. ``email`` is empty unless the provider has verified it."""

    issuer: str
    subject: str
    email: str


_known: dict[str, Provider] = {}


def configured(settings: Settings) -> bool:
    return bool(settings.oidc_issuer)


async def begin(*, settings: Settings, anew: bool, now: datetime) -> Begun:
    """The way to the provider's login; with ``anew`` the person proves it there once more.

    Raises ``ProviderSilent``.
    """
    provider = await _provider(settings, now=now)
    state, nonce, verifier = (secrets.token_urlsafe(48) for _each in range(3))
    asked = {
        "response_type": "code",
        "client_id": settings.oidc_client_id,
        "redirect_uri": settings.base_url + CALLBACK,
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    } | ({"prompt": "login", "max_age": "0"} if anew else {})
    joint = "&" if urlsplit(provider.authorize_at).query else "?"
    url = f"{provider.authorize_at}{joint}{urlencode(asked)}"
    return Begun(url, state, nonce, verifier)


async def finish(
    code: str,
    *,
    nonce: str,
    verifier: str,
    settings: Settings,
    anew_since: datetime | None = None,
    now: datetime,
) -> Outsider:
    """Who it is, by a signed token made for us and for this very login; with ``anew_since`` they
    must have logged in there since. Raises ``OutsideRefused``, ``ProviderSilent``."""
    provider = await _provider(settings, now=now)
    async with _client() as client:
        tokens = await _tokens(client, provider, code, verifier, settings)
        claims = await _claims(client, provider, tokens, nonce=nonce, settings=settings, now=now)
        if anew_since is not None and not _logged_in_since(claims, anew_since):
            raise _refused("not_anew")
        email, verified = claims.get("email"), claims.get("email_verified")
        if email is None and provider.person_at:
            said = await _person(client, provider, str(tokens["access_token"]))
            if said.get("sub") == claims["sub"]:
                email, verified = said.get("email"), said.get("email_verified")
    known = isinstance(email, str) and verified is True
    return Outsider(settings.oidc_issuer, str(claims["sub"])[:255], str(email) if known else "")


@cache
def _trusted() -> ssl.SSLContext:
    """Reading all certificates takes a while: once is enough."""
    return httpx.create_ssl_context()


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, verify=_trusted())


def _refused(why: str) -> OutsideRefused:
    """Why is for the people who run the service; the person can only begin again."""
    log.warning("single sign-on refused", why=why)
    return OutsideRefused()


async def _answer(
    client: httpx.AsyncClient, method: str, url: str, **asked: object
) -> httpx.Response:
    try:
        return await client.request(method, url, **asked)  # type: ignore[arg-type]  # httpx's own
    except (httpx.HTTPError, httpx.InvalidURL):
        log.warning("single sign-on provider does not answer")
        raise ProviderSilent from None


def _object(answer: httpx.Response) -> dict[str, object]:
    try:
        given = answer.json()
    except ValueError:
        given = None
    if answer.status_code != httpx.codes.OK or not isinstance(given, dict):
        log.warning("single sign-on provider answers strangely", status=answer.status_code)
        raise ProviderSilent
    return given


async def _provider(settings: Settings, *, now: datetime) -> Provider:
    known = _known.get(settings.oidc_issuer)
    if known is not None and now < known.known_at + KNOWN_FOR:
        return known
    async with _client() as client:
        url = f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
        said = _object(await _answer(client, "GET", url))
    if said.get("issuer") != settings.oidc_issuer:
        raise _refused("issuer_of_provider")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    authorize_at, token_at, keys_at = (str(said.get(name, "")) for name in names)
    scheme = urlsplit(settings.oidc_issuer).scheme
    if {urlsplit(each).scheme for each in (authorize_at, token_at, keys_at)} != {scheme}:
        raise _refused("addresses_of_provider")
    offered = _words(said.get("id_token_signing_alg_values_supported")) or ("RS256",)
    ways = _words(said.get("token_endpoint_auth_methods_supported")) or ("client_secret_basic",)
    found = Provider(
        authorize_at=authorize_at,
        token_at=token_at,
        keys_at=keys_at,
        person_at=str(said.get("userinfo_endpoint", "")),
        algorithms=tuple(sorted(ALGORITHMS & set(offered))),
        secret_in_form="client_secret_basic" not in ways,
        known_at=now,
    )
    _known[settings.oidc_issuer] = found
    return found


def _words(given: object) -> tuple[str, ...]:
    return tuple(str(each) for each in given) if isinstance(given, list) else ()


async def _tokens(
    client: httpx.AsyncClient, provider: Provider, code: str, verifier: str, settings: Settings
) -> dict[str, object]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": settings.base_url + CALLBACK,
        "code_verifier": verifier,
    }
    own = (settings.oidc_client_id, settings.oidc_client_secret)
    if provider.secret_in_form:
        form |= {"client_id": own[0], "client_secret": own[1]}
    auth = None if provider.secret_in_form else httpx.BasicAuth(*own)
    answer = await _answer(client, "POST", provider.token_at, data=form, auth=auth)
    if httpx.codes.is_client_error(answer.status_code):
        raise _refused("code")
    given = _object(answer)
    if not isinstance(given.get("id_token"), str) or not isinstance(given.get("access_token"), str):
        raise _refused("no_token")
    return given


async def _claims(
    client: httpx.AsyncClient,
    provider: Provider,
    tokens: Mapping[str, object],
    *,
    nonce: str,
    settings: Settings,
    now: datetime,
) -> CodeIDToken:
    """The token's claims, with its signature, issuer, audience, life and nonce checked
    (OpenID Connect Core 1.0, 3.1.3.7). Keys are asked for anew each time: they change."""
    keys = _object(await _answer(client, "GET", provider.keys_at))
    try:
        token = jwt.decode(
            str(tokens["id_token"]),
            KeySet.import_key_set(keys),  # type: ignore[arg-type]  # checked by the call itself
            registry=JWSRegistry(algorithms=list(provider.algorithms), strict_check_header=False),
        )
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": settings.oidc_issuer},
                "aud": {"essential": True, "value": settings.oidc_client_id},
                "nonce": {"essential": True, "value": nonce},
                "sub": {"essential": True},
            },
            {
                "nonce": nonce,
                "client_id": settings.oidc_client_id,
                "access_token": tokens["access_token"],
            },
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError, LookupError, AttributeError) as wrong:
        raise _refused(type(wrong).__name__) from None
    return claims


def _logged_in_since(claims: Mapping[str, object], since: datetime) -> bool:
    at = claims.get("auth_time")
    return isinstance(at, int | float) and at >= since.timestamp() - LEEWAY_SECONDS


async def _person(client: httpx.AsyncClient, provider: Provider, token: str) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {token}"}
    return _object(await _answer(client, "GET", provider.person_at, headers=headers))
