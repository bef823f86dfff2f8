"""Reading what may be read of feedback, as frozen values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.functions import Count

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import EventNotFound, Offering, SessionNotFound
from registration.enrolment.queries import PlaceLine
from registration.feedback import tickets
from registration.feedback.models import Feedback, NamedFeedback, Said, SpentTicket, Survey
from registration.feedback.rules import (
    COMMON,
    OWN,
    Answer,
    NotOverYet,
    NotThere,
    Question,
    SurveyClosed,
    SurveyNotFound,
    Tally,
    Way,
    check_open,
    check_place,
    closes_at,
    comments,
    tallies,
)
from registration.feedback.tickets import Leads, Ticket
from registration.people.models import Person


@dataclass(frozen=True, slots=True)
class SurveyLine:
    """``own`` are the questions of staff, by language; ``closed_at``: it was closed then."""

    own: tuple[Mapping[str, str], ...] = ()
    asked_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        return (*COMMON, *OWN[: len(self.own)])


@dataclass(frozen=True, slots=True)
class Part:
    """What came by one way. ``given`` have answered, ``read`` of them are in the figures."""

    way: Way
    given: int
    read: int
    tallies: tuple[Tally, ...]
    good: tuple[str, ...]
    better: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """``closes_at`` is when it closes by itself; ``named`` have answered under their name, which
    counts in no figure here."""

    survey: SurveyLine
    closes_at: datetime
    parts: tuple[Part, ...]
    named: int

    def part(self, way: Way) -> Part:
        return next(part for part in self.parts if part.way is way)

    @property
    def empty(self) -> bool:
        return not self.named and not any(part.given for part in self.parts)


@dataclass(frozen=True, slots=True)
class NamedLine:
    """An answer under its person's name; ``changed_at`` is when it was last written."""

    person_id: UUID
    place_id: UUID
    name: str
    email: str
    scores: Mapping[Question, int]
    good: str
    better: str
    changed_at: datetime


async def offering_of(kind: str, offering_id: UUID) -> Offering:
    """Raises ``SurveyNotFound`` when there is none such."""
    try:
        if kind == "session":
            return catalogue.session_offering(await catalogue.session(offering_id))
        return catalogue.event_offering(await catalogue.event(offering_id))
    except (SessionNotFound, EventNotFound):
        raise SurveyNotFound from None


def ticket_of(offering: Offering) -> Ticket:
    """What the code in the room leads to."""
    leads = Leads.SESSION if offering.kind == "session" else Leads.EVENT
    return Ticket(leads, offering.id)


async def survey_of(offering_id: UUID) -> SurveyLine:
    """Of one that nobody has touched: as it would begin."""
    return line_of(await Survey.get_or_none(offering_id=offering_id))


def line_of(row: Survey | None) -> SurveyLine:
    return SurveyLine(tuple(row.own), row.asked_at, row.closed_at) if row else SurveyLine()


async def results(offering: Offering) -> Results:
    """What can be read now, whoever reads it: see ``rules`` for what comes to light, and when."""
    found = await results_of([offering])
    return found[offering.id]


async def results_of(offerings: Sequence[Offering]) -> dict[UUID, Results]:
    """By the offering's id; three queries, however many there are."""
    surveys = await Survey.filter(offering_id__in=[each.id for each in offerings])
    by_offering = {row.offering_id: row for row in surveys}
    ids = [row.id for row in surveys]
    rows: defaultdict[UUID, list[Feedback]] = defaultdict(list)
    for each in await Feedback.filter(survey_id__in=ids) if ids else []:
        rows[each.survey_id].append(each)
    named = await _named_counts(ids)
    return {
        offering.id: _results(offering, by_offering.get(offering.id), rows, named)
        for offering in offerings
    }


async def _named_counts(survey_ids: Sequence[UUID]) -> dict[UUID, int]:
    if not survey_ids:
        return {}
    found = NamedFeedback.filter(survey_id__in=list(survey_ids)).annotate(number=Count("id"))
    rows = await found.group_by("survey_id").values_list("survey_id", "number")
    return {UUID(str(survey_id)): int(str(number)) for survey_id, number in rows}


def _results(
    offering: Offering,
    row: Survey | None,
    rows: Mapping[UUID, Sequence[Feedback]],
    named: Mapping[UUID, int],
) -> Results:
    survey = line_of(row)
    answers = rows.get(row.id, ()) if row else ()
    return Results(
        survey,
        closes_at(offering),
        tuple(_part(way, survey, answers) for way in Way),
        named.get(row.id, 0) if row else 0,
    )


def _part(way: Way, survey: SurveyLine, rows: Sequence[Feedback]) -> Part:
    given = [row for row in rows if row.way == way.value]
    shown = [answer_of(row) for row in given if row.shown]
    good, better = comments(shown, closed=survey.closed_at is not None)
    return Part(
        way, len(given), len(shown), tallies(shown, survey.questions) if shown else (), good, better
    )


def answer_of(row: Said) -> Answer:
    return Answer(scores_of(row), row.good, row.better)


def scores_of(row: Said) -> dict[Question, int]:
    given = {question: getattr(row, question.value) for question in Question}
    return {question: score for question, score in given.items() if score is not None}


async def named_of(offering_id: UUID) -> list[NamedLine]:
    """Who wants an answer, the newest first."""
    rows = await NamedFeedback.filter(survey__offering_id=offering_id).order_by("-changed_at", "id")
    people = {each.id: each for each in await Person.filter(id__in=[r.person_id for r in rows])}
    return [
        _named(row, people[row.person_id].first_name + " " + people[row.person_id].last_name,
               people[row.person_id].email)
        for row in rows
        if row.person_id in people
    ]  # fmt: skip


async def named_of_place(place_id: UUID) -> NamedLine | None:
    row = await NamedFeedback.get_or_none(place_id=place_id)
    return _named(row, "", "") if row else None


def _named(row: NamedFeedback, name: str, email: str) -> NamedLine:
    return NamedLine(
        row.person_id,
        row.place_id,
        name,
        email,
        scores_of(row),
        row.good,
        row.better,
        row.changed_at,
    )


async def answered(place_ids: Sequence[UUID], *, secret: str) -> frozenset[UUID]:
    """Those of the places from which an answer came, while the survey is open."""
    keys = {tickets.of_place(place_id, secret): place_id for place_id in place_ids}
    if not keys:
        return frozenset()
    spent = await SpentTicket.filter(key__in=list(keys)).values_list("key", flat=True)
    return frozenset(keys[str(key)] for key in spent)


@dataclass(frozen=True, slots=True)
class Over:
    """One session or event over time, and what can be read of it."""

    offering: Offering
    training_id: UUID | None
    results: Results


async def over_time(training_id: UUID | None = None, *, limit: int) -> list[Over]:
    """The newest of those of which something can be read, the newest first; of one training, or of
    all and of the events too. The number of queries does not depend on how many there are."""
    found = Feedback.filter(shown=True)
    ids = await found.distinct().values_list("survey__offering_id", flat=True)
    offering_ids = [UUID(str(each)) for each in ids]
    sessions = await catalogue.sessions_by_id(offering_ids)
    events = {} if training_id else await catalogue.events_by_id(offering_ids)
    known = [
        (catalogue.session_offering(line), line.training.id)
        for line in sessions.values()
        if training_id in {None, line.training.id}
    ] + [(catalogue.event_offering(line), None) for line in events.values()]
    known.sort(key=lambda each: (each[0].starts_at, each[0].id), reverse=True)
    read = await results_of([offering for offering, _training in known[:limit]])
    return [Over(offering, training, read[offering.id]) for offering, training in known[:limit]]


async def closed_of(offering_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those whose survey is closed."""
    found = Survey.filter(offering_id__in=list(offering_ids), closed_at__not_isnull=True)
    ids = await found.values_list("offering_id", flat=True) if offering_ids else []
    return frozenset(UUID(str(each)) for each in ids)


async def named_places(person_id: UUID) -> frozenset[UUID]:
    """The places from which the person gave feedback under their name."""
    ids = await NamedFeedback.filter(person_id=person_id).values_list("place_id", flat=True)
    return frozenset(UUID(str(each)) for each in ids)


async def askable(places: Sequence[PlaceLine], *, secret: str, now: datetime) -> frozenset[UUID]:
    """Those of the places from which feedback can be given now, and was not; two queries."""
    closed = await closed_of([place.offering.id for place in places])
    found = [place.id for place in places if _asks(place, place.offering.id in closed, now)]
    return frozenset(found) - await answered(found, secret=secret)


def _asks(place: PlaceLine, closed: bool, now: datetime) -> bool:
    try:
        check_place(place.status)
        check_open(place.offering, Way.PLACE, closed=closed, now=now)
    except (NotThere, SurveyNotFound, NotOverYet, SurveyClosed):
        return False
    return True
