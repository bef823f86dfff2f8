"""What a company is known by, and where its invoices go: numbers that carry their own check.

Pure. Sources: the Finnish tax administration's business ID; the EU's VAT numbers with Norway's and
the United Kingdom's; for e-invoices the Finnish OVT (ISO 6523, 0037), IBAN as banks here use it,
and Peppol's 0216.
"""

from __future__ import annotations

import re
from types import ModuleType

from stdnum import bic, iban
from stdnum.eu import vat
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fi import ytunnus
from stdnum.gb import vat as british
from stdnum.no import mva

from registration.forms import FieldRefused
from registration.i18n import N_

_OVT = re.compile(r"0037(\d{8})[0-9A-Z]{0,5}\Z")
_OPERATOR_OVT = re.compile(r"003\d{7,14}\Z")
_OPERATOR = re.compile(r"[0-9A-Z]{4,20}\Z")
PEPPOL = "0216:"


def business_id(value: str) -> str:
    """``1234567-1``, checked, or empty. Raises ``FieldRefused``."""
    if not value:
        return ""
    try:
        number = str(ytunnus.validate(value))
    except NumberError:
        raise FieldRefused(
            N_("This is not a Finnish business ID: check its digits, as 1234567-1."),
            code="business_id",
        ) from None
    return f"{number[:7]}-{number[7:]}"


def vat_number(value: str) -> str:
    """``SE556188840401``: the country's letters and its digits, checked, or empty.

    The countries of the EU, Northern Ireland, Norway and the United Kingdom. Raises
    ``FieldRefused``.
    """
    text = re.sub(r"[\s.\-]", "", value).upper()
    if not text:
        return ""
    country, module = text[:2], _vat_module(text[:2])
    try:
        if module is None:
            raise NumberError
        number = str(module.validate(text))
    except NumberError:
        raise FieldRefused(
            N_("This is not a VAT number of the EU, Norway or the UK: check its digits."),
            code="vat_number",
        ) from None
    return number if number.startswith(country) else country + number


def _vat_module(country: str) -> ModuleType | None:
    outside: dict[str, ModuleType] = {"NO": mva, "GB": british}
    if country in outside:
        return outside[country]
    known = "gr" if country == "EL" else country.lower()
    found: ModuleType | None = vat if known in vat.MEMBER_STATES else None
    return found


def vat_of(number: str) -> str:
    """The VAT number that follows from a Finnish business ID."""
    return f"FI{number.replace('-', '')}" if number else ""


def einvoice_address(value: str) -> str:
    """An OVT, an IBAN or a Peppol id, without spaces, checked, or empty. Raises ``FieldRefused``.

    The digits of the business ID inside an OVT, and of an IBAN, are checked.
    """
    text = re.sub(r"\s", "", value).upper()
    if not text:
        return ""
    ovt = _OVT.match(text.removeprefix(PEPPOL))
    if ovt is not None and ytunnus.is_valid(ovt[1]):
        return text
    if iban.is_valid(text):
        return str(iban.compact(text))
    raise FieldRefused(
        N_(
            "This is no e-invoice address: give an OVT as 003701120389, an IBAN, or a Peppol id "
            "as 0216:003701120389."
        ),
        code="einvoice_address",
    )


def einvoice_operator(value: str) -> str:
    """An operator's code, or a bank's, in capitals, checked, or empty. Raises ``FieldRefused``."""
    text = re.sub(r"\s", "", value).upper()
    if not text:
        return ""
    if text.startswith("003") and not _OPERATOR_OVT.match(text):
        text = "?"
    if not _OPERATOR.match(text):
        raise FieldRefused(
            N_("This is no operator's code: give it as E204503, 003721291126 or NDEAFIHH."),
            code="einvoice_operator",
        )
    return text


def operator_missing(address: str, operator: str) -> bool:
    """Whether an invoice could not find its way: Peppol finds the operator by itself."""
    return bool(address) and not operator and not address.startswith(PEPPOL)


def bank_missing(address: str, operator: str) -> bool:
    """Whether an IBAN goes with what is no bank: by it only banks find the buyer."""
    return bool(operator) and address[:2].isalpha() and not bic.is_valid(operator)
