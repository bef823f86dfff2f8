"""Terms, offers, moves, checks, absences, queues and interests as programs do them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registration import clock
from registration.catalogue.models import Seating
from registration.db import transaction
from registration.enrolment.models import Place
from registration.enrolment.service import cancel
from registration.ledger.queries import disclosures
from registration.mail.models import Mail
from registration.settings import Settings
from tests.api.makers import (
    NOW,
    House,
    Json,
    at,
    found,
    items,
    make_event,
    make_session,
    make_training,
    person,
    refused,
)

TERMS: Json = {
    "offer_hours": 24,
    "company_quota": 4,
    "minimum": 3,
    "remind_hours": 48,
}


async def enrol(house: House, session: Json, number: int, *, who: str = "staff") -> Json:
    path = f"/sessions/{session['id']}/enrolments"
    return found(await house.post(path, {"person": person(number)}, who=who), 201)


async def freed(house: House, place: Json, settings: Settings) -> None:
    await cancel(UUID(str(place["id"])), actor_id=None, settings=settings, now=clock.now())


async def status_of(place: Json) -> str:
    return (await Place.get(id=place["id"])).status


@pytest.mark.parametrize("kind", ["sessions", "events"])
async def test_terms_are_given_shown_kept_by_patch_and_dropped_by_put(
    house: House, kind: str
) -> None:
    terms = {**TERMS, "decide_by": at(100), "cancels_until": at(120), "names_until": at(110)}
    if kind == "sessions":
        made = await make_session(house, None, **terms)
    else:
        made = await make_event(house, who="organiser", **terms)
    who = "staff" if kind == "sessions" else "organiser"
    path = f"/{kind}/{made['id']}"
    shown = found(await house.get(path))
    assert {name: shown[name] for name in TERMS} == TERMS
    assert shown["tentative"] is True
    patched = found(await house.call("PATCH", path, {"minimum": 2, "capacity": 30}, who=who))
    assert (patched["minimum"], patched["offer_hours"], patched["capacity"]) == (2, 24, 30)
    gone = found(await house.call("PATCH", path, {"minimum": None, "decide_by": None}, who=who))
    assert (gone["tentative"], gone["company_quota"]) == (False, 4)


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"offer_hours": 0}, {"offer_hours": "greater_than_equal"}),
        ({"offer_hours": "24h"}, {"offer_hours": "int_parsing"}),
        ({"remind_hours": 721}, {"remind_hours": "less_than_equal"}),
        ({"minimum": 21}, {"minimum": "minimum"}),
        ({"company_quota": 21}, {"company_quota": "company_quota"}),
        ({"decide_by": at(100)}, {"decide_by": "decide_by"}),
        ({"cancels_until": at(241)}, {"cancels_until": "cancels_until"}),
        ({"names_until": "2027-01-01T09:00:00"}, {"names_until": "timezone_aware"}),
        ({"sure_at": at(1)}, {"sure_at": "extra_forbidden"}),
    ],
)
async def test_wrong_terms_are_refused_at_their_field(
    house: House, given: Json, errors: dict[str, str]
) -> None:
    training = await make_training(house)
    wanted = {"training": training["id"], "starts_at": at(240), "ends_at": at(247), "capacity": 20}
    assert refused(await house.post("/sessions", {**wanted, **given}, who="staff"), 422) == errors


async def test_trainings_say_what_they_need_and_refuse_circles(house: House) -> None:
    aid = await make_training(house, title={"en": "First aid"})
    needs = [{"training": aid["id"], "valid": True}]
    lead = await make_training(house, title={"en": "Lead"}, prerequisites=needs)
    expected = [{"training": aid["id"], "slug": aid["slug"], "title": aid["title"], "valid": True}]
    assert found(await house.get(f"/trainings/{lead['id']}"))["prerequisites"] == expected
    listed = {each["id"]: each["prerequisites"] for each in items(await house.get("/trainings"))}
    assert listed == {aid["id"]: [], lead["id"]: expected}
    kept = await house.call(
        "PATCH", f"/trainings/{lead['id']}", {"length_minutes": 60}, who="staff"
    )
    assert found(kept)["prerequisites"] == expected
    circle = {"prerequisites": [{"training": lead["id"]}]}
    answer = await house.call("PATCH", f"/trainings/{aid['id']}", circle, who="staff")
    assert refused(answer, 422) == {"prerequisites.0.training": "circle"}
    twice = {"prerequisites": needs * 2}
    answer = await house.call("PATCH", f"/trainings/{lead['id']}", twice, who="staff")
    assert refused(answer, 422) == {"prerequisites": "prerequisites"}


async def offered(house: House, settings: Settings) -> tuple[Json, Json]:
    session = await make_session(house, capacity=1, offer_hours=24)
    first = await enrol(house, session, 1)
    second = await enrol(house, session, 2)
    await freed(house, first, settings)
    return session, second


async def test_an_offer_is_accepted_once_with_a_key(house: House, settings: Settings) -> None:
    _session, place = await offered(house, settings)
    path = f"/enrolments/{place['id']}/accept"
    first = await house.post(path, who="staff", key="k1")
    again = await house.post(path, who="staff", key="k1")
    assert found(first)["status"] == "confirmed"
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert (await house.post(path, who="company")).status_code == 404
    assert (await house.post(path)).status_code == 401
    assert refused(await house.post(f"/enrolments/{place['id']}/decline", who="staff"), 409) == {}


async def test_an_offer_at_an_event_is_its_organisers_to_answer(
    house: House, settings: Settings
) -> None:
    event = await make_event(house, capacity=1, offer_hours=24)
    places = []
    for number in (1, 2):
        path = f"/events/{event['id']}/registrations"
        places.append(found(await house.post(path, {"person": person(number)}), 201))
    await freed(house, places[0], settings)
    path = f"/registrations/{places[1]['id']}/decline"
    assert (await house.post(path, who="organiser2")).status_code == 404
    assert found(await house.post(path, who="organiser"))["status"] == "cancelled"
    assert (
        await house.post(f"/enrolments/{places[1]['id']}/accept", who="staff")
    ).status_code == 404


async def test_a_place_is_moved_or_nothing_happens(house: House) -> None:
    training = await make_training(house)
    here = await make_session(house, training)
    later = [{"starts_at": at(480), "ends_at": at(487)}]
    there = await make_session(house, training, days=later, capacity=1)
    other = await make_session(house, days=later)
    place = await enrol(house, here, 1)
    path = f"/enrolments/{place['id']}/transfer"
    for given, errors in (
        ({}, {"session": "missing"}),
        ({"session": "x"}, {"session": "uuid_parsing"}),
        ({"session": str(uuid4())}, {"session": "unknown"}),
        ({"session": there["id"], "why": "because"}, {"why": "enum"}),
        ({"session": there["id"], "more": 1}, {"more": "extra_forbidden"}),
    ):
        assert refused(await house.post(path, given, who="staff"), 422) == errors
    for wrong in (other, here):
        assert (await house.post(path, {"session": wrong["id"]}, who="staff")).status_code == 409
    assert await status_of(place) == "confirmed"
    moved = found(await house.post(path, {"session": there["id"]}, who="staff"), 201)
    assert (moved["status"], await status_of(place)) == ("confirmed", "cancelled")
    second = await enrol(house, here, 2)
    full = await house.post(
        f"/enrolments/{second['id']}/transfer", {"session": there["id"]}, who="staff"
    )
    assert (full.status_code, full.json()["code"]) == (409, "target_full")
    assert await status_of(second) == "confirmed"


async def test_a_company_moves_its_own_people_only(house: House) -> None:
    training = await make_training(house)
    here = await make_session(house, training)
    there = await make_session(house, training, days=[{"starts_at": at(480), "ends_at": at(487)}])
    place = await enrol(house, here, 1, who="company")
    path = f"/enrolments/{place['id']}/transfer"
    assert (await house.post(path, {"session": there["id"]}, who="company2")).status_code == 404
    assert (await house.post(path, {"session": there["id"]}, who="trainer")).status_code == 403
    assert (await house.post(path, {"session": there["id"]}, who="company")).status_code == 201


async def test_who_is_held_is_let_in_or_not(house: House) -> None:
    aid = await make_training(house, title={"en": "First aid"})
    lead = await make_training(house, title={"en": "Lead"}, prerequisites=[{"training": aid["id"]}])
    session = await make_session(house, lead)
    path = f"/sessions/{session['id']}/enrolments"
    first, second = [
        found(await house.post(path, {"person": person(number)}), 201) for number in (1, 2)
    ]
    assert (first["status"], first["awaits"]) == ("held", "check")
    assert first["until"] is not None
    admit = f"/enrolments/{first['id']}/admit"
    assert (await house.post(admit, who="staff")).json()["code"] == "prerequisites_missing"
    assert (await house.post(admit, {"why": "shown"}, who="company")).status_code == 403
    assert found(await house.post(admit, {"why": "shown"}, who="staff"))["status"] == "confirmed"
    refuse = f"/enrolments/{second['id']}/refuse"
    assert refused(await house.post(refuse, {"reason": " "}, who="staff"), 422) == {
        "reason": "string_too_short"
    }
    done = await house.post(refuse, {"reason": "First aid first."}, who="staff")
    assert found(done)["status"] == "cancelled"
    known = await house.post(path, {"person": person(3)}, who="staff")
    assert (known.status_code, known.json()["code"]) == (409, "prerequisites_missing")


async def test_absence_is_refused_before_it_begins_and_taken_back(house: House) -> None:
    session = await make_session(house)
    place = await enrol(house, session, 1)
    path = f"/enrolments/{place['id']}/no-show"
    early = await house.post(path, {"missed": True}, who="staff")
    assert (early.status_code, early.json()["code"]) == (409, "not_begun")
    assert refused(await house.post(path, {"missed": "perhaps"}, who="staff"), 422) == {
        "missed": "bool_parsing"
    }
    assert (await house.post(path, who="company")).status_code == 403


async def test_the_queue_is_for_staff_and_on_record(house: House) -> None:
    session = await make_session(house, capacity=1)
    for number in (1, 2, 3):
        await enrol(house, session, number)
    path = f"/sessions/{session['id']}/queue"
    for who, status in (("company", 403), ("trainer", 403), ("organiser", 403), ("", 401)):
        assert (await house.get(path, who=who)).status_code == status
    before = len(await disclosures(limit=100))
    queue = items(await house.get(path, who="staff"))
    shown = [(each["position"], each["name"], each["passed_over"]) for each in queue]
    assert shown == [(1, "Aino2 Virtanen", False), (2, "Aino3 Virtanen", False)]
    assert len(await disclosures(limit=100)) - before == 2
    for wrong in (str(uuid4()), "x", "%00"):
        assert (await house.get(f"/sessions/{wrong}/queue", who="staff")).status_code in {400, 404}


async def test_what_is_tentative_is_decided_by_staff_and_organisers(house: House) -> None:
    session = await make_session(house, minimum=5)
    event = await make_event(house, minimum=5)
    path = f"/sessions/{session['id']}/run"
    assert (await house.post(path, who="organiser")).status_code == 403
    assert found(await house.post(path, who="staff"))["tentative"] is False
    again = await house.post(path, who="staff")
    assert (again.status_code, again.json()["code"]) == (409, "not_tentative")
    assert (await house.post(f"/events/{event['id']}/run", who="organiser2")).status_code == 403
    done = found(await house.post(f"/events/{event['id']}/run", who="organiser"))
    assert done["tentative"] is False


@pytest.mark.parametrize("kind", ["sessions", "events"])
async def test_only_what_nobody_was_on_is_deleted_and_a_key_answers_twice(
    house: House, kind: str
) -> None:
    make = make_session if kind == "sessions" else make_event
    empty, taken = await make(house), await make(house)
    places = "enrolments" if kind == "sessions" else "registrations"
    sign_up = await house.post(f"/{kind}/{taken['id']}/{places}", {"person": person(1)})
    assert sign_up.status_code == 201
    refusal = await house.post(f"/{kind}/{taken['id']}/delete", who="staff")
    assert (refusal.status_code, refusal.json()["code"]) == (409, "people_on_it")
    path = f"/{kind}/{empty['id']}/delete"
    assert (await house.post(path, who="company")).status_code == 403
    first = await house.post(path, who="staff", key="gone")
    again = await house.post(path, who="staff", key="gone")
    assert (found(first), again.json()) == ({"id": empty["id"]}, {"id": empty["id"]})
    assert (await house.get(f"/{kind}/{empty['id']}")).status_code == 404
    assert (await house.post(path, who="staff")).status_code == 404


@pytest.mark.promise("P11")
async def test_interest_is_answered_alike_for_everybody(house: House) -> None:
    training = await make_training(house)
    path = f"/trainings/{training['slug']}/interest"
    answers = [await house.post(path, {"person": person(number)}) for number in (1, 1, 2)]
    assert [(each.status_code, each.json()) for each in answers] == [(202, {"status": "noted"})] * 3
    assert await Mail.filter(template="interest-noted").count() == 2
    assert refused(await house.post(path, {}), 422) == {"person": "missing"}
    wrong = {"person": {**person(1), "email": "a@b\r\nBcc: c@d.fi"}}
    assert set(refused(await house.post(path, wrong), 422)) == {"person.email"}
    assert (
        await house.post("/trainings/nothing/interest", {"person": person(1)})
    ).status_code == 404
    hidden = await make_training(house, title={"en": "Hidden"}, published=False)
    answer = await house.post(f"/trainings/{hidden['id']}/interest", {"person": person(1)})
    assert answer.status_code == 404


async def test_a_lapsed_offer_takes_no_yes(house: House, settings: Settings) -> None:
    _session, place = await offered(house, settings)
    await Place.filter(id=place["id"]).update(until=clock.now() - timedelta(seconds=1))
    late = await house.post(f"/enrolments/{place['id']}/accept", who="staff")
    assert (late.status_code, late.json()["code"]) == (409, "offer_ended")


async def test_after_the_last_day_only_staff_cancel_and_say_why(house: House) -> None:
    place = await enrol(house, await make_session(house), 1, who="company")
    path = f"/enrolments/{place['id']}/cancel"
    async with transaction():
        await Seating.all().update(cancels_until=NOW - timedelta(hours=1))
    for who, code in (("company", "too_late_to_cancel"), ("staff", "why_needed")):
        late = await house.post(path, who=who)
        assert (late.status_code, late.json()["code"]) == (409, code)
    claimed = await house.post(path, {"why": "our-fault"}, who="company")
    assert (claimed.status_code, claimed.json()["code"]) == (409, "too_late_to_cancel")
    for given, errors in (({"why": "fun"}, {"why": "enum"}), ({"x": 1}, {"x": "extra_forbidden"})):
        assert refused(await house.post(path, given, who="staff"), 422) == errors
    assert await status_of(place) == "confirmed"
    assert found(await house.post(path, {"why": "our-fault"}, who="staff"))["status"] == "cancelled"
