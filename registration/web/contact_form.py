"""The fields of a person's contact data, in the sign-up and on their own page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace

from babel import Locale

from registration.edge import Posted
from registration.errors import FieldError
from registration.forms import parse
from registration.i18n import N_, NATIVE_NAMES, collation_key, language
from registration.people.rules import Contact, PersonGiven, show_phone
from registration.settings import Settings

Option = tuple[str, str]
ADDRESS = ("street", "postal_code", "city", "country")
NOTHING_GIVEN = frozenset({"missing", "too_short", "string_too_short"})
MISSING = {
    "first_name": N_("Write your first name."),
    "last_name": N_("Write your last name."),
    "email": N_("Write your e-mail address."),
}
# Offered in the list of countries: the EEA and those that most who come here come from.
# fmt: off
COUNTRIES = (
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU",
    "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
    "TR", "UA", "US",
)
# fmt: on


def contact_values(contact: Contact) -> dict[str, str]:
    """As the fields show it."""
    values = {field.name: getattr(contact, field.name) for field in fields(contact)}
    return values | {"company": contact.company_name, "phone": show_phone(contact.phone)}


def contact_given(given: Posted, *, known: Contact | None, language: str) -> Contact:
    """What was typed, checked. Of somebody who is ``known`` name and e-mail address stay as they
    are, whatever was sent. Raises ``Refused``."""
    texts: Mapping[str, str] = contact_values(known) if known else given
    contact = parse(
        PersonGiven,
        {
            **{name: texts.get(name, "") for name in ("first_name", "last_name", "email")},
            **{name: given.get(name, "") for name in ("phone", "company", "language")},
            "address": {name: given.get(name, "") for name in ADDRESS},
        },
    ).contact(language=language)
    if known is None:
        return contact
    return replace(
        contact, first_name=known.first_name, last_name=known.last_name, email=known.email
    )


def flat(errors: Iterable[FieldError]) -> tuple[FieldError, ...]:
    """As the form shows them: one level of names (``address.street`` is its ``street``), and what
    is missing called by its name, so that a list of errors can be read by itself."""
    return tuple(_said(error, error.field.rpartition(".")[2]) for error in errors)


def _said(error: FieldError, field: str) -> FieldError:
    message = error.message
    if error.code in NOTHING_GIVEN:
        message = MISSING.get(field, message)
    elif error.code == "too_long":
        message = N_("Use at most {max_length} characters.")
    return replace(error, field=field, message=message)


def countries(chosen: str) -> tuple[Option, ...]:
    """By name in the reader's language; ``chosen`` is among them whatever it is."""
    locale = Locale.parse(language())
    codes = {*COUNTRIES, *([chosen] if chosen else [])}
    named = [(code, str(locale.territories.get(code, code))) for code in codes]
    return tuple(sorted(named, key=lambda option: collation_key(option[1])))


def languages(settings: Settings) -> tuple[Option, ...]:
    return tuple((code, NATIVE_NAMES[code]) for code in settings.languages)
