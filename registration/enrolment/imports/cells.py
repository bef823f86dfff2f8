"""One cell to one value: normalised in silence where the meaning is plain, else with a problem."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

import phonenumbers
from babel import Locale
from email_validator import EmailNotValidError, validate_email

from registration.enrolment.imports.fields import Field, Problem
from registration.enrolment.imports.texts import (
    FORMULA_SIGNS,
    folded,
    has_lost_letters,
    is_dash,
    is_error,
    key,
    mended_letters,
    plain,
    says_nothing,
)
from registration.i18n import LANGUAGES, N_

Cleaned = tuple[str, Problem | None]

MAX_NAME = 100
MAX_EMAIL = 254
MAX_LENGTH = {Field.STREET: 200, Field.CITY: 100, Field.COMPANY: 200}
HOME = "FI"

_MISSING = {
    Field.FIRST_NAME: N_("The first name is missing. Fill it in."),
    Field.LAST_NAME: N_("The last name is missing. Fill it in."),
    Field.EMAIL: N_("The e-mail address is missing. Fill it in."),
}
_TOO_LONG = N_("This is longer than {limit} characters. Shorten it.")
_CELL_ERROR = N_("The cell shows the error “{value}”. Write the value itself.")
_LETTERS_MENDED = N_("The letters of “{value}” are garbled. Is “{proposed}” right?")

_INITIAL = re.compile(r"(?:^|[\s.])(?:\w|jr|sr|jun|sen)\.$", re.IGNORECASE)
_PLAIN_EMAIL = re.compile(r"([a-z0-9]+(?:[._+-][a-z0-9]+)*)@([a-z0-9.-]+)")
_ANGLES = re.compile(r"<\s*([^<>]*@[^<>]*?)\s*>")
_AT_WORD = re.compile(r"\s*(?:\((?:at|a|ät|miuku)\)|\[(?:at|a)\]|\s(?:at|ät)\s)\s*")
_DOT_WORD = re.compile(r"\s*(?:\((?:dot|piste|punkt)\)|\[(?:dot|piste|punkt)\])\s*")
_BETWEEN = re.compile(r"[\s,;/|<>()\"']+")
_LOOSE = re.compile(r"[.@_-]\s|\s[.@_-]")
_BETWEEN_PHONES = re.compile(r"[/,;|\n]|\s(?:tai|eller|or|ja|och|and)\s")
_POSTAL = re.compile(r"(?:(?:FI|FIN|AX)[- ]?)?(\d{3} ?\d{2}|\d{1,5})", re.IGNORECASE)
_POSTAL_CITY = re.compile(r"(?:(?:FI|FIN|AX)[- ])?(\d{5})[ ,]+([^\d]{2,})", re.IGNORECASE)
_POSTAL_ABROAD = re.compile(r"[A-Z0-9][A-Z0-9 -]{1,15}", re.IGNORECASE)

_LANGUAGES = {
    "fi": "fi fin suomi suomeksi finska finnish su",
    "sv": "sv swe se ruotsi ruotsiksi svenska swedish ru",
    "en": "en eng gb uk englanti englanniksi engelska english",
}
_LANGUAGE_OF = {word: code for code, words in _LANGUAGES.items() for word in words.split()}


def clean_name(raw: str, field: Field) -> Cleaned:
    """A first or last name, required, at most ``MAX_NAME`` characters."""
    text = plain(raw).removeprefix("'")
    if text[:1] == text[-1:] == '"':
        text = text[1:-1].strip()
    if is_dash(text) or (not text.isalpha() and not is_error(text) and says_nothing(text)):
        return "", Problem(field, "missing", _MISSING[field], raw, fatal=True)
    if text[0] in FORMULA_SIGNS:
        message = N_("A name cannot begin with “{sign}”. Write the name itself.")
        return "", Problem(field, "formula", message, raw, {"sign": text[0]}, fatal=True)
    if is_error(text):
        return "", Problem(field, "cell_error", _CELL_ERROR, raw, {"value": text}, fatal=True)
    text = text.strip(" ,;:")
    if text.endswith(".") and not _INITIAL.search(text):
        text = text.rstrip(" .")
    if len(text) > MAX_NAME:
        return "", _too_long(field, raw, MAX_NAME)
    if mended := mended_letters(text):
        mended, problem = clean_name(mended, field)
        return mended, problem or _letters_mended(field, raw, text, mended)
    problem = _odd_name(field, text, raw)
    return "" if problem is not None and problem.fatal else text, problem


def _odd_name(field: Field, text: str, raw: str) -> Problem | None:
    if has_lost_letters(text):
        message = N_("Letters were lost in “{value}”. Write the name again.")
        return Problem(field, "lost_letters", message, raw, {"value": text}, fatal=True)
    if "@" in text or not any(letter.isalpha() for letter in text):
        message = N_("“{value}” is not a name. Write the name itself.")
        return Problem(field, "not_a_name", message, raw, {"value": text}, fatal=True)
    if any(letter.isdigit() for letter in text):
        message = N_("There is a digit in “{value}”. Is the name right?")
        return Problem(field, "digit", message, raw, {"value": text}, needs_decision=True)
    return None


def clean_email(raw: str) -> Cleaned:
    """An e-mail address in lower case, required; syntax only, nothing is looked up."""
    text = plain(raw)
    if len(text) > MAX_EMAIL * 2:  # before any pattern meets it
        return "", _too_long(Field.EMAIL, raw, MAX_EMAIL)
    if (inside := _ANGLES.search(text)) is not None:
        text = inside[1]
    text = text.strip(" .,;:<>\"'()").lower()
    if text.startswith("mailto:"):
        text = text.removeprefix("mailto:").partition("?")[0].strip(" .,;:")
    if is_dash(text) or (says_nothing(text) and not is_error(text)):
        message = _MISSING[Field.EMAIL]
        return "", Problem(Field.EMAIL, "missing", message, raw, fatal=True)
    if address := valid_email(text):
        return address, None
    if len(text) > MAX_EMAIL:
        return "", _too_long(Field.EMAIL, raw, MAX_EMAIL)
    if is_error(text):
        values = {"value": text.upper()}
        return "", Problem(Field.EMAIL, "cell_error", _CELL_ERROR, raw, values, fatal=True)
    several = [found for piece in _BETWEEN.split(text) if (found := valid_email(piece))]
    if len(set(several)) > 1 and not _LOOSE.search(text):
        message = N_("“{value}” is more than one address. Is “{proposed}” right?")
        values = {"value": plain(raw), "proposed": several[0]}
        return several[0], Problem(
            Field.EMAIL, "email_mended", message, raw, values, several[0], needs_decision=True
        )
    if proposed := _mended_email(text):
        message = N_("“{value}” is not an e-mail address. Is “{proposed}” right?")
        values = {"value": plain(raw), "proposed": proposed}
        return proposed, Problem(
            Field.EMAIL, "email_mended", message, raw, values, proposed, needs_decision=True
        )
    message = N_("“{value}” is not an e-mail address. Correct it.")
    values = {"value": plain(raw)}
    return "", Problem(Field.EMAIL, "email_invalid", message, raw, values, fatal=True)


def valid_email(text: str) -> str | None:
    """The address normalised if its syntax is right, else None. ``text`` is in lower case.

    The common form is checked by pattern and its domain only once: same answer, less time.
    """
    common = _PLAIN_EMAIL.fullmatch(text)
    if common is not None and len(common[1]) <= 64 and len(text) <= MAX_EMAIL:
        domain = _checked_domain(common[2])
        return f"{common[1]}@{domain}" if domain else None
    return _checked_email(text)


@lru_cache(maxsize=1024)
def _checked_domain(domain: str) -> str | None:
    address = _checked_email(f"a@{domain}")
    return address.removeprefix("a@") if address else None


def _checked_email(text: str) -> str | None:
    try:
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError:
        return None
    return checked.normalized if checked.local_part.isascii() else None


def _mended_email(text: str) -> str | None:
    """The address that was probably meant: the slips of typing and copying that people make."""
    if not _LOOSE.search(text):
        for piece in _BETWEEN.split(text):
            if "@" in piece and (address := valid_email(piece.strip(".").removeprefix("mailto:"))):
                return address
    steps: tuple[Callable[[str], str], ...] = (
        lambda t: _DOT_WORD.sub(".", _AT_WORD.sub("@", f" {t} ")).strip(),
        lambda t: "".join(t.split()),
        lambda t: re.sub(r"\.{2,}", ".", re.sub("@{2,}", "@", t.replace(",", "."))),
        lambda t: t.replace(".@", "@").replace("@.", "@"),
        _ascii_local_part,
    )
    for step in steps:
        text = step(text)
        if address := valid_email(text):
            return address
    return None


def _ascii_local_part(text: str) -> str:
    local, at, domain = text.partition("@")
    return "".join(c if c.isascii() else folded(c) for c in local) + at + domain


def clean_phone(raw: str, *, region: str = HOME) -> Cleaned:
    """A phone number in E.164, or empty: the phone is optional, so a wrong one only informs.

    ``region`` (ISO 3166) is where a number without a country code belongs.
    """
    text = plain(raw)
    if is_dash(text):
        return "", None
    if number := _valid_phone(text, region):
        return number, None
    for piece in _BETWEEN_PHONES.split(text[:MAX_NAME])[:4]:
        if number := _valid_phone(piece, region):
            message = N_("“{value}” is more than one phone number. The first is used.")
            values = {"value": text[:MAX_NAME]}
            return number, Problem(Field.PHONE, "phone_several", message, raw, values, number)
    message = N_("“{value}” is not a phone number. It is left empty.")
    values = {"value": text[:MAX_NAME]}
    return "", Problem(Field.PHONE, "phone_invalid", message, raw, values, proposed="")


def _valid_phone(text: str, region: str) -> str | None:
    if len(text) > MAX_NAME:
        return None
    digits = sum(letter.isdigit() for letter in text)
    candidates = (text, f"+{text}") if text.isdigit() and digits > 9 else (text,)
    for candidate in candidates if digits > 4 else ():
        try:
            number = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def clean_line(raw: str, field: Field) -> Cleaned:
    """A street, city or company: optional, so what cannot be kept is left out and said."""
    text = plain(raw).strip(" ,;")
    if is_dash(text):
        return "", None
    limit = MAX_LENGTH[field]
    if text[0] in FORMULA_SIGNS or is_error(text):
        message = N_("“{value}” cannot be used here. It is left empty.")
        values = {"value": text[:MAX_NAME]}
        return "", Problem(field, "unusable", message, raw, values, proposed="")
    if len(text) > limit:
        message = N_("This is longer than {limit} characters. It is left empty.")
        return "", Problem(field, "too_long", message, raw, {"limit": str(limit)}, proposed="")
    if mended := mended_letters(text):
        mended, problem = clean_line(mended, field)
        return mended, problem or _letters_mended(field, raw, text, mended)
    return text, None


def clean_postal_code(raw: str, *, country: str) -> tuple[str, str, Problem | None]:
    """The postal code, the city if it stood in the same cell, and what is wrong.

    A Finnish code gets back the zeros that a spreadsheet took; ``country`` is empty if unknown.
    """
    text = plain(raw).strip(" ,;.'")
    if is_dash(text):
        return "", "", None
    if country in {"", HOME, "AX"} and len(text) <= MAX_NAME:
        if (match := _POSTAL.fullmatch(text)) is not None:
            return match[1].replace(" ", "").zfill(5), "", None
        if (match := _POSTAL_CITY.fullmatch(text)) is not None:
            return match[1], match[2].strip(), None
    if country not in {HOME, "AX"} and _POSTAL_ABROAD.fullmatch(text) and re.search(r"\d", text):
        return text.upper(), "", None
    message = N_("“{value}” is not a postal code. It is left empty.")
    values = {"value": text[:MAX_NAME]}
    problem = Problem(Field.POSTAL_CODE, "postal_code_invalid", message, raw, values, proposed="")
    return "", "", problem


def clean_country(raw: str) -> Cleaned:
    """ISO 3166 alpha-2, from a code or a name in Finnish, Swedish or English; may be empty."""
    text = plain(raw)
    if is_dash(text):
        return "", None
    if code := _countries().get(text.casefold()) or _countries().get(key(text)):
        return code, None
    message = N_("“{value}” is not a country that is known here. It is left empty.")
    values = {"value": text[:MAX_NAME]}
    return "", Problem(Field.COUNTRY, "country_unknown", message, raw, values, proposed="")


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found[name.casefold()] = found[key(name)] = found[code.casefold()] = code
    return found | {"fin": "FI", "swe": "SE", "uk": "GB", "usa": "US", "holland": "NL"}


def clean_language(raw: str) -> Cleaned:
    """``fi``, ``sv``, ``en`` or empty."""
    text = plain(raw)
    if is_dash(text):
        return "", None
    if code := _LANGUAGE_OF.get(key(re.split(r"[-_/,;]", text)[0])):
        return code, None
    message = N_("“{value}” is not one of the languages here. It is left empty.")
    values = {"value": text[:MAX_NAME]}
    return "", Problem(Field.LANGUAGE, "language_unknown", message, raw, values, proposed="")


def _too_long(field: Field, raw: str, limit: int) -> Problem:
    return Problem(field, "too_long", _TOO_LONG, raw, {"limit": str(limit)}, fatal=True)


def _letters_mended(field: Field, raw: str, text: str, mended: str) -> Problem:
    values = {"value": text, "proposed": mended}
    return Problem(
        field, "letters_mended", _LETTERS_MENDED, raw, values, mended, needs_decision=True
    )
