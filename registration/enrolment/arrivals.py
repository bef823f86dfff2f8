"""Those who come for the same seating at the same moment, placed in one transaction.

Each is decided on in the order of arrival, as if they came one after the other, and answered when
all of it has been committed. What only one of them is refused for stops no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tortoise.exceptions import IntegrityError

from registration.catalogue.rules import Offering
from registration.catalogue.service import LockedSeating, lock_seating
from registration.db import transaction
from registration.enrolment.filling import Settled, current, settle
from registration.enrolment.models import Place
from registration.enrolment.overlaps import Found, overlaps_of, visible
from registration.enrolment.placing import answer_of
from registration.enrolment.rules import (
    Awaits,
    PlaceStatus,
    SeatingFull,
    ShownTo,
    SubmissionReused,
    Taken,
    check_open,
    place_for,
)
from registration.enrolment.sureness import sure_with
from registration.enrolment.wishes import (
    SignUp,
    admitted,
    entry_of,
    found_before,
    held_before,
    mail_of,
    wished_place,
)
from registration.errors import DomainError
from registration.ledger.service import record_many
from registration.mail.models import Mail
from registration.mail.service import queue_many
from registration.people.consents import Tick, note_ticks
from registration.people.models import Person
from registration.people.rules import JustMade, Purpose, name_key
from registration.people.service import complete, new_person
from registration.settings import Settings

BREATH = 8  # so many mails are written before pages go on in between


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who wishes for a place on ``offering``, as read before, and came at ``now``."""

    offering: Offering
    wish: SignUp
    settings: Settings
    now: datetime

    @property
    def person_key(self) -> tuple[str, str]:
        contact = self.wish.contact
        return contact.email, name_key(contact.first_name, contact.last_name)

    def marks(self) -> frozenset[Hashable]:
        """Two that share one of these must be decided on one after the other."""
        return frozenset({self.person_key, self.wish.submission or self.person_key})


@dataclass(frozen=True, slots=True)
class _Guest:
    """One whom nothing stands in the way of but the seats. ``others``: their places elsewhere."""

    arrival: Arrival
    person: Person
    is_new: bool
    turn: int
    awaits: Awaits
    others: list[Place]


@dataclass(slots=True)
class _Placed:
    """A guest's ``place``, with its number in the queue, what the person has on the same days
    (``found``), and what their address said no to (``refused``)."""

    guest: _Guest
    place: Place
    position: int | None
    found: Found = ()
    refused: tuple[Purpose, ...] = ()

    def taken(self) -> Taken:
        wish, person_id = self.guest.arrival.wish, self.guest.person.id
        return Taken(
            self.place.id,
            PlaceStatus(self.place.status),
            self.position,
            person_id,
            until=self.place.until,
            awaits=self.guest.awaits,
            overlaps=visible(self.found, wish.reader(person_id), company_id=wish.company_id),
            forbidden=self.refused if wish.reader(person_id) is ShownTo.STAFF else (),
        )


async def place_all(arrivals: Sequence[Arrival]) -> list[Taken | DomainError]:
    """Each has a place, or the refusal that they are to hear.

    All came for the same seating, and no two share one of their ``marks``. Raises, with nothing
    done for anybody, ``JustMade``, ``SubmissionReused``, and whatever else goes wrong.
    """
    offering, settings = arrivals[-1].offering, arrivals[-1].settings
    now = max(arrival.now for arrival in arrivals)
    async with transaction():
        seating = await lock_seating(offering.seating_id, turns=len(arrivals))
        offering = await current(offering, seating)
        looked = await _looked_at(arrivals, seating, offering)
        guests = [each for each in looked if isinstance(each, _Guest)]
        seated: list[_Placed | SeatingFull] = []
        if guests:
            settled = await settle(seating, offering, settings=settings, now=now)
            seated = _seated(guests, seating, settled)
            placed = [each for each in seated if isinstance(each, _Placed)]
            await _write(placed, settled, settings=settings, now=now)
    ends = iter(seated)
    answers = [next(ends) if isinstance(each, _Guest) else each for each in looked]
    return [each.taken() if isinstance(each, _Placed) else each for each in answers]


async def _looked_at(
    arrivals: Sequence[Arrival], seating: LockedSeating, offering: Offering
) -> list[_Guest | Taken | DomainError]:
    """Each as a guest, unless something is to be said to them before seats are counted."""
    emails = {arrival.wish.contact.email for arrival in arrivals}
    people = {
        (person.email, person.name_key): person
        for person in await Person.filter(email__in=list(emails))
    }
    known = [arrival for arrival in arrivals if arrival.person_key in people]
    held: list[Place] = []
    if known:
        held = await held_before(
            [people[arrival.person_key].id for arrival in known],
            [arrival.wish.submission for arrival in known if arrival.wish.submission],
        )
    first_turn = seating.turn - len(arrivals) + 1
    looked: list[_Guest | Taken | DomainError] = []
    for turn, arrival in enumerate(arrivals, start=first_turn):
        person = people.get(arrival.person_key)
        try:
            looked.append(await _look(arrival, person, held, offering, turn))
        except DomainError as refusal:
            looked.append(refusal)
    return looked


async def _look(
    arrival: Arrival, person: Person | None, held: Sequence[Place], offering: Offering, turn: int
) -> _Guest | Taken:
    """Raises what the person is refused for."""
    wish, now = arrival.wish, arrival.now
    others: list[Place] = []
    is_new = person is None
    if person is None:
        person = new_person(wish.contact, source=wish.source, now=now)
    else:
        before, others = found_before(held, offering.seating_id, person.id, wish)
        if before is not None:
            return await answer_of(before, repeated=True)
    check_open(offering.state, opens_at=offering.opens_at, closes_at=offering.closes_at, now=now)
    awaits = await admitted(offering, person.id, wish, now=now)
    return _Guest(arrival, person, is_new, turn, awaits, others)


def _seated(
    guests: Sequence[_Guest], seating: LockedSeating, settled: Settled
) -> list[_Placed | SeatingFull]:
    """One after the other gets a place, unsaved, while there are any.

    Who waits from here on keeps nobody behind them from a seat: either all are taken, or it is the
    quota of their own company that they wait for.
    """
    taken, waiting = settled.numbers.taken, settled.numbers.waiting
    settled = replace(settled, held=dict(settled.held))
    seated: list[_Placed | SeatingFull] = []
    for guest in guests:
        wish = guest.arrival.wish
        try:
            status = place_for(
                seating.seats,
                taken,
                waiting=settled.ahead,
                waiting_open=seating.waiting_open,
                quota_left=settled.quota_left(wish.company_id),
            )
        except SeatingFull as full:
            seated.append(full)
            continue
        waits = status is PlaceStatus.WAITING
        waiting, taken = waiting + waits, taken + (not waits)
        if wish.company_id is not None and not waits:
            settled.held[wish.company_id] = settled.held.get(wish.company_id, 0) + 1
        place = wished_place(
            settled.offering,
            guest.person.id,
            wish,
            status=status,
            awaits=guest.awaits,
            turn=guest.turn,
            now=guest.arrival.now,
        )
        seated.append(_Placed(guest, place, waiting if waits else None))
    return seated


async def _write(
    placed: Sequence[_Placed], settled: Settled, *, settings: Settings, now: datetime
) -> None:
    """The places are saved, and their persons, consents, mails and ledger's entries."""
    await _write_people([each.guest for each in placed])
    try:
        await Place.bulk_create([each.place for each in placed])
    except IntegrityError:
        raise SubmissionReused from None  # the only unique value that a caller chooses
    ticks = [_tick(each.guest) for each in placed if each.guest.arrival.wish.consents]
    if ticks:
        refused = await note_ticks(ticks, secret=settings.secret)
        for each in placed:
            each.refused = refused.get(each.guest.person.id, ())
    confirmed = [each.place.id for each in placed if each.place.status == PlaceStatus.CONFIRMED]
    offering = settled.offering
    if confirmed:
        offering = await sure_with(
            offering,
            confirmed=settled.numbers.confirmed + len(confirmed),
            besides=confirmed,
            settings=settings,
            now=now,
        )
    found = await overlaps_of([one for each in placed for one in each.guest.others], offering)
    for each in placed:
        each.found = found.get(each.guest.person.id, ())
    await queue_many(await _mails(placed, offering))
    await record_many(
        [
            entry_of(each.place, each.guest.arrival.wish, now=each.guest.arrival.now)
            for each in placed
        ]
    )


def _tick(guest: _Guest) -> Tick:
    wish, person = guest.arrival.wish, guest.person
    return Tick(
        person.id,
        person.email,
        wish.read_in or wish.contact.language,
        wish.consents,
        wish.source,
        guest.arrival.now,
        proven=wish.proven and wish.logged_in == person.id,
    )


async def _write_people(guests: Sequence[_Guest]) -> None:
    """In one order everywhere, so that two transactions that write the same people do not wait for
    each other."""
    ordered = sorted(guests, key=lambda guest: guest.arrival.person_key)
    for guest in ordered:
        if not guest.is_new:
            wish = guest.arrival.wish
            await complete(
                guest.person,
                wish.contact,
                source=wish.source,
                now=guest.arrival.now,
                company_id=wish.company_id,
            )
    try:
        await Person.bulk_create([guest.person for guest in ordered if guest.is_new])
    except IntegrityError:
        raise JustMade from None


async def _mails(placed: Sequence[_Placed], offering: Offering) -> list[Mail]:
    mails: list[Mail] = []
    for number, each in enumerate(placed, start=1):
        if number % BREATH == 0:
            await asyncio.sleep(0)
        mail = mail_of(
            each.place,
            each.guest.person,
            offering,
            each.guest.arrival.wish,
            each.found,
            position=each.position,
            settings=each.guest.arrival.settings,
            now=each.guest.arrival.now,
        )
        if mail is not None:
            mails.append(mail)
    return mails
