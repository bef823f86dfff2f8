"""A row's values to an employee, with every problem found in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

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
from registration.enrolment.imports.fields import EmployeeRow, Field, Problem
from registration.enrolment.imports.guessing import split_named_address
from registration.enrolment.imports.texts import folded, plain

_PARTICLES = frozenset(
    {"von", "af", "de", "van", "der", "den", "la", "le", "di", "da", "zu", "ter"}
)
_CODE_AND_CITY = re.compile(r"(?:, ?| )(?:FI-)?(?P<code>\d{5}) (?P<city>[^\W\d][^\d,]*)")


def read_row(
    values: Mapping[Field, str], *, row_number: int = 0, cells: tuple[str, ...] = ()
) -> EmployeeRow:
    """The employee that the values describe, with every problem found in them.

    Serves a file's row and a row that a person has edited alike. An empty phone, address,
    country, language or company is no problem.
    """
    values = _with_whole_address(_with_address(values))
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


def _with_address(values: Mapping[Field, str]) -> Mapping[Field, str]:
    """``Anna Virtanen <anna@firma.fi>`` in one cell is a name and an address."""
    if Field.NAME_EMAIL not in values:
        return values
    name, address = split_named_address(plain(values[Field.NAME_EMAIL]))
    others = {field: text for field, text in values.items() if field is not Field.NAME_EMAIL}
    return {Field.NAME: name, Field.EMAIL: address} | others


def _with_whole_address(values: Mapping[Field, str]) -> Mapping[Field, str]:
    """``Ratakatu 1, 00100 Helsinki`` in the street's cell fills postal code and city too."""
    street = values.get(Field.STREET, "")
    if values.get(Field.POSTAL_CODE, "").strip() or len(street) > 200:
        return values
    text = plain(street)
    match = next((m for m in _CODE_AND_CITY.finditer(text) if m.end() == len(text)), None)
    before = text[: match.start()] if match else ""
    if match is None or not any(map(str.isdigit, before)) or not any(map(str.isalpha, before)):
        return values
    city = values.get(Field.CITY, "").strip() or match["city"]
    parts = {Field.STREET: before, Field.POSTAL_CODE: match["code"], Field.CITY: city}
    return {**values, **parts}


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
