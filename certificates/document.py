"""What a certificate says: pure data, checked when it is made."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from certificates.picture import why_unusable

MAX_DAYS: Final = 366
MAX_BADGE: Final = 64 * 1024

# Letters, not bytes. Together they still fit one page in the densest setting.
_LIMITS: Final = {
    "number": 40,
    "person_name": 160,
    "company": 160,
    "training_title": 200,
    "training_aims": 1200,
    "qualifies_for": 800,
    "grade": 80,
    "place": 120,
    "trainer_name": 120,
    "trainer_organisation": 160,
    "verify_url": 240,
    # Base64url in a code of 93 modules a side: the most that still scans from a card.
    "qr_text": 790,
    "status_entry": 240,
    "url": 200,
    "name": 120,
    "address": 240,
    "signer_name": 120,
    "signer_title": 120,
}
_COMPACT_JWT = re.compile(rb"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_ACCENT = re.compile(r"#[0-9a-fA-F]{6}")
# Control, bidirectional override and non-character code points: none belongs in a name, and
# some would make a page read otherwise than the data inside it.
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)


class CertificateError(Exception):
    """Anything that keeps a certificate from being made, signed or read."""


class InvalidDocument(CertificateError):
    """A value that no certificate can carry; ``field`` names it."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(field, why)
        self.field = field
        self.why = why

    def __str__(self) -> str:
        return f"{self.field}: {self.why}"


class Language(StrEnum):
    FINNISH = "fi"
    SWEDISH = "sv"
    ENGLISH = "en"


class Design(StrEnum):
    """How it looks: two of A4, and a permit of the size of a bank card."""

    FORMAL = "formal"
    MODERN = "modern"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The organisation that grants the certificate, and who signs for it.

    ``address`` may hold line breaks. ``accent`` is ``#rrggbb``. ``logo`` and ``signature``
    (the signer's, by hand) are the bytes of a PNG or of a self-contained SVG. ``url`` is where
    the organisation answers, without a slash at its end. Raises ``InvalidDocument``.
    """

    name: str
    address: str = ""
    accent: str = "#1d4f5c"
    logo: bytes | None = None
    signer_name: str | None = None
    signer_title: str | None = None
    signature: bytes | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        _require_text("name", self.name)
        for field in ("signer_name", "signer_title"):
            _check_optional(field, getattr(self, field))
        _check_text("address", self.address)
        if not _ACCENT.fullmatch(self.accent):
            raise InvalidDocument("accent", "must be a colour such as #1d4f5c")
        for field, picture in (("logo", self.logo), ("signature", self.signature)):
            if picture is not None:
                _check_picture(field, picture)
        _check_link("url", self.url)


@dataclass(frozen=True, slots=True)
class CertificateDocument:
    """One certificate, ready to be laid out.

    ``days`` are the distinct training days in order, local dates; ``hours`` is the length
    in hours. Optional texts are ``None``, never empty. ``valid_until`` is the last valid
    day, ``None`` for no end. ``qr_text`` is what the QR code says, ``verify_url`` when it is
    ``None``; ``badge`` is a compact JWT to attach. ``status_entry`` is the address of the list
    of what was revoked, with the certificate's place in it as the fragment. Raises
    ``InvalidDocument``.
    """

    number: str
    person_name: str
    training_title: str
    days: tuple[date, ...]
    issued_on: date
    language: Language
    issuer: Issuer
    verify_url: str
    company: str | None = None
    training_aims: str | None = None
    qualifies_for: str | None = None
    grade: str | None = None
    hours: Decimal | None = None
    valid_until: date | None = None
    place: str | None = None
    trainer_name: str | None = None
    trainer_organisation: str | None = None
    design: Design = Design.FORMAL
    qr_text: str | None = None
    badge: bytes | None = None
    status_entry: str | None = None

    def __post_init__(self) -> None:
        for field in ("number", "person_name", "training_title", "verify_url"):
            _require_text(field, getattr(self, field))
        for field in _OPTIONAL_TEXTS:
            _check_optional(field, getattr(self, field))
        object.__setattr__(self, "language", _language(self.language))
        object.__setattr__(self, "days", _checked_days(self.days))
        _check_date("issued_on", self.issued_on)
        if self.valid_until is not None:
            _check_date("valid_until", self.valid_until)
            if self.valid_until < self.issued_on:
                raise InvalidDocument("valid_until", "is before the day of issue")
        if self.hours is not None and not (self.hours.is_finite() and 0 < self.hours <= 10_000):
            raise InvalidDocument("hours", "must be above 0 and at most 10 000")
        _check_address("verify_url", self.verify_url)
        object.__setattr__(self, "design", _design(self.design))
        _check_link("qr_text", self.qr_text)
        _check_link("status_entry", self.status_entry)
        if self.badge is not None:
            _check_badge(self.badge)


_OPTIONAL_TEXTS: Final = (
    "company",
    "training_aims",
    "qualifies_for",
    "grade",
    "place",
    "trainer_name",
    "trainer_organisation",
)


def _require_text(field: str, value: str) -> None:
    if not value.strip():
        raise InvalidDocument(field, "is empty")
    _check_text(field, value)


def _check_optional(field: str, value: str | None) -> None:
    if value is not None:
        _require_text(field, value)


def _check_text(field: str, value: str) -> None:
    if len(value) > _LIMITS[field]:
        raise InvalidDocument(field, f"is longer than {_LIMITS[field]} letters")
    if _UNPRINTABLE.search(value):
        raise InvalidDocument(field, "holds a character that cannot be printed")


def _check_date(field: str, value: date) -> None:
    # A datetime is a date to Python, but its day depends on a time zone nobody stated.
    if isinstance(value, datetime):
        raise InvalidDocument(field, "must be a date without a time of day")


def _checked_days(days: tuple[date, ...]) -> tuple[date, ...]:
    if not days:
        raise InvalidDocument("days", "is empty")
    if len(days) > MAX_DAYS:
        raise InvalidDocument("days", f"holds more than {MAX_DAYS} days")
    for day in days:
        _check_date("days", day)
    return tuple(sorted(set(days)))


def _language(value: str) -> Language:
    try:
        return Language(value)
    except ValueError:
        raise InvalidDocument("language", "must be fi, sv or en") from None


def _design(value: str) -> Design:
    try:
        return Design(value)
    except ValueError:
        raise InvalidDocument("design", "must be formal, modern or card") from None


def _check_link(field: str, url: str | None) -> None:
    if url is not None:
        _require_text(field, url)
        _check_address(field, url)


def _check_address(field: str, url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InvalidDocument(field, "is no web address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or " " in url:
        raise InvalidDocument(field, "must be an absolute http or https address")
    if not url.isascii():
        raise InvalidDocument(field, "must be ASCII, so that anyone can type it")


def _check_badge(badge: bytes) -> None:
    if len(badge) > MAX_BADGE:
        raise InvalidDocument("badge", f"is larger than {MAX_BADGE // 1024} KiB")
    if not _COMPACT_JWT.fullmatch(badge):
        raise InvalidDocument("badge", "is no compact JWT")


def _check_picture(field: str, picture: bytes) -> None:
    why = why_unusable(picture)
    if why is not None:
        raise InvalidDocument(field, why)
