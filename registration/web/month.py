"""A month of the catalogue as a calendar: weeks from Monday, what is on under each day."""

from __future__ import annotations

import re
from calendar import Calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from registration.i18n import format_date
from registration.web.standing import month_heading, weekday_name

# A day shows so many at once; the others unfold.
SHOWN_A_DAY = 4
_KEY = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])\Z")


class Dated(Protocol):
    """What stands under the days of ``dates``: a card of the catalogue, a deletion."""

    @property
    def dates(self) -> tuple[date, ...]: ...

    @property
    def month_key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class MonthDay:
    """``name`` is read where the days stand below each other. ``shown`` come first, ``more``
    unfold."""

    iso: str
    number: int
    name: str
    inside: bool
    today: bool
    shown: tuple[Dated, ...]
    more: tuple[Dated, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """``key`` is as ``2026-12``; ``before`` and ``after`` are the months that can be turned to."""

    key: str
    name: str
    weekdays: tuple[tuple[str, str], ...]
    weeks: tuple[tuple[MonthDay, ...], ...]
    before: str | None
    after: str | None


def month_of(asked: str, cards: Iterable[Dated], *, today: date) -> str:
    """The month to show: the one asked for, else the first with something in it, else this one."""
    if _KEY.match(asked):
        return asked
    return next((card.month_key for card in cards), _key(today))


def month_grid(key: str, cards: Iterable[Dated], *, today: date, last: str) -> Month:
    """``cards`` in order; ``last`` is the last month worth turning to, the first is this one."""
    year, number = int(key[:4]), int(key[5:])
    by_day: dict[date, list[Dated]] = {}
    for card in cards:
        for day in card.dates:
            by_day.setdefault(day, []).append(card)
    weeks = Calendar().monthdatescalendar(year, number)
    return Month(
        key=key,
        name=month_heading(date(year, number, 1)),
        weekdays=tuple((weekday_name(day), weekday_name(day, brief=True)) for day in weeks[0]),
        weeks=tuple(
            tuple(_day(day, by_day.get(day, []), month=number, today=today) for day in week)
            for week in weeks
        ),
        before=turned(key, -1) if key > _key(today) else None,
        after=turned(key, 1) if key < max(last, _key(today)) else None,
    )


def _day(day: date, cards: list[Dated], *, month: int, today: date) -> MonthDay:
    inside = day.month == month
    cards = cards if inside else []
    return MonthDay(
        iso=day.isoformat(),
        number=day.day,
        name=f"{weekday_name(day)} {format_date(day)}",
        inside=inside,
        today=day == today,
        shown=tuple(cards[:SHOWN_A_DAY]),
        more=tuple(cards[SHOWN_A_DAY:]),
    )


def _key(day: date) -> str:
    return day.strftime("%Y-%m")


def turned(key: str, by: int) -> str:
    """The month that is ``by`` months later."""
    months = int(key[:4]) * 12 + int(key[5:]) - 1 + by
    return f"{months // 12:04}-{months % 12 + 1:02}"
