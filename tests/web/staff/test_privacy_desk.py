"""The privacy desk as staff go through it (P11, P12)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import orjson
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.mail.models import Mail
from registration.people.models import Person
from registration.privacy.models import RightsRequest
from registration.privacy.request_given import DecisionGiven, RequestGiven
from registration.privacy.request_lines import request as find
from registration.privacy.request_rules import (
    Channel,
    Decision,
    Identity,
    RequestKind,
    State,
)
from registration.privacy.requests import decide, match, note_done, open_request
from tests.builders import log_in, make_account, make_person
from tests.conftest import browser
from tests.web.staff.conftest import House, error, value, words

DESK = "/staff/privacy"
LETTER = {
    "kind": "access",
    "channel": "letter",
    "language": "en",
    "asked": "What do you hold on me?\nAll of it, please.",
    "asker_name": "Aino Virtanen",
}


async def _new(house: House, **more: str) -> str:
    """The path of a new request's page."""
    answer = await house.staff.post(f"{DESK}/requests", data=LETTER | more)
    assert answer.status_code == 303, words(answer, ".field-error, .banner")
    return answer.headers["location"]


async def _detail(path: str) -> RightsRequest:
    return await RightsRequest.get(id=UUID(path.rpartition("/")[2]))


async def _do(house: House, path: str, act: str, **data: str) -> httpx.Response:
    answer = await house.staff.post(f"{path}/{act}", data=data)
    assert answer.status_code == 303, words(answer, ".field-error, .banner")
    return await house.staff.get(path)


@pytest.mark.promise("P11")
@pytest.mark.promise("P12")
async def test_a_letter_is_answered_with_one_thing_to_do_at_a_time(house: House) -> None:
    aino = await make_person()
    path = await _new(house)
    shown = await house.staff.get(path)
    assert words(shown, "#next") == ["Whose data is it about?"]
    assert words(shown, "button[name=person] .hide") == ["Aino Virtanen, aino@example.fi"]
    shown = await _do(house, path, "match", person=str(aino.id))
    assert words(shown, "#next") == ["Who asks?"]
    shown = await _do(house, path, "identity", how="signed-letter", seen="signature and address")
    assert words(shown, "#next") == ["Decide"]
    shown = await _do(house, path, "decide", decision="granted")
    assert words(shown, "#next") == ["Do what was granted"]
    paper = await house.staff.post(f"{path}/copy", data={"format": "pdf"})
    assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")
    copy = await house.staff.post(f"{path}/copy", data={"format": "json"})
    assert orjson.loads(copy.content)["held"]["person"]["rows"][0]["first_name"] == "Aino"
    shown = await house.staff.get(path)
    assert words(shown, "#next") == ["Answer"]
    shown = await _do(house, path, "answer", answer_how="mail")
    assert words(shown, "#next") == []
    assert [mail.subject for mail in await Mail.filter(template="request").order_by("queued_at")][
        -1
    ].startswith("We do what you asked")


@pytest.mark.promise("P11")
async def test_an_erasure_is_done_after_a_tick_and_answered(house: House) -> None:
    aino = await make_person()
    path = await _new(house, kind="erasure")
    await _do(house, path, "match", person=str(aino.id))
    await _do(house, path, "identity", how="id-shown", seen="passport")
    await _do(house, path, "decide", decision="granted")
    refused = await house.staff.post(f"{path}/carry-out", data={})
    assert (refused.status_code, error(refused, "sure")) == (422, ["Tick this if you are sure."])
    assert await Person.filter(id=aino.id).count() == 1
    shown = await _do(house, path, "carry-out", sure="1")
    assert await Person.filter(id=aino.id).count() == 0
    assert words(shown, "#next") == ["Answer"]
    await _do(house, path, "answer", answer_how="mail")
    assert (await _detail(path)).asker_email == ""


async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    house: House,
) -> None:
    answer = await house.staff.post(
        f"{DESK}/requests",
        data=LETTER | {"kind": "", "asker_email": "aino@", "received_on": "31.1.2026"},
    )
    assert answer.status_code == 422
    assert error(answer, "kind") == ["This is needed."]
    assert error(answer, "asker_email") == ["Write the address as name@company.fi, without spaces."]
    assert error(answer, "received_on") == ["Give a date, as 2026-04-01."]
    assert value(answer, "asked") == "What do you hold on me?\nAll of it, please."


async def test_a_request_of_tomorrow_is_refused(house: House) -> None:
    tomorrow = (clock.now() + timedelta(days=2)).date().isoformat()
    answer = await house.staff.post(f"{DESK}/requests", data=LETTER | {"received_on": tomorrow})
    assert (answer.status_code, error(answer, "received_on")) == (
        422,
        ["This day has not come yet."],
    )


async def test_hostile_words_stay_words(house: House) -> None:
    asked = '<script>alert(1)</script> {{ 7*7 }} "><img src=x onerror=alert(1)>'
    path = await _new(house, asked=asked, asker_name="O'Brien; DROP TABLE person")
    shown = await house.staff.get(path)
    assert words(shown, "blockquote") == [asked]
    assert "<script>alert" not in shown.text


async def test_oversized_words_are_refused_in_words(house: House) -> None:
    answer = await house.staff.post(f"{DESK}/requests", data=LETTER | {"asked": "a" * 10_001})
    assert (answer.status_code, error(answer, "asked")) == (
        422,
        ["Use at most 10000 characters."],
    )


async def test_two_people_with_one_address_are_shown_apart(house: House) -> None:
    await make_person("Aino", "Virtanen", "office@example.fi", company_name="Rata Oy")
    await make_person("Eero", "Virtanen", "office@example.fi", company_name="Raide Oy")
    path = await _new(house, asker_name="", asker_email="office@example.fi")
    shown = await house.staff.get(path)
    assert words(shown, "button[name=person] .hide") == [
        "Aino Virtanen, office@example.fi",
        "Eero Virtanen, office@example.fi",
    ]
    assert words(shown, "[data-label=Company]") == ["Rata Oy", "Raide Oy"]


async def test_nobody_here_is_an_answer(house: House) -> None:
    path = await _new(house, asker_email="nemo@example.com")
    shown = await _do(house, path, "match", person="nobody")
    assert words(shown, "#next") == ["Decide"]
    await _do(house, path, "decide", decision="nothing-held")
    await _do(house, path, "answer", answer_how="mail")
    assert (await _detail(path)).state == "answered"


async def test_nothing_is_granted_to_who_has_not_shown_who_they_are(house: House) -> None:
    aino = await make_person()
    path = await _new(house, kind="erasure")
    await _do(house, path, "match", person=str(aino.id))
    answer = await house.staff.post(f"{path}/decide", data={"decision": "granted"})
    assert answer.status_code == 409
    assert "It is not established who asks." in words(answer, ".banner")[0]
    number = {"how": "id-shown", "seen": "passport XP1234567"}
    answer = await house.staff.post(f"{path}/identity", data=number)
    assert (answer.status_code, len(error(answer, "seen"))) == (422, 1)
    await _do(house, path, "ask-identity")
    assert (await _detail(path)).state == State.WAITING


@pytest.mark.promise("P12")
async def test_the_second_of_two_colleagues_reads_that_it_is_decided(
    app: Starlette, house: House
) -> None:
    aino = await make_person()
    path = await _new(house, kind="other")
    await _do(house, path, "match", person=str(aino.id))
    colleague = await make_account(email="seppo@example.fi", name="Seppo Staff")
    async with browser(app) as second:
        await log_in(second, colleague)
        done = await asyncio.gather(
            house.staff.post(f"{path}/decide", data={"decision": "granted"}),
            second.post(f"{path}/decide", data={"decision": "refused", "reason": "No."}),
        )
    assert sorted(each.status_code for each in done) == [303, 409]
    told = next(each for each in done if each.status_code == 409)
    assert words(told, ".banner")[0] == ("This request is decided already. Nothing was changed.")


async def test_a_refusal_needs_a_reason_and_parts_stand_in_the_letter(house: House) -> None:
    path = await _new(house, kind="other")
    await _do(house, path, "match", person="nobody")
    answer = await house.staff.post(f"{path}/decide", data={"decision": "refused"})
    assert (answer.status_code, error(answer, "reason")) == (422, ["This is needed."])
    parts = {
        "part_what_0": "A copy",
        "part_decision_0": "granted",
        "part_what_1": "My grades deleted",
        "part_decision_1": "refused",
    }
    answer = await house.staff.post(f"{path}/decide", data=parts)
    assert (answer.status_code, error(answer, "part_because_1")) == (422, ["This is needed."])
    await _do(house, path, "decide", **parts, part_because_1="They prove your training.")
    assert (await _detail(path)).decision == Decision.PARTLY
    letter = await house.staff.get(f"{path}/letters/decision.pdf")
    assert (letter.status_code, letter.content[:5]) == (200, b"%PDF-")


async def test_the_time_is_made_longer_once_with_a_reason(house: House) -> None:
    path = await _new(house, asker_email="aino@example.com")
    due = (await find((await _detail(path)).id)).due_at
    late = (due + timedelta(days=100)).date().isoformat()
    answer = await house.staff.post(
        f"{path}/extend", data={"until": late, "longer_because": "Many records."}
    )
    assert (answer.status_code, len(error(answer, "until"))) == (422, 1)
    day = (due + timedelta(days=30)).date().isoformat()
    answer = await house.staff.post(f"{path}/extend", data={"until": day, "longer_because": ""})
    assert (answer.status_code, error(answer, "longer_because")) == (422, ["This is needed."])
    await _do(house, path, "extend", until=day, longer_because="Many records.")
    letter = await house.staff.get(f"{path}/letters/extension.pdf")
    assert letter.status_code == 200
    assert await Mail.filter(template="request").count() == 2


async def test_there_is_no_letter_of_what_did_not_happen(house: House) -> None:
    path = await _new(house)
    for kind, status in (
        ("received", 200),
        ("identity", 200),
        ("extension", 404),
        ("decision", 404),
        ("anything", 404),
    ):
        assert (await house.staff.get(f"{path}/letters/{kind}.pdf")).status_code == status


async def test_the_desk_shows_what_waits_the_late_first(house: House) -> None:
    now = clock.now()
    aino = await make_person()
    for days, kind in ((2, RequestKind.ACCESS), (40, RequestKind.ERASURE)):
        await open_request(
            RequestGiven(kind=kind, channel=Channel.PAGE),
            person_id=aino.id,
            identity=Identity.SECOND_FACTOR,
            actor_id=None,
            now=now - timedelta(days=days),
        )
    await note_done(RequestKind.ACCESS, aino.id, now=now)
    shown = await house.staff.get(DESK)
    assert words(shown, "[role=rowheader] a") == ["Deletion", "Copy of one's data"]
    assert words(shown, ".stats dd")[:2] == ["2", "1"]
    late = await house.staff.get(f"{DESK}?state=late")
    assert words(late, "[role=rowheader] a") == ["Deletion"]
    answered = await house.staff.get(f"{DESK}?state=answered&kind=access&q=aino")
    assert len(words(answered, "[role=rowheader] a")) == 1
    home = await house.staff.get("/staff")
    assert "Requests about personal data" in words(home, "h3")


async def test_the_register_has_pages_and_a_constant_number_of_rows(house: House) -> None:
    now = clock.now()
    for at in range(53):
        given = RequestGiven(kind=RequestKind.OTHER, channel=Channel.PHONE, asker_name=f"N {at}")
        await open_request(given, actor_id=None, now=now)
    first = await house.staff.get(f"{DESK}?state=received")
    [more] = [link for link in words(first, ".pager a") if link]
    assert (len(words(first, "[role=rowheader]")), bool(more)) == (50, True)
    last = await house.staff.get(f"{DESK}?state=received&after=TP-{now.year}-0004")
    assert len(words(last, "[role=rowheader]")) == 3


async def test_only_staff_come_to_the_desk(house: House) -> None:
    path = await _new(house)
    for stranger in (house.organiser, house.trainer):
        assert (await stranger.get(path)).status_code == 403
        assert (await stranger.post(f"{path}/decide", data={})).status_code == 403


async def test_what_somebody_asked_for_who_is_erased_by_now_can_be_looked_at(
    house: House,
) -> None:
    aino = await make_person()
    path = await _new(house)
    request_id = (await _detail(path)).id
    await match(request_id, aino.id, actor_id=None, now=clock.now())
    await decide(
        request_id,
        DecisionGiven(decision=Decision.REFUSED, because="No."),
        actor_id=None,
        now=clock.now(),
    )
    await Person.filter(id=aino.id).delete()
    shown = await house.staff.get(path)
    assert (shown.status_code, words(shown, "#next")) == (200, ["Answer"])
