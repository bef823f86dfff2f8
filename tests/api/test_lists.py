"""Lists: pages, cursors, filters, and a number of queries that does not grow."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.makers import (
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
from tests.web.counting import statements


async def walk(house: House, path: str, *, who: str = "", limit: int = 2) -> list[list[str]]:
    """The ids of each page, to the end."""
    pages: list[list[str]] = []
    cursor: object = ""
    while cursor is not None:
        join = "&" if "?" in path else "?"
        made = found(await house.get(f"{path}{join}limit={limit}&cursor={cursor}", who=who))
        lines = made["items"]
        assert isinstance(lines, list)
        pages.append([str(line["id"]) for line in lines])
        cursor = made["next"]
    return pages


async def test_sessions_by_start_in_pages(house: House) -> None:
    training = await make_training(house)
    made: list[Json] = []
    for hours in (50, 30, 30, 10, 40):
        days = [{"starts_at": at(hours), "ends_at": at(hours + 1)}]
        made.append(await make_session(house, training, days=days))
    ordered = [line["id"] for line in sorted(made, key=lambda s: (s["starts_at"], s["id"]))]
    assert await walk(house, "/sessions") == [ordered[:2], ordered[2:4], ordered[4:]]
    assert await walk(house, "/sessions", limit=5) == [ordered]


async def test_every_list_pages_to_its_end(house: House) -> None:
    events = [await make_event(house, starts_at=at(9 + n), ends_at=at(20 + n)) for n in range(3)]
    trainings = [await make_training(house) for _n in range(3)]
    session = await make_session(house, trainings[0])
    for number in range(3):
        given = {"person": person(number)}
        await house.post(f"/sessions/{session['id']}/enrolments", given, who="company")
        await house.post(f"/events/{events[0]['id']}/registrations", given)
        await house.post("/venues", {"name": f"Talo {number}"}, who="staff")
    for path, who, number in (
        ("/events", "", 3),
        ("/trainings", "", 3),
        ("/venues", "staff", 3),
        ("/companies", "staff", 2),
        ("/accounts", "staff", 8),
        ("/enrolments", "company", 3),
        ("/enrolments", "staff", 3),
        ("/registrations", "staff", 3),
    ):
        pages = await walk(house, path, who=who)
        ids = [each for page in pages for each in page]
        assert (path, len(ids), len(set(ids))) == (path, number, number)
        assert all(len(page) == 2 for page in pages[:-1])
    assert await walk(house, "/disclosures", who="staff", limit=200) != [[]]


async def test_sessions_by_time_training_and_language(house: House) -> None:
    one, other = await make_training(house), await make_training(house)
    near = await make_session(house, one, days=[{"starts_at": at(24), "ends_at": at(25)}])
    far = await make_session(
        house, other, days=[{"starts_at": at(240), "ends_at": at(241)}], language="sv"
    )
    ids = {near["id"]: "near", far["id"]: "far"}

    async def names(query: str) -> list[str]:
        return [ids[line["id"]] for line in items(await house.get(f"/sessions?{query}"))]

    day = str(far["starts_at"])[:10]
    assert await names("") == ["near", "far"]
    assert await names(f"from={day}") == ["far"]
    assert await names(f"to={day}") == ["near", "far"]
    assert await names(f"from={at(100).replace('+', '%2B')}") == ["far"]
    assert await names(f"to={at(100)}") == ["near"]
    assert await names(f"training={one['id']}") == ["near"]
    assert await names(f"training={other['slug']}&language=sv") == ["far"]
    assert await names("training=nothing-like-it") == []
    assert await names("language=en&from=&to=") == []


BAD_QUERIES: dict[str, tuple[int, dict[str, str]]] = {
    "limit=0": (422, {"limit": "greater_than_equal"}),
    "limit=201": (422, {"limit": "less_than_equal"}),
    "limit=x": (422, {"limit": "int_parsing"}),
    "from=tomorrow": (422, {"from": "moment"}),
    "to=2027-02-30": (422, {"to": "moment"}),
    "from=2027-04-01T09:00:00": (422, {"from": "moment"}),
    "language=klingon": (422, {"language": "literal_error"}),
    "sort=name": (422, {"sort": "extra_forbidden"}),
    "cursor=zzz": (400, {"cursor": "cursor"}),
    "cursor=%C3%A4": (400, {"cursor": "cursor"}),
    "cursor=" + base64.urlsafe_b64encode(b"[1,2]").decode(): (400, {"cursor": "cursor"}),
    "cursor=" + base64.urlsafe_b64encode(b'["2027-01-01","x"]').decode(): (
        400,
        {"cursor": "cursor"},
    ),
    "cursor=" + "A" * 700: (422, {"cursor": "string_too_long"}),
}


@pytest.mark.parametrize("query", BAD_QUERIES)
async def test_wrong_queries(house: House, query: str) -> None:
    status, fields = BAD_QUERIES[query]
    assert refused(await house.get(f"/sessions?{query}"), status) == fields


async def test_a_cursor_of_another_list(house: House) -> None:
    for number in range(2):
        await house.post("/venues", {"name": f"Talo {number}"}, who="staff")
    cursor = found(await house.get("/venues?limit=1", who="staff"))["next"]
    answer = await house.get(f"/enrolments?cursor={cursor}", who="staff")
    assert refused(answer, 400) == {"cursor": "cursor"}


async def test_what_is_kept_follows_the_catalogue(house: House) -> None:
    session = await make_session(house, capacity=3)
    path = f"/sessions/{session['id']}"
    assert found(await house.get(path)) == session
    assert items(await house.get("/sessions")) == [session]
    found(await house.post(f"{path}/enrolments", {"person": person()}), 201)
    assert found(await house.get(path))["seats_left"] == 2
    changed = found(await house.call("PATCH", path, {"capacity": 5}, who="staff"))
    assert items(await house.get("/sessions")) == [changed]
    assert changed["seats_left"] == 4


async def test_a_list_asks_the_same_of_the_database_however_long_it_is(house: House) -> None:
    training = await make_training(house)
    asked: list[list[int]] = []
    for number in (1, 25):
        for place in range(number):
            given = {"person": person(100 * number + place)}
            session = await make_session(house, training)
            await house.post(f"/sessions/{session['id']}/enrolments", given, who="company")
            event = await make_event(house)
            await house.post(f"/events/{event['id']}/registrations", given)
        counts = []
        for path, who in (
            ("/sessions?limit=100", "trainer"),
            ("/events?limit=100", "trainer"),
            ("/enrolments?limit=100", "company"),
            ("/enrolments?limit=100", "staff"),
            ("/registrations?limit=100", "staff"),
        ):
            await house.get(path, who=who)  # that somebody looked is written once an hour
            async with statements() as seen:
                assert len(items(await house.get(path, who=who))) >= number
            counts.append(sum(said.startswith("SELECT") for said in seen))
        asked.append(counts)
    assert asked[0] == asked[1]


async def test_times_bear_the_offset_of_the_place(house: House) -> None:
    starts = datetime(2027, 7, 1, 6, tzinfo=UTC)
    given = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=2)).isoformat()}
    made = await make_event(house, **given, time_zone="Europe/Stockholm")
    assert str(made["starts_at"])[:19] == "2027-07-01T08:00:00"
    assert str(made["starts_at"])[-6:] == "+02:00"
