"""What tests start from, made by the services themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import httpx

from registration import clock
from registration.accounts.logins import new_link
from registration.accounts.rules import Role
from registration.accounts.service import add_account, participant_account
from registration.db import transaction
from registration.people.models import Person
from registration.people.rules import Contact, Source
from registration.people.service import know

NOON = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
SIGNED = date(2026, 1, 15)


async def make_person(
    first_name: str = "Aino",
    last_name: str = "Virtanen",
    email: str = "aino@example.fi",
    *,
    language: str = "en",
    company_name: str = "",
    now: datetime = NOON,
) -> Person:
    contact = Contact(first_name, last_name, email, language=language, company_name=company_name)
    async with transaction():
        person, _made = await know(contact, source=Source.SELF, now=now)
    return person


async def make_account(
    role: Role = Role.STAFF,
    email: str = "staff@example.fi",
    name: str = "Sari Staff",
    *,
    company_id: UUID | None = None,
    nda_on: date | None = SIGNED,
    language: str = "en",
    now: datetime = NOON,
) -> UUID:
    """An account with one role; for ``Role.PARTICIPANT`` use ``make_participant``."""
    return await add_account(
        email,
        name,
        role,
        company_id=company_id,
        nda_on=nda_on,
        language=language,
        now=now,
    )


async def make_participant(
    email: str = "aino@example.fi", *, now: datetime = NOON
) -> tuple[Person, UUID]:
    """A person and the account that is their own."""
    person = await make_person(email=email, now=now)
    name = f"{person.first_name} {person.last_name}"
    return person, await participant_account(person.id, email, name, person.language, now)


async def log_in(client: httpx.AsyncClient, account_id: UUID) -> httpx.Response:
    """The client is logged in with the account; the answer leads to its first page."""
    now = clock.now()
    path = await new_link(account_id, confirmed=False, life=timedelta(hours=1), now=now)
    return await client.get(path)
