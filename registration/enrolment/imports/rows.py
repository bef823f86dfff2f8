"""A row's values to an employee, and what only shows when rows stand side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from registration.enrolment.imports.cells import (
    HOME,
    clean_country,
    clean_email,
    clean_language,
    clean_line,
    clean_name,
    clean_phone,
    clean_postal_code,
)
from registration.enrolment.imports.fields import (
    EmployeeRow,
    Field,
    Problem,
    SkippedRow,
)
from registration.enrolment.imports.texts import folded, key, plain
from registration.i18n import N_

_PARTICLES = frozenset(
    {"von", "af", "de", "van", "der", "den", "la", "le", "di", "da", "zu", "ter"}
)
_TOTALS = ("yhteensä", "yht", "summa", "total", "totalt", "sammanlagt", "lukumäärä", "antal", "sum")


def read_row(
    values: Mapping[Field, str], *, row_number: int = 0, cells: tuple[str, ...] = ()
) -> EmployeeRow:
    """The employee that the values describe, with every problem found in them.

    Serves a file's row and a row that a person has edited alike. An empty phone, address,
    country, language or company is no problem.
    """
    email, email_problem = clean_email(values.get(Field.EMAIL, ""))
    first, last, name_problems = _read_name(values, email)
    country, country_problem = clean_country(values.get(Field.COUNTRY, ""))
    phone, phone_problem = clean_phone(values.get(Field.PHONE, ""), region=country or HOME)
    street, street_problem = clean_line(values.get(Field.STREET, ""), Field.STREET)
    postal_code, city_beside, postal_problem = clean_postal_code(
        values.get(Field.POSTAL_CODE, ""), country=country
    )
    city, city_problem = clean_line(values.get(Field.CITY, "") or city_beside, Field.CITY)
    language, language_problem = clean_language(values.get(Field.LANGUAGE, ""))
    company, company_problem = clean_line(values.get(Field.COMPANY, ""), Field.COMPANY)
    found = (
        *name_problems,
        email_problem,
        phone_problem,
        street_problem,
        postal_problem,
        city_problem,
        country_problem,
        language_problem,
        company_problem,
    )
    if not country and not country_problem and _looks_finnish(street, postal_code, city):
        country = HOME
    return EmployeeRow(
        row_number=row_number,
        first_name=first,
        last_name=last,
        email=email,
        phone=phone,
        street=street,
        postal_code=postal_code,
        city=city,
        country=country,
        language=language,
        company=company,
        cells=cells,
        problems=tuple(problem for problem in found if problem is not None),
    )


def _looks_finnish(street: str, postal_code: str, city: str) -> bool:
    if postal_code:
        return len(postal_code) == 5 and postal_code.isdigit()
    return bool(street or city)


def _read_name(values: Mapping[Field, str], email: str) -> tuple[str, str, list[Problem | None]]:
    first, last = values.get(Field.FIRST_NAME, ""), values.get(Field.LAST_NAME, "")
    for field in (Field.NAME, Field.NAME_FIRST_LAST, Field.NAME_LAST_FIRST):
        if field in values:
            return _read_full_name(field, values[field], email)
    first, first_problem = clean_name(first, Field.FIRST_NAME)
    last, last_problem = clean_name(last, Field.LAST_NAME)
    return first, last, [first_problem, last_problem]


def _read_full_name(field: Field, text: str, email: str) -> tuple[str, str, list[Problem | None]]:
    whole, problem = clean_name(text, Field.FIRST_NAME)
    if problem is not None and problem.fatal:
        return "", "", [problem]
    parts = split_name(whole, email=email, last_first=field is Field.NAME_LAST_FIRST)
    first, first_problem = clean_name(parts[0], Field.FIRST_NAME)
    last, last_problem = clean_name(parts[1], Field.LAST_NAME)
    if problem is None:
        return first, last, [first_problem, last_problem]
    fatal = [one for one in (first_problem, last_problem) if one is not None and one.fatal]
    return first, last, [problem, *fatal]


def split_name(name: str, *, email: str, last_first: bool) -> tuple[str, str]:
    """First and last name of a full name; a comma always parts last from first.

    Of several places to part, the one that the address (``first.last@``) tells is taken; else
    the last name is one word with its particles (``von Wright``).
    """
    before, comma, after = name.partition(",")
    if comma:
        return plain(after), plain(before)
    words = name.split()
    if len(words) < 2:
        return name, ""
    parts = [folded(part) for part in email.partition("@")[0].split(".")]
    splits = [(words[:at], words[at:]) for at in range(1, len(words))]
    for one, other in splits:
        first, last = (other, one) if last_first else (one, other)
        told = len(parts) == 2 and folded("".join(last)) == parts[1]
        if told and folded("".join(first)).startswith(parts[0]):
            return " ".join(first), " ".join(last)
    if last_first:
        at = 1
        while at < len(words) - 1 and words[at - 1].casefold() in _PARTICLES:
            at += 1
        return " ".join(words[at:]), " ".join(words[:at])
    at = len(words) - 1
    while at > 1 and words[at - 1].casefold() in _PARTICLES:
        at -= 1
    return " ".join(words[:at]), " ".join(words[at:])


def is_total(values: Mapping[Field, str], cells: tuple[str, ...]) -> bool:
    """True for a row that sums up: such a word first and only numbers after it.

    ``Summa`` is also a family name, so any other word makes the row a person.
    """
    if values.get(Field.EMAIL, "").strip():
        return False
    filled = [plain(cell) for cell in cells if cell.strip()]
    if not filled or key(filled[0]) not in _TOTALS:
        return False
    numeric = [cell for cell in filled[1:] if not any(letter.isalpha() for letter in cell)]
    counts = bool(numeric) or any(letter.isdigit() for letter in filled[0])
    return len(numeric) == len(filled) - 1 and (counts or filled[0].endswith(":"))


def compare_rows(
    rows: Iterable[EmployeeRow],
) -> tuple[tuple[EmployeeRow, ...], tuple[SkippedRow, ...]]:
    """The rows with each shared address marked, and the rows that repeat an earlier person.

    Compare again after a row was edited: earlier marks are dropped first.
    """
    kept: list[EmployeeRow] = []
    skipped: list[SkippedRow] = []
    holders: dict[str, list[EmployeeRow]] = {}
    for given in rows:
        row = _without_marks(given)
        earlier = holders.setdefault(row.email.casefold(), []) if row.email else []
        same = next((other for other in earlier if _same_person(row, other)), None)
        if same is not None:
            message = N_("The same person is already on row {row}.")
            params = {"row": str(same.row_number)}
            skipped.append(SkippedRow(row.row_number, "duplicate", message, params, row.cells))
            continue
        if earlier:
            row = replace(row, problems=(*row.problems, _shared_address(row, earlier[0])))
        earlier.append(row)
        kept.append(row)
    return tuple(kept), tuple(skipped)


def _without_marks(row: EmployeeRow) -> EmployeeRow:
    if all(problem.code != "shared_address" for problem in row.problems):
        return row
    others = tuple(problem for problem in row.problems if problem.code != "shared_address")
    return replace(row, problems=others)


def _same_person(row: EmployeeRow, other: EmployeeRow) -> bool:
    mine = (row.first_name.casefold(), row.last_name.casefold())
    return all(mine) and mine == (other.first_name.casefold(), other.last_name.casefold())


def _shared_address(row: EmployeeRow, other: EmployeeRow) -> Problem:
    return Problem(
        field=Field.EMAIL,
        code="shared_address",
        message=N_(
            "{name} on row {row} has the same e-mail address. "
            "Confirm that they share it, or correct it."
        ),
        value=row.email,
        params={
            "row": str(other.row_number),
            "name": f"{other.first_name} {other.last_name}".strip(),
        },
        needs_decision=True,
    )
