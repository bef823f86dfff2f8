"""An invitation: what it is about and nobody's name; yes, no, and yes after all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from registration import clock
from registration.ledger.models import Disclosure
from registration.settings import Settings
from registration.teaching import queries
from registration.teaching.rules import Invitation
from registration.teaching.service import end_assignment
from tests.teaching.makers import School, enrol, make_school
from tests.web.trainer.conftest import Desk, give
from tests.web.trainer.test_session import texts


@pytest.fixture
async def asked(desk: Desk, settings: Settings) -> School:
    """The desk's trainer is asked to teach this one."""
    school = await make_school(settings, start=clock.now() + timedelta(days=3))
    await give(school.id, desk.school.trainer.account_id, settings, agreed=False)
    await enrol(school, "Aino Virtanen", company_name="Rata Oy")
    return school


async def answer_of(school: School, desk: Desk) -> tuple[Invitation, str]:
    account = desk.school.trainer.account_id
    found = await queries.assigned_session(school.id, account, now=clock.now())
    return found.invitation, found.declined_because


def path_of(school: School) -> str:
    return f"/trainer/sessions/{school.id}"


async def test_invitations_come_first_and_name_nobody(desk: Desk, asked: School) -> None:
    await enrol(desk.school)
    page = await desk.trainer.get("/trainer")
    assert texts(page, ".section h2") == ["Invitations", "Today"]
    first = HTMLParser(page.text).css_first(".card h3 a")
    assert first is not None
    assert first.attributes["href"] == f"{path_of(asked)}/invitation"
    assert "Virtanen" not in page.text


@pytest.mark.promise("P7")
async def test_before_accepting_nothing_shows_who_takes_part(desk: Desk, asked: School) -> None:
    seen = await Disclosure.all().count()
    for tail in ("", "/roll", "/paste"):
        answer = await desk.trainer.get(f"{path_of(asked)}{tail}")
        assert answer.headers["location"] == f"{path_of(asked)}/invitation"
    page = await desk.trainer.get(f"{path_of(asked)}/invitation")
    assert page.status_code == 200
    assert texts(page, ".facts dd")[-1] == "1"
    posts = {
        "": {"p0": "x"},
        "/roll": {"mark": "rest"},
        "/paste": {"text": "Aino Virtanen\t5"},
        "/final": {},
    }
    pages = [page.text]
    for tail, sent in posts.items():
        refused = await desk.trainer.post(f"{path_of(asked)}{tail}", data=sent)
        assert refused.status_code in {303, 403}, tail
        pages.append(refused.text)
    pages.append((await desk.trainer.get(f"{path_of(asked)}/packs/attendance.csv")).text)
    assert [text for text in pages if "Virtanen" in text or "Rata Oy" in text] == []
    assert await Disclosure.all().count() == seen


async def test_accepting_opens_the_session(desk: Desk, asked: School) -> None:
    answer = await desk.trainer.post(f"{path_of(asked)}/accept")
    assert (answer.status_code, answer.headers["location"]) == (303, path_of(asked))
    page = await desk.trainer.get(path_of(asked))
    assert texts(page, ".who-name") == ["Aino Virtanen"]
    again = await desk.trainer.post(f"{path_of(asked)}/accept")
    assert again.status_code == 303
    assert await answer_of(asked, desk) == (Invitation.ACCEPTED, "")


async def test_looking_at_an_invitation_answers_nothing(desk: Desk, asked: School) -> None:
    for tail in ("accept", "decline"):
        assert (await desk.trainer.get(f"{path_of(asked)}/{tail}")).status_code == 405
    assert await answer_of(asked, desk) == (Invitation.INVITED, "")


async def test_declining_may_have_a_reason_and_can_be_taken_back(desk: Desk, asked: School) -> None:
    sent = {"because": "I teach elsewhere"}
    answer = await desk.trainer.post(f"{path_of(asked)}/decline", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/trainer")
    assert await answer_of(asked, desk) == (Invitation.DECLINED, "I teach elsewhere")
    home = await desk.trainer.get("/trainer")
    assert texts(home, ".section h2") == ["Today", "Declined"]
    page = await desk.trainer.get(f"{path_of(asked)}/invitation")
    assert "I teach elsewhere" in texts(page, ".banner p")[1]
    await desk.trainer.post(f"{path_of(asked)}/accept")
    assert await answer_of(asked, desk) == (Invitation.ACCEPTED, "")


async def test_who_cannot_come_after_all_says_so(desk: Desk, asked: School) -> None:
    await desk.trainer.post(f"{path_of(asked)}/accept")
    page = await desk.trainer.get(path_of(asked))
    assert f"{path_of(asked)}/invitation" in page.text
    await desk.trainer.post(f"{path_of(asked)}/decline")
    assert await answer_of(asked, desk) == (Invitation.DECLINED, "")
    assert (await desk.trainer.get(path_of(asked))).status_code == 303


async def test_an_invitation_that_has_ended_cannot_be_answered(desk: Desk, asked: School) -> None:
    found = await queries.assignments_of_session(asked.id)
    for each in found:
        await end_assignment(each.id, actor_id=None, now=clock.now())
    page = await desk.trainer.get(f"{path_of(asked)}/invitation")
    assert (page.status_code, texts(page, "main form")) == (200, [])
    for tail in ("accept", "decline"):
        assert (await desk.trainer.post(f"{path_of(asked)}/{tail}")).status_code == 403


async def test_others_invitations_are_not_there(desk: Desk, settings: Settings) -> None:
    other = await make_school(settings, start=clock.now(), agreed=False)
    assert (await desk.trainer.get(f"{path_of(other)}/invitation")).status_code == 404
    for tail in ("accept", "decline"):
        assert (await desk.trainer.post(f"{path_of(other)}/{tail}")).status_code == 404
