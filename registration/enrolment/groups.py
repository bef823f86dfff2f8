"""Enrolling many people of a company at once: row by row answers, one transaction (P6)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.catalogue.service import LockedSeating, lock_seating
from registration.companies.service import employ
from registration.db import transaction
from registration.enrolment.letters import NEWS_OF, Told, letter
from registration.enrolment.models import Place
from registration.enrolment.rules import (
    AlreadySignedUp,
    PlaceStatus,
    SeatingFull,
    check_open,
    place_for,
)
from registration.enrolment.service import new_place, numbers_of
from registration.ledger.models import Entry
from registration.ledger.rules import Act, Note
from registration.ledger.service import entry, record_many
from registration.mail.models import Mail
from registration.mail.service import queue_many
from registration.people.models import Person
from registration.people.rules import Contact, JustMade, Source, name_key
from registration.people.service import complete, contact_of, new_person, once_more
from registration.settings import Settings

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Group:
    """People whom a coordinator (``actor_id``) enrols for a company."""

    company_id: UUID
    company_name: str
    actor_id: UUID
    source: Source
    people: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """``refused`` is the code of why the row got no place, with its ``message`` (a msgid);
    otherwise ``place_id`` and ``status`` say what it got."""

    row: int
    place_id: UUID | None = None
    status: PlaceStatus | None = None
    position: int | None = None
    refused: str = ""
    message: str = ""


@once_more
async def enrol_group(
    offering: Offering, group: Group, *, settings: Settings, now: datetime
) -> list[RowAnswer]:
    """Each person has a place, or a reason why not; each is told who enrolled them.

    All of it happens, or none. Raises what ``check_open`` raises.
    """
    return await place_group(offering, group, settings=settings, now=now)


async def place_group(
    offering: Offering, group: Group, *, settings: Settings, now: datetime
) -> list[RowAnswer]:
    """As ``enrol_group``, as part of a transaction that the caller tries once more."""
    async with transaction():
        seating = await lock_seating(offering.seating_id, turns=max(1, len(group.people)))
        if offering.revision != seating.revision:
            offering = (await catalogue.offerings_by_seating([seating.id]))[seating.id]
        check_open(
            offering.state, opens_at=offering.opens_at, closes_at=offering.closes_at, now=now
        )
        people = await _know_all(group, now=now)
        ids = [person.id for person in people]
        await employ(group.company_id, ids, source=group.source, now=now)
        placed = await _placed(seating.id, ids)
        places, answers = await _decide(offering, seating, group, people, placed, now=now)
        await Place.bulk_create(places, batch_size=CHUNK)
        positions = {answer.place_id: answer.position for answer in answers}
        mails, entries = await _tell(
            offering, group, people, places, positions, settings=settings, now=now
        )
        await queue_many(mails)
        await record_many(entries)
    return answers


async def _know_all(group: Group, *, now: datetime) -> list[Person]:
    """The persons of the group's rows, in order; unknown ones are made."""
    emails = list(dict.fromkeys(contact.email for contact in group.people))
    known: dict[tuple[str, str], Person] = {}
    for start in range(0, len(emails), CHUNK):
        for person in await Person.filter(email__in=emails[start : start + CHUNK]):
            known[person.email, person.name_key] = person
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
    return people


async def _placed(seating_id: UUID, person_ids: Sequence[UUID]) -> set[UUID]:
    placed: set[UUID] = set()
    for start in range(0, len(person_ids), CHUNK):
        rows = await Place.filter(
            seating_id=seating_id, current=True, person_id__in=person_ids[start : start + CHUNK]
        ).values_list("person_id", flat=True)
        placed.update(UUID(str(row)) for row in rows)
    return placed


async def _decide(
    offering: Offering,
    seating: LockedSeating,
    group: Group,
    people: Sequence[Person],
    placed: set[UUID],
    *,
    now: datetime,
) -> tuple[list[Place], list[RowAnswer]]:
    taken, waiting = await numbers_of(seating.id)
    first_turn = seating.turn - len(people)
    places: list[Place] = []
    answers: list[RowAnswer] = []
    for row, person in enumerate(people):
        if person.id in placed:
            answers.append(
                RowAnswer(row, refused="already_signed_up", message=AlreadySignedUp.message)
            )
            continue
        try:
            status = place_for(
                seating.seats, taken, waiting=waiting, waiting_open=seating.waiting_open
            )
        except SeatingFull as full:
            answers.append(RowAnswer(row, refused=full.code, message=full.message))
            continue
        placed.add(person.id)
        taken += status is PlaceStatus.CONFIRMED
        waiting += status is PlaceStatus.WAITING
        place = new_place(
            offering,
            person.id,
            status=status,
            turn=first_turn + row + 1,
            source=group.source,
            company_id=group.company_id,
            actor_id=group.actor_id,
            now=now,
        )
        places.append(place)
        position = waiting if status is PlaceStatus.WAITING else None
        answers.append(RowAnswer(row, place.id, status, position))
    return places, answers


async def _tell(
    offering: Offering,
    group: Group,
    people: Sequence[Person],
    places: Sequence[Place],
    positions: Mapping[UUID | None, int | None],
    *,
    settings: Settings,
    now: datetime,
) -> tuple[list[Mail], list[Entry]]:
    by_id: Mapping[UUID, Person] = {person.id: person for person in people}
    mails: list[Mail] = []
    entries: list[Entry] = []
    for number, place in enumerate(places):
        if number % 50 == 49:
            await asyncio.sleep(0)  # others' pages go on while thousands of mails are written
        told = Told.of(place.id, by_id[place.person_id])
        news = NEWS_OF[PlaceStatus(place.status)]
        mails.append(
            letter(
                news,
                offering,
                told,
                settings=settings,
                now=now,
                position=positions[place.id],
                enrolled_by=group.company_name,
                source=group.source,
            )
        )
        entries.append(
            entry(
                Act.PLACE_TAKEN,
                now=now,
                actor_id=group.actor_id,
                subject_id=place.person_id,
                object_id=place.id,
                note=Note(codes=(place.status, place.source)),
            )
        )
    return mails, entries
