"""What a list of employees holds, and what can be wrong with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registration.i18n import N_


class Field(StrEnum):
    """What a column can mean. The three names of one column differ in the order of its words;
    ``NAME_EMAIL`` is ``Anna Virtanen <anna@firma.fi>``."""

    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    NAME = "name"
    NAME_FIRST_LAST = "name_first_last"
    NAME_LAST_FIRST = "name_last_first"
    NAME_EMAIL = "name_email"
    EMAIL = "email"
    PHONE = "phone"
    STREET = "street"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    COUNTRY = "country"
    LANGUAGE = "language"
    COMPANY = "company"


FULL_NAMES = frozenset({Field.NAME, Field.NAME_FIRST_LAST, Field.NAME_LAST_FIRST, Field.NAME_EMAIL})

LABELS: Mapping[Field, str] = {
    Field.FIRST_NAME: N_("First name"),
    Field.LAST_NAME: N_("Last name"),
    Field.NAME: N_("Full name"),
    Field.NAME_FIRST_LAST: N_("Full name, first name first"),
    Field.NAME_LAST_FIRST: N_("Full name, last name first"),
    Field.NAME_EMAIL: N_("Name and e-mail together"),
    Field.EMAIL: N_("E-mail"),
    Field.PHONE: N_("Phone"),
    Field.STREET: N_("Street address"),
    Field.POSTAL_CODE: N_("Postal code"),
    Field.CITY: N_("City"),
    Field.COUNTRY: N_("Country"),
    Field.LANGUAGE: N_("Language"),
    Field.COMPANY: N_("Company"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell.

    ``message`` is a msgid, ``params`` fill its placeholders. ``proposed`` is the mend, already in
    the row; ``None`` when there is none. A ``fatal`` problem keeps the row out until it is
    edited: the row's field is empty and ``value`` is the original, to edit. One that
    ``needs_decision`` keeps it out until the person has agreed; any other only informs.
    ``column`` is the letter the program shows, ``heading`` what stands above it; both are empty
    for a row that came from a form.
    """

    field: Field
    code: str
    message: str
    value: str = ""
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)
    proposed: str | None = None
    fatal: bool = False
    needs_decision: bool = False
    column: str = ""
    heading: str = ""


@dataclass(frozen=True, slots=True)
class EmployeeRow:
    """One employee as read, mends applied. ``cells`` are the row's original texts.

    ``phone`` is E.164, ``country`` ISO 3166 alpha-2, ``language`` ``fi``, ``sv`` or ``en``; each
    may be empty. ``row_number`` is the program's, from 1; 0 for a row from a form.
    """

    row_number: int
    first_name: str
    last_name: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    country: str
    language: str
    company: str
    cells: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def fatal(self) -> bool:
        return any(problem.fatal for problem in self.problems)

    @property
    def needs_decision(self) -> bool:
        return any(problem.needs_decision for problem in self.problems)

    @property
    def ready(self) -> bool:
        return not self.fatal and not self.needs_decision


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that is no further employee, and why: ``duplicate``, ``total``, ``heading``, ``note``
    or ``hidden``."""

    row_number: int
    code: str
    message: str
    params: Mapping[str, str]
    cells: tuple[str, ...]


class Why(StrEnum):
    """Why a column of the file was not kept."""

    DIET = "diet"
    IDENTITY = "identity"
    REMARKS = "remarks"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A column that was left out before anything was stored; ``heading`` may be empty."""

    column: int
    heading: str
    why: Why


@dataclass(frozen=True, slots=True)
class SheetChoice:
    """A sheet that has people, or might; ``people`` counts its rows with an address."""

    name: str
    people: int


@dataclass(frozen=True, slots=True)
class Layout:
    """How the sheet was understood, so that a person can change it.

    ``header_row`` counts from 1; 0 when there are no headings. ``headings`` has one text per
    column, ``mapping`` counts columns from 0, ``unmapped`` are the columns with a heading that is
    not used, ``missing`` what is required and not mapped. ``preview`` are the first rows below
    the headings, ``top`` the first filled rows with their numbers. ``without_people`` are sheets
    that hold nobody; ``blanked`` counts cells that were left out one by one.
    """

    sheet: str
    other_sheets: tuple[str, ...]
    header_row: int
    headings: tuple[str, ...]
    mapping: Mapping[int, Field]
    unmapped: tuple[int, ...]
    missing: tuple[Field, ...]
    preview: tuple[tuple[str, ...], ...]
    top: tuple[tuple[int, str], ...] = ()
    sheets: tuple[SheetChoice, ...] = ()
    without_people: tuple[str, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    blanked: int = 0

    @property
    def name_order_unsure(self) -> bool:
        """True if first name first was assumed for a full name, for want of a sign either way."""
        return Field.NAME in self.mapping.values()


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read. With something ``layout.missing`` there are no rows: ask for a mapping."""

    layout: Layout
    rows: tuple[EmployeeRow, ...]
    skipped: tuple[SkippedRow, ...]

    @property
    def ready(self) -> int:
        return sum(row.ready for row in self.rows)


def column_letter(index: int) -> str:
    """``A`` for column 0, ``AA`` for column 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
