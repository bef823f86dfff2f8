"""What a trainer took along, on their own page: until when, and that it is destroyed (P7)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from registration import clock
from registration.ledger.models import Disclosure
from registration.teaching.models import Assignment, Pack
from tests.teaching.makers import enrol, make_school
from tests.web.staff.conftest import words
from tests.web.trainer.conftest import Desk

LIST = "/trainer/packs"


async def taken(desk: Desk, *packs: str) -> list[str]:
    """The packs are taken; their ids in that order."""
    await enrol(desk.school, "Aino Virtanen")
    found: list[str] = []
    for each in packs:
        answer = await desk.trainer.get(f"{desk.path}/packs/{each}")
        assert answer.status_code == 200
        known = {str(made) for made in await Pack.all().values_list("id", flat=True)}
        found += known - set(found)
    return found


async def end_all() -> None:
    await Pack.filter(destroyed_at=None).update(ends_at=clock.now() - timedelta(days=1))


async def test_the_list_says_what_was_taken_and_names_nobody(desk: Desk) -> None:
    assert words(await desk.trainer.get(LIST), ".empty h2, .empty p")[0].startswith(
        "You have taken"
    )
    await taken(desk, "permit.xlsx", "attendance.csv")
    before = await Disclosure.all().count()
    page = await desk.trainer.get(LIST)
    assert words(page, "tbody th") == ["Attendance list CSV", "Data for permits Excel"]
    assert words(page, "tbody .badge") == ["May be kept", "May be kept"]
    assert words(page, "tbody .cell-num") == ["1", "1"]
    assert "Virtanen" not in page.text
    assert await Disclosure.all().count() == before
    assert page.headers["cache-control"] == "private, no-store"


@pytest.mark.promise("P7")
async def test_a_pack_is_confirmed_also_when_the_assignment_has_ended(desk: Desk) -> None:
    (pack_id,) = await taken(desk, "permit.json")
    await Assignment.filter(session_id=desk.school.id).update(ends_at=clock.now())
    await end_all()
    page = await desk.trainer.get(LIST)
    assert words(page, ".banner p") == ["1 pack has ended: destroy it, and confirm it below."]
    assert (await desk.trainer.get(desk.path)).status_code == 403
    answer = await desk.trainer.post(f"{LIST}/{pack_id}/destroyed")
    assert (answer.status_code, answer.headers["location"]) == (303, LIST)
    page = await desk.trainer.get(LIST)
    assert words(page, "tbody .badge") == ["Destroyed"]
    assert words(page, "main form") == []
    assert (await Pack.get(id=pack_id)).destroyed_by == desk.school.trainer.account_id


@pytest.mark.promise("P7")
async def test_all_ended_of_a_session_are_confirmed_by_one_button(desk: Desk) -> None:
    await taken(desk, "permit.json", "permit.json", "certificate.json")
    await Pack.filter(purpose="permit").update(ends_at=clock.now() - timedelta(days=30))
    page = await desk.trainer.get(LIST)
    assert words(page, "tbody .badge") == ["May be kept", "To be destroyed", "To be destroyed"]
    assert words(page, "section > form") == ["I have destroyed all 2 that have ended"]
    await desk.trainer.post(f"{desk.path}/packs/destroyed")
    page = await desk.trainer.get(LIST)
    assert words(page, "tbody .badge") == ["May be kept", "Destroyed", "Destroyed"]


async def test_another_trainers_pack_is_not_there(desk: Desk) -> None:
    other = await make_school(desk.school.settings, start=desk.school.session.starts_at)
    (pack_id,) = await taken(desk, "permit.json")
    assignment = await Assignment.get(session_id=other.id)
    await Pack.filter(id=pack_id).update(assignment_id=assignment.id)
    for path in (
        f"{LIST}/{pack_id}/destroyed",
        f"{LIST}/{uuid4()}/destroyed",
        f"{LIST}/x/destroyed",
        f"/trainer/sessions/{other.id}/packs/destroyed",
        f"{desk.path}/packs/destroyed",
    ):
        assert (await desk.trainer.post(path)).status_code == 404, path
    assert words(await desk.trainer.get(LIST), "tbody th") == []
    assert (await Pack.get(id=pack_id)).destroyed_at is None


@pytest.mark.parametrize("path", ["permit.exe", "party.csv", "permit.PDF", "permit."])
async def test_what_is_no_pack_is_not_found(desk: Desk, path: str) -> None:
    assert (await desk.trainer.get(f"{desk.path}/packs/{path}")).status_code == 404
    assert await Pack.all().count() == 0
