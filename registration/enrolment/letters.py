"""What people are told when their place changes: the mail and its calendar file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from registration.catalogue.rules import Offering
from registration.enrolment.calendar import House, Invited, invitation
from registration.enrolment.links import enrolled_path
from registration.enrolment.rules import PlaceStatus
from registration.i18n import format_when, speaking, text_in
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
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class PlaceMail:
    """``whens`` are the days as text, one a line. ``enrolled_by`` is the company that enrolled the
    person, or empty, ``source`` how it gave the data and ``confirm_url`` where they answer to that.
    ``catered`` says that food restrictions are deleted, never what they are. ``tentative``: it is
    not certain yet that it takes place."""

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
    source: str = ""
    confirm_url: str = ""
    tentative: bool = False


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
) -> Mail:
    """An unsaved mail about one place, in its person's language. Who has no seat (``seated``
    False) gets no calendar entry: nothing is theirs to put there."""
    page = PlaceMail(
        title=text_in(offering.title, wish=told.language),
        whens=_whens(offering.days, offering.zone, told.language),
        where=offering.venue,
        link=offering.link,
        url=settings.base_url + offering.path,
        me_url=f"{settings.base_url}/me",
        privacy_url=f"{settings.base_url}/privacy",
        position=own("position") if position else None,
        enrolled_by=enrolled_by,
        catered=offering.catered,
        kind=offering.kind,
        source=source or "",
        confirm_url=own("confirm_url") if enrolled_by else "",
        tentative=offering.terms.tentative and news in JOINING,
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
        filled={
            "position": str(position or ""),
            "confirm_url": settings.base_url + enrolled_path(told.place_id, told.address, settings)
            if enrolled_by
            else "",
        },
    )


METHODS: Mapping[News, str] = {
    News.CONFIRMED: "REQUEST",
    News.MOVED_UP: "REQUEST",
    News.CHANGED: "REQUEST",
    News.CANCELLED: "CANCEL",
    News.CALLED_OFF: "CANCEL",
}


# After these a person counts on it, so they say when it is not certain yet.
JOINING = frozenset({News.CONFIRMED, News.MOVED_UP, News.REMINDER})


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
}


@lru_cache(maxsize=256)
def _whens(
    days: tuple[tuple[datetime, datetime], ...], zone: str, language: str
) -> tuple[str, ...]:
    with speaking(language):
        return tuple(format_when(start, end, zone=ZoneInfo(zone)) for start, end in days)
