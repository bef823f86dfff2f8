"""The three cookies that this site sets: the login, the language, and a text for the next page."""

from __future__ import annotations

from itsdangerous import BadData, URLSafeSerializer
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import Message, Scope

from registration.accounts.rules import LOGIN_LIFE
from registration.settings import Settings

LANGUAGE = "language"
FLASH = "flash"
LANGUAGE_SECONDS = 365 * 24 * 3600
FLASH_SECONDS = 300
LONGEST_FLASH = 3000
MOST_TEXTS = 5


def read(scope: Scope) -> dict[str, str]:
    header = Headers(scope=scope).get("cookie", "")
    return cookie_parser(header) if header else {}


def add(message: Message, line: str) -> None:
    MutableHeaders(scope=message).append("Set-Cookie", line)


def login_name(settings: Settings) -> str:
    """Bound to this very host (``__Host-``, RFC 6265bis) wherever there is HTTPS."""
    return "__Host-login" if settings.base_url.startswith("https:") else "login"


def login_line(settings: Settings, secret: str) -> str:
    """The ``Set-Cookie`` that logs a browser in; with an empty secret, out."""
    age = int(LOGIN_LIFE.total_seconds()) if secret else 0
    return line(settings, login_name(settings), secret, age=age)


def line(settings: Settings, name: str, value: str, *, age: int) -> str:
    secure = "; Secure" if settings.base_url.startswith("https:") else ""
    return f"{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"


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


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret, salt="flash")
