"""What a trainer's program took along, and that it is destroyed (P7)."""

from __future__ import annotations

from uuid import uuid4

import orjson
import pytest

from registration.press import close_press
from registration.teaching.models import Assignment, Pack
from tests.api.makers import House, at, found, items, make_session, person, refused, teach


async def taught(house: House) -> str:
    session = await make_session(
        house, days=[{"starts_at": at(-1), "ends_at": at(2)}], closes_at=at(2)
    )
    await teach(house, session)
    given = {"person": person(1)}
    found(await house.post(f"/sessions/{session['id']}/enrolments", given, who="company"), 201)
    return f"/teaching/sessions/{session['id']}"


@pytest.mark.promise("P7")
async def test_a_trainers_program_lists_its_packs_and_confirms_them(house: House) -> None:
    teaching = await taught(house)
    made = found(await house.get(f"{teaching}/packs/certificate", who="trainer"))
    await house.get(f"{teaching}/packs/permit?format=xlsx", who="trainer")
    taken = items(await house.get("/teaching/packs", who="trainer"))
    assert [(each["purpose"], each["format"], each["people"], each["state"]) for each in taken] == [
        ("certificate", "json", 1, "kept"),
        ("permit", "xlsx", 1, "kept"),
    ]
    assert (taken[0]["id"], taken[0]["session"]) == (made["pack"], made["session"])
    path = f"/teaching/packs/{taken[0]['id']}/destroyed"
    for _time in range(2):
        assert found(await house.post(path, who="trainer")) == {"id": taken[0]["id"]}
    first, second = items(await house.get("/teaching/packs", who="trainer"))
    assert (first["state"], second["state"]) == ("destroyed", "kept")
    assert "Virtanen" not in orjson.dumps([first, second]).decode()


async def test_it_works_when_the_assignment_has_ended_and_for_nobody_else(house: House) -> None:
    teaching = await taught(house)
    made = found(await house.get(f"{teaching}/packs/permit", who="trainer"))
    (row,) = await Assignment.all()
    row.ends_at = row.created_at
    await row.save()
    path = f"/teaching/packs/{made['pack']}/destroyed"
    for who in ("staff", "company"):
        assert refused(await house.post(path, who=who), 403) == {}
        assert refused(await house.get("/teaching/packs", who=who), 403) == {}
    assert refused(await house.post(path), 401) == {}
    assert refused(await house.get(f"{teaching}/packs/permit", who="trainer"), 403) == {}
    assert found(await house.post(path, who="trainer")) == {"id": made["pack"]}
    for wanted in (uuid4(), "x"):
        gone = f"/teaching/packs/{wanted}/destroyed"
        assert refused(await house.post(gone, who="trainer"), 404) == {}
    assert await Pack.filter(destroyed_at=None).count() == 0


async def test_a_pack_for_paper_is_a_pdf(house: House) -> None:
    teaching = await taught(house)
    try:
        answer = await house.get(f"{teaching}/packs/attendance?format=pdf", who="trainer")
    finally:
        await close_press()
    assert (answer.headers["content-type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
