"""Adding and changing persons. Callers hold the transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from registration.db import joined, transaction
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.mail.bounces import forget_dead
from registration.people.models import Person, Suggestion
from registration.people.rules import (
    CONTACT_FIELDS,
    Contact,
    JustMade,
    PersonNotFound,
    SamePerson,
    Source,
    merged,
    name_key,
)

P = ParamSpec("P")
R = TypeVar("R")


def once_more(work: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """``work``, a whole transaction, tried again when another made the same person meanwhile.

    Inside a larger transaction, which then is over on PostgreSQL, that one's caller tries again.
    """

    @wraps(work)
    async def tried(*given: P.args, **named: P.kwargs) -> R:
        try:
            return await work(*given, **named)
        except JustMade:
            if joined():
                raise
            return await work(*given, **named)

    return tried


def contact_of(person: Person) -> Contact:
    return Contact(**{name: getattr(person, name) for name in CONTACT_FIELDS})


def is_erased(person: Person) -> bool:
    """Whether the person was erased, and what is there of them stays for a duty or an authority:
    whoever signs up by the same name is somebody new, for their key is no name any more."""
    return person.name_key == str(person.id)


def new_person(contact: Contact, *, source: Source, now: datetime) -> Person:
    """An unsaved person, for callers that write many at once."""
    return Person(
        id=uuid4(),
        **asdict(contact),
        name_key=name_key(contact.first_name, contact.last_name),
        source=source.value,
        created_at=now,
        changed_at=now,
    )


async def know(
    contact: Contact, *, source: Source, now: datetime, company_id: UUID | None = None
) -> tuple[Person, bool]:
    """The person with this e-mail address and name, made if unknown; says whether it was made.

    What is known stays; see ``merged``. Inside the caller's transaction, which ``JustMade`` ends:
    ``once_more`` tries it again.
    """
    key = name_key(contact.first_name, contact.last_name)
    person = await Person.get_or_none(email=contact.email, name_key=key)
    if person is None:
        person = new_person(contact, source=source, now=now)
        try:
            await person.save(force_create=True)
        except IntegrityError:
            raise JustMade from None
        return person, True
    await complete(person, contact, source=source, now=now, company_id=company_id)
    return person, False


async def complete(
    person: Person,
    given: Contact,
    *,
    source: Source,
    now: datetime,
    company_id: UUID | None = None,
) -> None:
    """Fill what was blank, keep what differs as suggestions for the person."""
    known = contact_of(person)
    whole, suggested = merged(known, given)
    if whole != known:
        person.update_from_dict(asdict(whole))
        person.changed_at = now
        await person.save()
    await suggest(person.id, suggested, source=source, now=now, company_id=company_id)


async def suggest(
    person_id: UUID,
    proposed: Mapping[str, str],
    *,
    source: Source,
    now: datetime,
    company_id: UUID | None = None,
) -> None:
    """Each value waits, by its field, for the person's yes; the newest counts. Nothing does for who
    objected to it. Inside the caller's transaction."""
    if proposed and await Person.filter(id=person_id, unsuggested_at__isnull=False).exists():
        return
    for field, value in proposed.items():
        await Suggestion.filter(person_id=person_id, field=field).delete()
        await Suggestion.create(
            id=uuid4(),
            person_id=person_id,
            field=field,
            value=value,
            source=source.value,
            company_id=company_id,
            suggested_at=now,
        )


async def renew_calendar(person_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """The calendar of the person's places has a new address, and the old one opens nothing.

    Raises ``PersonNotFound``.
    """
    async with transaction():
        if not await Person.filter(id=person_id).update(calendar_number=F("calendar_number") + 1):
            raise PersonNotFound
        note = Note(fields=("calendar",))
        await record(
            Act.PERSON_CHANGED, now=now, actor_id=actor_id, subject_id=person_id, note=note
        )


async def correct(
    person_id: UUID, contact: Contact, *, actor_id: UUID | None, now: datetime
) -> tuple[str, ...]:
    """The person's contact data is now ``contact`` (P11); says which fields changed.

    Suggestions for the fields are settled by it. Raises ``SamePerson``, ``PersonNotFound``.
    """
    async with transaction():
        person = await Person.get_or_none(id=person_id)
        if person is None:
            raise PersonNotFound
        before = contact_of(person)
        changed = tuple(
            name for name in CONTACT_FIELDS if getattr(before, name) != getattr(contact, name)
        )
        await Suggestion.filter(person_id=person_id).delete()
        if changed:
            person.update_from_dict(asdict(contact))
            person.name_key = name_key(contact.first_name, contact.last_name)
            person.changed_at = now
            if "email" in changed:
                person.address_changed_at = now
                await forget_dead(person_id)
            clash = (
                await Person.filter(email=person.email, name_key=person.name_key)
                .exclude(id=person_id)
                .exists()
            )
            if clash:
                raise SamePerson
            try:
                await person.save()
            except IntegrityError:
                raise SamePerson from None
            await record(
                Act.PERSON_CHANGED,
                now=now,
                actor_id=actor_id,
                subject_id=person_id,
                note=Note(fields=changed),
            )
    return changed
