"""A session or an event as it stands in a list of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine, SessionLine, Sought
from registration.catalogue.rules import State
from registration.enrolment.queries import Occupancy, occupancies
from registration.i18n import (
    _,
    collation_key,
    foreign_language,
    format_time,
    format_when,
    ngettext,
    text_in,
)
from registration.web.standing import (
    DateTile,
    Price,
    Standing,
    date_tile_of,
    language_name,
    month_name,
    standing_of,
)

MOST = 2000


@dataclass(frozen=True, slots=True)
class Card:
    """One session or event in a list. ``title_language`` is set where the title falls back to
    another language; ``dates`` are its days where it is held; ``words`` is what the search looks
    in, in lower case."""

    kind: str
    path: str
    title: str
    title_language: str | None
    label: str
    tile: DateTile
    month: str
    month_key: str
    when: str
    starts: str
    dates: tuple[date, ...]
    where: str
    city: str
    language: str
    language_name: str
    topic: Mapping[str, str]
    price: str
    occupancy: Occupancy
    standing: Standing
    tentative: bool
    words: str
    starts_at: datetime

    @property
    def has_seats(self) -> bool:
        return self.standing is Standing.OPEN


async def upcoming(*, now: datetime) -> list[Card]:
    """All that is still to come or can still be joined, in the order of its start; the number of
    queries does not depend on how many there are."""
    sought = Sought(since=now)
    sessions = await catalogue.sessions(sought, limit=MOST)
    events = await catalogue.events(sought, limit=MOST)
    seats = await occupancies(
        {line.seating_id: line.seats for line in sessions}
        | {line.seating_id: line.seats for line in events}
    )
    cards = [session_card(line, seats[line.seating_id], now=now) for line in sessions]
    cards += [event_card(line, seats[line.seating_id], now=now) for line in events]
    cards = [card for card in cards if card.starts_at > now or card.standing.takes_people]
    return sorted(cards, key=lambda card: (card.starts_at, collation_key(card.title), card.path))


def session_card(line: SessionLine, seats: Occupancy, *, now: datetime) -> Card:
    training = line.training
    return _card(
        line,
        seats,
        now=now,
        kind="session",
        path=f"/sessions/{line.id}",
        title=training.title,
        summary=training.summary,
        label=text_in(training.topic) or _("Training"),
        days=[(day.starts_at, day.ends_at) for day in line.days],
        language=line.language,
        topic=training.topic,
        price=Price.of(line.price_cents, starts_at=line.starts_at).brief,
    )


def event_card(line: EventLine, seats: Occupancy, *, now: datetime) -> Card:
    return _card(
        line,
        seats,
        now=now,
        kind="event",
        path=f"/events/{line.slug}",
        title=line.title,
        summary=line.summary,
        label=_("Event"),
        days=[(line.starts_at, line.ends_at)],
        language="",
        topic={},
        price="",
    )


def _card(
    line: SessionLine | EventLine,
    seats: Occupancy,
    *,
    now: datetime,
    kind: str,
    path: str,
    title: Mapping[str, str],
    summary: Mapping[str, str],
    label: str,
    days: Sequence[tuple[datetime, datetime]],
    language: str,
    topic: Mapping[str, str],
    price: str,
) -> Card:
    zone = ZoneInfo(line.zone)
    city = line.venue.city if line.venue else ""
    where = line.venue.where if line.venue else ""
    texts = (*title.values(), *summary.values(), *topic.values(), where)
    return Card(
        kind=kind,
        path=path,
        title=text_in(title),
        title_language=foreign_language(title),
        label=label,
        tile=date_tile_of(line.starts_at, zone=line.zone),
        month=month_name(line.starts_at, zone=line.zone),
        month_key=line.starts_at.astimezone(zone).strftime("%Y-%m"),
        when=days_text(days, zone),
        starts=format_time(line.starts_at, zone=zone),
        dates=dates_of(days, zone),
        where=_where(line),
        city=city,
        language=language,
        language_name=language_name(language) if language else "",
        topic=topic,
        price=price,
        occupancy=seats,
        standing=standing_of(line, seats, now=now),
        tentative=line.terms.tentative and line.state is State.PUBLISHED,
        words=" ".join(texts).casefold(),
        starts_at=line.starts_at,
    )


def days_text(days: Sequence[tuple[datetime, datetime]], zone: ZoneInfo) -> str:
    first = format_when(*days[0], zone=zone)
    more = len(days) - 1
    if not more:
        return first
    said = ngettext("{first} and {num} more day", "{first} and {num} more days", more)
    return said.format(first=first, num=more)


def dates_of(days: Sequence[tuple[datetime, datetime]], zone: ZoneInfo) -> tuple[date, ...]:
    """Every date on which something is on, in order; one that lasts over midnight has several."""
    found: set[date] = set()
    for start, end in days:
        first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        found.update(first + timedelta(days=day) for day in range((last - first).days + 1))
    return tuple(sorted(found))


def _where(line: SessionLine | EventLine) -> str:
    if line.venue:
        return ", ".join(part for part in (line.venue.name, line.venue.city) if part)
    return _("Online") if line.link else _("The place is told later")
