"""What anybody sees: the catalogue with its search, and what a training is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import Sought, TrainingLine
from registration.catalogue.prerequisites import needs_of
from registration.catalogue.rules import GradeScale, TrainingNotFound, about
from registration.edge import (
    ANYONE,
    Endpoint,
    get,
    identity,
    language,
    page_response,
    path_text,
    settings,
)
from registration.enrolment.queries import occupancies
from registration.forms import Form
from registration.i18n import LANGUAGES, N_, NATIVE_NAMES, _, collation_key, ngettext, text_in
from registration.web.cards import MOST, Card, session_card, upcoming
from registration.web.contact_form import languages
from registration.web.kept import kept
from registration.web.month import Month, month_grid, month_of
from registration.web.standing import language_name

PAGE = 24
LONGEST_WORDS = 100
KINDS = ("session", "event")
CALENDAR = "calendar"

GRADE_SCALES: Mapping[GradeScale, str] = {
    GradeScale.PASS_FAIL: N_("Passed or not passed"),
    GradeScale.ZERO_TO_FIVE: N_("0 to 5"),
    GradeScale.PERCENT: N_("0 to 100 per cent"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the visitor is looking for; an empty value does not narrow."""

    q: str = ""
    kind: str = ""
    topic: str = ""
    language: str = ""
    place: str = ""
    month: str = ""
    free: str = ""
    view: str = ""
    page: int = 1

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Asked:
        page = given.get("page", "1")
        return cls(
            q=" ".join(given.get("q", "").split())[:LONGEST_WORDS],
            kind=given.get("kind", "") if given.get("kind") in KINDS else "",
            topic=given.get("topic", "")[:40],
            language=given.get("language", "")[:2],
            place=given.get("place", "")[:100],
            month=given.get("month", "")[:7],
            free="1" if given.get("free") == "1" else "",
            view=CALENDAR if given.get("view") == CALENDAR else "",
            page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 5 else 1,
        )

    @property
    def narrows(self) -> bool:
        """Whether anything is left out; in the calendar a month is only where it is open."""
        month = "" if self.view else self.month
        return any((self.q, self.kind, self.topic, self.language, self.place, month, self.free))

    def fits(self, card: Card) -> bool:
        return (
            all(word in card.words for word in self.q.casefold().split())
            and self.kind in {"", card.kind}
            and about(card.topic, self.topic)
            and self.language in {"", card.language}
            and self.place in {"", card.city}
            and self.month in {"", card.month_key}
            and (not self.free or card.has_seats)
        )

    def url(self, *, page: int = 1) -> str:
        """The same search on another page of its result."""
        asked = {
            "q": self.q,
            "kind": self.kind,
            "topic": self.topic,
            "language": self.language,
            "place": self.place,
            "month": self.month,
            "free": self.free,
            "view": self.view,
            "page": str(page) if page > 1 else "",
        }
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"/?{query}" if query else "/"


Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen in each filter: only what is there, so that no choice leads nowhere."""

    topics: tuple[Option, ...]
    languages: tuple[Option, ...]
    places: tuple[Option, ...]
    months: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """``calendar`` is set when a month is shown instead of the list."""

    asked: Asked
    choices: Choices
    calendar: Month | None
    list_url: str
    calendar_url: str
    before_url: str | None
    after_url: str | None
    reset_url: str | None
    months: tuple[tuple[str, tuple[Card, ...]], ...]
    count_text: str
    next_url: str | None
    prev_url: str | None
    pager_text: str | None


@dataclass(frozen=True, slots=True)
class Needed:
    """A training that must have been completed; ``path`` is empty where it has no page, ``how``
    says more where it must still be valid."""

    title: str
    path: str
    how: str


@dataclass(frozen=True, slots=True)
class TrainingPage:
    """``form`` asks to hear of new dates; ``known``: who asks is logged in, so that a click does.
    ``asks``: it stands open, since no date is there or something is wrong with it."""

    training: TrainingLine
    needs: tuple[Needed, ...]
    cards: tuple[Card, ...]
    length: str
    validity: str
    grades: str
    form: Form
    languages: tuple[tuple[str, str], ...]
    known: bool
    asks: bool


async def catalogue_page(request: Request) -> Response:
    now = clock.now()
    asked = Asked.of(request.query_params)
    cards = await upcoming(now=now)
    today = now.astimezone(settings(request).time_zone).date()
    make = _calendar if asked.view else _list
    return page_response(request, "public/catalogue.html", make(asked, cards, today))


def _list(asked: Asked, cards: list[Card], _today: date) -> CataloguePage:
    found = [card for card in cards if asked.fits(card)]
    pages = max(1, -(-len(found) // PAGE))
    number = min(asked.page, pages)
    shown = found[(number - 1) * PAGE : number * PAGE]
    return CataloguePage(
        asked=asked,
        choices=_choices(cards),
        calendar=None,
        list_url=asked.url(),
        calendar_url=replace(asked, view=CALENDAR).url(),
        before_url=None,
        after_url=None,
        reset_url="/" if asked.narrows else None,
        months=_by_month(shown),
        count_text=_count(len(found)),
        next_url=asked.url(page=number + 1) if number < pages else None,
        prev_url=asked.url(page=number - 1) if number > 1 else None,
        pager_text=_("Page {number} of {pages}", number=number, pages=pages) if pages > 1 else None,
    )


def _calendar(asked: Asked, cards: list[Card], today: date) -> CataloguePage:
    found = [card for card in cards if replace(asked, month="").fits(card)]
    key = month_of(asked.month, found, today=today)
    asked = replace(asked, month=key, page=1)
    last = max((str(day)[:7] for card in cards for day in card.dates), default="")
    month = month_grid(key, found, today=today, last=last)
    choices = _choices(cards)
    months = dict(choices.months[1:]) | {key: month.name}
    here = sum(any(str(day).startswith(key) for day in card.dates) for card in found)
    return CataloguePage(
        asked=asked,
        choices=replace(choices, months=tuple(sorted(months.items()))),
        calendar=month,
        list_url=replace(asked, view="", month="").url(),
        calendar_url=asked.url(),
        before_url=replace(asked, month=month.before).url() if month.before else None,
        after_url=replace(asked, month=month.after).url() if month.after else None,
        reset_url=Asked(view=CALENDAR, month=key).url() if asked.narrows else None,
        months=(),
        count_text=_count(here),
        next_url=None,
        prev_url=None,
        pager_text=None,
    )


def _count(number: int) -> str:
    return ngettext("{num} date", "{num} dates", number).format(num=number)


async def training_page(request: Request) -> Response:
    training = await catalogue.training_by_slug(path_text(request, "slug"))
    if not training.published:
        raise TrainingNotFound
    return await training_answer(request, training, Form(values={"language": language(request)}))


async def training_answer(
    request: Request, training: TrainingLine, form: Form, *, status: int = 200
) -> Response:
    now = clock.now()
    lines = await catalogue.sessions(Sought(training=training.id, since=now), limit=MOST)
    seats = await occupancies({line.seating_id: line.seats for line in lines})
    cards = [session_card(line, seats[line.seating_id], now=now) for line in lines]
    shown = tuple(card for card in cards if card.starts_at > now or card.standing.takes_people)
    who = identity(request)
    page = TrainingPage(
        training=training,
        needs=await needed_before(training.id),
        cards=shown,
        length=length_text(training.length_minutes),
        validity=validity_text(training.valid_months),
        grades=_(GRADE_SCALES[training.grade_scale]),
        form=form,
        languages=languages(settings(request)),
        known=who is not None and who.person_id is not None,
        asks=bool(form.errors) or not any(card.has_seats for card in shown),
    )
    return page_response(request, "public/training.html", page, status=status)


async def needed_before(training_id: UUID) -> tuple[Needed, ...]:
    needs = (await needs_of([training_id])).get(training_id, ())
    return tuple(
        Needed(
            text_in(need.title),
            f"/trainings/{need.slug}" if need.public else "",
            _("valid when the session begins") if need.valid else "",
        )
        for need in needs
    )


def _choices(cards: Iterable[Card]) -> Choices:
    cards = list(cards)
    topics = {
        text_in(card.topic): text_in(card.topic, wish=LANGUAGES[0]) for card in cards if card.topic
    }
    languages = [code for code in NATIVE_NAMES if any(card.language == code for card in cards)]
    places = sorted({card.city for card in cards if card.city}, key=collation_key)
    months = {card.month_key: card.month for card in cards}
    return Choices(
        topics=(
            ("", _("All topics")),
            *((topics[name], name) for name in sorted(topics, key=collation_key)),
        ),
        languages=(("", _("All languages")), *((code, language_name(code)) for code in languages)),
        places=(("", _("All places")), *((place, place) for place in places)),
        months=(("", _("All months")), *sorted(months.items())),
    )


def _by_month(cards: Iterable[Card]) -> tuple[tuple[str, tuple[Card, ...]], ...]:
    return tuple(
        (month, tuple(group)) for month, group in groupby(cards, key=lambda card: card.month)
    )


def length_text(minutes: int) -> str:
    """``2 days`` is for the dates to say; a length is in hours and minutes."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(_("{hours} h", hours=hours))
    if rest:
        parts.append(_("{minutes} min", minutes=rest))
    return " ".join(parts)


def validity_text(months: int | None) -> str:
    if months is None:
        return _("Until further notice")
    if months % 12 == 0:
        years = months // 12
        return ngettext("{num} year", "{num} years", years).format(num=years)
    return ngettext("{num} month", "{num} months", months).format(num=months)


ROUTES: tuple[Endpoint, ...] = (
    get("/", kept(catalogue_page), ANYONE, name="catalogue"),
    get("/trainings/{slug}", kept(training_page), ANYONE, name="training"),
)
