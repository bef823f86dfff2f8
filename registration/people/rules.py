"""Who a person is, and how what they typed becomes what we keep."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from typing import Annotated

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from registration.errors import Conflict, NotFound
from registration.forms import Command, FieldRefused
from registration.i18n import LANGUAGES, N_

HOME_REGION = "FI"
NOTICE_VERSION = "2026-11"


class Source(StrEnum):
    """How a record came to us."""

    SELF = "self"
    COMPANY = "company"
    IMPORT = "import"
    API = "api"
    STAFF = "staff"


class Purpose(StrEnum):
    """What a person can consent to, each on its own (P10, P18)."""

    MARKETING = "marketing"
    NEWSLETTER = "newsletter"
    SURVEYS = "surveys"
    NOTICE = "notice"


# Other systems' words for having read the privacy notice.
NOTICE_WORDS = frozenset({"notice", "privacy", "privacy_notice", "privacy_policy", "terms"})


class PersonNotFound(NotFound):
    message = N_("There is no such person.")


class JustMade(Conflict):
    """Another transaction wrote the same new person first; a second try finds them."""

    message = N_("This person is being signed up at this very moment. Try again.")


class SamePerson(Conflict):
    message = N_("Another person with this name and e-mail address is already on record.")


@dataclass(frozen=True, slots=True)
class Contact:
    """What is kept of a participant, and nothing else (P1, P2). ``phone`` is E.164 or empty,
    ``country`` ISO 3166-1 alpha-2 or empty, ``email`` in lower case."""

    first_name: str
    last_name: str
    email: str
    phone: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    company_name: str = ""
    language: str = "fi"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


CONTACT_FIELDS = tuple(field.name for field in fields(Contact))


def name_key(first_name: str, last_name: str) -> str:
    """By this two spellings are the same name: case, width and spaces do not count."""
    plain = unicodedata.normalize("NFKC", f"{first_name} {last_name}").casefold()
    return " ".join(plain.split())[:202]


_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def clean_text(value: object) -> object:
    """Without control and invisible characters, with single spaces."""
    if not isinstance(value, str):
        return value
    kept = "".join(
        " " if unicodedata.category(char) in {"Zs", "Cc"} else char
        for char in _UNSEEN.sub("", value)
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())


def clean_name(value: str) -> str:
    """Refuses what is no name: formulas, addresses, links."""
    if value[:1] in {"=", "+", "@"} or "://" in value or "<" in value or ">" in value:
        raise FieldRefused(N_("Write the name as it should stand on a certificate."), code="name")
    if not any(unicodedata.category(char)[0] == "L" for char in value):
        raise FieldRefused(N_("Write the name with letters."), code="name")
    return value


@lru_cache(maxsize=4096)
def clean_email(value: str) -> str:
    """The address in lower case. Raises ``FieldRefused`` when mail cannot be sent to it."""
    given = value.removeprefix("mailto:").strip()
    try:
        checked = validate_email(given, check_deliverability=False)
    except EmailNotValidError:
        raise FieldRefused(
            N_("Write the address as name@company.fi, without spaces."), code="email"
        ) from None
    return checked.normalized.lower()


@lru_cache(maxsize=4096)
def clean_phone(value: str) -> str:
    """E.164, or empty. National numbers are read as Finnish."""
    if not value:
        return ""
    try:
        number = phonenumbers.parse(value, HOME_REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise FieldRefused(
            N_("Write the number as 040 123 4567, or with its country code as +46 70 123 45 67."),
            code="phone",
        )
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def forget_typed() -> None:
    """No address and no number that somebody typed is remembered by this process."""
    clean_email.cache_clear()
    clean_phone.cache_clear()


def show_phone(value: str) -> str:
    """Grouped for reading: ``+358 40 1234567``."""
    if not value:
        return ""
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return value
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def _clean_country(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z]{2}", value):
        raise FieldRefused(N_("Give the country as two letters, as FI or SE."), code="country")
    return value.upper()


def _clean_language(value: str) -> str:
    if value and value not in LANGUAGES:
        raise FieldRefused(N_("Choose fi, sv or en."), code="language")
    return value


# Bounds stand first, so that pydantic measures the text after it was cleaned, as text.
Name = Annotated[
    str,
    Field(min_length=1, max_length=100),
    BeforeValidator(clean_text),
    AfterValidator(clean_name),
]
Email = Annotated[
    str,
    Field(min_length=1, max_length=254),
    BeforeValidator(clean_text),
    AfterValidator(clean_email),
]
Phone = Annotated[
    str, Field(max_length=40), BeforeValidator(clean_text), AfterValidator(clean_phone)
]
Line = Annotated[str, Field(max_length=200), BeforeValidator(clean_text)]
ShortLine = Annotated[str, Field(max_length=100), BeforeValidator(clean_text)]
Code = Annotated[str, Field(max_length=20), BeforeValidator(clean_text)]
Country = Annotated[str, BeforeValidator(clean_text), AfterValidator(_clean_country)]
Language = Annotated[str, AfterValidator(_clean_language)]


class Address(Command):
    street: Line = ""
    postal_code: Code = ""
    city: ShortLine = ""
    country: Country = ""


class PersonGiven(Command):
    """A person as given by a form, a row or the API."""

    first_name: Name
    last_name: Name
    email: Email
    phone: Phone = ""
    address: Address = Address()
    company: Line = ""
    language: Language = ""

    @field_validator("phone", "company", "language", mode="before")
    @classmethod
    def _absent(cls, value: object) -> object:
        return "" if value is None else value

    @field_validator("address", mode="before")
    @classmethod
    def _no_address(cls, value: object) -> object:
        return {} if value is None else value

    def contact(self, *, language: str) -> Contact:
        """As it is kept; ``language`` is used when the person named none."""
        return Contact(
            first_name=self.first_name,
            last_name=self.last_name,
            email=self.email,
            phone=self.phone,
            street=self.address.street,
            postal_code=self.address.postal_code,
            city=self.address.city,
            country=self.address.country,
            company_name=self.company,
            language=self.language or language,
        )


def merged(known: Contact, given: Contact) -> tuple[Contact, dict[str, str]]:
    """What may be filled in at once, and what only the person can accept.

    Blank fields of the known contact are filled from what was given; a given value that differs
    from a known one is a suggestion, for whoever typed it has not shown to be that person.
    """
    filled: dict[str, str] = {}
    suggested: dict[str, str] = {}
    for name in ("phone", "street", "postal_code", "city", "country", "company_name"):
        before, after = getattr(known, name), getattr(given, name)
        if after and not before:
            filled[name] = after
        elif after and after != before:
            suggested[name] = after
    whole = Contact(**{name: filled.get(name, getattr(known, name)) for name in CONTACT_FIELDS})
    return whole, suggested


def purposes_of(value: object) -> tuple[Purpose, ...]:
    """The consents in a map ``{"marketing": true}`` or a list ``["marketing"]``.

    Raises ``FieldRefused`` for a purpose that we do not know: a yes to it could not be kept.
    """
    if value is None:
        return ()
    if isinstance(value, dict):
        if not all(isinstance(answer, bool) for answer in value.values()):
            raise FieldRefused(N_("Say yes or no (true or false)."), code="consents")
        words = [str(word) for word, answer in value.items() if answer]
    elif isinstance(value, list | tuple) and all(isinstance(word, str) for word in value):
        words = list(value)
    else:
        raise FieldRefused(N_("Give the consents as a map of purpose to true or false."))
    given: list[Purpose] = []
    for word in words:
        if word in NOTICE_WORDS:
            given.append(Purpose.NOTICE)
        elif word in set(Purpose):
            given.append(Purpose(word))
        else:
            raise FieldRefused(
                N_("There is no consent called “{name}”; there are: {known}."),
                code="consents",
                name=word[:40],
                known=", ".join(Purpose),
            )
    return tuple(dict.fromkeys(given))
