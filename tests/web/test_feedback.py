"""The form of feedback: from one's own place, from a mail, and by the code in the room."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import segno
from starlette.applications import Starlette

from registration import clock
from registration.app import create_app
from registration.catalogue.lines import SessionLine
from registration.enrolment.changes import cancel_session
from registration.feedback import tickets
from registration.feedback.models import Feedback, NamedFeedback
from registration.feedback.tickets import Leads, Ticket
from registration.people.models import Person
from registration.people.rules import Contact
from registration.privacy.erasure import erase
from registration.settings import Settings
from tests.builders import log_in, make_participant
from tests.conftest import browser
from tests.web.makers import DAY, HOUR, make_session, take_place

pytestmark = pytest.mark.promise("P18")


@dataclass(frozen=True, slots=True)
class Desk:
    """``aino`` is logged in and was at the session, which ended ``ago``; ``client`` is nobody."""

    aino: httpx.AsyncClient
    client: httpx.AsyncClient
    person: Person
    session: SessionLine
    place: UUID
    settings: Settings

    @property
    def path(self) -> str:
        return f"/me/places/{self.place}/feedback"

    def token(self, leads: Leads, of: UUID) -> str:
        return f"/feedback/{tickets.write(Ticket(leads, of), self.settings.secret)}"

    @property
    def ticket(self) -> str:
        return self.token(Leads.PLACE, self.place)

    @property
    def code(self) -> str:
        return self.token(Leads.SESSION, self.session.id)


async def make_desk(
    app: Starlette, client: httpx.AsyncClient, settings: Settings, *, ago: timedelta
) -> Desk:
    start = clock.now() - ago - 7 * HOUR
    session = await make_session(starts_at=start, made_at=start - 2 * DAY)
    person, account_id = await make_participant(now=start - 2 * DAY)
    contact = Contact(person.first_name, person.last_name, person.email, language="en")
    taken = await take_place(session, settings, contact=contact, at=start - DAY)
    aino = browser(app)
    await log_in(aino, account_id)
    return Desk(aino, client, person, session, taken.id, settings)


@pytest.fixture
async def desk(
    app: Starlette, client: httpx.AsyncClient, settings: Settings
) -> AsyncIterator[Desk]:
    made = await make_desk(app, client, settings, ago=DAY)
    yield made
    await made.aino.aclose()


async def test_who_was_there_is_asked_on_their_own_page_and_answers_once(desk: Desk) -> None:
    assert f'href="{desk.path}"' in (await desk.aino.get("/me")).text
    shown = await desk.aino.get(desk.path)
    assert shown.status_code == 200
    assert "How good were the teaching and the arrangements?" in shown.text
    sent = await desk.aino.post(desk.path, data={"overall": "4", "good": "<b>All</b>"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/me")
    home = (await desk.aino.get("/me")).text
    assert "Nobody can tell that this answer is yours." in home
    assert desk.path not in home
    again = await desk.aino.post(desk.path, data={"overall": "1"})
    assert again.status_code == 409
    assert "Feedback was given from this place already." in again.text
    assert "already" in (await desk.aino.get(desk.path)).text
    (row,) = await Feedback.all()
    assert (row.overall, row.content, row.good, row.way) == (4, None, "<b>All</b>", "place")


async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(desk: Desk) -> None:
    data = {"content": "9", "good": "x" * 1001, "better": "<script>alert(1)</script>"}
    for client, path in ((desk.aino, desk.path), (desk.client, desk.ticket)):
        answer = await client.post(path, data=data)
        assert answer.status_code == 422
        said = re.findall(r'<a href="#f-(\w+)">', answer.text)
        assert said == ["overall", "content", "good"]
        assert "&lt;script&gt;alert(1)" in answer.text
        assert "<script>alert" not in answer.text
        assert "x" * 1001 in answer.text
    assert await Feedback.all().count() == 0


async def test_who_wants_an_answer_puts_their_name_to_it_and_owns_it(desk: Desk) -> None:
    data = {"overall": "2", "better": "Call me", "named": "1"}
    await desk.aino.post(desk.path, data=data)
    home = (await desk.aino.get("/me")).text
    assert "We read it with your name" in home
    assert f'href="{desk.path}"' in home
    shown = (await desk.aino.get(desk.path)).text
    assert "Call me" in shown
    assert 'value="2" checked' in shown
    changed = await desk.aino.post(desk.path, data={"overall": "5", "better": "All well now"})
    assert changed.status_code == 303
    (row,) = await NamedFeedback.all()
    assert (row.overall, row.better, row.person_id) == (5, "All well now", desk.person.id)
    assert (await desk.aino.post(f"{desk.path}/delete")).status_code == 303
    assert await NamedFeedback.all().count() == await Feedback.all().count() == 0
    assert (await desk.aino.post(f"{desk.path}/delete")).status_code == 404
    assert "How was it?" in (await desk.aino.get(desk.path)).text


async def test_the_link_of_a_mail_takes_one_answer_without_a_login(desk: Desk) -> None:
    shown = await desk.client.get(desk.ticket)
    assert shown.status_code == 200
    assert shown.headers["x-robots-tag"] == "noindex, nofollow"
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "strict-origin"
    sent = await desk.client.post(desk.ticket, data={"overall": "3"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/feedback/thanks")
    assert "Thank you!" in (await desk.client.get("/feedback/thanks")).text
    assert (await desk.client.post(desk.ticket, data={"overall": "3"})).status_code == 409
    assert "already" in (await desk.client.get(desk.ticket)).text
    assert (await desk.aino.post(desk.path, data={"overall": "3"})).status_code == 409


async def test_a_link_in_a_mail_shows_nothing_that_was_said_under_a_name(desk: Desk) -> None:
    await desk.aino.post(desk.path, data={"overall": "1", "better": "Secret", "named": "1"})
    for method in ("GET", "POST"):
        answer = await desk.client.request(method, desk.ticket, data={"overall": "1"})
        assert "Secret" not in answer.text
        assert "already" in answer.text


async def test_by_the_code_nobody_is_asked_who_they_are(desk: Desk) -> None:
    shown = (await desk.client.get(desk.code)).text
    assert 'name="named"' not in shown
    (page,) = re.findall(r'name="token" value="(\w+)"', shown)
    data = {"overall": "5", "token": page, "named": "1"}
    assert (await desk.client.post(desk.code, data=data)).status_code == 303
    second_click = await desk.client.post(desk.code, data=data)
    assert second_click.status_code == 409
    assert (await desk.aino.post(desk.code, data={"overall": "5"})).status_code == 303
    assert await NamedFeedback.all().count() == 0
    assert [row.way for row in await Feedback.all()] == ["code", "code"]


async def test_the_code_for_the_wall_leads_to_the_form(desk: Desk) -> None:
    screen = await desk.client.get(f"{desk.code}/screen")
    assert f'src="{desk.code}/code.svg"' in screen.text
    picture = await desk.client.get(f"{desk.code}/code.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    made = segno.make(f"{desk.settings.base_url}{desk.code}", error="m")
    assert made.svg_inline(scale=10, border=4, dark="#000", light="#fff", omitsize=True).split(
        "<path"
    )[1:] == [part.replace("</svg>\n", "</svg>") for part in picture.text.split("<path")[1:]]
    for part in ("/screen", "/code.svg"):
        assert (await desk.client.get(desk.ticket + part)).status_code == 404


async def test_garbled_and_foreign_addresses_lead_nowhere(desk: Desk) -> None:
    letter = "A" if desk.ticket[-2] != "A" else "B"
    wrong = (
        desk.ticket[:-2] + letter + desk.ticket[-1],
        desk.ticket[:-1],
        f"/feedback/{'x' * 500}",
        "/feedback/%C3%A4",
        f"/feedback/{uuid4()}",
        desk.token(Leads.PLACE, uuid4()),
        desk.token(Leads.SESSION, desk.place),
        desk.token(Leads.EVENT, desk.session.id),
    )
    for path in wrong:
        for method in ("GET", "POST"):
            answer = await desk.client.request(method, path, data={"overall": "3"})
            assert (answer.status_code, path) == (404, path)
            assert "This address leads to no feedback form." in answer.text
    assert await Feedback.all().count() == 0


async def test_somebody_elses_place_is_not_there(desk: Desk) -> None:
    other = await take_place(desk.session, desk.settings, at=desk.session.starts_at - HOUR)
    for method, part in (("GET", ""), ("POST", ""), ("POST", "/delete")):
        path = f"/me/places/{other.id}/feedback{part}"
        assert (await desk.aino.request(method, path, data={"overall": "1"})).status_code == 404


async def test_an_erased_persons_link_leads_nowhere(desk: Desk) -> None:
    await erase(desk.person.id, actor_id=None, settings=desk.settings, now=clock.now())
    for method in ("GET", "POST"):
        answer = await desk.client.request(method, desk.ticket, data={"overall": "3"})
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(hours=-1), "It is not over yet."),
        (timedelta(days=31), "Feedback on this is closed"),
    ],
    ids=["before the end", "after thirty days"],
)
async def test_too_early_and_too_late_nothing_is_taken(
    app: Starlette, client: httpx.AsyncClient, settings: Settings, ago: timedelta, said: str
) -> None:
    desk = await make_desk(app, client, settings, ago=ago)
    async with aclosing(desk.aino):
        for opened, path in ((desk.aino, desk.path), (client, desk.ticket)):
            assert said in (await opened.get(path)).text
            sent = await opened.post(path, data={"overall": "3"})
            assert (sent.status_code, said in sent.text) == (409, True)
        assert desk.path not in (await desk.aino.get("/me")).text


async def test_of_what_was_called_off_nothing_is_asked(
    app: Starlette, client: httpx.AsyncClient, settings: Settings
) -> None:
    desk = await make_desk(app, client, settings, ago=timedelta(hours=-2))
    async with aclosing(desk.aino):
        await cancel_session(
            desk.session.id, actor_id=None, settings=settings, now=desk.session.starts_at - HOUR
        )
        for path in (desk.ticket, desk.code):
            assert (await client.get(path)).status_code == 404
            assert (await client.post(path, data={"overall": "3"})).status_code == 404


async def test_a_flood_from_one_address_is_stopped(settings: Settings, migrated: Path) -> None:
    app = create_app(settings.model_copy(update={"rate_limit": "on"}), run_jobs=False)
    async with app.router.lifespan_context(app), browser(app) as client:
        answers = [
            (await client.post(f"/feedback/{'x' * 40}", data={})).status_code for _each in range(40)
        ]
    assert answers[:30] == [404] * 30
    assert answers[-1] == 429


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_form_is_there_in_each_language(desk: Desk, language: str) -> None:
    for client, path in ((desk.aino, desk.path), (desk.client, desk.code)):
        answer = await client.get(f"{path}?lang={language}")
        assert answer.status_code == 200
        assert f'<html lang="{language}">' in answer.text
