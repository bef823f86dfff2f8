"""From what is owed to the file that goes to invoicing, in a browser."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from starlette.applications import Starlette

from registration import clock
from registration.enrolment.models import Place
from registration.invoicing.queries import invoices
from registration.invoicing.rules import month_of
from registration.ledger.queries import disclosures_of
from registration.settings import Settings
from tests.builders import log_in, make_participant
from tests.conftest import browser
from tests.invoicing.makers import make_buyer, make_run, seat
from tests.web.counting import statements
from tests.web.staff.conftest import House, error, words

HOSTILE = "<script>alert(1)</script> & Pojat"


async def owed(settings: Settings, *, people: int = 1, **changes: str) -> tuple[UUID, str]:
    """A company that owes for a session of yesterday, and the month of that."""
    company = await make_buyer(**changes)
    yesterday = clock.now() - timedelta(days=1)
    session = await make_run(starts_at=yesterday)
    for _each in range(people):
        before = yesterday - timedelta(days=2)
        await seat(session, company, settings, last_name=HOSTILE, now=before)
    return company, month_of(yesterday, settings.time_zone)


async def test_from_what_is_owed_to_the_basis_and_its_file(house: House) -> None:
    company, month = await owed(house.settings, people=2, name=HOSTILE)
    listed = await house.staff.get("/staff/invoicing")
    assert words(listed, ".data-table tbody tr:first-child td")[1:3] == ["2", "€598.00"]
    assert "<script>alert" not in listed.text
    made = await house.staff.post("/staff/invoicing", data={"company": company, "month": month})
    assert made.status_code == 303
    page = await house.staff.get(made.headers["location"])
    number = (await invoices())[0].number
    assert words(page, "h1") == [f"Invoicing basis {number}"]
    assert "Pojat" not in "".join(words(page, ".data-table"))
    file = await house.staff.get(f"{made.headers['location']}/file?format=csv")
    assert (file.status_code, file.headers["content-disposition"]) == (
        200, f'attachment; filename="{number}.csv"',
    )  # fmt: skip
    assert words(await house.staff.get("/staff/invoicing"), "#made tbody th") == [number]


async def test_sent_twice_it_is_made_once(house: House) -> None:
    company, month = await owed(house.settings)
    form = {"company": company, "month": month}
    first = await house.staff.post("/staff/invoicing", data=form)
    twice = await house.staff.post("/staff/invoicing", data=form)
    assert (first.status_code, twice.status_code, len(await invoices())) == (303, 409, 1)
    assert "Nothing of this company and month" in twice.text


@pytest.mark.parametrize(
    ("company", "month", "status"),
    [
        ("", "2026-03", 422),
        ("no-id", "2026-03", 422),
        (str(uuid4()), "2026-03", 404),
        (str(uuid4()), "march", 422),
        (str(uuid4()), "", 422),
    ],
    ids=["no-company", "no-id", "unknown", "no-month", "empty-month"],
)
async def test_what_cannot_be_made_is_refused_on_the_page(
    house: House, company: str, month: str, status: int
) -> None:
    answer = await house.staff.post("/staff/invoicing", data={"company": company, "month": month})
    assert (answer.status_code, await invoices()) == (status, [])


async def test_undone_with_a_reason_it_can_be_made_again(house: House) -> None:
    company, month = await owed(house.settings)
    form = {"company": company, "month": month}
    made = (await house.staff.post("/staff/invoicing", data=form)).headers["location"]
    wrong = await house.staff.post(f"{made}/undo", data={"reason": " "})
    assert (wrong.status_code, len(error(wrong, "reason"))) == (422, 1)
    done = await house.staff.post(f"{made}/undo", data={"reason": "Wrong company"})
    assert (done.status_code, done.headers["location"]) == (303, made)
    twice = await house.staff.post(f"{made}/undo", data={"reason": "Again"})
    assert twice.status_code == 409
    names = await house.staff.get(f"{made}/file?format=csv&names=1")
    assert (names.status_code, "has no names" in names.text) == (409, True)
    again = await house.staff.post("/staff/invoicing", data=form)
    assert again.status_code == 303


async def test_an_e_invoice_that_lacks_something_says_what(house: House) -> None:
    company, month = await owed(
        house.settings, street="", einvoice_address="", einvoice_operator=""
    )
    form = {"company": company, "month": month}
    made = (await house.staff.post("/staff/invoicing", data=form)).headers["location"]
    page = await house.staff.get(made)
    assert "the buyer&#39;s address" in page.text
    answer = await house.staff.get(f"{made}/file?format=ubl")
    assert (answer.status_code, "the buyer&#39;s address" in answer.text) == (409, True)
    assert (await house.staff.get(f"{made}/file?format=pdf")).status_code == 404
    assert (await house.staff.get(f"/staff/invoicing/{uuid4()}/file?format=csv")).status_code == 404


async def test_organisers_and_trainers_are_kept_out(house: House) -> None:
    company, month = await owed(house.settings)
    form = {"company": company, "month": month}
    for who in (house.organiser, house.trainer):
        assert (await who.get("/staff/invoicing")).status_code == 403
        assert (await who.post("/staff/invoicing", data=form)).status_code == 403
    assert await invoices() == []


@pytest.mark.promise("P15")
async def test_the_person_reads_that_their_place_went_to_invoicing(
    app: Starlette, house: House
) -> None:
    person, account = await make_participant("aino@example.fi")
    company, month = await owed(house.settings)
    await Place.filter(company_id=company).update(person_id=person.id)
    form = {"company": company, "month": month}
    made = (await house.staff.post("/staff/invoicing", data=form)).headers["location"]
    await house.staff.get(f"{made}/file?format=xlsx&names=1")
    assert len(await disclosures_of(person.id)) == 1
    async with browser(app) as own:
        await log_in(own, account)
        seen = await own.get("/me/seen")
    shown = " ".join(words(seen, "main"))
    said = "Your name, company, training and training days were given to Pohjan Raide Oy on"
    for word in (said, "to invoice."):
        assert word in shown


async def test_the_list_asks_as_much_for_many_companies_as_for_one(house: House) -> None:
    await owed(house.settings, name="1 Oy")
    async with statements() as one:
        await house.staff.get("/staff/invoicing")
    for number in range(2, 12):
        await owed(house.settings, name=f"{number} Oy", business_id="")
    async with statements() as many:
        answer = await house.staff.get("/staff/invoicing")
    assert (len(many), len(words(answer, "tbody tr"))) == (len(one), 11)
