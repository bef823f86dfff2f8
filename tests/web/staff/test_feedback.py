"""What was said of a session or an event, as staff, its organisers and its trainer read it, and a
program of theirs (P18)."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import BytesIO, StringIO
from uuid import UUID

import httpx
import pytest
from python_calamine import CalamineWorkbook
from starlette.applications import Starlette

from registration import clock
from registration.accounts.rules import Role, Scope
from registration.accounts.tokens import add_token
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine, SessionLine
from registration.catalogue.queries import event_offering, session_offering
from registration.catalogue.rules import EventGiven, Offering
from registration.catalogue.service import add_event
from registration.enrolment import queries as enrolment
from registration.feedback.rules import FeedbackGiven
from registration.feedback.service import answer_by_code, answer_from_place
from registration.ledger.models import Entry
from registration.people.rules import Contact
from registration.settings import Settings
from tests.builders import make_account
from tests.conftest import browser
from tests.web.counting import statements
from tests.web.makers import DAY, HOUR, make_session, make_training, take_place
from tests.web.staff.conftest import House, words
from tests.web.trainer.conftest import give

pytestmark = pytest.mark.promise("P18")
NAMES = ("Aino", "Bertta", "Cecilia", "Daavid", "Eero", "Fanni", "Gun", "Hilma")


async def make_over(
    training: UUID | None = None, *, ago: timedelta = DAY, capacity: int = 10
) -> SessionLine:
    start = clock.now().replace(microsecond=0) - ago - 7 * HOUR
    return await make_session(training, starts_at=start, made_at=start - 2 * DAY, capacity=capacity)


async def make_event_over() -> EventLine:
    end = clock.now() - DAY
    given = EventGiven(title={"en": "Safety day"}, starts_at=end - HOUR, ends_at=end, capacity=10)
    made = await add_event(given, actor_id=None, now=end - DAY)
    return await catalogue.event(made)


async def say(
    line: SessionLine | EventLine, number: int, settings: Settings, **more: object
) -> None:
    """So many people were there and answered: the first 1, the next 2, and so on."""
    for at in range(number):
        contact = Contact(NAMES[at], "Virtanen", f"{NAMES[at]}@example.fi", language="en")
        taken = await take_place(line, settings, contact=contact, at=line.starts_at - HOUR)
        given = {"overall": 1 + at % 5, "good": f"said by {NAMES[at][0]}", **more}
        await answer_from_place(
            await enrolment.place(taken.id),
            FeedbackGiven.model_validate(given),
            settings=settings,
            now=clock.now(),
        )


def offering(line: SessionLine | EventLine) -> Offering:
    return session_offering(line) if isinstance(line, SessionLine) else event_offering(line)


def path(line: SessionLine | EventLine) -> str:
    kind = "sessions" if isinstance(line, SessionLine) else "events"
    return f"/staff/{kind}/{line.id}/feedback"


def figures(page: httpx.Response) -> list[str]:
    """The counts of the first question, by score; none are shown."""
    return words(page, ".score-grid > :first-child td")


def named_in(page: httpx.Response) -> list[str]:
    """Whose name or address the page shows."""
    (text,) = words(page, "main")
    known = [f"{name} Virtanen" for name in NAMES] + [f"{name}@example.fi" for name in NAMES]
    return [each for each in known if each.casefold() in text.casefold()]


async def test_until_six_answered_nothing_is_shown_then_three(house: House) -> None:
    line = await make_over()
    await say(line, 5, house.settings)
    page = await house.staff.get(path(line))
    assert figures(page) == []
    assert "5 answers wait." in page.text
    assert "said by" not in page.text
    other = await make_over()
    await say(other, 6, house.settings)
    page = await house.staff.get(path(other))
    assert sum(int(each) for each in figures(page)) == 3
    assert "3 answers wait." in page.text
    assert "said by" not in page.text  # comments need five


async def test_closing_shows_all_and_takes_no_more(house: House) -> None:
    line = await make_over()
    await say(line, 5, house.settings)
    closed = await house.staff.post(f"{path(line)}/close")
    assert closed.status_code == 303
    page = await house.staff.get(path(line))
    assert figures(page) == ["1"] * 5
    assert words(page, ".said-list li") == [f"said by {letter}" for letter in "ABCDE"]
    assert named_in(page) == []
    assert (await house.staff.post(f"{path(line)}/close")).status_code == 409
    assert await Entry.filter(act="list-seen", object_id=line.id).count() == 0


async def test_what_is_under_a_name_stands_apart_and_looking_is_on_record(house: House) -> None:
    line = await make_over()
    await say(line, 1, house.settings, named=True, better="<i>Write to me</i>")
    page = await house.staff.get(path(line))
    assert words(page, "#named .who-name, #named .who-text a") == ["Aino Virtanen"]
    assert named_in(page) == ["Aino Virtanen", "Aino@example.fi"]  # a control of what is looked for
    assert "&lt;i&gt;Write to me&lt;/i&gt;" in page.text
    assert "Nobody has answered yet" in page.text
    assert await Entry.filter(act="list-seen", object_id=line.id).count() == 1


async def test_questions_of_ones_own_until_somebody_answers(house: House) -> None:
    line = await make_over()
    typed = {"own_1_en": "How was the food?", "own_2_fi": "x" * 201}
    wrong = await house.staff.post(f"{path(line)}/questions", data=typed)
    assert wrong.status_code == 422
    assert "Use at most 200 characters." in wrong.text
    assert "How was the food?" in wrong.text
    saved = await house.staff.post(f"{path(line)}/questions", data={**typed, "own_2_fi": ""})
    assert saved.status_code == 303
    assert 'value="How was the food?"' in (await house.staff.get(path(line))).text
    await say(line, 3, house.settings, own_1=4)
    late = await house.staff.post(f"{path(line)}/questions", data={"own_1_en": "Other?"})
    assert late.status_code == 409
    await house.staff.post(f"{path(line)}/close")
    page = await house.staff.get(path(line))
    assert words(page, ".score-grid figcaption")[-1] == "How was the food?"
    assert words(page, ".score-grid .score-mean")[-1] == "4.0"


@pytest.mark.promise("P3")
async def test_organisers_read_that_of_their_events_only(house: House) -> None:
    mine = await make_event_over()
    await house.organise(mine.id)
    session = await make_over()
    await say(mine, 3, house.settings)
    assert (await house.organiser.get(path(mine))).status_code == 200
    assert (await house.organiser.post(f"{path(mine)}/close")).status_code == 303
    assert figures(await house.organiser.get(path(mine))) == ["1", "1", "1", "0", "0"]
    assert "/staff/feedback" not in (await house.organiser.get(path(mine))).text
    for address in (path(session), "/staff/feedback", "/staff/feedback.csv"):
        assert (await house.organiser.get(address)).status_code == 403


@pytest.mark.promise("P7")
async def test_the_trainer_reads_the_same_and_no_name(house: House) -> None:
    line, foreign = await make_over(), await make_over()
    address = f"/trainer/sessions/{line.id}/feedback"
    assert (await house.trainer.get(address)).status_code == 404
    await give(line.id, house.trainer_id, house.settings, agreed=False)
    assert (await house.trainer.get(address)).status_code == 403
    await give(line.id, house.trainer_id, house.settings)
    await say(line, 7, house.settings)
    await say(foreign, 1, house.settings, named=True)
    page = await house.trainer.get(address)
    assert sum(int(each) for each in figures(page)) == 3
    await house.staff.post(f"{path(line)}/close")
    page = await house.trainer.get(address)
    assert figures(page) == ["2", "2", "1", "1", "1"]
    assert named_in(page) == []
    assert (
        await house.trainer.get(address.replace(str(line.id), str(foreign.id)))
    ).status_code == (404)


async def test_what_came_by_the_code_stands_apart(house: House) -> None:
    line = await make_over()
    await say(line, 3, house.settings)
    for number in range(6):
        await answer_by_code(
            offering(line),
            FeedbackGiven(overall=5),
            page=str(number),
            seats=10,
            settings=house.settings,
            now=clock.now(),
        )
    await house.staff.post(f"{path(line)}/close")
    page = await house.staff.get(path(line))
    assert words(page, "h2")[:2] == ["From people's places", "By the code in the room"]
    assert words(page, ".score-mean")[0] == "2.0"
    assert words(page, ".score-mean")[4] == "5.0"


async def test_over_time_and_as_files(house: House) -> None:
    training = await make_training("=Track safety")
    lines = [await make_over(training, ago=days * DAY) for days in (3, 2, 1)]
    for number, line in zip((3, 4, 2), lines, strict=True):
        await say(line, number, house.settings, content=5)
        await house.staff.post(f"{path(line)}/close")
    page = await house.staff.get(f"/staff/feedback?training={training}")
    assert words(page, "tbody th a") == ["=Track safety"] * 2  # of the third two answered
    assert words(page, ".columns text.value") == ["2.0", "2.5"]
    assert (await house.staff.get("/staff/feedback?training=nonsense")).status_code == 200
    sent = await house.staff.get(f"/staff/feedback.csv?training={training}")
    rows = list(csv.reader(StringIO(sent.content.decode("utf-8-sig")), delimiter=";"))
    assert {row[0] for row in rows[1:]} == {"'=Track safety"}
    assert rows[1][2:] == [
        "From people's places", "How was it as a whole?", "4", "2,5", "1", "1", "1", "1", "0",
    ]  # fmt: skip
    assert len(rows) == 1 + 2 * 4
    sent = await house.staff.get("/staff/feedback.xlsx")
    (sheet,) = CalamineWorkbook.from_filelike(BytesIO(sent.content)).sheet_names
    table = CalamineWorkbook.from_filelike(BytesIO(sent.content)).get_sheet_by_name(sheet)
    cells = table.to_python()
    assert cells[1][0] == "=Track safety"
    assert cells[1][4:] == [4.0, 2.5, 1.0, 1.0, 1.0, 1.0, 0.0]
    assert "said by" not in str(cells) + str(rows)


async def test_the_overview_asks_as_much_of_many_as_of_one(house: House) -> None:
    training = await make_training()
    asked: list[int] = []
    for _more in range(2):
        for _each in range(1 + 2 * len(asked)):
            line = await make_over(training)
            await say(line, 3, house.settings)
            await house.staff.post(f"{path(line)}/close")
        async with statements() as seen:
            await house.staff.get("/staff/feedback")
        asked.append(len(seen))
    assert asked[0] == asked[1]


async def test_programs_of_staff_and_of_the_trainer_get_figures_only(
    house: House, app: Starlette
) -> None:
    line = await make_over()
    await give(line.id, house.trainer_id, house.settings)
    await make_account(Role.TRAINER, "other@example.fi", "Other Trainer", nda_on=None)
    await say(line, 6, house.settings)
    address = f"/api/v1/sessions/{line.id}/feedback"
    answers = {}
    async with browser(app) as program:
        for email, scope in (
            ("staff@example.fi", Scope.STAFF),
            ("tea@example.fi", Scope.TRAINER),
            ("other@example.fi", Scope.TRAINER),
        ):
            token = await add_token(email, scope, days=1, now=clock.now())
            answers[email] = await program.get(
                address, headers={"Authorization": f"Bearer {token}"}
            )
        assert (await program.get(address)).status_code == 401
    assert answers["other@example.fi"].status_code == 404
    shown = answers["staff@example.fi"].json()
    assert answers["tea@example.fi"].json() == shown
    place, code = shown["parts"]
    assert (place["way"], place["given"], place["read"]) == ("place", 6, 3)
    assert (code["way"], code["given"], code["questions"]) == ("code", 0, [])
    assert [each["question"] for each in place["questions"]] == [
        "overall", "content", "arrangements", "recommend",
    ]  # fmt: skip
    assert sum(place["questions"][0]["counts"].values()) == 3
    assert "said by" not in answers["staff@example.fi"].text
