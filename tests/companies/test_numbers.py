"""Numbers that carry their own check: business IDs, VAT numbers, e-invoice addresses."""

from __future__ import annotations

import pytest

from registration.companies import numbers
from registration.companies.rules import BillingGiven, CompanyGiven
from registration.forms import FieldRefused, Refused, parse

OVT = "003701120389"
IBAN = "FI2112345600000785"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        ("FI 01120389", "FI01120389"),
        ("SE556188840401", "SE556188840401"),
        ("EL 094259216", "EL094259216"),
        ("DE 136 695 976", "DE136695976"),
        ("GB 980 7806 84", "GB980780684"),
        ("NO 995 525 828 MVA", "NO995525828MVA"),
    ],
)
def test_vat_numbers_of_europe_are_kept_with_their_country(given: str, kept: str) -> None:
    assert numbers.vat_number(given) == kept


@pytest.mark.parametrize("given", ["FI01120388", "SE556188840402", "US123456789", "01120389", "FI"])
def test_other_vat_numbers_are_refused(given: str) -> None:
    with pytest.raises(FieldRefused):
        numbers.vat_number(given)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0037 0112 0389", OVT),
        (f"{OVT}AB1", f"{OVT}AB1"),
        (f"0216:{OVT}", f"0216:{OVT}"),
        ("FI21 1234 5600 0007 85", IBAN),
    ],
)
def test_einvoice_addresses_are_kept_without_spaces(given: str, kept: str) -> None:
    assert numbers.einvoice_address(given) == kept


@pytest.mark.parametrize(
    "given", ["003701120388", f"{OVT}ABCDEF", "0216:123", "FI2112345600000786", "=cmd|'/C calc'!A0"]
)
def test_other_einvoice_addresses_are_refused(given: str) -> None:
    with pytest.raises(FieldRefused):
        numbers.einvoice_address(given)


@pytest.mark.parametrize("given", ["E204503", "003721291126", "NDEAFIHH", "FI28768767"])
def test_codes_of_operators_and_banks_are_kept(given: str) -> None:
    assert numbers.einvoice_operator(given.lower()) == given


@pytest.mark.parametrize(
    ("address", "operator", "code"),
    [
        (OVT, "", "operator_missing"),
        ("", "E204503", "address_missing"),
        (IBAN, "E204503", "bank_missing"),
        (IBAN, "NDEAFIHH", ""),
        (OVT, "E204503", ""),
        (f"0216:{OVT}", "", ""),
    ],
)
def test_an_einvoice_finds_its_way_or_the_form_says_what_is_missing(
    address: str, operator: str, code: str
) -> None:
    given = {"einvoice_address": address, "einvoice_operator": operator}
    codes = ""
    try:
        parse(BillingGiven, given)
    except Refused as refused:
        codes = ",".join(error.code for error in refused.errors)
    assert codes == code


def test_the_finnish_vat_number_follows_from_the_business_id() -> None:
    assert CompanyGiven(name="A", business_id="0112038-9", vat_number="FI01120389").vat == ""
    assert CompanyGiven(name="A", vat_number="FI01120389").vat == "FI01120389"
    with pytest.raises(Refused):
        parse(CompanyGiven, {"name": "A", "business_id": "1572860-0", "vat_number": "FI01120389"})
