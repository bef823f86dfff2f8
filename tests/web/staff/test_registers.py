"""Trainings, venues, companies, trainer organisations, accounts; finding places; the ledger."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registration import clock
from registration.accounts import queries as accounts
from registration.accounts.rules import Role
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import GradeScale
from registration.companies import queries as companies
from registration.ledger.rules import Basis
from registration.ledger.service import Shown, disclose
from registration.people.rules import Contact
from registration.teaching.queries import recipients
from registration.web.staff.home import by_week
from tests.builders import make_account, make_person
from tests.web.counting import statements
from tests.web.makers import make_event, make_session, make_training, take_place
from tests.web.staff.conftest import House, error, value, words

HOSTILE = "</textarea><script>alert(1)</script>\"'{{ 7*7 }}"


async def test_a_training_is_written_in_three_languages(house: House) -> None:
    form = {
        "title_fi": "Rata",
        "title_sv": "Spår",
        "title_en": "Track",
        "aims_sv": "Mål",
        "topic_en": "Rail",
        "hours": "7,5",
        "grade_scale": "zero_to_five",
        "valid_months": "36",
        "published": "1",
    }
    answer = await house.staff.post("/staff/trainings/new", data=form)
    assert answer.status_code == 303
    made = UUID(answer.headers["location"].partition("=")[2])
    line = await catalogue.training(made)
    assert line.title == {"fi": "Rata", "sv": "Spår", "en": "Track"}
    assert (line.aims, line.length_minutes, line.valid_months) == ({"sv": "Mål"}, 450, 36)
    assert (line.grade_scale, line.published, line.slug) == (GradeScale.ZERO_TO_FIVE, True, "rata")
    shown = await house.staff.get(f"/staff/trainings/{made}")
    assert [value(shown, name) for name in form] == list(form.values())
    del form["published"], form["title_sv"]
    await house.staff.post(f"/staff/trainings/{made}", data=form | {"valid_months": ""})
    line = await catalogue.training(made)
    assert (line.title, line.published, line.valid_months) == (
        {"fi": "Rata", "en": "Track"},
        False,
        None,
    )


async def test_a_training_refused_keeps_what_was_typed(house: House) -> None:
    form = {"title_sv": "x" * 301, "hours": "long", "valid_months": "0", "summary_en": HOSTILE}
    answer = await house.staff.post("/staff/trainings/new", data=form)
    assert answer.status_code == 422
    assert error(answer, "title_sv") == ["Use at most 300 characters."]
    assert error(answer, "hours") == ["Give the hours as 7 or 7,5."]
    assert error(answer, "valid_months") == ["Give at least 1."]
    assert [value(answer, name) for name in form] == list(form.values())
    assert "<script>alert" not in answer.text


async def test_long_and_hostile_texts_are_shown_as_texts(house: House) -> None:
    title = f"{HOSTILE} " + "x" * (299 - len(HOSTILE))
    training = await make_training(title)
    line = await make_session(training)
    name = "Robert'); DROP" + "a" * 80
    await take_place(line, house.settings, contact=Contact(name, "&lt;", "r@example.fi"))
    event = await make_event(HOSTILE)
    for path in (
        "/staff",
        "/staff/trainings",
        f"/staff/trainings/{training}",
        "/staff/sessions",
        f"/staff/sessions/{line.id}",
        f"/staff/sessions/{line.id}/sheet",
        f"/staff/sessions/{line.id}/cancel",
        "/staff/events",
        f"/staff/events/{event.id}",
        "/staff/places",
    ):
        page = await house.staff.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "49" not in words(page, "h1")


async def test_a_company_needs_a_business_id_that_can_be_and_is_not_taken(house: House) -> None:
    wrong = await house.staff.post(
        "/staff/companies/new", data={"name": "Rata Oy", "business_id": "1572860-1"}
    )
    assert wrong.status_code == 422
    assert len(error(wrong, "business_id")) == 1
    form = {"name": "Rata Oy", "business_id": "15728600", "invoice_email": "x@example.fi"}
    assert (await house.staff.post("/staff/companies/new", data=form)).status_code == 303
    twice = await house.staff.post("/staff/companies/new", data=form)
    assert (twice.status_code, len(error(twice, "business_id"))) == (409, 1)
    (line,) = await companies.companies()
    assert (line.business_id, line.invoice_email) == ("1572860-0", "x@example.fi")
    form = {"name": "Rata Oyj", "business_id": "1572860-0"}
    await house.staff.post(f"/staff/companies/{line.id}", data=form)
    changed = await companies.company(line.id)
    assert (changed.name, changed.invoice_email) == ("Rata Oyj", "")


async def test_venues_are_added_and_changed(house: House) -> None:
    empty = await house.staff.post("/staff/venues/new", data={"city": "Oulu"})
    assert (empty.status_code, error(empty, "name")) == (422, ["This is needed."])
    assert value(empty, "city") == "Oulu"
    await house.staff.post("/staff/venues/new", data={"name": "Halli", "city": "Oulu"})
    (line,) = await catalogue.venues()
    await house.staff.post(f"/staff/venues/{line.id}", data={"name": "Halli 2", "country": "SE"})
    changed = await catalogue.venue(line.id)
    assert (changed.name, changed.city, changed.country) == ("Halli 2", "", "SE")


@pytest.mark.promise("P16")
async def test_a_trainer_organisation_says_what_stands_in_its_way(house: House) -> None:
    new = "/staff/recipients/new"
    today = clock.now().date()
    past = {"agreement_on": "2020-01-01", "agreement_until": "2020-12-31"}
    for form in (
        {"name": "A", "country": "FI", "agreement_on": "2020-01-01"},
        {"name": "B", "country": "FI"},
        {"name": "C", "country": "FI", **past},
        {"name": "D", "country": "US", "agreement_on": "2020-01-01"},
        {"name": "E", "country": "US", "agreement_on": str(today), "safeguard": "SCC 2026"},
    ):
        assert (await house.staff.post(new, data=form)).status_code == 303
    page = await house.staff.get("/staff/recipients")
    assert words(page, ".data-table .badge") == [
        "In force",
        "No agreement yet",
        "Agreement ended",
        "No safeguard yet",
        "In force",
    ]
    order = {"name": "F", "country": "FI", "agreement_on": "2026-02-01"}
    wrong = await house.staff.post(new, data=order | {"agreement_until": "2026-01-01"})
    assert (wrong.status_code, len(error(wrong, "agreement_until"))) == (422, 1)
    twice = await house.staff.post(new, data={"name": "A", "country": "FI"})
    assert (twice.status_code, len(error(twice, "name"))) == (409, 1)
    assert len(await recipients()) == 5


@pytest.mark.promise("P14")
async def test_accounts_are_added_shown_and_ended(house: House) -> None:
    new = "/staff/accounts/new"
    company = (await house.staff.post("/staff/companies/new", data={"name": "Rata Oy"})).status_code
    assert company == 303
    (line,) = await companies.companies()
    form = {"email": "kaisa@example.fi", "name": "Kaisa", "role": "coordinator", "language": "sv"}
    form |= {"reason": "enrols the fitters"}
    alone = await house.staff.post(new, data=form)
    assert (alone.status_code, len(error(alone, "company"))) == (422, 1)
    unknown = await house.staff.post(new, data=form | {"company": str(uuid4())})
    assert (unknown.status_code, len(error(unknown, "company"))) == (422, 1)
    made = await house.staff.post(new, data=form | {"company": str(line.id)})
    assert made.status_code == 303
    twice = await house.staff.post(new, data=form | {"company": str(line.id)})
    assert (twice.status_code, len(error(twice, "email"))) == (409, 1)
    participant = await house.staff.post(new, data=form | {"role": "participant"})
    assert participant.status_code == 422
    page = await house.staff.get(made.headers["location"])
    assert words(page, ".data-table td")[:3] == ["Rata Oy", "enrols the fitters", "Sari Staff"]
    (end,) = [each for each in page.text.split('"') if "/grants/" in each]
    assert (await house.staff.post(end, data={"reason": " "})).status_code == 422
    assert (await house.staff.post(end, data={"reason": "left"})).status_code == 303
    assert (await house.staff.post(end, data={"reason": "left"})).status_code == 404
    ended = await house.staff.get(made.headers["location"])
    assert words(ended, ".data-table .badge") == ["Ended"]
    assert (await house.staff.post(f"{made.headers['location']}/end")).status_code == 303
    closed = await house.staff.get(made.headers["location"])
    assert words(closed, ".banner-title") == ["This account is closed"]


async def test_nobody_closes_their_own_account(house: House) -> None:
    answer = await house.staff.post(f"/staff/accounts/{house.staff_id}/end")
    assert answer.status_code == 409
    assert (await accounts.account(house.staff_id, now=clock.now())).ended_at is None


async def test_the_agreement_brings_a_role_into_force(house: House) -> None:
    made = await make_account(Role.STAFF, "new@example.fi", "New Person", nda_on=None)
    path = f"/staff/accounts/{made}"
    assert words(await house.staff.get(path), ".data-table .badge") == ["No agreement yet"]
    wrong = await house.staff.post(f"{path}/agreement", data={"nda_on": "yesterday"})
    assert (wrong.status_code, len(error(wrong, "nda_on"))) == (422, 1)
    await house.staff.post(f"{path}/agreement", data={"nda_on": "2026-01-01"})
    assert words(await house.staff.get(path), ".data-table .badge") == ["In force"]


async def test_places_are_found_by_post_so_that_no_name_stands_in_an_address(house: House) -> None:
    line = await make_session()
    for first, last in (("Aino", "Öhman"), ("Bo", "Ek")):
        contact = Contact(first, last, f"{first.lower()}@example.fi")
        await take_place(line, house.settings, contact=contact)
    found = {
        query: words(await house.staff.post("/staff/places", data={"words": query}), "tbody th")
        for query in ("ÖHMAN aino", "bo@ex", "100%", "nobody")
    }
    assert {query: len(rows) for query, rows in found.items()} == {
        "ÖHMAN aino": 1,
        "bo@ex": 1,
        "100%": 0,
        "nobody": 0,
    }
    page = await house.staff.post("/staff/places", data={"words": HOSTILE})
    assert value(page, "words") == HOSTILE
    assert 'method="post" action="/staff/places"' in page.text


@pytest.mark.promise("P15")
async def test_disclosures_name_who_is_still_there_and_no_one_else(house: House) -> None:
    person, gone = await make_person(), uuid4()
    now = clock.now()
    shown = [
        Shown(each, ("name", "company"), "teaching", Basis.CONTRACT, "page", house.staff_id)
        for each in (person.id, gone)
    ]
    await disclose(shown[:1], now=now)
    await disclose(shown[1:], now=now - timedelta(hours=1))
    page = await house.staff.get("/staff/ledger/disclosures")
    assert words(page, ".data-table tbody th") == ["Aino Virtanen", f"{str(gone)[:8]}…"]
    assert words(page, ".data-table tbody tr:first-child td")[1] == "Sari Staff"


async def test_disclosures_are_paged_without_gaps_at_the_same_moment(house: House) -> None:
    people = [uuid4() for _each in range(70)]
    shown = [Shown(each, ("name",), "x", Basis.CONTRACT, "page") for each in people]
    await disclose(shown, now=clock.now())
    seen: list[str] = []
    url = "/staff/ledger/disclosures"
    while url:
        async with statements() as asked:
            page = await house.staff.get(url)
        assert len(asked) < 12
        seen += words(page, ".data-table tbody th")
        following = [each for each in page.text.split('"') if "disclosures?after=" in each]
        url = following[-1] if following and 'rel="next"' in page.text else ""
    assert sorted(seen) == sorted(f"{str(each)[:8]}…" for each in people)
    assert (await house.staff.get("/staff/ledger/disclosures?after=x")).status_code == 404


async def test_home_shows_what_needs_doing(house: House) -> None:
    full = await make_session(capacity=1, starts_at=clock.now() + timedelta(days=2))
    for _each in range(3):
        await take_place(full, house.settings)
    past = clock.now() - timedelta(days=3)
    over = await make_session(starts_at=past, made_at=past - timedelta(days=9))
    await take_place(over, house.settings, at=past - timedelta(days=8))
    event = await make_event()
    page = await house.staff.get("/staff")
    figures = dict(zip(words(page, ".stats dt"), words(page, ".stats dd"), strict=True))
    assert figures == {
        "Sessions within two weeks": "1",
        "People on waiting lists": "2",
        "Results missing": "1",
        "To decide": "0",
        "Deletions overdue": "0",
        "Packs not destroyed": "0",
        "Mails waiting to be sent": "4",
        "Mails in trouble": "0",
    }
    assert f"/staff/sessions/{over.id}" in page.text
    assert f"/staff/events/{event.id}" in page.text
    assert len(words(page, ".columns tbody tr")) == 8


def test_weeks_are_counted_from_monday_in_finland() -> None:
    now = clock.now().replace(year=2026, month=11, day=18, hour=12)
    sunday = now.replace(day=15, hour=21, minute=59)
    bars = by_week([sunday, sunday + timedelta(minutes=2), now, now - timedelta(days=90)], now=now)
    assert bars[-2:] == (("9.11.", 1), ("16.11.", 2))
    assert (len(bars), sum(number for _label, number in bars)) == (8, 3)
