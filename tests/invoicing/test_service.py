"""What is invoiced once, whatever happens at the same time, and what undoing it leaves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from registration.catalogue.models import Session
from registration.companies.rules import CompanyNotFound
from registration.enrolment.models import Place
from registration.enrolment.service import cancel
from registration.forms import Refused, parse
from registration.invoicing.models import Invoice
from registration.invoicing.queries import invoice, invoices, to_invoice
from registration.invoicing.rules import (
    AlreadyUndone,
    BasisGiven,
    InvoiceFormat,
    InvoiceNotFound,
    NoNames,
    NothingToInvoice,
    RateTotal,
)
from registration.invoicing.service import hand_over, make_basis, undo_basis
from registration.ledger.queries import disclosures_of
from registration.settings import Settings
from tests.invoicing.makers import AFTER, BEFORE, MARCH, make_buyer, make_run, seat, seat_many


def asked(company: UUID, month: str = "2026-03") -> BasisGiven:
    return BasisGiven(company=company, month=month)


async def made(company: UUID, settings: Settings, *, now: datetime = AFTER) -> UUID:
    return await make_basis(asked(company), actor_id=None, settings=settings, now=now)


async def test_what_a_company_owes_is_listed_by_month(register: Settings) -> None:
    company, other = await make_buyer(), await make_buyer(name="Toinen Oy", business_id="0112038-9")
    march = await make_run()
    february = await make_run(starts_at=MARCH - timedelta(days=20), price_cents=10_000)
    free = await make_run(price_cents=0)
    for session in (march, march, february, free):
        await seat(session, company, register, now=BEFORE)
    await seat(march, other, register)
    await seat(march, None, register)
    found = await to_invoice(zone=register.time_zone, now=AFTER)
    assert [(each.company, each.month, each.people, each.net_cents) for each in found] == [
        ("Pohjolan Rata & Pojat <Oy>", "2026-03", 2, 59_800),
        ("Toinen Oy", "2026-03", 1, 29_900),
        ("Pohjolan Rata & Pojat <Oy>", "2026-02", 1, 10_000),
    ]


async def test_nothing_is_owed_before_the_session_begins_or_for_what_was_cancelled(
    register: Settings,
) -> None:
    company, session = await make_buyer(), await make_run()
    await seat(session, company, register)
    gone = await seat(session, company, register)
    await cancel(gone.place_id, actor_id=None, settings=register, now=MARCH - timedelta(hours=1))
    assert await to_invoice(zone=register.time_zone, now=MARCH) == []
    (later,) = await to_invoice(zone=register.time_zone, now=MARCH + timedelta(minutes=1))
    assert later.people == 1


async def test_a_basis_has_lines_by_session_price_and_order_and_vat_by_rate(
    register: Settings,
) -> None:
    company, session = await make_buyer(), await make_run(price_cents=3_333)
    for order in ("PO-1", "PO-1", "", "PO-2"):
        await seat(session, company, register, order_number=order)
    old = await seat(session, company, register, order_number="PO-1")
    await Place.filter(id=old.place_id).update(vat_basis_points=2400)
    found = await invoice(await made(company, register))
    shown = [(each.order_number, each.people, each.vat_basis_points) for each in found.lines]
    assert shown == [("", 1, 2550), ("PO-1", 1, 2400), ("PO-1", 2, 2550), ("PO-2", 1, 2550)]
    # 3 333 × 24 % is 799,92 and 13 332 × 25,5 % is 3 399,66: rounded once for each rate.
    assert found.rates == (RateTotal(2400, 3_333, 800), RateTotal(2550, 13_332, 3_400))
    assert (found.row.number, found.row.net_cents, found.row.vat_cents) == (
        "2026-00001", 16_665, 4_200,
    )  # fmt: skip


async def test_a_price_that_changed_later_is_not_the_one_invoiced(register: Settings) -> None:
    company, session = await make_buyer(), await make_run(price_cents=10_000)
    await seat(session, company, register)
    await Session.filter(id=session.id).update(price_cents=99_900)
    found = await invoice(await made(company, register))
    assert found.row.net_cents == 10_000


async def test_of_two_who_make_it_at_once_one_does(store: Settings) -> None:
    company, session = await make_buyer(), await make_run()
    for _each in range(5):
        await seat(session, company, store)
    answers = await asyncio.gather(
        *(made(company, store) for _each in range(6)), return_exceptions=True
    )
    done = [each for each in answers if isinstance(each, UUID)]
    assert [type(each) for each in answers if not isinstance(each, UUID)] == [NothingToInvoice] * 5
    assert await Place.filter(invoice_id=done[0]).count() == 5
    assert [row.number for row in await invoices()] == ["2026-00001"]


async def test_numbers_have_no_gaps_when_many_are_made_at_once(store: Settings) -> None:
    session = await make_run()
    companies = [await make_buyer(name=f"{n} Oy", business_id="") for n in range(6)]
    for company in companies:
        await seat(session, company, store)
    await asyncio.gather(*(made(company, store) for company in companies))
    numbers = sorted(row.number for row in await Invoice.all())
    assert numbers == [f"2026-{n:05}" for n in range(1, 7)]


async def test_undone_its_places_can_be_invoiced_again_under_another_number(
    register: Settings,
) -> None:
    company, session = await make_buyer(), await make_run()
    await seat(session, company, register)
    first = await made(company, register)
    with pytest.raises(NothingToInvoice):
        await made(company, register)
    await undo_basis(first, "Wrong month", actor_id=None, settings=register, now=AFTER)
    with pytest.raises(AlreadyUndone):
        await undo_basis(first, "Again", actor_id=None, settings=register, now=AFTER)
    await made(company, register)
    shown = [(row.number, row.credit_number, row.undone_because) for row in await invoices()]
    assert shown == [("2026-00003", "", ""), ("2026-00001", "2026-00002", "Wrong month")]


async def test_undone_at_once_by_two_it_has_one_credit_number(store: Settings) -> None:
    company, session = await make_buyer(), await make_run()
    await seat(session, company, store)
    first = await made(company, store)
    answers = await asyncio.gather(
        *(
            undo_basis(first, "Twice", actor_id=None, settings=store, now=AFTER)
            for _each in range(4)
        ),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in answers) == ["AlreadyUndone"] * 3 + ["NoneType"]
    assert (await invoice(first)).row.credit_number == "2026-00002"


@pytest.mark.promise("P15")
@pytest.mark.parametrize("names", [False, True])
async def test_each_download_is_on_record_for_each_person(register: Settings, names: bool) -> None:
    company, session = await make_buyer(), await make_run()
    one = await seat(session, company, register)
    basis, actor = await made(company, register), uuid4()
    await hand_over(
        basis, InvoiceFormat.XLSX, names=names, actor_id=actor, settings=register, now=AFTER
    )
    (line,) = await disclosures_of(one.person_id)
    expected = ("name",) * names + ("company", "training", "dates")
    assert (line.purpose, line.basis, line.road, line.fields, line.object_id, line.actor_id) == (
        "invoicing", "contract", "xlsx", expected, basis, actor,
    )  # fmt: skip


async def test_what_was_undone_has_no_names(register: Settings) -> None:
    company, session = await make_buyer(), await make_run()
    await seat(session, company, register)
    basis = await made(company, register)
    await undo_basis(basis, "Wrong", actor_id=None, settings=register, now=AFTER)
    with pytest.raises(NoNames):
        await hand_over(
            basis, InvoiceFormat.CSV, names=True, actor_id=None, settings=register, now=AFTER
        )


async def test_ten_thousand_places_stand_on_one_basis(register: Settings) -> None:
    company, session = await make_buyer(), await make_run(price_cents=9_999_999)
    await seat_many(session, company, 10_000)
    found = await invoice(await made(company, register))
    assert (found.row.people, len(found.lines), found.row.net_cents) == (10_000, 1, 99_999_990_000)


async def test_unknown_things_are_refused(register: Settings) -> None:
    company = await make_buyer()
    with pytest.raises(NothingToInvoice):
        await made(company, register)
    with pytest.raises(CompanyNotFound):
        await made(uuid4(), register)
    with pytest.raises(InvoiceNotFound):
        await undo_basis(uuid4(), "None", actor_id=None, settings=register, now=AFTER)
    with pytest.raises(InvoiceNotFound):
        await invoice(uuid4())
    assert await Invoice.all().count() == 0


@pytest.mark.parametrize(
    "month", ["", "2026", "2026-13", "2026-00", "26-03", "２０２６-03", "1999-01"]
)
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(BasisGiven, {"company": str(uuid4()), "month": month})
    assert [error.field for error in refused.value.errors] == ["month"]


async def test_a_month_ends_at_local_midnight(register: Settings) -> None:
    """22.00 UTC on the last of March is the first of April in Finland."""
    company = await make_buyer()
    late = await make_run(starts_at=datetime(2026, 3, 31, 21, 30, tzinfo=UTC))
    await seat(late, company, register)
    (found,) = await to_invoice(zone=register.time_zone, now=AFTER)
    assert found.month == "2026-04"
    with pytest.raises(NothingToInvoice):
        await made(company, register)
