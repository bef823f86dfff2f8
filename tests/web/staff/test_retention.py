"""Pages of retention and holds, and the end of a customer relationship, as staff see them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from registration import clock
from registration.accounts.models import Grant
from registration.accounts.rules import Role
from registration.companies.models import Company, Employment
from registration.enrolment.groups import enrol_group
from registration.enrolment.holds import hold_seats
from registration.enrolment.models import HeldSeat, Place
from registration.enrolment.queries import places_of_company
from registration.privacy.holds import holds_of
from registration.privacy.models import RetentionRun
from registration.privacy.receipts import last_runs
from registration.privacy.sweeping import Pace, sweep
from tests.builders import make_account
from tests.enrolment.makers import group_of, make_company, make_session
from tests.privacy import past
from tests.web.staff.conftest import House, value, words

LONG_AGO = datetime(2015, 1, 1, 12, tzinfo=UTC)
HOLDS = "/staff/privacy/holds"


def filled(**more: str) -> dict[str, str]:
    usual = {
        "held": "all",
        "authority": "Traficom",
        "case": "TRA/52814",
        "reason": "An accident at a site.",
        "review_on": (clock.now() + timedelta(days=90)).date().isoformat(),
    }
    return usual | more


@pytest.mark.promise("P13")
async def test_the_page_counts_what_goes_and_deletes_nothing(house: House) -> None:
    for _each in range(3):
        await past.person_of_old(LONG_AGO)
    held = await past.person_of_old(LONG_AGO)
    await house.staff.post(f"{HOLDS}/new/{held}", data=filled())
    page = await house.staff.get("/staff/privacy/retention")
    assert words(page, "#tonight tbody tr") == [
        "Contact data of people whom nothing ties to us 3 1: an authority requires it"
    ]
    again = await house.staff.get("/staff/privacy/retention")
    assert words(again, "#tonight tbody tr") == words(page, "#tonight tbody tr")
    assert "Vanha" not in page.text
    assert len(words(page, "#rules tbody tr")) == 13


@pytest.mark.promise("P13")
async def test_a_sweep_shows_its_receipts(house: House) -> None:
    await past.person_of_old(LONG_AGO)
    await sweep(house.settings, now=clock.now(), pace=Pace(rest=0))
    page = await house.staff.get("/staff/privacy/retention")
    ((line,),) = [run.lines for run in await last_runs()]
    (row,) = words(page, "#runs tbody tr")
    assert row.startswith("Contact data of people whom nothing ties to us 24 1 –")
    assert row.endswith(f"{str(line.id)[:8]}, entry {line.entry_number} of the ledger")
    assert words(page, "#tonight tbody tr") == []
    assert len(words(page, ".month-entry")) == 1


async def test_coming_months_show_what_will_go(house: House) -> None:
    ends = clock.now() - timedelta(days=300)
    seating = await past.event_ended(ends)
    for _each in range(2):
        await past.place_on(seating, await past.person_of_old(ends))
    going = ends.replace(year=ends.year + 1) + timedelta(days=1)
    page = await house.staff.get(f"/staff/privacy/retention?month={going:%Y-%m}")
    assert words(page, ".month-entry") == ["2 Places at events"]


async def test_a_sweep_that_stands_still_raises_an_alarm(house: House) -> None:
    metric = "registration_retention_late"
    await sweep(house.settings, now=clock.now(), pace=Pace(rest=0))
    assert f"{metric} 0.0" in (await house.staff.get("/metrics")).text
    runs = RetentionRun.filter(started_at__lte=clock.now())
    await runs.update(ended_at=clock.now() - timedelta(days=3))
    page = await house.staff.get("/staff/privacy/retention")
    assert "The nightly sweep has not run for two days" in page.text
    assert f"{metric} 1.0" in (await house.staff.get("/metrics")).text


@pytest.mark.promise("P13")
async def test_a_hold_is_placed_reviewed_and_lifted(house: House) -> None:
    person = await past.person_of_old(LONG_AGO, last_name="Säilynen", name_key="vanha säilynen")
    found = await house.staff.post(f"{HOLDS}/new", data={"words": "säilynen"})
    assert len(words(found, "tbody tr")) == 1
    placed = await house.staff.post(f"{HOLDS}/new/{person}", data=filled())
    assert placed.status_code == 303
    path = placed.headers["location"]
    listed = await house.staff.get(HOLDS)
    assert ["Everything on this person" in row for row in words(listed, "tbody tr")] == [True]
    day = (clock.now() + timedelta(days=200)).date()
    kept = await house.staff.post(f"{path}/review", data={"review_on": day.isoformat()})
    assert (kept.status_code, (await holds_of(person))[0].review_on) == (303, day)
    nothing = await house.staff.post(f"{path}/lift", data={"lifted_why": " "})
    assert nothing.status_code == 422
    lifted = await house.staff.post(f"{path}/lift", data={"lifted_why": "Closed."})
    assert (lifted.status_code, await holds_of(person)) == (303, [])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"held": ""}, "held"),
        ({"held": "account; --"}, "held"),
        ({"held": "certificate", "parts": "diet"}, "parts"),
        ({"authority": ""}, "authority"),
        ({"authority": "x" * 201}, "authority"),
        ({"case": "x" * 101}, "case"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 1001}, "reason"),
        ({"review_on": "soon"}, "review_on"),
        ({"review_on": "2001-01-01"}, "review_on"),
    ],
    ids=[
        "nothing", "hostile", "other-part", "no-authority", "long-authority", "long-case",
        "no-reason", "long-reason", "no-date", "past",
    ],
)  # fmt: skip
async def test_a_bad_hold_comes_back_with_all_that_was_typed(
    house: House, wrong: dict[str, str], field: str
) -> None:
    person = await past.person_of_old(LONG_AGO)
    given = filled() | wrong
    answer = await house.staff.post(f"{HOLDS}/new/{person}", data=given)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    typed = [name for name in ("authority", "case", "review_on") if name not in wrong]
    assert [value(answer, name) for name in typed] == [given[name] for name in typed]
    assert await holds_of(person) == []


async def test_the_same_hold_twice_is_said_beside_its_reference(house: House) -> None:
    person = await past.person_of_old(LONG_AGO)
    await house.staff.post(f"{HOLDS}/new/{person}", data=filled())
    again = await house.staff.post(f"{HOLDS}/new/{person}", data=filled())
    assert (again.status_code, len(await holds_of(person))) == (409, 1)
    assert 'href="#f-case"' in again.text


@pytest.mark.promise("P13")
@pytest.mark.parametrize("choice", ["keep", "cancel"])
async def test_a_customer_relationship_ends_with_what_hangs_on_it(
    house: House, choice: str
) -> None:
    now = clock.now()
    company = await make_company()
    account = await make_account(
        Role.COORDINATOR, "k@rata.example", "Kai K", company_id=company, nda_on=None
    )
    start = now + timedelta(days=9)
    offering = await make_session(5, starts_at=start, ends_at=start + timedelta(hours=7))
    await enrol_group(offering, group_of(company, account, 1, 2), settings=house.settings, now=now)
    await hold_seats(
        offering, company_id=company, actor_id=account, number=1, settings=house.settings, now=now
    )
    path = f"/staff/companies/{company}/end"
    page = await house.staff.get(path)
    assert len(words(page, "tbody tr")) == 2 + 6
    unsaid = await house.staff.post(path, data={"last_day": "yesterday"})
    assert unsaid.status_code == 422
    assert await Employment.filter(until=None).count() == 2
    today = now.date().isoformat()
    done = await house.staff.post(path, data={"last_day": today, "coming": choice})
    assert done.status_code == 303
    assert (await Company.get(id=company)).ended_at is not None
    assert await Employment.filter(until=None).count() == 0
    assert await HeldSeat.all().count() == 0
    assert await Grant.filter(scope_id=company, ends_at=None).count() == 0
    assert await Place.filter(current=True).count() == (2 if choice == "keep" else 0)
    assert len(await places_of_company(company)) in (0, 2)
    again = await house.staff.post(path, data={"last_day": today, "coming": choice})
    assert again.status_code == 409
