"""Languages: which one a person reads, gettext in it, and dates and numbers as its readers write.

Catalogues are read from the ``.po`` sources at first use, so that there is no compiled copy to
forget. English is the language of the msgids; a message that is missing elsewhere shows in English.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

LANGUAGES: tuple[str, ...] = ("fi", "sv", "en")
NATIVE_NAMES: Mapping[str, str] = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
FALLBACK = "en"
LOCALE_DIR = Path(__file__).parent / "locale"
DEFAULT_ZONE = ZoneInfo("Europe/Helsinki")

_language: ContextVar[str] = ContextVar("language", default=FALLBACK)


def N_(message: str) -> str:
    """Mark a message for extraction; it is translated later, where the reader is known."""
    return message


@cache
def catalogue(language: str) -> NullTranslations:
    """The messages of one language; empty (so English shows) when there is no file for it."""
    source = LOCALE_DIR / language / "LC_MESSAGES" / "messages.po"
    if not source.exists():
        return NullTranslations()
    with source.open("rb") as opened:
        read = read_po(opened, locale=language)
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return GNUTranslations(compiled)


def language() -> str:
    """The language in which the present request or mail speaks."""
    return _language.get()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Within the block, messages and formats are in ``code`` (a known language)."""
    token = _language.set(code if code in LANGUAGES else FALLBACK)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(message: str) -> str:
    return catalogue(language()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    return catalogue(language()).ngettext(singular, plural, count)


def _(message: str, **params: str | int) -> str:
    """The message in the reader's language, its ``{name}`` placeholders filled."""
    text = gettext(message)
    return text.format(**params) if params else text


def choose_language(
    *wishes: str | None, accept: str = "", offered: Iterable[str] = LANGUAGES
) -> str:
    """The first known wish, else the browser's best (RFC 9110 ``Accept-Language``), else the first
    language offered."""
    known = tuple(offered)
    for wish in wishes:
        if wish in known:
            return str(wish)
    ranked: list[tuple[float, int, str]] = []
    for order, part in enumerate(accept[:200].split(",")):
        tag, _sep, quality = part.strip().partition(";q=")
        code = tag.split("-")[0].lower()
        if code in known:
            try:
                weight = float(quality) if quality else 1.0
            except ValueError:
                weight = 0.0
            ranked.append((-weight, order, code))
    return min(ranked)[2] if ranked else known[0]


def text_in(texts: Mapping[str, str], *, wish: str | None = None) -> str:
    """The text in the reader's language, else in the first language that has one."""
    for code in (wish or language(), *LANGUAGES):
        if texts.get(code):
            return texts[code]
    return next((text for text in texts.values() if text), "")


def text_language(texts: Mapping[str, str]) -> str:
    """Which language ``text_in`` answers in, for ``lang`` attributes on a fallback."""
    return next((code for code in (language(), *LANGUAGES) if texts.get(code)), language())


def foreign_language(texts: Mapping[str, str]) -> str | None:
    """The language in which ``text_in`` falls back, or None when it answers in the reader's."""
    shown = text_language(texts)
    return None if shown == language() else shown


def collation_key(text: str) -> tuple[str, str]:
    """What to sort names and titles by: å, ä and ö after z, other marks on letters ignored.

    So it is in all three languages here, whose lists hold the same Finnish and Swedish names. In
    Finnish w stands among the v:s (SFS 4600). Equal words are told apart by their own letters.
    """
    folded = normalize("NFC", text).casefold()
    plain = normalize("NFKD", folded.translate(_LETTERS))
    base = "".join(char for char in plain if not combining(char))
    return (base.replace("w", "v") if language() == "fi" else base, folded)


# After z come { | } in ASCII. What Unicode does not take apart is spelt as its neighbour.
_LETTERS = str.maketrans(
    {"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "ü": "y", "ł": "l", "đ": "d", "ð": "d"}
    | {"þ": "th", "œ": "oe", "ı": "i", "-": " ", "’": "", "'": ""}
)


@cache
def _locale(code: str) -> Locale:
    return Locale.parse({"fi": "fi_FI", "sv": "sv_FI", "en": "en_GB"}[code])


def format_date(value: date | datetime, *, zone: ZoneInfo = DEFAULT_ZONE) -> str:
    """``1.4.2026`` in every language here: users of all three read it so."""
    day = value.astimezone(zone).date() if isinstance(value, datetime) else value
    return f"{day.day}.{day.month}.{day.year}"


def format_weekday(value: datetime, *, zone: ZoneInfo = DEFAULT_ZONE) -> str:
    return format_skeleton("EEE", value.astimezone(zone), locale=_locale(language()))


def format_time(value: datetime | time, *, zone: ZoneInfo = DEFAULT_ZONE) -> str:
    """``9.00`` in Finnish and Swedish, ``9:00`` in English."""
    moment = value.astimezone(zone).time() if isinstance(value, datetime) else value
    return f"{moment.hour}{':' if language() == 'en' else '.'}{moment.minute:02}"


def format_when(start: datetime, end: datetime, *, zone: ZoneInfo = DEFAULT_ZONE) -> str:
    """``1.4.2026 9.00–16.00``, or both dates when it ends on another day."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    opening = f"{format_date(first, zone=zone)} {format_time(first, zone=zone)}"
    if first.date() == last.date():
        return f"{opening}–{format_time(last, zone=zone)}"
    return f"{opening} – {format_date(last, zone=zone)} {format_time(last, zone=zone)}"


def format_moment(value: datetime, *, zone: ZoneInfo = DEFAULT_ZONE) -> str:
    return f"{format_date(value, zone=zone)} {format_time(value, zone=zone)}"


def format_money(cents: int) -> str:
    """An amount of euros given in cents, as the reader's language writes it."""
    return _money(cents, language())


@lru_cache(maxsize=512)
def _money(cents: int, code: str) -> str:
    return str(format_currency(cents / 100, "EUR", locale=_locale(code)))


def format_number(value: float, *, places: int | None = None) -> str:
    """``places``: always with so many decimals; None: with those that it has, three at most."""
    pattern = None if places is None else "0." + "0" * places
    return str(format_decimal(value, format=pattern, locale=_locale(language())))
