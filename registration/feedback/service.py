"""Giving feedback, closing a survey, and dropping what is old (P18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import SystemRandom
from uuid import UUID, uuid4

from registration.catalogue.rules import Offering
from registration.db import one_at_a_time, scrub, transaction
from registration.enrolment.queries import PlaceLine
from registration.feedback import tickets
from registration.feedback.models import Feedback, NamedFeedback, SpentTicket, Survey
from registration.feedback.queries import offering_of
from registration.feedback.rules import (
    OWN,
    AlreadyAnswered,
    FeedbackGiven,
    NamedNotFound,
    QuestionsFixed,
    QuestionsGiven,
    RoomFull,
    SurveyClosed,
    SurveyNotFound,
    Way,
    check_open,
    check_place,
    closes_at,
    drop_at,
    most_by_code,
    to_publish,
)
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.settings import Settings

SWEEP = 1000
_chance = SystemRandom()


async def answer_from_place(
    place: PlaceLine, given: FeedbackGiven, *, settings: Settings, now: datetime
) -> None:
    """The answer is stored: nobody's, or under the person's name if they want that. The ledger has
    nothing of it, for it knows the time.

    Raises ``NotThere``, ``SurveyNotFound``, ``NotOverYet``, ``SurveyClosed``, ``AlreadyAnswered``.
    """
    check_place(place.status)
    async with transaction():
        survey = await _open(place.offering, Way.PLACE, now=now)
        await _spend(tickets.of_place(place.id, settings.secret), place.offering)
        if given.named:
            row = NamedFeedback(
                id=uuid4(),
                survey_id=survey.id,
                person_id=place.person_id,
                place_id=place.id,
                made_at=now,
                changed_at=now,
                drop_at=drop_at(place.offering),
                **_said(survey, given),
            )
            await row.save(force_create=True)
        else:
            await _add(survey, Way.PLACE, given, place.offering)


async def answer_by_code(
    offering: Offering,
    given: FeedbackGiven,
    *,
    page: str,
    seats: int,
    settings: Settings,
    now: datetime,
) -> None:
    """The same of whoever is in the room. ``page`` is what their form bore, so that a second click
    is not a second answer. Raises ``SurveyNotFound``, ``NotOverYet``, ``SurveyClosed``,
    ``AlreadyAnswered``, ``RoomFull``."""
    async with transaction():
        survey = await _open(offering, Way.CODE, now=now)
        await _spend(tickets.of_page(page, settings.secret), offering)
        here = Feedback.filter(survey_id=survey.id, way=Way.CODE.value)
        if await here.count() >= most_by_code(seats):
            raise RoomFull
        await _add(survey, Way.CODE, given, offering)


async def _open(offering: Offering, way: Way, *, now: datetime) -> Survey:
    """The survey, which nobody else writes to until the transaction ends."""
    survey = await _locked(offering)
    check_open(offering, way, closed=survey.closed_at is not None, now=now)
    return survey


async def _locked(offering: Offering) -> Survey:
    await one_at_a_time(f"survey {offering.id}")
    survey, _is_new = await Survey.get_or_create(
        offering_id=offering.id, defaults={"id": uuid4(), "kind": offering.kind}
    )
    return survey


async def _spend(key: str, offering: Offering) -> None:
    if await SpentTicket.filter(key=key).exists():
        raise AlreadyAnswered
    await SpentTicket.create(key=key, drop_at=closes_at(offering))


async def _add(survey: Survey, way: Way, given: FeedbackGiven, offering: Offering) -> None:
    made = Feedback(
        survey_id=survey.id,
        way=way.value,
        drop_at=drop_at(offering),
        **_said(survey, given),
    )
    await _write_anew(survey, [*await Feedback.filter(survey_id=survey.id), made], closed=False)


def _said(survey: Survey, given: FeedbackGiven) -> dict[str, int | str | None]:
    """The columns of an answer; what was not asked has none."""
    unasked = {question.value for question in OWN[len(survey.own) :]}
    return given.model_dump(exclude={"named", *unasked})


async def _write_anew(survey: Survey, rows: Sequence[Feedback], *, closed: bool) -> None:
    """All answers of the survey in a random order under new keys, by one transaction: neither the
    order of rows nor what a database notes of their writing tells which came with which ticket.
    Of those that nobody has read so many come to light as may, whichever they are."""
    stirred = list(rows)
    _chance.shuffle(stirred)
    for way in Way:
        waiting = [row for row in stirred if row.way == way.value and not row.shown]
        for row in waiting[: to_publish(len(waiting), closed=closed)]:
            row.shown = True
    await Feedback.filter(survey_id=survey.id).delete()
    await Feedback.bulk_create(
        [
            Feedback(
                id=uuid4(),
                survey_id=survey.id,
                way=row.way,
                shown=row.shown,
                overall=row.overall,
                content=row.content,
                arrangements=row.arrangements,
                recommend=row.recommend,
                own_1=row.own_1,
                own_2=row.own_2,
                good=row.good,
                better=row.better,
                drop_at=row.drop_at,
            )
            for row in stirred
        ],
        batch_size=100,
    )


async def change_named(place: PlaceLine, given: FeedbackGiven, *, now: datetime) -> None:
    """What a person said under their name is as given now. Raises ``NamedNotFound``."""
    async with transaction():
        survey = await _locked(place.offering)
        row = await NamedFeedback.get_or_none(place_id=place.id, person_id=place.person_id)
        if row is None:
            raise NamedNotFound
        row.update_from_dict({**_said(survey, given), "changed_at": now})
        await row.save()
    await scrub()


async def delete_named(place: PlaceLine, *, settings: Settings) -> None:
    """It is gone, and while the survey is open another one can be given. Raises
    ``NamedNotFound``."""
    async with transaction():
        if not await NamedFeedback.filter(place_id=place.id, person_id=place.person_id).delete():
            raise NamedNotFound
        await SpentTicket.filter(key=tickets.of_place(place.id, settings.secret)).delete()
    await scrub()


async def set_questions(
    offering: Offering, given: QuestionsGiven, *, actor_id: UUID, now: datetime
) -> None:
    """The survey asks these beside the common ones. Raises ``QuestionsFixed`` once somebody has
    answered, ``SurveyClosed``."""
    async with transaction():
        survey = await _locked(offering)
        if survey.closed_at is not None or now >= closes_at(offering):
            raise SurveyClosed
        for table in (Feedback, NamedFeedback):
            if await table.filter(survey_id=survey.id).exists():
                raise QuestionsFixed
        survey.own = given.texts
        await survey.save()
        await _record(offering, "feedback questions", actor_id=actor_id, now=now)


async def close_survey(offering: Offering, *, actor_id: UUID | None, now: datetime) -> None:
    """Nothing is taken any more, and all that may ever be read can be read. It is not opened again:
    answers that came later could be told apart. Raises ``SurveyClosed``, ``NotOverYet``,
    ``SurveyNotFound``."""
    async with transaction():
        survey = await _open(offering, Way.PLACE, now=now)
        await _close(survey, now=now)
        await _record(offering, "feedback closed", actor_id=actor_id, now=now)


async def _close(survey: Survey, *, now: datetime) -> None:
    survey.closed_at = now
    await survey.save(update_fields=["closed_at"])
    await _write_anew(survey, await Feedback.filter(survey_id=survey.id), closed=True)


async def _record(
    offering: Offering, purpose: str, *, actor_id: UUID | None, now: datetime
) -> None:
    await record(
        Act.CATALOGUE_CHANGED,
        now=now,
        actor_id=actor_id,
        object_id=offering.id,
        note=Note(purpose=purpose),
    )


async def close_due(*, now: datetime) -> int:
    """Surveys whose time is over are closed; says how many."""
    done = 0
    for survey_id, kind, offering_id in await Survey.filter(closed_at=None).values_list(
        "id", "kind", "offering_id"
    ):
        try:
            offering = await offering_of(str(kind), UUID(str(offering_id)))
        except SurveyNotFound:  # it was deleted, and nobody had been on it
            await Survey.filter(id=survey_id).delete()
            continue
        if now < closes_at(offering):
            continue
        async with transaction():
            survey = await _locked(offering)
            if survey.closed_at is None:
                await _close(survey, now=now)
                done += 1
    return done


async def drop_old(*, now: datetime) -> int:
    """Answers whose time is over go, and so do the marks of who has answered; and of what is still
    being written anew no earlier writing is left in the database's journal."""
    done = 0
    for table in (Feedback, NamedFeedback, SpentTicket):
        key = "key" if table is SpentTicket else "id"
        while True:
            found = await table.filter(drop_at__lte=now).limit(SWEEP).values_list(key, flat=True)
            if not found:
                break
            async with transaction():
                done += await table.filter(**{f"{key}__in": list(found)}).delete()
    if done or await Feedback.filter(survey__closed_at=None).exists():
        await scrub()
    return done
