"""What can be said of a training or an event, by whom, and when anybody may read it (P18).

An answer is nobody's: it is stored without a person, a place, an address or a time. What is read
of it is counted from groups, as a kitchen's sheet is (``catering.folding``): answers come to light
``LEAST`` or more at a time, and while the survey is open so many are always held back that those
left for the end are a group too. So no two looks at the results differ by fewer than ``LEAST``
answers, and nobody's is ever left out. Comments need ``COMMENTS_FROM`` such answers, or the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from registration.catalogue.rules import Offering, State, clean_paragraphs
from registration.enrolment.rules import PlaceStatus
from registration.errors import Conflict, NotFound
from registration.forms import Command, FieldRefused
from registration.i18n import LANGUAGES, N_
from registration.people.rules import clean_text

LEAST = 3
COMMENTS_FROM = 5
LOWEST, HIGHEST = 1, 5
SCORES = tuple(range(LOWEST, HIGHEST + 1))
OPEN_FOR = timedelta(days=30)
KEPT_FOR = timedelta(days=730)
ASKED_AFTER = timedelta(days=1)
# Whoever was not asked within this is not asked any more: a job that was down for long.
ASKED_WITHIN = timedelta(days=8)
MOST_OWN = 2
LONGEST = 1000
LONGEST_OWN = 200
# By the code anybody in the room answers, and nobody knows who: more than these were not there.
ROOM = 30

# Of these a person was there, or may have been: the roll is not called at every event.
WAS_THERE = (PlaceStatus.CONFIRMED, PlaceStatus.ATTENDED)


class Way(StrEnum):
    """How an answer came: from somebody's place, once; or by the code shown in the room."""

    PLACE = "place"
    CODE = "code"


class Question(StrEnum):
    """What is asked of every training and event, and up to two more that staff choose."""

    OVERALL = "overall"
    CONTENT = "content"
    ARRANGEMENTS = "arrangements"
    RECOMMEND = "recommend"
    OWN_1 = "own_1"
    OWN_2 = "own_2"


COMMON = (Question.OVERALL, Question.CONTENT, Question.ARRANGEMENTS, Question.RECOMMEND)
OWN = (Question.OWN_1, Question.OWN_2)


class SurveyNotFound(NotFound):
    message = N_("This address leads to no feedback form. Look for it on your own page.")


class NotThere(NotFound):
    message = N_("Feedback is asked of those who had a place when it took place.")


class NotOverYet(Conflict):
    message = N_("It is not over yet. You can give feedback when it has ended.")


class SurveyClosed(Conflict):
    message = N_("Feedback on this is closed, so nothing more is taken.")


class AlreadyAnswered(Conflict):
    message = N_("Feedback was given from this place already. Thank you!")


class RoomFull(Conflict):
    message = N_("As many have answered by this code as can have been there.")


class QuestionsFixed(Conflict):
    message = N_("Somebody has answered already, so the questions stay as they are.")


class NamedNotFound(NotFound):
    message = N_("There is no feedback of yours under your name here.")


def _score(value: object) -> object:
    """Nothing chosen is no answer."""
    return None if isinstance(value, str) and not value.strip() else value


Score = Annotated[int, Field(ge=LOWEST, le=HIGHEST)]
MaybeScore = Annotated[Score | None, BeforeValidator(_score)]
Comment = Annotated[str, Field(max_length=LONGEST), BeforeValidator(clean_paragraphs)]


class FeedbackGiven(Command):
    """``named``: the person wants it tied to their name, to have an answer."""

    overall: Score
    content: MaybeScore = None
    arrangements: MaybeScore = None
    recommend: MaybeScore = None
    own_1: MaybeScore = None
    own_2: MaybeScore = None
    good: Comment = ""
    better: Comment = ""
    named: bool = False


OwnText = Annotated[str, Field(max_length=LONGEST_OWN), BeforeValidator(clean_text)]


def _in_languages(value: dict[str, str]) -> dict[str, str]:
    if not set(value) <= set(LANGUAGES):
        raise FieldRefused(N_("Give the texts by language: fi, sv, en."), code="language")
    return {code: text for code, text in value.items() if text}


OwnQuestion = Annotated[dict[str, OwnText], AfterValidator(_in_languages)]


class QuestionsGiven(Command):
    """The questions of one's own, each by language; an empty one is none."""

    own_1: OwnQuestion = Field(default_factory=dict)
    own_2: OwnQuestion = Field(default_factory=dict)

    @property
    def texts(self) -> list[dict[str, str]]:
        return [text for text in (self.own_1, self.own_2) if text]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one answer said; a question that was left out has no score."""

    scores: Mapping[Question, int]
    good: str = ""
    better: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How a question was answered: how many gave each of ``SCORES``."""

    question: Question
    counts: tuple[int, ...]

    @property
    def answers(self) -> int:
        return sum(self.counts)

    @property
    def mean(self) -> float | None:
        """To one decimal; None: nobody answered this one."""
        if not self.answers:
            return None
        total = sum(score * many for score, many in zip(SCORES, self.counts, strict=True))
        return round(total / self.answers, 1)


def opens_at(offering: Offering, way: Way) -> datetime:
    """From the end on; the code is shown in the room, so it works from the last day's start."""
    return offering.days[-1][0] if way is Way.CODE else offering.ends_at


def closes_at(offering: Offering) -> datetime:
    return offering.ends_at + OPEN_FOR


def drop_at(offering: Offering) -> datetime:
    """When answers go. It counts from the end of what they are about: it must not tell when they
    were given."""
    return offering.ends_at + KEPT_FOR


def check_open(offering: Offering, way: Way, *, closed: bool, now: datetime) -> None:
    """Raises ``SurveyNotFound`` for what never took place, ``NotOverYet``, ``SurveyClosed``."""
    if offering.state is not State.PUBLISHED:
        raise SurveyNotFound
    if now < opens_at(offering, way):
        raise NotOverYet
    if closed or now >= closes_at(offering):
        raise SurveyClosed


def check_place(status: PlaceStatus) -> None:
    """Raises ``NotThere``."""
    if status not in WAS_THERE:
        raise NotThere


def most_by_code(seats: int) -> int:
    return max(2 * seats, ROOM)


def to_publish(waiting: int, *, closed: bool) -> int:
    """How many of the answers that nobody has read yet can be read now: none, or ``LEAST`` or more.

    While it is open those that stay back are a group as well (or there are none to read at all).
    """
    if closed:
        return waiting if waiting >= LEAST else 0
    return max(0, waiting // LEAST - 1) * LEAST


def tallies(answers: Sequence[Answer], questions: Iterable[Question]) -> tuple[Tally, ...]:
    return tuple(
        Tally(
            question,
            tuple(
                sum(answer.scores.get(question) == score for answer in answers) for score in SCORES
            ),
        )
        for question in questions
    )


def comments(answers: Sequence[Answer], *, closed: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was good, and what could be better: each by itself and in the order of the alphabet,
    which tells neither when it was written nor which two belong together."""
    if len(answers) < (LEAST if closed else COMMENTS_FROM):
        return (), ()
    return (
        tuple(sorted((each.good for each in answers if each.good), key=str.casefold)),
        tuple(sorted((each.better for each in answers if each.better), key=str.casefold)),
    )
