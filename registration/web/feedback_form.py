"""The form of feedback: its questions in words, and what was typed into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registration.catalogue.rules import Offering
from registration.edge import Posted
from registration.feedback.queries import NamedLine, SurveyLine
from registration.feedback.rules import HIGHEST, LOWEST, OWN, FeedbackGiven, Question
from registration.forms import Form, parse
from registration.i18n import N_, _, text_in
from registration.web.said import Said, said

WORDS: Mapping[Question, str] = {
    Question.OVERALL: N_("How was it as a whole?"),
    Question.CONTENT: N_("How useful was the content to you?"),
    Question.ARRANGEMENTS: N_("How well was it arranged?"),
    Question.RECOMMEND: N_("Would you recommend it to a colleague?"),
}
# Of a session people judge who taught it along with the rest.
OF_SESSION: Mapping[Question, str] = {
    Question.ARRANGEMENTS: N_("How good were the teaching and the arrangements?"),
}
USUAL_ENDS = (N_("Poor"), N_("Excellent"))
ENDS: Mapping[Question, tuple[str, str]] = {Question.RECOMMEND: (N_("Hardly"), N_("Gladly"))}
FIELDS = tuple(name for name in FeedbackGiven.model_fields if name != "named")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the form shows it; ``low`` and ``high`` say what its ends mean."""

    name: str
    text: str
    low: str
    high: str
    needed: bool


@dataclass(frozen=True, slots=True)
class FormPart:
    """``action`` takes the answer. ``person`` is whose name it can be tied to, or empty: nobody is
    known. ``named``: it is tied already, and is being corrected."""

    form: Form
    said: Said
    questions: tuple[Asked, ...]
    scores: tuple[int, ...]
    action: str
    person: str = ""
    named: bool = False


def question_text(question: Question, survey: SurveyLine, kind: str) -> str:
    if question in OWN:
        return text_in(survey.own[OWN.index(question)])
    special = OF_SESSION.get(question) if kind == "session" else None
    return _(special or WORDS[question])


def form_part(
    offering: Offering,
    survey: SurveyLine,
    form: Form,
    *,
    action: str,
    person: str = "",
    named: bool = False,
) -> FormPart:
    return FormPart(
        form,
        said(offering),
        tuple(_asked(question, survey, offering.kind) for question in survey.questions),
        tuple(range(LOWEST, HIGHEST + 1)),
        action,
        person,
        named,
    )


def _asked(question: Question, survey: SurveyLine, kind: str) -> Asked:
    low, high = ENDS.get(question, USUAL_ENDS)
    return Asked(
        question.value,
        question_text(question, survey, kind),
        _(low),
        _(high),
        question is Question.OVERALL,
    )


def typed(posted: Posted, survey: SurveyLine, *, named: bool = False) -> FeedbackGiven:
    """What was chosen and written; a question that was not asked is not answered. Raises
    ``Refused``."""
    unasked = {question.value for question in OWN} - {each.value for each in survey.questions}
    given: dict[str, object] = {
        name: posted[name] for name in FIELDS if name in posted and name not in unasked
    }
    return parse(FeedbackGiven, {**given, "named": named or "named" in posted})


def filled(line: NamedLine) -> Form:
    scores = {question.value: str(score) for question, score in line.scores.items()}
    return Form(values={**scores, "good": line.good, "better": line.better})
