"""What somebody may ask of us, how sure we must be who asks, and by when they have an answer."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo

from registration.errors import Conflict, FieldError, Invalid, NotFound
from registration.i18n import N_

ANSWERED_WITHIN = 1  # calendar months, GDPR Art. 12(3)
EXTENDED_BY = 2  # more of them, at most
FREE_AGAIN_AFTER = 12  # months (P12)
KEPT_FOR = 36  # months after the answer
LAST_SECOND = time(23, 59, 59)


class RequestKind(StrEnum):
    """Which right it is (GDPR Art. 15 to 22, and 7(3))."""

    ACCESS = "access"
    PORTABILITY = "portability"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    NO_MARKETING = "no-marketing"
    WITHDRAW_CONSENT = "withdraw-consent"
    COMPLAINT = "complaint"
    OTHER = "other"


class Channel(StrEnum):
    """By which way it came, and by which way an answer goes."""

    PAGE = "page"
    LETTER = "letter"
    VISIT = "visit"
    MAIL = "mail"
    PHONE = "phone"


class Behalf(StrEnum):
    """For whom somebody asks, if not for themselves."""

    SELF = ""
    GUARDIAN = "guardian"
    PROXY = "proxy"
    LAWYER = "lawyer"
    ESTATE = "estate"


class Identity(StrEnum):
    """How it was made sure who asks. No copy and no number of a document is kept."""

    NOT_ESTABLISHED = ""
    MAILED_LINK = "mailed-link"
    CALLED_BACK = "called-back"
    SIGNED_LETTER = "signed-letter"
    ID_SHOWN = "id-shown"
    SECOND_FACTOR = "second-factor"


class Rung(IntEnum):
    """A step of the ladder of identity. ``REACHED``: whoever asks is reached at an address or a
    number that we had before. ``SHOWN``: they have shown who they are, wherever they are reached.
    """

    NONE = 0
    REACHED = 1
    SHOWN = 2


class State(StrEnum):
    RECEIVED = "received"
    WAITING = "waiting"  # for whoever asks to show who they are
    IN_HAND = "in-hand"
    DECIDED = "decided"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Matched(StrEnum):
    """Whether it is known whose data it is about."""

    NOT_YET = ""
    FOUND = "found"
    NOBODY = "nobody"


class Decision(StrEnum):
    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"
    NOTHING_HELD = "nothing-held"


class Ground(StrEnum):
    """Why it is not done, or not all of it. Each has its sentence in the letters."""

    NONE = ""
    IDENTITY = "identity"
    DUTY = "duty"
    HOLD = "hold"
    OTHERS = "others"
    EXCESSIVE = "excessive"
    DECEASED = "deceased"
    NO_MANDATE = "no-mandate"
    OTHER = "other"


class Fee(StrEnum):
    """What a human decided on a further copy within twelve months. Empty: it is free."""

    UNDECIDED = ""
    FREE = "free"
    CHARGED = "charged"


OPEN = (State.RECEIVED, State.WAITING, State.IN_HAND, State.DECIDED)
UNDECIDED = (State.RECEIVED, State.WAITING, State.IN_HAND)
CLOSED = (State.ANSWERED, State.WITHDRAWN)
RUNGS: Mapping[Identity, Rung] = {
    Identity.NOT_ESTABLISHED: Rung.NONE,
    Identity.MAILED_LINK: Rung.REACHED,
    Identity.CALLED_BACK: Rung.REACHED,
    Identity.SIGNED_LETTER: Rung.REACHED,
    Identity.ID_SHOWN: Rung.SHOWN,
    Identity.SECOND_FACTOR: Rung.SHOWN,
}
# A no to marketing harms nobody, whoever says it; a consent is withdrawn as easily as it is given.
NEEDED: Mapping[RequestKind, Rung] = {
    RequestKind.ACCESS: Rung.REACHED,
    RequestKind.PORTABILITY: Rung.REACHED,
    RequestKind.RECTIFICATION: Rung.REACHED,
    RequestKind.ERASURE: Rung.REACHED,
    RequestKind.RESTRICTION: Rung.REACHED,
    RequestKind.OBJECTION: Rung.REACHED,
    RequestKind.NO_MARKETING: Rung.NONE,
    RequestKind.WITHDRAW_CONSENT: Rung.NONE,
    RequestKind.COMPLAINT: Rung.NONE,
    RequestKind.OTHER: Rung.NONE,
}
COPIES = (RequestKind.ACCESS, RequestKind.PORTABILITY)
GRANTED = (Decision.GRANTED, Decision.PARTLY)
# What is done to the data after the decision, here or where the link leads.
CARRIED_OUT = (
    RequestKind.ACCESS,
    RequestKind.PORTABILITY,
    RequestKind.RECTIFICATION,
    RequestKind.ERASURE,
    RequestKind.RESTRICTION,
    RequestKind.OBJECTION,
    RequestKind.NO_MARKETING,
    RequestKind.WITHDRAW_CONSENT,
)


class RequestNotFound(NotFound):
    message = N_("There is no such request.")


class MovedOn(Conflict):
    message = N_("A colleague has just dealt with this request. Look at what is decided now.")


class AlreadyDecided(MovedOn):
    message = N_("This request is decided already. Nothing was changed.")


class IdentityMissing(Conflict):
    message = N_(
        "It is not established who asks. Ask them to show who they are, or refuse for that reason."
    )


class MandateMissing(Conflict):
    message = N_("Somebody asks for another person. Note first what shows that they may.")


class NotMatched(Conflict):
    message = N_("Say first whose data it is about, or that there is no such person here.")


class SomebodyHeld(Conflict):
    message = N_(
        "This request is about somebody on record. Say first that there is no such person here."
    )


class TooLateToExtend(Conflict):
    message = N_("The month is over, so it cannot be made longer any more. Answer now.")


class ExtendedBefore(Conflict):
    message = N_("The time was made longer once already.")


class NotCarriedOut(Conflict):
    message = N_("Do first what was granted. Then mark the request as answered.")


class NothingToCarryOut(Conflict):
    message = N_("Nothing was granted here that could be carried out.")


class AddressUnknown(Conflict):
    message = N_(
        "This answer may not go there: the address is not one that we had before, and nobody has "
        "shown who they are. Hand it over at a visit, or use the address on record."
    )


class CopyByLogin(Conflict):
    message = N_(
        "Only who logs in with the address on record can fetch the copy. Send this answer as a "
        "letter, or hand it over."
    )


class BadExtension(Invalid):
    message = N_("Choose a day after {first} and not after {last}.")


class NoReason(Invalid):
    message = N_("Some of what you gave needs a correction.")


class NoFeeHere(Conflict):
    message = N_("This is free: no copy was given in the twelve months before.")


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last day where it has none (31.1. → 28.2.)."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a local day."""
    return datetime.combine(day, LAST_SECOND, tzinfo=zone)


def due(received_at: datetime, zone: ZoneInfo) -> datetime:
    """The end of the same local day a month later (Regulation 1182/71, Art. 3).

    A Saturday or a holiday stays the last day, though the law would let it move: whoever asked
    counts the days without a calendar of ours. Asking who somebody is does not stop the clock.
    """
    return end_of(months_after(received_at.astimezone(zone).date(), ANSWERED_WITHIN), zone)


def latest_extension(due_at: datetime, zone: ZoneInfo) -> datetime:
    """Two months after the first day it was due on."""
    return end_of(months_after(due_at.astimezone(zone).date(), EXTENDED_BY), zone)


def check_extension(
    until: date, *, due_at: datetime, extended: bool, now: datetime, zone: ZoneInfo
) -> datetime:
    """When a longer time ends. Raises ``ExtendedBefore``, ``TooLateToExtend``, ``BadExtension``."""
    if extended:
        raise ExtendedBefore
    if now > due_at:
        raise TooLateToExtend
    chosen, last = end_of(until, zone), latest_extension(due_at, zone)
    if not due_at < chosen <= last:
        days = {"first": _day(due_at, zone), "last": _day(last, zone)}
        raise BadExtension(FieldError("until", "range", BadExtension.message, days), **days)
    return chosen


def _day(moment: datetime, zone: ZoneInfo) -> str:
    day = moment.astimezone(zone)
    return f"{day.day}.{day.month}.{day.year}"


def days_left(until: datetime, *, now: datetime, zone: ZoneInfo) -> int:
    """Whole local days; 0: today is the last; less than 0: it is late by so many."""
    return (until.astimezone(zone).date() - now.astimezone(zone).date()).days


def drop_at(closed_at: datetime, zone: ZoneInfo) -> datetime:
    """When nothing is kept of a closed request any more."""
    return end_of(months_after(closed_at.astimezone(zone).date(), KEPT_FOR), zone)


@dataclass(frozen=True, slots=True)
class FeeNote:
    """``may_cost``: a copy was given at ``last_copy_at``, less than twelve months before; it would
    be free again from ``free_from``. It costs nothing unless a human says so."""

    may_cost: bool
    last_copy_at: datetime | None = None
    free_from: date | None = None


def fee_note(last_copy_at: datetime | None, received_at: datetime, zone: ZoneInfo) -> FeeNote:
    """What a human is told of a further copy (P12)."""
    if last_copy_at is None:
        return FeeNote(False)
    free_from = months_after(last_copy_at.astimezone(zone).date(), FREE_AGAIN_AFTER)
    if last_copy_at > received_at or received_at.astimezone(zone).date() >= free_from:
        return FeeNote(False, last_copy_at, free_from)
    return FeeNote(True, last_copy_at, free_from)


def rung(identity: Identity) -> Rung:
    return RUNGS[identity]


def is_established(kind: RequestKind, identity: Identity) -> bool:
    """Whether it is sure enough who asks for this to be granted."""
    return rung(identity) >= NEEDED[kind]


def may_send_to(*, known: bool, identity: Identity) -> bool:
    """Whether personal data may go to an address: one on record of a person who was reached at
    it, any other only of one who has shown who they are."""
    return rung(identity) >= (Rung.REACHED if known else Rung.SHOWN)


def check_decision(
    decision: Decision,
    *,
    kind: RequestKind,
    identity: Identity,
    matched: Matched,
    behalf: Behalf,
    mandate: bool,
) -> None:
    """A refusal needs nobody's identity, nor does the answer that nothing is held.

    Raises ``NotMatched``, ``SomebodyHeld``, ``IdentityMissing``, ``MandateMissing``.
    """
    if decision is Decision.REFUSED:
        return
    if matched is Matched.NOT_YET:
        raise NotMatched
    if decision is Decision.NOTHING_HELD:
        if matched is Matched.FOUND:
            raise SomebodyHeld
        return
    if not is_established(kind, identity):
        raise IdentityMissing
    if behalf and not mandate:
        raise MandateMissing


def overall(parts: Sequence[Decision]) -> Decision:
    """One word for what was decided part by part. ``parts`` is not empty."""
    kinds = set(parts)
    return kinds.pop() if len(kinds) == 1 else Decision.PARTLY


def number_text(year: int, count: int) -> str:
    """``TP-2026-0042``."""
    return f"TP-{year}-{count:04}"


def is_late(state: State, until: datetime, *, now: datetime) -> bool:
    return state in OPEN and now > until
