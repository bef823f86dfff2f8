"""Pages of deletions: the calendar, the proof, and what a change would do before it is saved."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.queries import event_offering
from registration.catering.deletion import delete_due
from registration.catering.models import SealedDiet, Vault
from registration.ledger.inclusion import Head, proven, read_file
from registration.ledger.models import Receipt
from registration.ledger.service import seal_entries, verify_chain
from registration.mail.models import Mail
from tests.catering.makers import diet, make_guest
from tests.web.makers import make_event
from tests.web.staff.conftest import House, value, words
from tests.web.staff.test_events import YEAR, typed


async def catered(house: House) -> str:
    """An event with one guest's answers, that the organiser organises; its path."""
    answer = await house.staff.post("/staff/events/new", data=typed())
    path = answer.headers["location"]
    event = await catalogue.event(path_id(path))
    await house.organise(event.id)
    now = clock.now()
    await make_guest(event_offering(event), diet("one"), settings=house.settings, now=now)
    return path


def path_id(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])


@pytest.mark.promise("P4")
async def test_a_change_is_shown_before_it_is_saved_and_keeps_what_was_typed(
    house: House,
) -> None:
    path = await catered(house)
    changed = typed(erase="PT0S", title_en="Autumn seminar")
    asked = await house.organiser.post(f"{path}/edit", data=changed)
    assert asked.status_code == 200
    [said] = words(asked, "#foreseen .banner p:nth-of-type(2)")
    assert "1 guest's answers would be deleted on" in said
    assert (value(asked, "title_en"), value(asked, "erase")) == ("Autumn seminar", "PT0S")
    assert (await catalogue.event(path_id(path))).title["en"] == "Spring seminar"
    mark = value(asked, "foreseen")
    again = await house.organiser.post(f"{path}/edit", data=changed | {"foreseen": "another"})
    assert again.status_code == 200
    saved = await house.organiser.post(f"{path}/edit", data=changed | {"foreseen": mark})
    assert saved.status_code == 303
    event = await catalogue.event(path_id(path))
    assert (event.title["en"], event.erase_at) == ("Autumn seminar", event.ends_at)


@pytest.mark.promise("P4")
async def test_an_event_is_moved_to_the_past_only_when_that_is_confirmed(house: House) -> None:
    path = await catered(house)
    past = typed(starts_at=f"{YEAR - 2}-12-01T09:00", ends_at=f"{YEAR - 2}-12-02T16:00")
    asked = await house.staff.post(f"{path}/edit", data=past)
    assert "The event would be over already." in words(asked, "#foreseen p")
    saved = await house.staff.post(
        f"{path}/edit", data=past | {"foreseen": value(asked, "foreseen")}
    )
    assert saved.status_code == 303
    assert await delete_due(house.settings, now=clock.now()) == 1
    assert await SealedDiet.all().count() == 0


@pytest.mark.promise("P4")
async def test_what_comes_is_late_and_is_done_stands_in_the_calendar(house: House) -> None:
    path = await catered(house)
    event = await catalogue.event(path_id(path))
    assert event.erase_at is not None
    month = f"/staff/deletions?month={event.erase_at:%Y-%m}"
    shown = await house.organiser.get(month)
    assert len(words(shown, ".month-entry a")) == 1
    assert words(shown, "#coming [data-label='Answers now']") == ["1"]
    assert words(await house.staff.get(month), "#coming th[role=rowheader]") == ["Spring seminar"]
    await delete_due(house.settings, now=event.erase_at)
    done = await house.organiser.get(month)
    assert words(done, "#coming th[role=rowheader]") == []
    assert words(done, "#done [data-label=Deleted]") == ["1"]


@pytest.mark.promise("P4")
async def test_a_proof_says_how_to_check_itself(house: House) -> None:
    path = await catered(house)
    event = await catalogue.event(path_id(path))
    assert event.erase_at is not None
    await delete_due(house.settings, now=event.erase_at)
    await seal_entries()
    [receipt] = await Receipt.all()
    page = f"/staff/deletions/{receipt.id}"
    shown = await house.organiser.get(page)
    facts = dict(zip(words(shown, ".proof dt"), words(shown, ".proof dd"), strict=True))
    whole = await verify_chain()
    assert facts["Answers deleted"] == "1"
    assert facts["Receipt"] == str(receipt.id)
    assert facts["End of the chain"] == f"{whole.links}:{whole.head}"
    assert facts["Its hash"] == (await verify_chain(at=int(facts["Place in the chain"]))).wanted
    assert len(words(shown, ".proof-steps li")) == 5
    printed = await house.staff.get(f"{page}/proof.pdf")
    assert (printed.headers["content-type"], printed.content[:5]) == ("application/pdf", b"%PDF-")
    assert "no-store" in printed.headers["cache-control"]
    assert (await house.trainer.get(page)).status_code == 403
    handed = await house.organiser.get(f"{page}/proof.json")
    assert proven(read_file(handed.content), Head(whole.links, whole.head))
    assert str(receipt.id) in read_file(handed.content).content


async def test_a_proof_of_anothers_event_is_not_there(house: House) -> None:
    event = await make_event()
    assert event.erase_at is not None
    await delete_due(house.settings, now=event.erase_at)
    [receipt] = await Receipt.all()
    assert (await house.organiser.get(f"/staff/deletions/{receipt.id}")).status_code == 404
    assert (await house.staff.get(f"/staff/deletions/{receipt.id}")).status_code == 200
    unsealed = f"/staff/deletions/{receipt.id}/proof.json"
    assert (await house.staff.get(unsealed)).status_code == 404


@pytest.mark.promise("P5")
async def test_what_a_backup_could_not_hold_is_asked_for_again_in_one_step(house: House) -> None:
    path = await catered(house)
    await SealedDiet.all().delete()
    await Vault.all().delete()
    shown = await house.organiser.get(path)
    assert "1 guest had told food restrictions" in shown.text
    assert "Ask them again by mail" not in (await house.staff.get(path)).text
    asked = await house.organiser.post(f"{path}/ask-again")
    assert asked.status_code == 303
    assert await Mail.filter(template="place-diet-again").count() == 1
    assert "Ask them again by mail" not in (await house.organiser.get(path)).text


@pytest.mark.promise("P4")
async def test_what_is_overdue_is_told_with_its_tries(house: House) -> None:
    path = await catered(house)
    event_id = path_id(path)
    now = clock.now()
    await Vault.filter(event_id=event_id).update(
        closed_at=now,
        reason="event-over",
        due_at=now - timedelta(minutes=5),
        tries=3,
        next_try_at=now + timedelta(seconds=4),
        trouble="PermissionError",
    )
    shown = await house.staff.get("/staff/deletions")
    assert words(shown, "#late [data-label=Tries]") == ["3"]
    assert words(shown, "#late [data-label=Trouble]") == ["PermissionError"]
    ready = await house.staff.get("/readyz")
    assert ready.json()["checks"]["deletions"] == "1 overdue, tried 3 times"
    told = (await house.staff.get("/metrics")).text
    assert "registration_deletions_tries 3.0" in told
