"""The cookies that this site sets: the login, the language, a text for the next page, and for ten
minutes what a passkey or single sign-on was asked, and whether the browser keeps any at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import Message, Scope

from registration.accounts.rules import LOGIN_LIFE
from registration.settings import Settings

LOGIN = "login"
LANGUAGE = "language"
FLASH = "flash"
LANGUAGE_SECONDS = 365 * 24 * 3600
FLASH_SECONDS = 300
LONGEST_FLASH = 3000
MOST_TEXTS = 5
PASSKEY = "passkey"
OUTSIDE = "sso"
TRIAL = "trial"
ASKED_SECONDS = 600


def read(scope: Scope) -> dict[str, str]:
    header = Headers(scope=scope).get("cookie", "")
    return cookie_parser(header) if header else {}


def add(message: Message, line: str) -> None:
    MutableHeaders(scope=message).append("Set-Cookie", line)


def name_of(settings: Settings, name: str) -> str:
    """Bound to this very host (``__Host-``, RFC 6265bis) wherever there is HTTPS: what a site
    beside ours, or somebody on an unsafe line, plants under that name is not taken."""
    return f"__Host-{name}" if settings.base_url.startswith("https:") else name


def login_line(settings: Settings, secret: str) -> str:
    """The ``Set-Cookie`` that logs a browser in; with an empty secret, out."""
    age = int(LOGIN_LIFE.total_seconds()) if secret else 0
    return line(settings, LOGIN, secret, age=age)


def line(settings: Settings, name: str, value: str, *, age: int) -> str:
    secure = "; Secure" if settings.base_url.startswith("https:") else ""
    bound = name_of(settings, name)
    return f"{bound}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"


def flash_line(settings: Settings, texts: list[tuple[str, str]]) -> str:
    """The texts, signed, for a few minutes; none: the cookie goes."""
    value = _signer(settings).dumps(texts[:MOST_TEXTS]) if texts else ""
    if isinstance(value, bytes) or len(value) > LONGEST_FLASH:
        value = ""
    return line(settings, FLASH, value, age=FLASH_SECONDS if value else 0)


def read_flash(settings: Settings, value: str) -> list[tuple[str, str]]:
    """What ``flash_line`` kept; nothing if it is not ours."""
    try:
        given = _signer(settings).loads(value)
    except BadData:
        return []
    return [(str(tone), str(text)) for tone, text in given]


def trial_line(settings: Settings) -> str:
    """A cookie that only shows, for ten minutes, that this browser keeps some."""
    return line(settings, TRIAL, "1", age=ASKED_SECONDS)


def keeps_none(settings: Settings, scope: Scope) -> bool:
    """Whether this is a browser (which says how it came here) that gave the trial cookie not back:
    it would log in, and be a stranger again on the next page."""
    browser = "sec-fetch-mode" in Headers(scope=scope)
    return browser and name_of(settings, TRIAL) not in read(scope)


def asked_line(settings: Settings, name: str, asked: Mapping[str, str], *, now: datetime) -> str:
    """What was asked of a browser, signed, until it answers or for ten minutes; none: it goes."""
    if not asked:
        return line(settings, name, "", age=0)
    content = dict(asked) | {"at": str(int(now.timestamp()))}
    value = str(URLSafeSerializer(settings.secret, salt=name).dumps(content))
    return line(settings, name, value, age=ASKED_SECONDS)


def read_asked(settings: Settings, scope: Scope, name: str, *, now: datetime) -> dict[str, str]:
    """What ``asked_line`` kept; nothing if it is not ours, or ten minutes are over."""
    try:
        value = read(scope).get(name_of(settings, name), "")
        given = URLSafeSerializer(settings.secret, salt=name).loads(value)
    except BadData:
        return {}
    asked = {str(key): str(value) for key, value in given.items()}
    age = now.timestamp() - int(asked.pop("at"))
    return asked if 0 <= age + 1 <= ASKED_SECONDS else {}


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret, salt="flash")
