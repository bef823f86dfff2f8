"""Where a session or an event stands for somebody who thinks of signing up, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton

from registration.catalogue.lines import EventLine, SessionLine
from registration.catalogue.rules import Offering, State, vat_basis_points
from registration.enrolment.queries import Occupancy
from registration.enrolment.rules import Overlap
from registration.i18n import (
    N_,
    _,
    format_moment,
    format_money,
    format_number,
    format_when,
    language,
    ngettext,
    text_in,
)


class Standing(StrEnum):
    """What a visitor can do now."""

    OPEN = "open"
    QUEUE = "queue"
    FULL = "full"
    SOON = "soon"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    OVER = "over"

    @property
    def takes_people(self) -> bool:
        return self in {Standing.OPEN, Standing.QUEUE}


SAID = {
    Standing.OPEN: N_("Sign-up is open."),
    Standing.QUEUE: N_("All seats are taken. You can join the waiting list."),
    Standing.FULL: N_("All seats are taken, and there is no waiting list."),
    Standing.SOON: N_("Sign-up has not opened yet."),
    Standing.CLOSED: N_("Sign-up has closed."),
    Standing.CANCELLED: N_("This has been cancelled."),
    Standing.OVER: N_("This is over."),
}


def standing_of(line: SessionLine | EventLine, occupancy: Occupancy, *, now: datetime) -> Standing:
    """``line`` is no draft; the window includes its opening, not its closing."""
    if line.state is State.CANCELLED:
        return Standing.CANCELLED
    if now >= line.ends_at:
        return Standing.OVER
    if line.opens_at is not None and now < line.opens_at:
        return Standing.SOON
    if now >= line.closes_at:
        return Standing.CLOSED
    if occupancy.left:
        return Standing.OPEN
    return Standing.QUEUE if line.waiting_open else Standing.FULL


def standing_text(standing: Standing, line: SessionLine | EventLine) -> str:
    """One sentence, with the moment where there is one to wait for or to hurry for."""
    zone = ZoneInfo(line.zone)
    if standing is Standing.SOON and line.opens_at:
        return _("Sign-up opens on {when}.", when=format_moment(line.opens_at, zone=zone))
    if standing is Standing.OPEN:
        return _("Sign up by {when}.", when=format_moment(line.closes_at, zone=zone))
    return _(SAID[standing])


def tentative_text(line: SessionLine | EventLine | Offering) -> str:
    """What must happen before it is certain that it runs; empty once it is."""
    terms = line.terms
    if not terms.tentative or line.state is not State.PUBLISHED or terms.minimum is None:
        return ""
    said = ngettext(
        "Takes place when {num} has signed up.",
        "Takes place when {num} have signed up.",
        terms.minimum,
    ).format(num=terms.minimum)
    if terms.decide_by is None:
        return said
    when = format_moment(terms.decide_by, zone=ZoneInfo(line.zone))
    return " ".join((said, _("It is decided by {when}.", when=when)))


def terms_texts(line: SessionLine | EventLine | Offering) -> tuple[str, ...]:
    """What is good to know before signing up, a sentence each."""
    terms, zone, found = line.terms, ZoneInfo(line.zone), []
    if terms.cancels_until is not None:
        when = format_moment(terms.cancels_until, zone=zone)
        found.append(_("You can cancel by yourself until {when}.", when=when))
    if terms.offer_hours is not None:
        said = ngettext(
            "A freed seat is offered to who waits first, for {num} hour.",
            "A freed seat is offered to who waits first, for {num} hours.",
            terms.offer_hours,
        )
        found.append(said.format(num=terms.offer_hours))
    return tuple(found)


def overlap_text(other: Overlap) -> str:
    """``First aid, 1.3.2027 9.00–16.00``: what somebody has at the same time."""
    zone = ZoneInfo(other.zone)
    days = ", ".join(format_when(start, end, zone=zone) for start, end in other.days)
    return f"{text_in(other.title)}, {days}"


@dataclass(frozen=True, slots=True)
class Price:
    """``brief`` for a card; ``whole`` says VAT and the sum with it."""

    brief: str
    whole: str

    @classmethod
    def of(cls, cents: int, *, starts_at: datetime) -> Price:
        """``cents`` excludes VAT; the sum is rounded half up to a cent."""
        if not cents:
            free = _("Free of charge")
            return cls(free, free)
        points = vat_basis_points(starts_at.date())
        rate = format_number(points / 100)
        total = cents + (cents * points + 5000) // 10_000
        return cls(
            _("{price} + VAT", price=format_money(cents)),
            _(
                "{price} + VAT {rate} %, {total} in all",
                price=format_money(cents),
                rate=rate,
                total=format_money(total),
            ),
        )


DateTile = tuple[str, str, str, str]


def date_tile_of(moment: datetime, *, zone: str) -> DateTile:
    """Day, month, weekday and ISO date, as the macro ``date_tile`` takes them."""
    local = moment.astimezone(ZoneInfo(zone))
    return (
        str(local.day),
        _skeleton(local, "MMM"),
        _skeleton(local, "EEE"),
        local.date().isoformat(),
    )


def month_name(moment: datetime, *, zone: str) -> str:
    """``April 2027``, as a heading."""
    return month_heading(moment.astimezone(ZoneInfo(zone)))


def month_heading(day: date) -> str:
    said = _skeleton(day, "yMMMM")
    return said[:1].upper() + said[1:]


def weekday_name(day: date, *, brief: bool = False) -> str:
    """``Tuesday`` or ``Tue``, as a heading."""
    width = "abbreviated" if brief else "wide"
    said = str(_locale(language()).days["stand-alone"][width][day.weekday()]).rstrip(".")
    return said[:1].upper() + said[1:]


def _skeleton(local: date, skeleton: str) -> str:
    day = local.date() if isinstance(local, datetime) else local
    return _of_day(day, skeleton, language())


@lru_cache(maxsize=4096)
def _of_day(day: date, skeleton: str, code: str) -> str:
    return format_skeleton(skeleton, day, locale=_locale(code)).rstrip(".")


def language_name(code: str) -> str:
    """``Finnish``, in the reader's language, with a capital."""
    said = str(_locale(language()).languages.get(code, code))
    return said[:1].upper() + said[1:]


@cache
def _locale(code: str) -> Locale:
    return Locale.parse({"fi": "fi_FI", "sv": "sv_FI", "en": "en_GB"}[code])
