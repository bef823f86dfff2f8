"""What anybody sees: the catalogue with its search, and what a training is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.queries import Sought, TrainingLine
from registration.catalogue.rules import GradeScale, TrainingNotFound
from registration.edge import ANYONE, Endpoint, get, page_response, path_text
from registration.enrolment.queries import occupancies
from registration.i18n import N_, NATIVE_NAMES, _, ngettext
from registration.web.cards import MOST, Card, session_card, upcoming
from registration.web.kept import kept
from registration.web.standing import language_name

PAGE = 24
LONGEST_WORDS = 100
KINDS = ("session", "event")

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
            page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 5 else 1,
        )

    @property
    def narrows(self) -> bool:
        parts = (self.q, self.kind, self.topic, self.language, self.place, self.month, self.free)
        return any(parts)

    def fits(self, card: Card) -> bool:
        return (
            all(word in card.words for word in self.q.casefold().split())
            and self.kind in {"", card.kind}
            and self.topic in {"", card.topic}
            and self.language in {"", card.language}
            and self.place in {"", card.city}
            and self.month in {"", card.month_key}
            and (not self.free or card.has_seats)
        )

    def url(self, *, page: int) -> str:
        """The same search on another page of its result."""
        asked = {
            "q": self.q,
            "kind": self.kind,
            "topic": self.topic,
            "language": self.language,
            "place": self.place,
            "month": self.month,
            "free": self.free,
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
    asked: Asked
    choices: Choices
    months: tuple[tuple[str, tuple[Card, ...]], ...]
    found: int
    count_text: str
    next_url: str | None
    prev_url: str | None
    pager_text: str | None


@dataclass(frozen=True, slots=True)
class TrainingPage:
    training: TrainingLine
    cards: tuple[Card, ...]
    length: str
    validity: str
    grades: str


async def catalogue_page(request: Request) -> Response:
    now = clock.now()
    asked = Asked.of(request.query_params)
    cards = await upcoming(now=now)
    found = [card for card in cards if asked.fits(card)]
    pages = max(1, -(-len(found) // PAGE))
    number = min(asked.page, pages)
    shown = found[(number - 1) * PAGE : number * PAGE]
    page = CataloguePage(
        asked=asked,
        choices=_choices(cards),
        months=_by_month(shown),
        found=len(found),
        count_text=ngettext("{num} date", "{num} dates", len(found)).format(num=len(found)),
        next_url=asked.url(page=number + 1) if number < pages else None,
        prev_url=asked.url(page=number - 1) if number > 1 else None,
        pager_text=_("Page {number} of {pages}", number=number, pages=pages) if pages > 1 else None,
    )
    return page_response(request, "public/catalogue.html", page)


async def training_page(request: Request) -> Response:
    training = await catalogue.training_by_slug(path_text(request, "slug"))
    if not training.published:
        raise TrainingNotFound
    now = clock.now()
    lines = await catalogue.sessions(Sought(training=training.id, since=now), limit=MOST)
    seats = await occupancies({line.seating_id: line.seats for line in lines})
    cards = [session_card(line, seats[line.seating_id], now=now) for line in lines]
    page = TrainingPage(
        training=training,
        cards=tuple(card for card in cards if card.starts_at > now or card.standing.takes_people),
        length=length_text(training.length_minutes),
        validity=validity_text(training.valid_months),
        grades=_(GRADE_SCALES[training.grade_scale]),
    )
    return page_response(request, "public/training.html", page)


def _choices(cards: Iterable[Card]) -> Choices:
    cards = list(cards)
    topics = sorted({card.topic for card in cards if card.topic}, key=str.casefold)
    languages = [code for code in NATIVE_NAMES if any(card.language == code for card in cards)]
    places = sorted({card.city for card in cards if card.city}, key=str.casefold)
    months = {card.month_key: card.month for card in cards}
    return Choices(
        topics=(("", _("All topics")), *((topic, topic) for topic in topics)),
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
