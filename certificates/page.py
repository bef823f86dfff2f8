"""From a certificate's data to the HTML and CSS that are laid out. Pure text, no rendering."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from certificates.colour import palette
from certificates.document import CertificateDocument, Design
from certificates.fitting import Setting, size_for
from certificates.labels import (
    LABELS,
    Labels,
    written_date,
    written_days,
    written_hours,
    written_until,
)

# How tightly a page may be set, loosest first; the next is tried when one does not fit.
DENSITIES: Final = (0, 1, 2, 3)
# How many sizes further down each goes with its large texts.
_TIGHTER: Final = (0, 0, 1, 2)
MAX_TITLE: Final = 200
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_DIRECTED: Final = frozenset({"L", *_RIGHT_TO_LEFT})

_templates = Environment(
    loader=PackageLoader("certificates", "design"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Measure:
    """The line that the two large texts are set in (points), and how they may be set in it."""

    width: float
    name: tuple[Setting, ...]
    title: tuple[Setting, ...]


MEASURES: Final = {
    Design.FORMAL: Measure(
        432,
        ((34, 1), (30, 1), (27, 1), (27, 2), (24, 2), (21, 3), (17, 3), (15, 4)),
        ((21, 1), (18.5, 1), (18.5, 2), (16.5, 2), (14, 3), (12, 4)),
    ),
    Design.MODERN: Measure(
        334,
        ((36, 1), (31, 1), (27, 1), (27, 2), (23, 2), (20, 3), (17, 4), (15, 4)),
        ((19, 1), (19, 2), (17, 3), (15, 3), (13, 4), (11.5, 4)),
    ),
    Design.CARD: Measure(
        124,
        ((13.5, 1), (12, 1), (10.5, 1), (10.5, 2), (9, 2), (7.6, 3), (6.4, 4), (5.6, 5)),
        ((8.8, 1), (8.8, 2), (7.8, 3), (6.8, 4), (6, 4), (5.4, 5)),
    ),
}


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """What the template shows of one certificate; the pictures are asset addresses.

    ``key`` is set apart from those of the other certificates in the batch. ``direction`` is the
    one that the name is read in.
    """

    key: str
    lang: str
    title: str
    labels: Labels
    density: int
    direction: str
    name_size: float
    title_size: float
    person_name: str
    company: str | None
    training_title: str
    training_aims: str | None
    qualifies_for: str | None
    facts: tuple[Fact, ...]
    valid: str
    issued: str
    issuer_name: str
    address: str
    signer_name: str | None
    signer_title: str | None
    number: str
    verify_url: str
    accent: str
    logo: str | None
    signature: str | None
    qr: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """Where a certificate's pictures are served from."""

    qr: str
    logo: str | None
    signature: str | None


def page_of(
    document: CertificateDocument, index: int, *, pictures: Pictures, density: int
) -> CertificatePage:
    """The page of the ``index``-th document of a batch, set as tightly as ``density`` says."""
    labels = LABELS[document.language]
    issuer = document.issuer
    measure = MEASURES[document.design]
    valid = labels.no_end
    if document.valid_until is not None:
        valid = written_until(document.valid_until, document.language)
    return CertificatePage(
        key=key_of(index),
        lang=document.language.value,
        title=title_of(document),
        labels=labels,
        density=density,
        direction=direction_of(document.person_name),
        name_size=size_for(
            document.person_name,
            measure.name,
            width=measure.width,
            tighter=_TIGHTER[density],
        ),
        title_size=size_for(
            document.training_title,
            measure.title,
            width=measure.width,
            tighter=_TIGHTER[density],
        ),
        person_name=document.person_name,
        company=document.company,
        training_title=document.training_title,
        training_aims=document.training_aims,
        qualifies_for=document.qualifies_for,
        facts=_facts(document, labels),
        valid=valid,
        issued=f"{labels.issued} {written_date(document.issued_on, document.language)}",
        issuer_name=issuer.name,
        address=issuer.address,
        signer_name=issuer.signer_name,
        signer_title=issuer.signer_title,
        number=document.number,
        verify_url=document.verify_url,
        accent=issuer.accent,
        logo=pictures.logo,
        signature=pictures.signature,
        qr=pictures.qr,
    )


def title_of(document: CertificateDocument) -> str:
    """What a reader's window and a screen reader call the file: no longer than a title."""
    name = f"{LABELS[document.language].certificate} {document.number}"
    whole = f"{name}: {document.training_title}, {document.person_name}"
    return whole if len(whole) <= MAX_TITLE else name


def write_html(design: Design, pages: Sequence[CertificatePage]) -> str:
    """One HTML document with an article per page; every value is escaped."""
    return _templates.get_template(f"{design.value}.html").render(pages=pages)


def write_variables(pages: Sequence[CertificatePage]) -> str:
    """CSS with the sizes and colours of each article; the accent is checked to be ``#rrggbb``."""
    return "".join(
        f"#{page.key},#{page.key}-back{{--accent:{colours.accent};--ink:{colours.ink};--on:{colours.on};"
        f"--tint:{colours.tint};--name:{page.name_size}pt;--title:{page.title_size}pt;"
        f'--frame:url("{frame_address(page.accent)}")}}'
        for page in pages
        for colours in (palette(page.accent),)
    )


def key_of(index: int) -> str:
    return f"c{index}"


def frame_address(accent: str) -> str:
    return f"asset:frame/{accent[1:]}"


def direction_of(name: str) -> str:
    """``rtl`` when the first letter that has a direction is read from the right."""
    kinds = (unicodedata.bidirectional(letter) for letter in name)
    first = next((kind for kind in kinds if kind in _DIRECTED), "L")
    return "rtl" if first in _RIGHT_TO_LEFT else "ltr"


def _facts(document: CertificateDocument, labels: Labels) -> tuple[Fact, ...]:
    language = document.language
    trainer = ", ".join(
        part for part in (document.trainer_name, document.trainer_organisation) if part
    )
    rows = (
        (labels.days, written_days(document.days, language)),
        (labels.length, written_hours(document.hours, language) if document.hours else None),
        (labels.place, document.place),
        (labels.trainer, trainer),
        (labels.grade, document.grade),
    )
    return tuple(Fact(label, value) for label, value in rows if value)
