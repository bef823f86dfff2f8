"""What people are told when their place changes: the mail and its calendar file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from itsdangerous import BadData, URLSafeSerializer

from registration.catalogue.rules import Offering
from registration.enrolment.calendar import House, Invited, invitation
from registration.enrolment.links import enrolled_path
from registration.enrolment.rules import Overlap, PlaceStatus
from registration.i18n import format_moment, format_when, speaking, text_in
from registration.mail.models import Mail
from registration.mail.rules import Addressee, Calendar, MailPurpose
from registration.mail.service import compose, own
from registration.people.models import Person
from registration.people.rules import Source
from registration.settings import Settings


class News(StrEnum):
    """What happened to a place, each with its mail in ``templates/mail/place-<news>/``."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    MOVED_UP = "moved-up"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    CALLED_OFF = "called-off"
    DIET_AGAIN = "diet-again"
    HELD = "held"
    OFFERED = "offered"
    OFFER_ENDED = "offer-ended"
    REFUSED = "refused"
    MOVED = "moved"
    LEFT = "left"
    RUNS = "runs"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class PlaceMail:
    """``whens`` are the days as text, one a line. ``enrolled_by`` is the company that enrolled the
    person, or empty, ``source`` how it gave the data and ``confirm_url`` where they answer to that.
    ``catered`` says that food restrictions are deleted, never what they are. ``seated`` False:
    there is no calendar file with the mail. ``until`` is the end of an offer or a hold and
    ``act_url`` where to answer it; ``reason`` is what staff said. ``tentative``: it is not certain
    yet that it takes place, which is decided by ``decide_by``. ``overlaps`` are the person's other
    places on the same days. These are text, empty where there is none. ``offer_hours``: how long a
    seat that becomes free is offered; None: it is theirs at once."""

    title: str
    whens: tuple[str, ...]
    where: str
    link: str
    url: str
    me_url: str
    privacy_url: str
    position: str | None
    enrolled_by: str
    catered: bool
    kind: str
    seated: bool = True
    until: str = ""
    act_url: str = ""
    reason: str = ""
    tentative: bool = False
    decide_by: str = ""
    overlaps: tuple[str, ...] = ()
    offer_hours: int | None = None
    source: str = ""
    confirm_url: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of which place."""

    place_id: UUID
    person_id: UUID
    name: str
    address: str
    language: str

    @classmethod
    def of(cls, place_id: UUID, person: Person) -> Told:
        return cls(
            place_id,
            person.id,
            f"{person.first_name} {person.last_name}",
            person.email,
            person.language,
        )


def house(settings: Settings) -> House:
    return House(settings.base_url, settings.organisation.name, settings.organisation.email)


def letter(
    news: News,
    offering: Offering,
    told: Told,
    *,
    settings: Settings,
    now: datetime,
    position: int | None = None,
    enrolled_by: str = "",
    source: Source | None = None,
    seated: bool = True,
    until: datetime | None = None,
    reason: str = "",
    overlaps: Sequence[Overlap] = (),
) -> Mail:
    """An unsaved mail about one place, in its person's language. Who has no seat (``seated``
    False) gets no calendar entry: nothing is theirs to put there.

    What is the person's own is filled in for each, so that many who are told the same cost one
    rendering; with a ``reason`` or ``overlaps`` it is rendered for this one alone.
    """
    terms = offering.terms
    values = {
        "position": str(position or ""),
        "confirm_url": settings.base_url + enrolled_path(told.place_id, told.address, settings)
        if enrolled_by
        else "",
        "act_url": settings.base_url + offer_path(told.place_id, settings) if until else "",
    }
    alone = bool(reason or overlaps)
    mark = values.__getitem__ if alone else own
    page = PlaceMail(
        title=text_in(offering.title, wish=told.language),
        whens=whens_of(offering, told.language),
        where=offering.venue,
        link=offering.link,
        url=settings.base_url + offering.path,
        me_url=f"{settings.base_url}/me",
        privacy_url=f"{settings.base_url}/privacy",
        position=mark("position") if position else None,
        enrolled_by=enrolled_by,
        catered=offering.catered,
        kind=offering.kind,
        seated=seated,
        until=_moment(until, offering.zone, told.language),
        act_url=mark("act_url") if until else "",
        reason=reason,
        tentative=terms.tentative and news in JOINING,
        decide_by=_moment(terms.decide_by, offering.zone, told.language),
        offer_hours=terms.offer_hours,
        overlaps=tuple(_overlapping(each, told.language) for each in overlaps),
        source=source or "",
        confirm_url=mark("confirm_url") if enrolled_by else "",
    )
    addressee = Addressee(told.address, told.name, told.language, told.person_id)
    return compose(
        f"place-{news.value}",
        addressee,
        page,
        settings=settings,
        purpose=MailPurpose.ENROLLED if enrolled_by else MailPurpose.PLACE,
        now=now,
        calendar=_calendar(news, offering, told, settings=settings, now=now) if seated else None,
        filled=None if alone else values,
    )


METHODS: Mapping[News, str] = {
    News.CONFIRMED: "REQUEST",
    News.MOVED_UP: "REQUEST",
    News.CHANGED: "REQUEST",
    News.CANCELLED: "CANCEL",
    News.CALLED_OFF: "CANCEL",
    News.MOVED: "REQUEST",
    News.LEFT: "CANCEL",
}
# After these a person counts on it, so they say when it is not certain yet.
JOINING = frozenset({News.CONFIRMED, News.MOVED_UP, News.MOVED, News.OFFERED, News.REMINDER})


def _calendar(
    news: News, offering: Offering, told: Told, *, settings: Settings, now: datetime
) -> Calendar | None:
    method = METHODS.get(news)
    if method is None:
        return None
    content = invitation(
        offering,
        Invited(told.place_id, told.name, told.address),
        method=method,
        language=told.language,
        house=house(settings),
        now=now,
    )
    return Calendar(content, method)


NEWS_OF: Mapping[PlaceStatus, News] = {
    PlaceStatus.CONFIRMED: News.CONFIRMED,
    PlaceStatus.WAITING: News.WAITING,
    PlaceStatus.HELD: News.HELD,
    PlaceStatus.OFFERED: News.OFFERED,
}
OFFER_SALT = "offer"
LONGEST_TOKEN = 200


def offer_token(place_id: UUID, settings: Settings) -> str:
    """The key to answering an offer without a login; it names the place and nothing else."""
    return str(URLSafeSerializer(settings.secret, salt=OFFER_SALT).dumps(place_id.hex))


def offer_path(place_id: UUID, settings: Settings) -> str:
    return f"/offers/{offer_token(place_id, settings)}"


def place_of_token(token: str, settings: Settings) -> UUID | None:
    """The place whose offer the token answers; None for what we never gave."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        return UUID(hex=str(URLSafeSerializer(settings.secret, salt=OFFER_SALT).loads(token)))
    except (BadData, ValueError):
        return None


def whens_of(offering: Offering, language: str) -> tuple[str, ...]:
    """Its days as text, one a line."""
    return _whens(offering.days, offering.zone, language)


def _moment(value: datetime | None, zone: str, language: str) -> str:
    if value is None:
        return ""
    with speaking(language):
        return format_moment(value, zone=ZoneInfo(zone))


def _overlapping(other: Overlap, language: str) -> str:
    title = text_in(other.title, wish=language)
    return f"{title}, {', '.join(_whens(other.days, other.zone, language))}"


@lru_cache(maxsize=256)
def _whens(
    days: tuple[tuple[datetime, datetime], ...], zone: str, language: str
) -> tuple[str, ...]:
    with speaking(language):
        return tuple(format_when(start, end, zone=ZoneInfo(zone)) for start, end in days)
