from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fi import ytunnus

from registration.errors import Conflict, NotFound
from registration.forms import Command, FieldRefused
from registration.i18n import N_
from registration.people.rules import Code, Country, Line, ShortLine, clean_email, clean_text


class CompanyNotFound(NotFound):
    message = N_("There is no such company.")


class CompanyKnown(Conflict):
    message = N_("A company with this business ID is on record already.")


def _business_id(value: str) -> str:
    if not value:
        return ""
    try:
        return str(ytunnus.validate(value))[:7] + "-" + str(ytunnus.validate(value))[7:]
    except NumberError:
        raise FieldRefused(
            N_("This is not a Finnish business ID: check its digits, as 1234567-1."),
            code="business_id",
        ) from None


def _optional_email(value: str) -> str:
    return clean_email(value) if value else ""


BusinessId = Annotated[
    str, Field(max_length=12), BeforeValidator(clean_text), AfterValidator(_business_id)
]


class CompanyGiven(Command):
    name: Annotated[Line, Field(min_length=1)]
    business_id: BusinessId = ""
    street: Line = ""
    postal_code: Code = ""
    city: ShortLine = ""
    country: Country = "FI"
    invoice_email: Annotated[
        str, Field(max_length=254), BeforeValidator(clean_text), AfterValidator(_optional_email)
    ] = ""
    einvoice_address: Annotated[str, Field(max_length=40), BeforeValidator(clean_text)] = ""
    einvoice_operator: Annotated[str, Field(max_length=40), BeforeValidator(clean_text)] = ""
    reference: ShortLine = ""
