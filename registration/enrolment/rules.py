"""Who gets a place: pure decisions about seats, windows and the waiting list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from registration.catalogue.rules import Offering, State
from registration.errors import Conflict, Forbidden, NotFound
from registration.i18n import N_, _, format_date, text_in
from registration.people.rules import Purpose


class PlaceStatus(StrEnum):
    HELD = "held"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


# These occupy a seat.
SEATED = (
    PlaceStatus.HELD,
    PlaceStatus.OFFERED,
    PlaceStatus.CONFIRMED,
    PlaceStatus.ATTENDED,
    PlaceStatus.NO_SHOW,
)


# These are sure of their seat: it is in their calendar, and cancelling it has a last moment.
SURE = (PlaceStatus.CONFIRMED, PlaceStatus.ATTENDED, PlaceStatus.NO_SHOW)

# These end at a moment of their own, the place's ``until``.
ENDING = (PlaceStatus.HELD, PlaceStatus.OFFERED)


class Awaits(StrEnum):
    """What a place still needs before it can be confirmed: its company's approval, or a look by
    staff at what the training needs first. Empty: nothing."""

    NOTHING = ""
    APPROVAL = "approval"
    CHECK = "check"


class By(StrEnum):
    """In what part somebody acts: for themselves, for the company that took the place, for the
    organisation."""

    PERSON = "person"
    COORDINATOR = "coordinator"
    STAFF = "staff"


class ShownTo(StrEnum):
    """Who reads the answer to a sign-up, and so what it may tell of the person. ``NOBODY``: who
    typed the name proved nothing. ``COMPANY`` sees what it took itself. ``PERSON`` only when it is
    the person who is logged in."""

    NOBODY = "nobody"
    COMPANY = "company"
    PERSON = "person"
    STAFF = "staff"


class Why(StrEnum):
    """Staff's reason for an exception, as the ledger keeps it: a code, never a text."""

    SHOWN = "shown"  # proof from elsewhere was seen
    EQUIVALENT = "equivalent"  # another training, or experience, counts as much
    BOOKED = "booked"  # it will be completed before
    OUR_FAULT = "our-fault"
    AGREED = "agreed"


class PlaceNotFound(NotFound):
    message = N_("There is no such place.")


class SeatingFull(Conflict):
    message = N_("No seats are left, and there is no waiting list. Choose another date.")


class NotPublished(Conflict):
    message = N_("Sign-up is not possible for this yet.")


class OfferingCancelled(Conflict):
    message = N_("This has been cancelled, so nobody can sign up for it.")


class NotOpenYet(Conflict):
    message = N_("Sign-up has not opened yet.")


class SignUpClosed(Conflict):
    message = N_("Sign-up has closed.")


class AlreadySignedUp(Conflict):
    message = N_("This person is signed up for this already. Look at your places on your own page.")


class NotCancellable(Conflict):
    message = N_("This place cannot be cancelled any more: it has ended or was cancelled before.")


class NotYourCompany(Forbidden):
    message = N_("This place was not taken by your company.")


class OfferEnded(Conflict):
    message = N_(
        "The offer has ended, and the seat went to whoever was next. You can sign up anew."
    )


class NotOffered(Conflict):
    message = N_("This place is not on offer. Look at your places on your own page.")


class NothingToApprove(Conflict):
    message = N_("This place does not wait for approval any more.")


class NotAnApprover(Forbidden):
    message = N_("Only those who approve for the company can do this.")


class TooLateToCancel(Conflict):
    message = N_(
        "The last day to cancel by yourself has passed. Name somebody else for the place, or write "
        "to us."
    )


class WhyNeeded(Conflict):
    message = N_("The last day to cancel has passed. Say why it is cancelled nevertheless.")


class NotSameTraining(Conflict):
    message = N_("That is another training. Choose another date of the same one, or sign up anew.")


class SameSession(Conflict):
    message = N_("The place is on this date already. Choose another one.")


class TargetFull(Conflict):
    message = N_("No seat is free on that date. The place stays where it is: choose another date.")


class NotBegun(Conflict):
    message = N_("It has not begun yet, so nobody is missing.")


class NotAbsent(Conflict):
    message = N_("Only a place that is confirmed, or that was marked as missed, can be changed so.")


class NotEnoughSeats(Conflict):
    message = N_("Only {free} seats are free. Keep so many, or enrol people: they can wait.")


class QuotaReached(Conflict):
    message = N_("Your company can have {left} more seats on this. The rest are for others.")


class HeldSeatNotFound(NotFound):
    message = N_("There is no such seat: it was named, given back, or has ended.")


class SeatEnded(Conflict):
    message = N_("The seat was kept until {until}, and has gone to others.")


class NamesClosed(Conflict):
    message = N_("The last day to name people has passed. Enrol somebody by name.")


class PeopleOnIt(Conflict):
    message = N_(
        "{people} people have or had a place on this, so it cannot be deleted. Call it off: they "
        "are told, and what was stays on record."
    )


class NotTentative(Conflict):
    message = N_("It is certain already that this takes place.")


class SubmissionReused(Conflict):
    message = N_("This form was sent before with other content. Open the page anew.")


MISSING = N_("{training} must be completed first.")
ENDED = N_("{training} is no longer valid when the session begins: it ends on {day}.")


@dataclass(frozen=True, slots=True)
class Lack:
    """A training that a person has not completed, or whose validity ends (``ended_on``, its last
    valid day) before the session begins."""

    training_id: UUID
    title: Mapping[str, str]
    ended_on: date | None = None

    def said(self) -> str:
        """The reason in the reader's language, about nobody by name."""
        title = text_in(self.title)
        if self.ended_on is None:
            return _(MISSING, training=title)
        return _(ENDED, training=title, day=format_date(self.ended_on))


class PrerequisitesMissing(Conflict):
    message = N_("Another training must be completed first. Ask us if you have it from elsewhere.")

    def __init__(self, lacks: Sequence[Lack] = ()) -> None:
        super().__init__()
        self.lacks = tuple(lacks)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another place that the person holds on the same days. ``days`` are those of the other one;
    ``waiting``: it is no seat yet."""

    place_id: UUID
    title: Mapping[str, str]
    days: tuple[tuple[datetime, datetime], ...]
    zone: str
    waiting: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a seating's rows say under its lock. ``taken`` counts seats of every kind, those
    without a name too; ``lapsed`` of them have passed their ``until``."""

    taken: int = 0
    waiting: int = 0
    confirmed: int = 0
    lapsed: int = 0


def place_for(
    seats: int, taken: int, *, waiting: int, waiting_open: bool, quota_left: int | None = None
) -> PlaceStatus:
    """Confirmed while a seat is free and nobody waits before who could have it; else waiting, as
    are those beyond their company's quota (``quota_left``; None: there is none).

    Raises ``SeatingFull`` when there is no waiting list.
    """
    if taken < seats and not waiting and (quota_left is None or quota_left > 0):
        return PlaceStatus.CONFIRMED
    if not waiting_open:
        raise SeatingFull
    return PlaceStatus.WAITING


def seats_to_fill(seats: int, taken: int) -> int:
    """How many of those who wait can have a seat now."""
    return max(0, seats - taken)


@dataclass(frozen=True, slots=True)
class InLine:
    """Somebody on the waiting list, and the company that put them there, if one did."""

    place_id: UUID
    company_id: UUID | None


def next_in_line(
    line: Sequence[InLine], free: int, *, quota: int | None, held: Mapping[UUID, int]
) -> list[UUID]:
    """Who has the ``free`` seats: the first of ``line``, passing over those whose company has as
    many seats as it may. ``held`` are the seats of each company."""
    if quota is None:
        return [each.place_id for each in line[:free]]
    seats = Counter(held)
    chosen: list[UUID] = []
    for each in line:
        if len(chosen) == free:
            break
        if each.company_id is not None and seats[each.company_id] >= quota:
            continue
        if each.company_id is not None:
            seats[each.company_id] += 1
        chosen.append(each.place_id)
    return chosen


SHORTEST_OFFER = timedelta(hours=1)
APPROVAL_DAYS = 3
SATURDAY = 5


def offer_end(offering: Offering, *, now: datetime) -> datetime | None:
    """How long a seat that is freed at ``now`` is offered: the hours of the terms, at most until
    the last moment to cancel, and once that is near or over, until the start. None: it starts
    within ``SHORTEST_OFFER``, so that nobody could answer in time."""
    if offering.terms.offer_hours is None or offering.starts_at - now < SHORTEST_OFFER:
        return None
    last = offering.terms.cancels_until
    if last is None or last - now < SHORTEST_OFFER or last > offering.starts_at:
        last = offering.starts_at
    return min(now + timedelta(hours=offering.terms.offer_hours), last)


def hold_end(offering: Offering, *, now: datetime) -> datetime:
    """Until when a seat waits for an approval: ``APPROVAL_DAYS`` working days (Monday to Friday in
    the offering's zone, the time of day stays), at most until the start; once it has begun, until
    the end."""
    local, days = now.astimezone(ZoneInfo(offering.zone)), APPROVAL_DAYS
    while days:
        local += timedelta(days=1)
        days -= local.weekday() < SATURDAY
    last = offering.starts_at if now < offering.starts_at else offering.ends_at
    return min(local.astimezone(now.tzinfo), last)


def names_end(offering: Offering, until: datetime | None = None) -> datetime:
    """The last moment to name who comes: the terms', else the start; ``until`` if it is before."""
    last = min(offering.terms.names_until or offering.starts_at, offering.starts_at)
    return last if until is None else min(until, last)


def check_cancels(offering: Offering, by: By, *, why: Why | None, now: datetime) -> None:
    """After the terms' last moment only staff cancel, and say why. Raises ``TooLateToCancel``,
    ``WhyNeeded``."""
    last = offering.terms.cancels_until
    if last is None or now < last:
        return
    if by is not By.STAFF:
        raise TooLateToCancel
    if why is None:
        raise WhyNeeded


def check_open(
    state: State, *, opens_at: datetime | None, closes_at: datetime, now: datetime
) -> None:
    """Raises what stops a sign-up at this moment: ``OfferingCancelled``, ``NotPublished``,
    ``NotOpenYet``, ``SignUpClosed``. The window includes its opening, not its closing."""
    if state is State.CANCELLED:
        raise OfferingCancelled
    if state is not State.PUBLISHED:
        raise NotPublished
    if opens_at is not None and now < opens_at:
        raise NotOpenYet
    if now >= closes_at:
        raise SignUpClosed


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to a sign-up. ``position`` counts from 1 on the waiting list, else None;
    ``repeated``: the same submission was answered before, and nothing was done again. ``until``:
    when an offer or a hold ends. ``awaits`` says what the place still needs. ``overlaps`` are what
    the asker may see of the person's other places on the same days, ``forbidden`` what staff are
    told that the person's address said no to, so that no yes was noted."""

    id: UUID
    status: PlaceStatus
    position: int | None
    person_id: UUID
    repeated: bool = False
    until: datetime | None = None
    awaits: Awaits = Awaits.NOTHING
    overlaps: tuple[Overlap, ...] = ()
    forbidden: tuple[Purpose, ...] = ()
