"""What a certificate certifies, as data that travels inside its PDF (``certificate.json``)."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Final

from certificates.document import CertificateDocument, CertificateError

ATTACHMENT: Final = "certificate.json"
FORMAT: Final = "training-certificate/1"


class UnreadableClaims(CertificateError):
    """The attachment is missing, is of another format or lacks a field."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The facts that a signature vouches for, to be compared with the page and the bearer.

    A badge and a QR code say less than a file: the first and the last of ``days``, or the last one
    only; what they do not say is ``None``.
    """

    number: str
    person_name: str
    training_title: str
    days: tuple[date, ...]
    issued_on: date | None
    valid_until: date | None
    issuer: str
    language: str | None
    company: str | None
    grade: str | None
    qualifies_for: str | None
    verify_url: str | None


def claims_of(document: CertificateDocument) -> Claims:
    return Claims(
        number=document.number,
        person_name=document.person_name,
        training_title=document.training_title,
        days=document.days,
        issued_on=document.issued_on,
        valid_until=document.valid_until,
        issuer=document.issuer.name,
        language=document.language.value,
        company=document.company,
        grade=document.grade,
        qualifies_for=document.qualifies_for,
        verify_url=document.verify_url,
    )


def write_claims(claims: Claims) -> bytes:
    """UTF-8 JSON, dates as ISO 8601; the same claims always give the same bytes."""
    content = {
        "format": FORMAT,
        "number": claims.number,
        "person_name": claims.person_name,
        "company": claims.company,
        "training_title": claims.training_title,
        "qualifies_for": claims.qualifies_for,
        "grade": claims.grade,
        "days": [day.isoformat() for day in claims.days],
        "issued_on": claims.issued_on.isoformat() if claims.issued_on else None,
        "valid_until": claims.valid_until.isoformat() if claims.valid_until else None,
        "issuer": claims.issuer,
        "language": claims.language,
        "verify_url": claims.verify_url,
    }
    return json.dumps(content, ensure_ascii=False, indent=2).encode()


def read_claims(content: bytes) -> Claims:
    """The inverse of ``write_claims``. Raises ``UnreadableClaims``."""
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableClaims("not JSON") from error
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise UnreadableClaims("another format")
    days = fields.get("days")
    if not isinstance(days, list):
        raise UnreadableClaims("days")
    return Claims(
        number=_text(fields, "number"),
        person_name=_text(fields, "person_name"),
        training_title=_text(fields, "training_title"),
        days=tuple(_date("days", day) for day in days),
        issued_on=_date("issued_on", fields.get("issued_on")),
        valid_until=_optional_date(fields, "valid_until"),
        issuer=_text(fields, "issuer"),
        language=_text(fields, "language"),
        company=_optional_text(fields, "company"),
        grade=_optional_text(fields, "grade"),
        qualifies_for=_optional_text(fields, "qualifies_for"),
        verify_url=_text(fields, "verify_url"),
    )


def _text(fields: dict[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise UnreadableClaims(name)
    return value


def _optional_text(fields: dict[str, object], name: str) -> str | None:
    return None if fields.get(name) is None else _text(fields, name)


def _date(name: str, value: object) -> date:
    if not isinstance(value, str):
        raise UnreadableClaims(name)
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise UnreadableClaims(name) from error


def _optional_date(fields: dict[str, object], name: str) -> date | None:
    return None if fields.get(name) is None else _date(name, fields[name])
