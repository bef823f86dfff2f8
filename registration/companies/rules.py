from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from registration.companies import numbers
from registration.errors import Conflict, NotFound
from registration.forms import Command, FieldRefused
from registration.i18n import N_
from registration.people.rules import (
    Code,
    Country,
    Email,
    Language,
    Line,
    ShortLine,
    clean_email,
    clean_text,
)

# An application that was answered is kept so long, one that nobody answered as well.
APPLICATION_KEPT = timedelta(days=90)
MOST_OPEN_APPLICATIONS = 500


class CompanyNotFound(NotFound):
    message = N_("There is no such company.")


class CompanyKnown(Conflict):
    message = N_("A company with this business ID is on record already.")


class CompanyGone(Conflict):
    message = N_("The customer relationship with this company has ended already.")


class VatKnown(Conflict):
    message = N_("A company with this VAT number is on record already.")


class NothingToVerify(Conflict):
    message = N_("Give the company a business ID or a VAT number first: there is nothing to check.")


class ApplicationNotFound(NotFound):
    message = N_("There is no such application, or it was deleted when its time was over.")


class ApplicationAnswered(Conflict):
    message = N_("Somebody has answered this application already.")


class ApproverNotCoordinator(Conflict):
    message = N_("Only who enrols for the company can approve. Look at the list again.")


class LastCoordinator(Conflict):
    message = N_(
        "You are the last one who enrols for the company. Invite a colleague first, or ask the "
        "people who run this."
    )


class OrderNumberNeeded(Conflict):
    message = N_("Your company wants an order number with each booking. Fill it in.")


class NotEmployed(NotFound):
    message = N_("This person does not work for the company, as far as we know.")


class EndTooFar(Conflict):
    message = N_("Give a day between the first one on record and two years from now.")


class Leaving(StrEnum):
    """What becomes of a future place of an employee who leaves."""

    CANCEL = "cancel"
    SUBSTITUTE = "substitute"
    KEEP = "keep"


def _optional_email(value: str) -> str:
    return clean_email(value) if value else ""


BusinessId = Annotated[
    str, Field(max_length=12), BeforeValidator(clean_text), AfterValidator(numbers.business_id)
]
VatNumber = Annotated[
    str, Field(max_length=24), BeforeValidator(clean_text), AfterValidator(numbers.vat_number)
]
OptionalEmail = Annotated[
    str, Field(max_length=254), BeforeValidator(clean_text), AfterValidator(_optional_email)
]
EinvoiceAddress = Annotated[
    str, Field(max_length=40), BeforeValidator(clean_text), AfterValidator(numbers.einvoice_address)
]
EinvoiceOperator = Annotated[
    str,
    Field(max_length=40),
    BeforeValidator(clean_text),
    AfterValidator(numbers.einvoice_operator),
]
OrderNumber = Annotated[str, Field(max_length=60), BeforeValidator(clean_text)]


class BillingGiven(Command):
    """Where a company's invoices go. An e-invoice needs address and operator."""

    invoice_email: OptionalEmail = ""
    einvoice_address: EinvoiceAddress = ""
    einvoice_operator: EinvoiceOperator = ""
    reference: ShortLine = ""
    cost_centre: Annotated[str, Field(max_length=60), BeforeValidator(clean_text)] = ""
    order_needed: bool = False

    @model_validator(mode="after")
    def _way(self) -> BillingGiven:
        if numbers.operator_missing(self.einvoice_address, self.einvoice_operator):
            raise FieldRefused(
                N_("Give the operator's code too: without it an e-invoice does not arrive."),
                code="operator_missing",
            )
        if self.einvoice_operator and not self.einvoice_address:
            raise FieldRefused(
                N_("Give the e-invoice address that goes with this operator."),
                code="address_missing",
            )
        if numbers.bank_missing(self.einvoice_address, self.einvoice_operator):
            raise FieldRefused(
                N_("With an IBAN the operator is a bank: give its BIC, as NDEAFIHH."),
                code="bank_missing",
            )
        return self


class CompanyGiven(BillingGiven):
    """A Finnish VAT number follows from the business ID and is not asked for."""

    name: Annotated[Line, Field(min_length=1)]
    business_id: BusinessId = ""
    vat_number: VatNumber = ""
    street: Line = ""
    postal_code: Code = ""
    city: ShortLine = ""
    country: Country = "FI"

    @model_validator(mode="after")
    def _one_company(self) -> CompanyGiven:
        own = numbers.vat_of(self.business_id)
        if own and self.vat_number.startswith("FI") and self.vat_number != own:
            raise FieldRefused(
                N_("This VAT number is another company's than the business ID."), code="vat_other"
            )
        return self

    @property
    def vat(self) -> str:
        """As it is kept; empty when it follows from the business ID."""
        return "" if self.vat_number == numbers.vat_of(self.business_id) else self.vat_number


# Beside which field a rule between fields is said.
BETWEEN = {
    "operator_missing": "einvoice_operator",
    "address_missing": "einvoice_address",
    "bank_missing": "einvoice_operator",
    "vat_other": "vat_number",
    "number_missing": "business_id",
}


class ApplicationGiven(Command):
    """Who asks to become a customer: a company, by its number, and its first coordinator."""

    company: Annotated[Line, Field(min_length=1)]
    business_id: BusinessId = ""
    vat_number: VatNumber = ""
    name: Annotated[Line, Field(min_length=1, max_length=202)]
    email: Email
    language: Language = "fi"

    @model_validator(mode="after")
    def _number(self) -> ApplicationGiven:
        if not self.business_id and not self.vat_number:
            raise FieldRefused(
                N_("Give the business ID; a company from abroad gives its VAT number."),
                code="number_missing",
            )
        return self

    @property
    def number(self) -> str:
        return self.business_id or self.vat_number
