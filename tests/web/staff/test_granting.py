"""Access by page: given with a reason and an end, reviewed, ended, and helped with."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.accounts.models import Grant, LoginHelp
from registration.accounts.rules import Role, Scope
from registration.accounts.tokens import add_token_to
from registration.ledger.models import Entry
from tests.builders import log_in, make_account
from tests.conftest import browser
from tests.web.counting import statements
from tests.web.makers import make_event, make_session
from tests.web.staff.conftest import House, error, words


@pytest.mark.promise("P3")
async def test_staff_hand_an_event_to_another_and_never_to_themselves(house: House) -> None:
    event = await make_event("Spring feast")
    form = {"role": "organiser", "event": str(event.id), "reason": "orders the food"}
    path = f"/staff/accounts/{house.organiser_id}"
    assert (await house.staff.post(f"{path}/grants", data=form)).status_code == 303
    page = await house.staff.get(path)
    assert words(page, ".data-table tbody tr:last-child td")[:3] == [
        "Spring feast",
        "orders the food",
        "Sari Staff",
    ]
    assert words(page, ".access-span tbody th")[-1] == "Organiser, Spring feast"
    own = f"/staff/accounts/{house.staff_id}"
    assert (await house.staff.post(f"{own}/grants", data=form)).status_code == 403
    by_event = {"account": "staff@example.fi", "reason": "to see"}
    refused = await house.staff.post(f"/staff/events/{event.id}/organisers", data=by_event)
    assert (refused.status_code, len(error(refused, "account"))) == (422, 1)
    assert words(await house.staff.get(own), "#give") == []


@pytest.mark.promise("P14")
async def test_a_reason_and_a_possible_end_are_needed(house: House) -> None:
    path = f"/staff/accounts/{house.trainer_id}/grants"
    bare = await house.staff.post(path, data={"role": "coordinator", "reason": " "})
    assert (bare.status_code, len(error(bare, "reason"))) == (422, 1)
    for until, status in (("2020-01-01", 409), ("2099-01-01", 409), ("soon", 422)):
        form = {"role": "organiser", "reason": "x", "until": until}
        answer = await house.staff.post(path, data=form)
        assert (answer.status_code, len(error(answer, "until"))) == (status, 1)
    for name in ("event", "company"):
        role = {"event": "organiser", "company": "coordinator"}[name]
        form = {"role": role, "reason": "x", name: str(house.staff_id)}
        assert len(error(await house.staff.post(path, data=form), name)) == 1


@pytest.mark.promise("P14")
async def test_access_ends_with_what_was_given_by_it(house: House, app: Starlette) -> None:
    second = await make_account(email="second@example.fi", name="Tuula Toinen")
    async with browser(app) as other:
        await log_in(other, second)
        form = {"role": "organiser", "reason": "stands in"}
        await other.post(f"/staff/accounts/{house.trainer_id}/grants", data=form)
    (theirs,) = await Grant.filter(account_id=second)
    (given,) = await Grant.filter(granted_by=second)
    path = f"/staff/accounts/{second}/grants/{theirs.id}/end"
    page = await house.staff.get(path)
    assert words(page, ".choice label") == ["Tea Trainer: Organiser"]
    ended = await house.staff.post(path, data={"reason": "misused", "too": str(given.id)})
    assert ended.status_code == 303
    row = await Grant.get(id=given.id)
    assert (row.end_reason, row.ends_at is not None) == ("misused", True)
    (last,) = await Grant.filter(account_id=house.staff_id)
    refused = await house.staff.post(
        f"/staff/accounts/{house.staff_id}/grants/{last.id}/end", data={"reason": "x"}
    )
    assert refused.status_code == 409


@pytest.mark.promise("P14")
async def test_the_review_shows_all_access_and_keeps_or_ends_it(house: House) -> None:
    page = await house.staff.get("/staff/access")
    assert words(page, "tbody th .who-text a") == ["Olli Organiser", "Sari Staff", "Tea Trainer"]
    assert words(page, ".progress .num") == ["0 / 3"]
    (theirs,) = await Grant.filter(account_id=house.organiser_id)
    (own,) = await Grant.filter(account_id=house.staff_id)
    past = await house.staff.post(f"/staff/access/{theirs.id}/keep", data={"until": "2020-01-01"})
    assert past.status_code == 409
    assert (await house.staff.post(f"/staff/access/{own.id}/keep")).status_code == 403
    assert (await house.staff.post(f"/staff/access/{theirs.id}/keep")).status_code == 303
    after = await house.staff.get("/staff/access")
    assert words(after, ".progress .num") == ["1 / 3"]


async def test_the_review_asks_the_same_for_many(house: House) -> None:
    paths = ("/staff/access", "/staff/access/unusual", "/staff/accounts")
    few: list[int] = []
    for path in paths:
        async with statements() as asked:
            await house.staff.get(path)
        few.append(len(asked))
    for number in range(10):
        await make_account(Role.TRAINER, f"t{number}@example.fi", f"T{number}")
    many: list[int] = []
    for path in paths:
        async with statements() as asked:
            await house.staff.get(path)
        many.append(len(asked))
    assert many == few


async def test_what_stands_out_is_listed_with_its_reason_and_a_name(house: House) -> None:
    now = clock.now()
    await make_account(Role.TRAINER, "new@example.fi", "New", now=now)
    await add_token_to(house.organiser_id, Scope.ORGANISER, days=1, name="till", now=now)
    page = await house.staff.get("/staff/access/unusual")
    rows = words(page, ".data-table tbody tr")
    token = [row for row in rows if "A program was let in" in row]
    assert ["Olli Organiser" in row for row in token] == [True]
    assert len([row for row in rows if "on the server itself" in row]) == 1


async def test_a_look_at_a_list_of_people_is_on_record(house: House) -> None:
    line, event = await make_session(), await make_event()
    for path in (f"/staff/sessions/{line.id}", f"/staff/events/{event.id}"):
        assert (await house.staff.get(path)).status_code == 200
        assert (await house.staff.get(path)).status_code == 200
    seen = await Entry.filter(act="list-seen", actor_id=house.staff_id).order_by("number")
    assert [row.object_id for row in seen] == [line.id, event.id]


async def test_an_address_is_changed_for_a_colleague(house: House) -> None:
    path = f"/staff/accounts/{house.trainer_id}/address"
    assert (await house.staff.get(path)).status_code == 200
    taken = await house.staff.post(path, data={"email": "olli@example.fi"})
    assert (taken.status_code, len(error(taken, "email"))) == (409, 1)
    assert (await house.staff.post(path, data={"email": "new@example.fi"})).status_code == 303
    assert (await house.trainer.get("/trainer")).status_code == 303
    own = f"/staff/accounts/{house.staff_id}/address"
    assert (await house.staff.post(own, data={"email": "x@example.fi"})).status_code == 403


@pytest.mark.promise("P14")
async def test_two_of_staff_help_somebody_in_again(house: House, app: Starlette) -> None:
    asked = await house.trainer.post("/login/lost")
    assert asked.status_code == 303
    path = f"/staff/accounts/{house.trainer_id}/help"
    assert words(await house.staff.get("/staff/accounts"), ".banner a") == ["Tea Trainer"]
    assert (await house.staff.post(f"{path}/check", data={"how": "mail"})).status_code == 422
    assert (await house.staff.post(f"{path}/check", data={"how": "video"})).status_code == 303
    assert (await house.staff.post(f"{path}/confirm")).status_code == 409
    second = await make_account(email="second@example.fi", name="Tuula Toinen")
    async with browser(app) as other:
        await log_in(other, second)
        page = await other.get(path)
        assert "Sari Staff" in page.text
        assert (await other.post(f"{path}/confirm")).status_code == 303
        assert (await other.post(f"{path}/confirm")).status_code == 404
    assert (await house.trainer.get("/trainer")).status_code == 303
    (row,) = await LoginHelp.all()
    assert (row.done, row.checked_by, row.closed_by) == (True, house.staff_id, second)


async def test_people_add_and_revoke_their_own_tokens(house: House) -> None:
    form = {"name": "Rota", "scope": "trainer", "days": "30"}
    made = await house.trainer.post("/tokens", data=form)
    (text,) = words(made, ".copyable code")
    assert text.startswith("reg_")
    assert made.headers["cache-control"] == "private, no-store"
    page = await house.trainer.get("/tokens")
    assert (text in page.text, words(page, "tbody th")) == (False, ["Rota"])
    for change, status in (
        ({"days": "366"}, 422),
        ({"scope": "staff"}, 409),
        ({"name": " "}, 422),
    ):
        answer = await house.trainer.post("/tokens", data=form | change)
        assert (answer.status_code, len(words(answer, ".field-error"))) == (status, 1)
    (revoke,) = [each for each in page.text.split('"') if each.endswith("/revoke")]
    assert (await house.organiser.post(revoke)).status_code == 404
    assert (await house.trainer.post(revoke)).status_code == 303
    assert (await _call(house.trainer, text)).status_code == 401


async def _call(client: httpx.AsyncClient, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await client.get("/api/v1/teaching/sessions", headers=headers)


async def test_staff_revoke_anybodys_token(house: House) -> None:
    text = await add_token_to(house.trainer_id, Scope.TRAINER, days=1, name="x", now=clock.now())
    page = await house.staff.get(f"/staff/accounts/{house.trainer_id}")
    (revoke,) = [each for each in page.text.split('"') if each.endswith("/revoke")]
    assert (await _call(house.staff, text)).status_code == 200
    assert (await house.staff.post(revoke)).status_code == 303
    assert (await _call(house.staff, text)).status_code == 401
