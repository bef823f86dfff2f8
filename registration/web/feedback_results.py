"""What was said of a session or an event, as staff, its organisers and its trainer read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from registration.catalogue.rules import Offering, State
from registration.feedback import tickets
from registration.feedback.queries import Part, Results, ticket_of
from registration.feedback.rules import LEAST, SCORES, Tally, Way, opens_at
from registration.i18n import N_, _, format_moment, format_number, ngettext
from registration.settings import Settings
from registration.web.feedback_form import question_text
from registration.web.said import Said, said

WAY_NAMES: Mapping[Way, str] = {
    Way.PLACE: N_("From people's places"),
    Way.CODE: N_("By the code in the room"),
}
WAY_LEADS: Mapping[Way, str] = {
    Way.PLACE: N_("Each place answers once."),
    Way.CODE: N_(
        "Anybody in the room could answer, more than once too: so these are counted apart."
    ),
}


@dataclass(frozen=True, slots=True)
class Chart:
    """How a question was answered; ``mean`` is empty when nobody did."""

    text: str
    mean: str
    answers: str
    counts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class WayPart:
    """What came by one way; ``waiting`` says why some cannot be read yet, or is empty."""

    name: str
    lead: str
    given: int
    waiting: str
    charts: tuple[Chart, ...]
    good: tuple[str, ...]
    better: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResultsPart:
    """``state`` says whether answers are taken now. ``screen`` shows the code for the room, and is
    empty when it would lead nowhere. ``named``: answers under a name, which count in no figure."""

    said: Said
    state: str
    open: bool
    screen: str
    ways: tuple[WayPart, ...]
    named: int


def results_part(
    offering: Offering, found: Results, *, settings: Settings, now: datetime
) -> ResultsPart:
    published = offering.state is State.PUBLISHED
    open_ = published and found.survey.closed_at is None and now < found.closes_at
    token = tickets.write(ticket_of(offering), settings.secret)
    return ResultsPart(
        said(offering),
        _state(offering, found, now=now) if published else _("It did not take place."),
        open_ and now >= offering.ends_at,
        f"/feedback/{token}/screen" if open_ else "",
        tuple(
            _way(part, found, offering)
            for part in found.parts
            if part.given or part.way is Way.PLACE
        ),
        found.named,
    )


def _state(offering: Offering, found: Results, *, now: datetime) -> str:
    zone = ZoneInfo(offering.zone)
    closed = found.survey.closed_at
    if closed is not None or now >= found.closes_at:
        return _("Closed since {when}.", when=format_moment(closed or found.closes_at, zone=zone))
    until = format_moment(found.closes_at, zone=zone)
    if now < opens_at(offering, Way.CODE):
        return _("It opens when the last day begins, and closes on {until}.", until=until)
    return _("Answers are taken until {until}.", until=until)


def _way(part: Part, found: Results, offering: Offering) -> WayPart:
    survey = found.survey
    return WayPart(
        _(WAY_NAMES[part.way]),
        _(WAY_LEADS[part.way]),
        part.given,
        _waiting(part, closed=survey.closed_at is not None),
        tuple(
            Chart(
                question_text(each.question, survey, offering.kind),
                mean_text(each),
                ngettext("{num} answer", "{num} answers", each.answers).format(num=each.answers),
                tuple(zip(SCORES, each.counts, strict=True)),
            )
            for each in part.tallies
        ),
        part.good,
        part.better,
    )


def mean_text(tally: Tally) -> str:
    """To one decimal, also where that is a nought."""
    return "" if tally.mean is None else format_number(tally.mean, places=1)


def _waiting(part: Part, *, closed: bool) -> str:
    """Why not all that was given can be read."""
    left = part.given - part.read
    if not left:
        return ""
    if closed:
        return _(
            "Fewer than {least} answered, so nothing is shown: it could be told who said what.",
            least=LEAST,
        )
    return ngettext(
        "{num} answer waits. Answers are shown in groups of {least} or more, and the last of them "
        "when the survey closes, so that nobody's can be told apart.",
        "{num} answers wait. Answers are shown in groups of {least} or more, and the last of them "
        "when the survey closes, so that nobody's can be told apart.",
        left,
    ).format(num=left, least=LEAST)
