"""Enrolling many people of a company at once: row by row answers, one transaction (P6)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError

from registration.catalogue.rules import Offering
from registration.catalogue.service import LockedSeating, lock_seating
from registration.companies.service import employ
from registration.db import transaction
from registration.enrolment.admission import lacks_seen_by
from registration.enrolment.approvals import needs_approval
from registration.enrolment.filling import Settled, current, settle
from registration.enrolment.letters import NEWS_OF, Told, letter
from registration.enrolment.models import Place
from registration.enrolment.overlaps import Found, other_places, overlaps_of, visible
from registration.enrolment.placing import is_told, new_place, taken_entry
from registration.enrolment.rules import (
    SURE,
    AlreadySignedUp,
    Awaits,
    Lack,
    Overlap,
    PlaceStatus,
    PrerequisitesMissing,
    SeatingFull,
    ShownTo,
    check_open,
    place_for,
)
from registration.enrolment.sureness import sure_with
from registration.enrolment.telling import ask_approvers
from registration.ledger.service import record_many
from registration.mail.models import Mail
from registration.mail.service import queue_many
from registration.people.models import Person
from registration.people.rules import Contact, JustMade, Source, name_key
from registration.people.service import complete, contact_of, new_person, once_more
from registration.settings import Settings

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Group:
    """People whom a coordinator (``actor_id``) enrols for a company, with the company's own
    ``order_number`` if it gave one."""

    company_id: UUID
    company_name: str
    actor_id: UUID
    source: Source
    people: tuple[Contact, ...]
    order_number: str = ""


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """``refused`` is the code of why the row got no place, with its ``message`` (a msgid) and the
    ``lacks`` that it may name; otherwise ``place_id`` and ``status`` say what it got, ``until`` and
    ``awaits`` what it still needs by when. ``overlaps`` are places of the person on the same days
    that this company took."""

    row: int
    place_id: UUID | None = None
    status: PlaceStatus | None = None
    position: int | None = None
    refused: str = ""
    message: str = ""
    until: datetime | None = None
    awaits: Awaits = Awaits.NOTHING
    overlaps: tuple[Overlap, ...] = ()
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """What one person's place awaits, or what they lack so that they get none."""

    awaits: Awaits = Awaits.NOTHING
    lacks: tuple[Lack, ...] = ()


@once_more
async def enrol_group(
    offering: Offering, group: Group, *, settings: Settings, now: datetime
) -> list[RowAnswer]:
    """Each person has a place, or a reason why not; each is told who enrolled them, as soon as
    nothing stands in the way of the place any more.

    All of it happens, or none. Raises what ``check_open`` raises.
    """
    return await place_group(offering, group, settings=settings, now=now)


async def place_group(
    offering: Offering, group: Group, *, settings: Settings, now: datetime
) -> list[RowAnswer]:
    """As ``enrol_group``, as part of a transaction that the caller tries once more."""
    async with transaction():
        seating = await lock_seating(offering.seating_id, turns=max(1, len(group.people)))
        offering = await current(offering, seating)
        check_open(
            offering.state, opens_at=offering.opens_at, closes_at=offering.closes_at, now=now
        )
        people, known = await _know_all(group, now=now)
        ids = [person.id for person in people]
        admissions = await admit_all(offering, group, ids, now=now)
        await employ(group.company_id, ids, source=group.source, now=now)
        placed = await _placed(seating.id, ids)
        settled = await settle(seating, offering, settings=settings, now=now)
        found = await overlaps_of(await other_places(known, offering), offering)
        decided = _Decision(settled, seating, group, now=now)
        for row, person in enumerate(people):
            decided.place(row, person.id, admissions[person.id], placed, found)
        places = decided.places
        await Place.bulk_create(places, batch_size=CHUNK)
        confirmed = [place.id for place in places if place.status == PlaceStatus.CONFIRMED]
        offering = await sure_with(
            settled.offering,
            confirmed=settled.numbers.confirmed + len(confirmed),
            besides=confirmed,
            settings=settings,
            now=now,
        )
        positions = {answer.place_id: answer.position for answer in decided.answers}
        await tell_group(
            offering, group, people, places, positions, found, settings=settings, now=now
        )
        await ask_approvers(places, offering, settings=settings, now=now)
    return decided.answers


async def admit_all(
    offering: Offering, group: Group, person_ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, Admission]:
    """What the place of each of these awaits.

    Where a training needs others first, the coordinator is told what somebody lacks as far as the
    company may know it (``lacks_seen_by``); otherwise the place is held for staff to check.
    """
    approval = await needs_approval(group.company_id, group.actor_id, now=now)
    plain = Admission(Awaits.APPROVAL if approval else Awaits.NOTHING)
    seen = await lacks_seen_by(group.company_id, person_ids, offering, now=now)
    found = dict.fromkeys(person_ids, plain)
    found |= {person_id: Admission(lacks=lacks) for person_id, lacks in seen.told.items()}
    return found | dict.fromkeys(seen.unsure, Admission(Awaits.CHECK))


async def _know_all(group: Group, *, now: datetime) -> tuple[list[Person], list[UUID]]:
    """The persons of the group's rows, in order, and the ids of those known before; the others are
    made."""
    emails = list(dict.fromkeys(contact.email for contact in group.people))
    known: dict[tuple[str, str], Person] = {}
    for start in range(0, len(emails), CHUNK):
        for person in await Person.filter(email__in=emails[start : start + CHUNK]):
            known[person.email, person.name_key] = person
    before = [person.id for person in known.values()]
    made: list[Person] = []
    people: list[Person] = []
    for contact in group.people:
        key = contact.email, name_key(contact.first_name, contact.last_name)
        person = known.get(key) or new_person(contact, source=group.source, now=now)
        if key not in known:
            known[key] = person
            made.append(person)
        elif contact != contact_of(person):
            await complete(
                person, contact, source=group.source, now=now, company_id=group.company_id
            )
        people.append(person)
    try:
        await Person.bulk_create(made, batch_size=CHUNK)
    except IntegrityError:
        raise JustMade from None
    return people, before


async def _placed(seating_id: UUID, person_ids: Sequence[UUID]) -> set[UUID]:
    placed: set[UUID] = set()
    for start in range(0, len(person_ids), CHUNK):
        rows = await Place.filter(
            seating_id=seating_id, current=True, person_id__in=person_ids[start : start + CHUNK]
        ).values_list("person_id", flat=True)
        placed.update(UUID(str(row)) for row in rows)
    return placed


class _Decision:
    """Row after row under the lock: who is confirmed, who waits, who is refused."""

    def __init__(
        self, settled: Settled, seating: LockedSeating, group: Group, *, now: datetime
    ) -> None:
        self.settled, self.seating, self.group, self.now = settled, seating, group, now
        self.taken, self.ahead = settled.numbers.taken, settled.ahead
        self.waiting = settled.numbers.waiting
        self.left = settled.quota_left(group.company_id)
        self.first_turn = seating.turn - len(group.people) + 1
        self.places: list[Place] = []
        self.answers: list[RowAnswer] = []

    def place(
        self,
        row: int,
        person_id: UUID,
        admission: Admission,
        placed: set[UUID],
        found: Mapping[UUID, Found],
    ) -> None:
        try:
            if person_id in placed:
                raise AlreadySignedUp
            if admission.lacks:
                raise PrerequisitesMissing(admission.lacks)
            status = place_for(
                self.seating.seats,
                self.taken,
                waiting=self.ahead,
                waiting_open=self.seating.waiting_open,
                quota_left=self.left,
            )
        except (AlreadySignedUp, PrerequisitesMissing, SeatingFull) as refusal:
            self.answers.append(
                RowAnswer(row, refused=refusal.code, message=refusal.message, lacks=admission.lacks)
            )
            return
        placed.add(person_id)
        waits = status is PlaceStatus.WAITING
        self._count(waits=waits)
        place = new_place(
            self.settled.offering,
            person_id,
            status=status,
            awaits=admission.awaits,
            turn=self.first_turn + row,
            source=self.group.source,
            company_id=self.group.company_id,
            actor_id=self.group.actor_id,
            order_number=self.group.order_number,
            now=self.now,
        )
        self.places.append(place)
        self.answers.append(
            RowAnswer(
                row,
                place.id,
                PlaceStatus(place.status),
                self.waiting if waits else None,
                until=place.until,
                awaits=admission.awaits,
                overlaps=visible(
                    found.get(person_id, ()), ShownTo.COMPANY, company_id=self.group.company_id
                ),
            )
        )

    def _count(self, *, waits: bool) -> None:
        if waits:
            self.ahead += 1
            self.waiting += 1
            return
        self.taken += 1
        if self.left is not None:
            self.left -= 1


async def tell_group(
    offering: Offering,
    group: Group,
    people: Sequence[Person],
    places: Sequence[Place],
    positions: Mapping[UUID | None, int | None],
    found: Mapping[UUID, Found],
    *,
    settings: Settings,
    now: datetime,
) -> None:
    """A mail to each whose place awaits nothing, and the ledger's entries of all."""
    by_id: Mapping[UUID, Person] = {person.id: person for person in people}
    mails: list[Mail] = []
    for number, place in enumerate(filter(is_told, places)):
        if number % 50 == 49:
            await asyncio.sleep(0)  # others' pages go on while thousands of mails are written
        status = PlaceStatus(place.status)
        mails.append(
            letter(
                NEWS_OF[status],
                offering,
                Told.of(place.id, by_id[place.person_id]),
                settings=settings,
                now=now,
                position=positions.get(place.id),
                enrolled_by=group.company_name,
                seated=status in SURE,
                until=place.until,
                overlaps=[overlap for overlap, _by in found.get(place.person_id, ())],
                source=group.source,
            )
        )
    await queue_many(mails)
    await record_many([taken_entry(place, group.actor_id, now=now) for place in places])
