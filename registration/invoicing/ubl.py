"""An invoicing basis as an e-invoice: Peppol BIS Billing 3.0 (EN 16931) in UBL 2.1.

Buyers in Finland may ask for an invoice of the European standard, and Finnish operators turn it
into Finvoice. Parties are named by their business ID (ISO 6523 scheme 0212) and by their
e-invoice address (OVT, scheme 0216).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from registration.companies.queries import CompanyLine
from registration.i18n import DEFAULT_ZONE, N_, _, format_date, speaking, text_in
from registration.invoicing.queries import InvoiceDetail
from registration.invoicing.rules import (
    EInvoiceIncomplete,
    Line,
    RateTotal,
    days_of,
    due_on,
    reference_of,
)
from registration.settings import Organisation, Settings

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CAC, CBC = f"{_UBL}CommonAggregateComponents-2", f"{_UBL}CommonBasicComponents-2"
SPECIFICATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
BUSINESS_ID_SCHEME, OVT_SCHEME = "0212", "0216"
INVOICE_CODE, CREDIT_CODE, CREDIT_TRANSFER, ONE_PERSON = "380", "381", "30", "IE"
_OVT = re.compile(r"0037\d{8}[0-9A-Z]{0,5}\Z", re.ASCII)
PEPPOL_PREFIX = f"{OVT_SCHEME}:"
_BUSINESS_ID = re.compile(r"\d{7}-\d\Z", re.ASCII)
_ADDRESS = re.compile(r"(?P<street>.+?),\s*(?P<code>\d{5})\s+(?P<city>[^,]+)\Z")
# What XML 1.0 cannot hold at all, however it is written.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

register_namespace("cac", CAC)
register_namespace("cbc", CBC)


@dataclass(frozen=True, slots=True)
class _Party:
    name: str
    business_id: str
    einvoice_address: str
    street: str
    postal_code: str
    city: str
    country: str
    vat_number: str = ""


def _ovt(address: str) -> str:
    """The OVT in an e-invoice address, which may be written as a Peppol id."""
    return address.removeprefix(PEPPOL_PREFIX)


def missing(found: InvoiceDetail, house: Organisation) -> tuple[str, ...]:
    """What is not known that an e-invoice must say, as msgids; empty when it can be written."""
    company = found.company
    checks = (
        (_BUSINESS_ID.match(house.business_id), N_("the seller's business ID")),
        (_OVT.match(house.einvoice_address), N_("the seller's e-invoice address")),
        (house.iban, N_("the seller's account number")),
        (company.street and company.postal_code and company.city, N_("the buyer's address")),
        (_OVT.match(_ovt(company.einvoice_address)), N_("the buyer's e-invoice address (OVT)")),
        (
            company.reference or _orders(found.lines),
            N_("the buyer's reference or order number"),
        ),
        (
            all(line.vat_basis_points for line in found.lines),
            N_("a VAT rate on every line"),
        ),
    )
    return tuple(what for known, what in checks if not known)


def _orders(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(line.order_number for line in lines if line.order_number))


def write_ubl(found: InvoiceDetail, *, settings: Settings) -> bytes:
    """The invoice, or the credit note of one that was undone; texts are in the first language of
    the installation, whoever asks, so that it is the same file each time.

    Raises ``EInvoiceIncomplete``.
    """
    lacking = missing(found, settings.organisation)
    if lacking:
        raise EInvoiceIncomplete(missing=", ".join(_(what) for what in lacking))
    with speaking(settings.languages[0]):
        root = _document(found, settings.organisation)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _document(found: InvoiceDetail, house: Organisation) -> Element:
    row, credit = found.row, found.row.undone_at is not None
    kind = "CreditNote" if credit else "Invoice"
    root = Element(f"{{{_UBL}{kind}-2}}{kind}")
    _put(root, "CustomizationID", SPECIFICATION)
    _put(root, "ProfileID", PROCESS)
    _put(root, "ID", row.credit_number if credit else row.number)
    _put(root, "IssueDate", _issued_on(found).isoformat())
    if credit:
        _put(root, "CreditNoteTypeCode", CREDIT_CODE)
        _put(root, "Note", row.undone_because)
    else:
        _put(root, "DueDate", due_on(row.issued_on).isoformat())
        _put(root, "InvoiceTypeCode", INVOICE_CODE)
    _put(root, "DocumentCurrencyCode", "EUR")
    _put(root, "AccountingCost", found.company.cost_centre)
    _put(root, "BuyerReference", found.company.reference)
    _period(root, *days_of(row.month))
    orders = _orders(found.lines)
    if len(orders) == 1:
        _put(_in(root, "OrderReference"), "ID", orders[0])
    elif orders and not found.company.reference:
        _put(_in(root, "OrderReference"), "ID", ", ".join(orders))
    if credit:
        reference = _in(_in(root, "BillingReference"), "InvoiceDocumentReference")
        _put(reference, "ID", row.number)
        _put(reference, "IssueDate", row.issued_on.isoformat())
    _party(_in(root, "AccountingSupplierParty"), _seller(house))
    _party(_in(root, "AccountingCustomerParty"), _buyer(found.company))
    _payment(root, found, house, credit=credit)
    _totals(root, found)
    for line in found.lines:
        _line(root, line, credit=credit, orders=len(orders))
    return root


def _issued_on(found: InvoiceDetail) -> date:
    undone_at = found.row.undone_at
    if undone_at is None:
        return found.row.issued_on
    return undone_at.astimezone(DEFAULT_ZONE).date()


def _in(parent: Element, name: str) -> Element:
    return SubElement(parent, f"{{{CAC}}}{name}")


def _put(parent: Element, name: str, text: str, **attributes: str) -> None:
    """A value, unless it is empty: Peppol wants no empty elements."""
    kept = " ".join(_UNWRITABLE.sub("", text).split())
    if kept:
        SubElement(parent, f"{{{CBC}}}{name}", attributes).text = kept


def _amount(parent: Element, name: str, cents: int) -> None:
    _put(parent, name, f"{cents // 100}.{cents % 100:02}", currencyID="EUR")


def _period(parent: Element, first: date, last: date) -> None:
    period = _in(parent, "InvoicePeriod")
    _put(period, "StartDate", first.isoformat())
    _put(period, "EndDate", last.isoformat())


def _seller(house: Organisation) -> _Party:
    found = _ADDRESS.match(house.address)
    return _Party(
        house.name,
        house.business_id,
        house.einvoice_address,
        found["street"] if found else house.address,
        found["code"] if found else "",
        found["city"] if found else "",
        house.country,
        vat_number=f"FI{house.business_id.replace('-', '')}",
    )


def _buyer(company: CompanyLine) -> _Party:
    return _Party(
        company.name,
        company.business_id,
        _ovt(company.einvoice_address),
        company.street,
        company.postal_code,
        company.city,
        company.country,
        company.vat_number,
    )


def _party(parent: Element, given: _Party) -> None:
    party = _in(parent, "Party")
    _put(party, "EndpointID", given.einvoice_address, schemeID=OVT_SCHEME)
    _put(_in(party, "PartyName"), "Name", given.name)
    address = _in(party, "PostalAddress")
    _put(address, "StreetName", given.street)
    _put(address, "CityName", given.city)
    _put(address, "PostalZone", given.postal_code)
    _put(_in(address, "Country"), "IdentificationCode", given.country)
    if given.vat_number:
        scheme = _in(party, "PartyTaxScheme")
        _put(scheme, "CompanyID", given.vat_number)
        _put(_in(scheme, "TaxScheme"), "ID", "VAT")
    legal = _in(party, "PartyLegalEntity")
    _put(legal, "RegistrationName", given.name)
    _put(legal, "CompanyID", given.business_id, schemeID=BUSINESS_ID_SCHEME)


def _payment(root: Element, found: InvoiceDetail, house: Organisation, *, credit: bool) -> None:
    means = _in(root, "PaymentMeans")
    _put(means, "PaymentMeansCode", CREDIT_TRANSFER)
    _put(means, "PaymentID", reference_of(found.row.number))
    account = _in(means, "PayeeFinancialAccount")
    _put(account, "ID", house.iban)
    _put(account, "Name", house.name)
    if house.bic:
        _put(_in(account, "FinancialInstitutionBranch"), "ID", house.bic)
    if not credit:
        due = format_date(due_on(found.row.issued_on))
        _put(_in(root, "PaymentTerms"), "Note", _("14 days net, due on {date}", date=due))


def _totals(root: Element, found: InvoiceDetail) -> None:
    net, vat = found.row.net_cents, found.row.vat_cents
    taxes = _in(root, "TaxTotal")
    _amount(taxes, "TaxAmount", vat)
    for each in found.rates:
        _rate(taxes, each)
    total = _in(root, "LegalMonetaryTotal")
    _amount(total, "LineExtensionAmount", net)
    _amount(total, "TaxExclusiveAmount", net)
    _amount(total, "TaxInclusiveAmount", net + vat)
    _amount(total, "PayableAmount", net + vat)


def _rate(taxes: Element, each: RateTotal) -> None:
    part = _in(taxes, "TaxSubtotal")
    _amount(part, "TaxableAmount", each.net_cents)
    _amount(part, "TaxAmount", each.vat_cents)
    _category(_in(part, "TaxCategory"), each.vat_basis_points)


def _category(category: Element, basis_points: int) -> None:
    _put(category, "ID", "S")
    _put(category, "Percent", f"{basis_points / 100:g}")
    _put(_in(category, "TaxScheme"), "ID", "VAT")


def _line(root: Element, line: Line, *, credit: bool, orders: int) -> None:
    part = _in(root, "CreditNoteLine" if credit else "InvoiceLine")
    _put(part, "ID", str(line.position))
    if orders > 1 and line.order_number:
        _put(part, "Note", _("Order number {number}", number=line.order_number))
    quantity = "CreditedQuantity" if credit else "InvoicedQuantity"
    _put(part, quantity, str(line.people), unitCode=ONE_PERSON)
    _amount(part, "LineExtensionAmount", line.net_cents)
    item = _in(part, "Item")
    days = format_date(line.first_day)
    if line.last_day != line.first_day:
        days = f"{days} – {format_date(line.last_day)}"
    _put(item, "Description", days)
    _put(item, "Name", text_in(line.title))
    _category(_in(item, "ClassifiedTaxCategory"), line.vat_basis_points)
    _amount(_in(part, "Price"), "PriceAmount", line.price_cents)
