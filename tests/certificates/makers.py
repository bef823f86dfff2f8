"""Makers of certificates for tests: a plain one, with what matters to the test changed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Final, TypedDict, Unpack

from pypdf import PdfReader

from certificates.document import CertificateDocument, Design, Issuer, Language

ISSUER: Final = Issuer(
    "Pohjolan Rata Oy",
    "Asemakatu 12\n33100 Tampere",
    signer_name="Marja-Leena Väänänen",
    signer_title="Koulutuspäällikkö",
)


class Values(TypedDict):
    number: str
    person_name: str
    training_title: str
    days: tuple[date, ...]
    issued_on: date
    language: Language
    issuer: Issuer
    verify_url: str
    company: str | None
    training_aims: str | None
    qualifies_for: str | None
    grade: str | None
    hours: Decimal | None
    valid_until: date | None
    place: str | None
    trainer_name: str | None
    trainer_organisation: str | None


class Changes(TypedDict, total=False):
    number: str
    person_name: str
    training_title: str
    days: tuple[date, ...]
    issued_on: date
    language: Language
    issuer: Issuer
    verify_url: str
    company: str | None
    training_aims: str | None
    qualifies_for: str | None
    grade: str | None
    hours: Decimal | None
    valid_until: date | None
    place: str | None
    trainer_name: str | None
    trainer_organisation: str | None
    design: Design
    qr_text: str | None
    badge: bytes | None
    status_entry: str | None


def make_document(**changes: Unpack[Changes]) -> CertificateDocument:
    plain: Values = {
        "number": "PR-2026-000123",
        "person_name": "Aino Virtanen",
        "training_title": "Ratatyön turvallisuus",
        "days": (date(2026, 4, 1), date(2026, 4, 2)),
        "issued_on": date(2026, 4, 3),
        "language": Language.FINNISH,
        "issuer": ISSUER,
        "verify_url": "https://koulutus.example.fi/verify/9f3kq7Xw2LmZ",
        "company": "Esimerkki Rakennus Oy",
        "training_aims": "Tuntee työn vaarat.",
        "qualifies_for": "Työskentely rautatiealueella",
        "grade": "Hyväksytty",
        "hours": Decimal("15.5"),
        "valid_until": date(2031, 4, 2),
        "place": "Tampere",
        "trainer_name": "Kari Nieminen",
        "trainer_organisation": "Raidekoulutus Oy",
    }
    made = CertificateDocument(**plain)
    return replace(made, **changes)


def text(pdf: bytes) -> str:
    """The text of all pages in reading order, without any white space."""
    return squeezed(*(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def squeezed(*parts: str) -> str:
    return "".join("".join(parts).split())
