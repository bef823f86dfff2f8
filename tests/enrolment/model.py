"""Two sessions as a child would keep them on paper: a list of seats, a list of who waits.

It knows nothing of rows, locks or jobs, and answers each verb with what must be answered: the name
of the refusal, or nothing.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from registration.catalogue.rules import Offering
from registration.enrolment.rules import hold_end, names_end, offer_end

SEATED = ("confirmed", "held", "offered")


@dataclass(slots=True)
class Paper:
    """One place; ``was`` is what was acknowledged of it, in order."""

    id: UUID
    turn: int
    status: str
    company: UUID | None = None
    awaits: str = ""
    until: datetime | None = None


@dataclass(slots=True)
class Seat:
    id: UUID
    company: UUID
    until: datetime


@dataclass(slots=True)
class Sheet:
    """One session."""

    offering: Offering
    seats: int
    places: list[Paper] = field(default_factory=list)
    unnamed: list[Seat] = field(default_factory=list)
    turn: int = 0

    def seated(self) -> list[Paper]:
        return [place for place in self.places if place.status in SEATED]

    def waiting(self) -> list[Paper]:
        return sorted(
            (place for place in self.places if place.status == "waiting"),
            key=lambda place: place.turn,
        )

    def free(self) -> int:
        return self.seats - len(self.seated()) - len(self.unnamed)

    def left(self, company: UUID | None) -> int:
        quota = self.offering.terms.company_quota
        if quota is None or company is None:
            return 1_000
        named = sum(place.company == company for place in self.seated())
        return quota - named - sum(seat.company == company for seat in self.unnamed)

    def lapse(self, now: datetime) -> None:
        for place in self.seated():
            if place.until is not None and place.until <= now:
                place.status = "cancelled"
        self.unnamed = [seat for seat in self.unnamed if seat.until > now]

    def settle(self, now: datetime) -> int:
        """Says how many of those who wait come before a newcomer."""
        self.lapse(now)
        terms = self.offering.terms
        if now < self.offering.ends_at and (
            terms.offer_hours is None or offer_end(self.offering, now=now) is not None
        ):
            for place in self.waiting():
                if self.free() > 0 and self.left(place.company) > 0:
                    self.give(place, now, offered=terms.offer_hours is not None)
        could = [place for place in self.waiting() if self.left(place.company) > 0]
        return len(could) if self.free() > 0 else len(self.waiting())

    def give(self, place: Paper, now: datetime, *, offered: bool) -> None:
        if place.awaits:
            place.status, place.until = "held", hold_end(self.offering, now=now)
        elif offered:
            place.status, place.until = "offered", offer_end(self.offering, now=now)
        else:
            place.status = "confirmed"

    def sign_up(self, company: UUID | None, awaits: str, now: datetime) -> Paper | str:
        """The new place, without its id."""
        if now >= self.offering.closes_at:
            return "SignUpClosed"
        kept = deepcopy((self.places, self.unnamed))
        ahead = self.settle(now)
        place = Paper(UUID(int=0), self.turn + 1, "waiting", company, awaits)
        if self.free() > 0 and not ahead and self.left(company) > 0:
            self.give(place, now, offered=False)
        elif not self.seats:
            self.places, self.unnamed = kept
            return "SeatingFull"
        self.turn += 1
        self.places.append(place)
        return place

    def cancel(self, place: Paper, now: datetime) -> str:
        if place.status == "cancelled" or now >= self.offering.ends_at:
            return "NotCancellable"
        place.status = "cancelled"
        self.turn += 1
        self.settle(now)
        return ""

    def accept(self, place: Paper, now: datetime) -> str:
        if place.status == "cancelled":
            return "OfferEnded"
        if place.status == "confirmed":
            self.turn += 1
            return ""
        if place.status != "offered":
            return "NotOffered"
        if place.until is None or place.until <= now:
            return "OfferEnded"
        place.status, place.until = "confirmed", None
        self.turn += 1
        return ""

    def decline(self, place: Paper, now: datetime) -> str:
        if place.status == "cancelled":
            return "OfferEnded"
        if place.status != "offered":
            return "NotOffered"
        place.status = "cancelled"
        self.turn += 1
        self.settle(now)
        return ""

    def approve(self, place: Paper, now: datetime) -> str:
        if not self.awaited(place, now):
            return "NothingToApprove"
        place.awaits = ""
        if place.status == "held":
            place.status, place.until = "confirmed", None
        self.turn += 1
        return ""

    def refuse(self, place: Paper, now: datetime) -> str:
        if not self.awaited(place, now):
            return "NothingToApprove"
        place.status = "cancelled"
        self.turn += 1
        self.settle(now)
        return ""

    @staticmethod
    def awaited(place: Paper, now: datetime) -> bool:
        current = place.status != "cancelled" and bool(place.awaits)
        return current and (place.until is None or now < place.until)

    def hold(self, company: UUID, number: int, hours: int, now: datetime) -> str:
        if now >= self.offering.closes_at:
            return "SignUpClosed"
        end = names_end(self.offering, now + timedelta(hours=hours))
        if end <= now:
            return "NamesClosed"
        kept = deepcopy((self.places, self.unnamed))
        free = 0 if self.settle(now) else self.free()
        if number <= free and number <= self.left(company):
            self.unnamed += [Seat(UUID(int=0), company, end) for _each in range(number)]
            self.turn += 1
            return ""
        why = "NotEnoughSeats" if number > free else "QuotaReached"
        for sheet_place, before in zip(self.places, kept[0], strict=True):
            sheet_place.status, sheet_place.until = before.status, before.until
        self.unnamed = kept[1]
        return why

    def name(self, seat: Seat, awaits: str, now: datetime) -> Paper | str:
        if seat not in self.unnamed:
            return "HeldSeatNotFound"
        if now >= names_end(self.offering, seat.until):
            return "SeatEnded"
        self.unnamed.remove(seat)
        self.turn += 1
        place = Paper(UUID(int=0), self.turn, "waiting", seat.company, awaits)
        self.give(place, now, offered=False)
        self.places.append(place)
        return place

    def give_back(self, seat: Seat, now: datetime) -> str:
        if seat in self.unnamed:
            self.unnamed.remove(seat)
            self.turn += 1
            self.settle(now)
        return ""

    def change(self, offering: Offering, seats: int, now: datetime) -> str:
        taken = len(self.seated()) + len(self.unnamed)
        if seats < taken and seats < self.seats:
            return "TooFewSeats"
        self.offering, self.seats = offering, seats
        self.turn += 1
        self.settle(now)
        return ""

    def move(self, place: Paper, target: Sheet, now: datetime) -> Paper | str:
        if place.status == "cancelled" or now >= self.offering.ends_at:
            return "NotCancellable"
        if now >= target.offering.closes_at:
            return "SignUpClosed"
        kept = deepcopy((target.places, target.unnamed))
        ahead = target.settle(now)
        if target.free() <= 0 or ahead or target.left(place.company) <= 0:
            for each, before in zip(target.places, kept[0], strict=True):
                each.status, each.until = before.status, before.until
            target.unnamed = kept[1]
            return "TargetFull"
        target.turn += 1
        self.turn += 1
        moved = Paper(UUID(int=0), target.turn, "waiting", place.company, place.awaits)
        target.give(moved, now, offered=False)
        target.places.append(moved)
        place.status = "cancelled"
        self.settle(now)
        return moved
