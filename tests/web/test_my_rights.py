"""A person's rights on their own pages, and an account holder's on theirs (P11, P12)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.accounts.models import Account
from registration.accounts.rules import Role
from registration.app import create_app
from registration.ledger.rules import Basis
from registration.ledger.service import Shown, disclose
from registration.mail.models import Mail
from registration.people.models import Person
from registration.people.rules import Contact
from registration.people.service import correct
from registration.privacy.models import Hold, Restriction, RightsRequest
from registration.settings import Settings
from tests.builders import log_in, make_account, make_participant, make_person
from tests.conftest import browser
from tests.web.staff.conftest import words

PAGES = (
    "/me/rights", "/me/rights/restrict", "/me/rights/object", "/me/rights/ask", "/me/data/all",
    "/me/data/all/person", "/me/seen",
)  # fmt: skip
HOSTILE = "<script>alert(1)</script>\u202e=HYPERLINK(1)"


async def aino(client: httpx.AsyncClient) -> Person:
    person, account_id = await make_participant(now=clock.now())
    await log_in(client, account_id)
    return person


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_each_page_opens_in_each_language(client: httpx.AsyncClient, language: str) -> None:
    await aino(client)
    for path in PAGES:
        answer = await client.get(f"{path}?lang={language}")
        assert (answer.status_code, path) == (200, path)
        assert answer.headers["cache-control"] == "private, no-store"


async def test_what_is_held_stands_there_in_words(client: httpx.AsyncClient) -> None:
    person = await aino(client)
    page = await client.get("/me/data/all")
    assert "Your contact data" in words(page, ".held h2")
    assert person.email in page.text
    assert (await client.get("/me/data/all/nothing")).status_code == 404
    assert (await client.get("/me/data/all/person?page=2")).status_code == 404
    assert (await client.get("/me/data/all/sealed_diet")).status_code == 404


@pytest.mark.promise("P11")
@pytest.mark.promise("P12")
async def test_the_copy_comes_in_two_forms_and_each_is_on_record(client: httpx.AsyncClient) -> None:
    person = await aino(client)
    copy = await client.get("/me/export.json")
    assert (copy.status_code, copy.headers["content-type"]) == (200, "application/json")
    assert copy.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert copy.json()["held"]["person"]["rows"][0]["email"] == person.email
    paper = await client.get("/me/export.pdf")
    assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")
    rows = await RightsRequest.filter(person_id=person.id)
    assert [(row.kind, row.state, row.channel) for row in rows] == [
        ("access", "answered", "page")
    ] * 2
    page = await client.get("/me/rights")
    assert words(page, "#requests tbody th") == [row.reference for row in rows][::-1]


@pytest.mark.promise("P11")
async def test_a_restriction_holds_at_once_and_is_taken_back(client: httpx.AsyncClient) -> None:
    person = await aino(client)
    given = {"restrict_what": "accuracy", "restrict_because": HOSTILE}
    answer = await client.post("/me/rights/restrict", data=given)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/rights")
    assert (await Person.get(id=person.id)).restricted_at is not None
    page = await client.get("/me/rights")
    assert words(page, "#restrictions h3") == ["All of your data is only kept"]
    assert "<script>alert" not in page.text
    again = await client.post("/me/rights/restrict", data=given)
    assert again.status_code == 409
    assert "This is restricted already." in again.text
    row = await Restriction.get()
    assert row.because == "<script>alert(1)</script>=HYPERLINK(1)"
    await client.post(f"/me/rights/restrictions/{row.id}/lift")
    assert (await Person.get(id=person.id)).restricted_at is None


async def test_an_objection_names_the_use_it_is_about(client: httpx.AsyncClient) -> None:
    person = await aino(client)
    for data, said in (
        ({}, "Choose one of these."),
        ({"restrict_what": "certificate"}, "Choose one of these."),
        (
            {"restrict_what": "employment", "restrict_because": "x" * 1_001},
            "Use at most 1000 characters.",
        ),
    ):
        answer = await client.post("/me/rights/object", data=data)
        assert (answer.status_code, said in answer.text) == (422, True)
    await client.post("/me/rights/object", data={"restrict_what": "employment"})
    assert (await Person.get(id=person.id)).untold_at is not None


@pytest.mark.promise("P11")
@pytest.mark.promise("P12")
async def test_a_correction_is_asked_for_and_taken_back(client: httpx.AsyncClient) -> None:
    person = await aino(client)
    page = await client.get("/me/rights/ask?about=RK-2026-000001")
    assert "RK-2026-000001: </textarea>" in page.text
    empty = await client.post("/me/rights/ask", data={"ask_text": " "})
    assert empty.status_code == 422
    long = await client.post("/me/rights/ask", data={"ask_kind": "other", "ask_text": "x" * 10_001})
    assert long.status_code == 422
    await client.post("/me/rights/ask", data={"ask_kind": "rectification", "ask_text": HOSTILE})
    row = await RightsRequest.get(person_id=person.id)
    assert (row.kind, row.channel, row.state) == ("rectification", "page", "in-hand")
    shown = await client.get(f"/me/rights/requests/{row.id}")
    assert "<script>alert" not in shown.text
    assert row.reference in shown.text
    await client.post(f"/me/rights/requests/{row.id}/withdraw")
    assert (await RightsRequest.get(id=row.id)).state == "withdrawn"
    await client.post(f"/me/rights/requests/{row.id}/withdraw")
    assert (await RightsRequest.get(id=row.id)).state == "withdrawn"


async def test_what_is_anothers_is_not_there(client: httpx.AsyncClient, app: Starlette) -> None:
    await aino(client)
    await client.post("/me/rights/restrict", data={"restrict_what": "claims"})
    await client.post("/me/rights/ask", data={"ask_kind": "other", "ask_text": "Hello"})
    restriction, request = await Restriction.get(), await RightsRequest.get(kind="other")
    onni = await make_person("Onni", "Virtanen", "aino@example.fi", now=clock.now())
    account = Account(
        id=uuid4(),
        email=onni.email,
        name="Onni Virtanen",
        language="en",
        person_id=onni.id,
        created_at=clock.now(),
    )
    await account.save()
    async with browser(app) as other:
        await log_in(other, account.id)
        lift = await other.post(f"/me/rights/restrictions/{restriction.id}/lift")
        shown = await other.get(f"/me/rights/requests/{request.id}")
        withdrawn = await other.post(f"/me/rights/requests/{request.id}/withdraw")
        assert [each.status_code for each in (lift, shown, withdrawn)] == [404, 404, 404]
        assert "Aino" not in (await other.get("/me/data/all")).text


async def test_a_hold_that_may_be_known_is_told(client: httpx.AsyncClient) -> None:
    person = await aino(client)
    for authority, silent in (("Onnettomuustutkintakeskus", False), ("Poliisi", True)):
        await Hold.create(
            id=uuid4(),
            person_id=person.id,
            authority=authority,
            reference="1/2026",
            reason="Looked into",
            silent=silent,
            review_on=clock.now().date(),
            placed_by=uuid4(),
            placed_at=clock.now(),
        )
    page = await client.get("/me/rights")
    assert "Onnettomuustutkintakeskus" in page.text
    assert "Poliisi" not in page.text


@pytest.mark.promise("P15")
async def test_who_saw_it_is_searched_and_turned_page_by_page(client: httpx.AsyncClient) -> None:
    person = await aino(client)
    now = clock.now()
    for number in range(60):
        shown = Shown(
            person.id,
            ("name", "diet") if number == 7 else ("name",),
            "catering" if number == 7 else "attendance",
            Basis.CONTRACT,
            "page",
        )
        await disclose([shown], now=now - timedelta(minutes=number))
    first = await client.get("/me/seen")
    assert len(words(first, "tbody tr")) == 50
    assert 'href="/me/seen?page=2"' in first.text
    assert len(words(await client.get("/me/seen?page=2"), "tbody tr")) == 10
    assert len(words(await client.get("/me/seen?page=99"), "tbody tr")) == 10
    for query in ("purpose=catering", "field=diet"):
        assert len(words(await client.get(f"/me/seen?{query}"), "tbody tr")) == 1
    unknown = await client.get("/me/seen?purpose=%27%3B--&field=%3Cscript%3E")
    assert len(words(unknown, "tbody tr")) == 50


@pytest.mark.promise("P11")
@pytest.mark.parametrize("role", [Role.STAFF, Role.TRAINER, Role.COORDINATOR])
async def test_an_account_without_a_person_has_a_page_a_copy_and_a_way_to_ask(
    client: httpx.AsyncClient, role: Role
) -> None:
    scope = uuid4() if role is Role.COORDINATOR else None
    same, _login = await make_participant("kaksi@example.fi", now=clock.now())
    account = await make_account(role, "kaksi@example.fi", "Kaija Kaksi", company_id=scope)
    await log_in(client, account)
    page = await client.get("/account/data")
    assert page.status_code == 200
    assert "Kaija Kaksi" in page.text
    assert same.first_name not in page.text
    copy = (await client.get("/account/export.json")).json()
    assert "person" not in copy["held"]
    assert (await client.get("/account/data/account")).status_code == 200
    assert (await client.get("/account/data/person")).status_code == 404
    assert (await client.post("/account/data/ask", data={"ask_kind": "x"})).status_code == 422
    await client.post("/account/data/ask", data={"ask_kind": "erasure", "ask_text": HOSTILE})
    row = await RightsRequest.get(kind="erasure")
    assert (row.account_id, row.person_id, row.channel) == (account, None, "page")
    again = await client.get("/account/data")
    assert row.reference in again.text
    assert "<script>alert" not in again.text
    assert await Person.all().count() == 1


async def test_a_participant_is_led_to_their_own_pages(client: httpx.AsyncClient) -> None:
    await aino(client)
    for path, to in (
        ("/account/data", "/me/data/all"),
        ("/account/data/person", "/me/data/all/person"),
        ("/account/export.json", "/me/export.json"),
    ):
        assert (await client.get(path)).headers["location"] == to


async def test_copies_are_not_taken_without_end(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"rate_limit": "on"}), run_jobs=False)
    async with app.router.lifespan_context(app), browser(app) as client:
        await aino(client)
        answers = [(await client.get("/me/export.json")).status_code for _each in range(11)]
    assert answers == [200] * 10 + [429]


@pytest.mark.promise("P11")
async def test_staff_decide_and_the_person_hears_why(
    client: httpx.AsyncClient, app: Starlette
) -> None:
    person = await aino(client)
    await client.post(
        "/me/rights/object", data={"restrict_what": "employment", "restrict_because": HOSTILE}
    )
    row = await Restriction.get()
    staff = await make_account()
    path = f"/staff/privacy/restrictions/{row.id}"
    async with browser(app) as desk:
        await log_in(desk, staff)
        listed = await desk.get("/staff/privacy/restrictions")
        assert words(listed, "tbody th") == ["Aino Virtanen"]
        assert (await desk.get(path)).status_code == 200
        refused = await desk.post(path, data={"restrict_outcome": "ends"})
        assert (refused.status_code, "This is needed." in refused.text) == (422, True)
        assert (await desk.post(path, data={})).status_code == 422
        await desk.post(
            path, data={"restrict_outcome": "ends", "restrict_reason": "The law needs it"}
        )
        again = await desk.post(path, data={"restrict_outcome": "stays"})
        assert again.status_code == 409
        assert (await desk.get(f"/staff/privacy/restrictions/{uuid4()}")).status_code == 404
    assert (await Person.get(id=person.id)).untold_at is None
    letter = await Mail.get(template="restriction-decided")
    assert "The law needs it" in letter.body_text
    page = await client.get("/me/rights")
    assert "The law needs it" in page.text


async def test_a_name_with_hostile_letters_is_only_a_name(client: httpx.AsyncClient) -> None:
    person = await aino(client)
    contact = Contact("A'\"&", "Ö" * 100, person.email, company_name=HOSTILE, language="en")
    await correct(person.id, contact, actor_id=None, now=clock.now())
    page = await client.get("/me/data/all")
    assert "<script>alert" not in page.text
    paper = await client.get("/me/export.pdf")
    assert paper.content[:5] == b"%PDF-"
