"""From a certificate's data to the HTML and CSS that are laid out. Pure text, no rendering."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined

from certificates.document import CertificateDocument
from certificates.labels import (
    LABELS,
    Labels,
    written_date,
    written_days,
    written_hours,
    written_until,
)

# How tightly a page may be set, loosest first; the next is tried when one does not fit.
DENSITIES: Final = (0, 1, 2)
_NAME_STEPS: Final = (22, 30, 46, 80)
_TITLE_STEPS: Final = (32, 60, 110)

_templates = Environment(
    loader=PackageLoader("certificates", "design"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """What the template shows of one certificate; ``logo`` and ``qr`` are asset addresses."""

    anchor: str
    end: str
    signing: str
    check: str
    lang: str
    title: str
    labels: Labels
    density: int
    name_size: int
    title_size: int
    person_name: str
    company: str | None
    training_title: str
    training_aims: str | None
    qualifies_for: str | None
    facts: tuple[Fact, ...]
    issued: str
    issuer_name: str
    address: str
    signer_name: str | None
    signer_title: str | None
    number: str
    verify_url: str
    accent: str
    logo: str | None
    qr: str


def page_of(document: CertificateDocument, index: int, *, density: int) -> CertificatePage:
    """The page of the ``index``-th document of a batch, set as tightly as ``density`` says."""
    labels = LABELS[document.language]
    issuer = document.issuer
    return CertificatePage(
        anchor=anchor(index),
        end=end_anchor(index),
        signing=signing_anchor(index),
        check=check_anchor(index),
        lang=document.language.value,
        title=title_of(document),
        labels=labels,
        density=density,
        name_size=_step(document.person_name, _NAME_STEPS),
        title_size=_step(document.training_title, _TITLE_STEPS),
        person_name=document.person_name,
        company=document.company,
        training_title=document.training_title,
        training_aims=document.training_aims,
        qualifies_for=document.qualifies_for,
        facts=_facts(document, labels),
        issued=f"{labels.issued} {written_date(document.issued_on, document.language)}",
        issuer_name=issuer.name,
        address=issuer.address,
        signer_name=issuer.signer_name,
        signer_title=issuer.signer_title,
        number=document.number,
        verify_url=document.verify_url,
        accent=issuer.accent,
        logo=logo_address(index) if issuer.logo else None,
        qr=qr_address(index),
    )


def title_of(document: CertificateDocument) -> str:
    labels = LABELS[document.language]
    return (
        f"{labels.certificate} {document.number}: {document.training_title}, {document.person_name}"
    )


def write_html(pages: Sequence[CertificatePage]) -> str:
    """One HTML document with an article per page; every value is escaped."""
    return _templates.get_template("certificate.html").render(pages=pages)


def write_accents(pages: Sequence[CertificatePage]) -> str:
    """CSS that gives each article its issuer's accent colour (checked to be ``#rrggbb``)."""
    return "".join(f"#{page.anchor}{{--accent:{page.accent}}}" for page in pages)


def qr_code(url: str) -> bytes:
    """An SVG of the QR code, medium error correction, without a quiet zone of its own."""
    svg = BytesIO()
    segno.make_qr(url, error="m").save(
        svg, kind="svg", border=0, dark="#111111", omitsize=True, xmldecl=False
    )
    return svg.getvalue()


def anchor(index: int) -> str:
    return f"certificate-{index}"


def end_anchor(index: int) -> str:
    """Marks where the text of a certificate ends."""
    return f"end-{index}"


def signing_anchor(index: int) -> str:
    """Marks the top of the block that says who signs, at the bottom of the page."""
    return f"signing-{index}"


def check_anchor(index: int) -> str:
    """Marks the top of the block with the QR code, at the bottom of the page."""
    return f"check-{index}"


def logo_address(index: int) -> str:
    return f"asset:logo/{index}"


def qr_address(index: int) -> str:
    return f"asset:qr/{index}"


def _facts(document: CertificateDocument, labels: Labels) -> tuple[Fact, ...]:
    language = document.language
    trainer = ", ".join(
        part for part in (document.trainer_name, document.trainer_organisation) if part
    )
    valid = labels.no_end
    if document.valid_until is not None:
        valid = written_until(document.valid_until, language)
    rows = (
        (labels.days, written_days(document.days, language)),
        (labels.length, written_hours(document.hours, language) if document.hours else None),
        (labels.place, document.place),
        (labels.trainer, trainer),
        (labels.grade, document.grade),
        (labels.valid_until, valid),
    )
    return tuple(Fact(label, value) for label, value in rows if value)


def _step(text: str, steps: Sequence[int]) -> int:
    """Which size a text gets, 0 the largest, by its width counted in Latin letters."""
    width = sum(
        2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
        if not unicodedata.combining(letter)
    )
    return sum(width > limit for limit in steps)
