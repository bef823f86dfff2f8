"""A session or an event in a few words: for the head of a form, a confirmation, a place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from registration.catalogue.lines import EventLine, SessionLine
from registration.catalogue.queries import event_offering, session_offering
from registration.catalogue.rules import Offering
from registration.i18n import _, format_when
from registration.web.standing import Price


@dataclass(frozen=True, slots=True)
class Said:
    """``whens`` has a text a day; ``price`` is empty for an event; ``diets_go_at`` is when food
    restrictions are deleted, where any are asked for."""

    kind: str
    title: Mapping[str, str]
    whens: tuple[str, ...]
    where: str
    link: str
    price: str
    path: str
    diets_go_at: datetime | None


def said_of(line: SessionLine | EventLine) -> Said:
    return said(session_offering(line) if isinstance(line, SessionLine) else event_offering(line))


def said(offering: Offering) -> Said:
    zone = ZoneInfo(offering.zone)
    session = offering.kind == "session"
    return Said(
        kind=offering.kind,
        title=offering.title,
        whens=tuple(format_when(start, end, zone=zone) for start, end in offering.days),
        where=offering.venue or (_("Online") if offering.link else _("The place is told later")),
        link=offering.link,
        price=Price.of(offering.price_cents, starts_at=offering.starts_at).whole if session else "",
        path=offering.path,
        diets_go_at=offering.erase_at if offering.catered else None,
    )
