"""Giving feedback: once from each place, in time, nobody's unless they want (P18)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from registration.enrolment import queries as enrolment
from registration.enrolment.changes import cancel_session
from registration.enrolment.queries import PlaceLine
from registration.enrolment.service import cancel
from registration.errors import DomainError
from registration.feedback import service
from registration.feedback.models import Feedback, NamedFeedback, SpentTicket, Survey
from registration.feedback.queries import (
    answered,
    askable,
    named_of,
    named_of_place,
    results,
    survey_of,
)
from registration.feedback.rules import (
    KEPT_FOR,
    OPEN_FOR,
    AlreadyAnswered,
    NamedNotFound,
    NotOverYet,
    NotThere,
    Question,
    QuestionsFixed,
    QuestionsGiven,
    RoomFull,
    SurveyClosed,
    SurveyNotFound,
    Way,
)
from registration.ledger.models import Entry
from registration.privacy.erasure import erase
from registration.privacy.export import export
from registration.settings import Settings
from tests.builders import NOON
from tests.enrolment.makers import offering_of
from tests.feedback.makers import OVER, answer, make_class, make_event, said

pytestmark = pytest.mark.promise("P18")


async def test_answers_are_counted_and_each_place_answers_once(store: Settings) -> None:
    offering, places = await make_class(6, store)
    for number, place in enumerate(places):
        await answer(place, store, 1 + number % 5, content=5)
        with pytest.raises(AlreadyAnswered):
            await answer(place, store, 5)
    part = (await results(offering)).part(Way.PLACE)
    assert (part.given, part.read) == (6, 3)
    await service.close_survey(offering, actor_id=None, now=OVER)
    part = (await results(offering)).part(Way.PLACE)
    counts = {each.question: each.counts for each in part.tallies}
    assert part.read == 6
    assert counts[Question.OVERALL] == (2, 1, 1, 1, 1)
    assert counts[Question.CONTENT] == (0, 0, 0, 0, 6)
    assert counts[Question.RECOMMEND] == (0, 0, 0, 0, 0)


async def test_two_clicks_at_once_are_one_answer(store: Settings) -> None:
    _offering, (place,) = await make_class(1, store)
    done = await asyncio.gather(
        *(answer(place, store, good="once") for _each in range(4)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in done) == [
        "AlreadyAnswered", "AlreadyAnswered", "AlreadyAnswered", "NoneType",
    ]  # fmt: skip
    assert await Feedback.all().count() == 1


async def test_answers_at_once_are_all_kept(store: Settings) -> None:
    offering, places = await make_class(7, store)
    await asyncio.gather(*(answer(place, store) for place in places))
    assert (await results(offering)).part(Way.PLACE).given == 7
    assert await Feedback.filter(shown=True).count() == 3


async def refused_at(place: PlaceLine, settings: Settings, moment: object) -> str:
    try:
        await service.answer_from_place(
            place,
            said(),
            settings=settings,
            now=moment,  # type: ignore[arg-type]  # a moment each
        )
    except DomainError as refused:
        return type(refused).__name__
    return ""


async def test_it_opens_at_the_end_and_closes_after_thirty_days(register: Settings) -> None:
    offering, places = await make_class(4, register)
    second = timedelta(seconds=1)
    moments = (
        offering.ends_at - second,
        offering.ends_at,
        offering.ends_at + OPEN_FOR - second,
        offering.ends_at + OPEN_FOR,
    )
    found = [await refused_at(p, register, at) for p, at in zip(places, moments, strict=True)]
    assert found == ["NotOverYet", "", "", "SurveyClosed"]


async def test_the_code_works_from_the_last_day_on(register: Settings) -> None:
    offering, _places = await make_class(0, register)
    minute = timedelta(minutes=1)
    with pytest.raises(NotOverYet):
        await by_code(offering, register, now=offering.days[-1][0] - minute)
    await by_code(offering, register, now=offering.days[-1][0])
    assert (await results(offering)).part(Way.CODE).given == 1


async def by_code(
    offering: object, settings: Settings, *, page: str = "", seats: int = 5, now: object = OVER
) -> None:
    await service.answer_by_code(
        offering,  # type: ignore[arg-type]
        said(3),
        page=page or uuid4().hex,
        seats=seats,
        settings=settings,
        now=now,  # type: ignore[arg-type]
    )


async def test_what_comes_by_the_code_is_counted_apart_and_has_an_end(store: Settings) -> None:
    offering, places = await make_class(3, store)
    await answer(places[0], store)
    await by_code(offering, store, page="one")
    with pytest.raises(AlreadyAnswered):
        await by_code(offering, store, page="one")
    for _each in range(29):
        await by_code(offering, store, seats=2)
    with pytest.raises(RoomFull):
        await by_code(offering, store, seats=2)
    found = await results(offering)
    assert (found.part(Way.PLACE).given, found.part(Way.CODE).given) == (1, 30)
    assert (found.part(Way.PLACE).read, found.part(Way.CODE).read) == (0, 27)


async def test_who_cancelled_or_waits_is_not_asked(register: Settings) -> None:
    _offering, (place,) = await make_class(1, register)
    await cancel(place.id, actor_id=None, settings=register, now=NOON)
    with pytest.raises(NotThere):
        await answer(await enrolment.place(place.id), register)


async def test_of_a_session_that_was_called_off_nothing_is_asked(register: Settings) -> None:
    offering, (place,) = await make_class(1, register)
    await cancel_session(offering.id, actor_id=None, settings=register, now=NOON)
    assert (
        await askable([await enrolment.place(place.id)], secret=register.secret, now=OVER)
        == frozenset()
    )
    with pytest.raises(SurveyNotFound):
        await by_code(await offering_of(offering), register)


async def test_a_closed_survey_takes_nothing_and_is_not_opened_again(store: Settings) -> None:
    offering, places = await make_class(4, store)
    for place in places[:3]:
        await answer(place, store, good="Well done")
    assert (await results(offering)).part(Way.PLACE).good == ()
    await service.close_survey(offering, actor_id=None, now=OVER)
    assert (await results(offering)).part(Way.PLACE).good == ("Well done",) * 3
    with pytest.raises(SurveyClosed):
        await answer(places[3], store)
    with pytest.raises(SurveyClosed):
        await service.close_survey(offering, actor_id=None, now=OVER)
    assert await Entry.filter(act="catalogue-changed", object_id=offering.id).count() == 2


async def test_it_closes_by_itself_and_fewer_than_three_are_never_shown(store: Settings) -> None:
    offering, places = await make_class(2, store)
    for place in places:
        await answer(place, store, good="Well done")
    assert await service.close_due(now=offering.ends_at + OPEN_FOR - timedelta(minutes=1)) == 0
    assert await service.close_due(now=offering.ends_at + OPEN_FOR) == 1
    assert await service.close_due(now=offering.ends_at + OPEN_FOR) == 0
    part = (await results(offering)).part(Way.PLACE)
    assert (part.given, part.read, part.tallies, part.good) == (2, 0, (), ())


async def test_questions_of_ones_own_are_asked_until_somebody_answers(store: Settings) -> None:
    offering, (place,) = await make_class(1, store)
    actor = uuid4()
    questions = QuestionsGiven(own_1={"en": "How was the lunch?"})
    await service.set_questions(offering, questions, actor_id=actor, now=NOON)
    survey = await survey_of(offering.id)
    assert survey.own == ({"en": "How was the lunch?"},)
    assert survey.questions[-1] is Question.OWN_1
    await answer(place, store, own_1=2)
    with pytest.raises(QuestionsFixed):
        await service.set_questions(offering, QuestionsGiven(), actor_id=actor, now=OVER)


async def test_a_named_answer_is_its_persons(store: Settings) -> None:
    offering, places = await make_class(2, store)
    place = places[0]
    await answer(place, store, 2, better="Call me", named=True)
    (line,) = await named_of(offering.id)
    assert (line.name, line.email, line.better) == (place.name, place.email, "Call me")
    assert (await results(offering)).part(Way.PLACE).given == 0
    await service.change_named(place, said(5, good="All well"), now=OVER)
    changed = await named_of_place(place.id)
    assert changed is not None
    assert (changed.scores, changed.good, changed.better) == (
        {Question.OVERALL: 5}, "All well", "",
    )  # fmt: skip
    held = await export(place.person_id, actor_id=None, house="House", now=OVER)
    assert "All well" in str(held["held"])
    with pytest.raises(NamedNotFound):
        await service.change_named(places[1], said(5), now=OVER)
    await service.delete_named(place, settings=store)
    assert await named_of_place(place.id) is None
    with pytest.raises(NamedNotFound):
        await service.delete_named(place, settings=store)
    await answer(place, store)  # and another one can be given
    assert (await results(offering)).part(Way.PLACE).given == 1


@pytest.mark.promise("P11")
async def test_what_a_person_said_under_their_name_goes_with_them(store: Settings) -> None:
    offering, places = await make_class(4, store)
    await answer(places[0], store, good="Named and gone", named=True)
    for place in places[1:]:
        await answer(place, store, good="Nobody's, and stays")
    for place in places[:2]:
        await erase(place.person_id, actor_id=None, settings=store, now=OVER)
    assert await NamedFeedback.all().count() == 0
    assert (await results(offering)).part(Way.PLACE).given == 3
    assert await answered([each.id for each in places], secret=store.secret) == {
        each.id for each in places
    }


async def test_answers_go_after_two_years_and_the_marks_when_it_closes(store: Settings) -> None:
    offering, places = await make_class(2, store)
    await answer(places[0], store)
    await answer(places[1], store, named=True)
    second = timedelta(seconds=1)
    found = []
    for moment in (
        offering.ends_at + OPEN_FOR - second,
        offering.ends_at + OPEN_FOR,
        offering.ends_at + KEPT_FOR - second,
        offering.ends_at + KEPT_FOR,
    ):
        await service.drop_old(now=moment)
        found.append(
            (
                await SpentTicket.all().count(),
                await Feedback.all().count(),
                await NamedFeedback.all().count(),
            )
        )
    assert found == [(2, 1, 1), (0, 1, 1), (0, 1, 1), (0, 0, 0)]


async def test_of_an_event_it_is_the_same(store: Settings) -> None:
    offering = await make_event()
    for _each in range(6):
        await by_code(offering, store, seats=50)
    part = (await results(offering)).part(Way.CODE)
    assert (part.given, part.read) == (6, 3)
    assert (await Survey.get(offering_id=offering.id)).kind == "event"
