"""How long each sort of data is kept, in whole months: the organisation's table ``retention``.

Each period has bounds: below them a duty could not be met, above them nobody could say what the
data is still for.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Schedule(BaseModel):
    """``relation``: contact data, after the last thing that ties a person to us has ended.
    ``qualification``: training records, after the qualification has ended, for who checks later
    that somebody could work at a site then. ``lasting_qualification``: the same without an end,
    from the last day of the training. ``training_places``: a training that was not completed, or
    a place that was cancelled. ``event_places``: an event. ``suggestions``: what somebody proposed
    and nobody answered. ``employment``: after it has ended, while invoices are questioned.
    ``consents``, ``settled``: after the withdrawal, and after a request, an objection, a
    restriction or a hold was closed: as long as somebody may ask whether we kept to it.
    ``accounts``: after the account or the access has ended, for the yearly review."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    relation: Annotated[int, Field(ge=1, le=120)] = 24
    qualification: Annotated[int, Field(ge=1, le=240)] = 24
    lasting_qualification: Annotated[int, Field(ge=24, le=600)] = 120
    training_places: Annotated[int, Field(ge=6, le=120)] = 24
    event_places: Annotated[int, Field(ge=1, le=60)] = 12
    suggestions: Annotated[int, Field(ge=1, le=36)] = 12
    employment: Annotated[int, Field(ge=1, le=120)] = 24
    consents: Annotated[int, Field(ge=12, le=120)] = 36
    settled: Annotated[int, Field(ge=12, le=120)] = 36
    accounts: Annotated[int, Field(ge=1, le=60)] = 12


def goes_on(last_day: date, months: int) -> date:
    """The first day on which something may be deleted whose last day was ``last_day``: when
    ``months`` whole calendar months have passed after that day. A day that the last month has not
    (30 February) is the first of the next: never a day early."""
    year, month, day = _moved(last_day + timedelta(days=1), months)
    if day > monthrange(year, month)[1]:
        year, month, day = _moved(date(year, month, 1), 1)
    return date(year, month, day)


def gone_before(today: date, months: int) -> date:
    """What had its last day before this day may be deleted ``today``: the same rule, seen from
    the other end (``last_day < gone_before(today, m)`` just when ``goes_on(last_day, m) <=
    today``)."""
    year, month, day = _moved(today, -months)
    return date(year, month, min(day, monthrange(year, month)[1]))


def _moved(day: date, months: int) -> tuple[int, int, int]:
    """May be a day that the month has not."""
    years, month = divmod(day.month - 1 + months, 12)
    return day.year + years, month + 1, day.day
