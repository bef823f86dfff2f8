"""Whose e-mail address does not work, for those who can put it right."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.companies import queries as companies
from registration.mail.bounces import dead_addresses, dead_among
from registration.people.models import Person
from registration.settings import Settings


@dataclass(frozen=True, slots=True)
class Unreached:
    """A person whose present address mail came back from; ``again``: it is tried once more."""

    person_id: UUID
    name: str
    email: str
    code: str
    bounced_at: datetime
    again: bool


async def unreached(*, company_id: UUID | None = None, settings: Settings) -> list[Unreached]:
    """The newest first: those who work for the company, or (None) anybody; in a constant number of
    queries."""
    ids = {each.person_id for each in await dead_addresses() if each.person_id is not None}
    if company_id is not None:
        ids &= set(await companies.employees(company_id))
    return await _lines(ids, settings=settings)


async def _lines(person_ids: Collection[UUID], *, settings: Settings) -> list[Unreached]:
    rows = await Person.filter(id__in=list(person_ids)) if person_ids else []
    dead = await dead_among([row.email for row in rows], settings=settings)
    lines = [
        Unreached(
            row.id,
            f"{row.first_name} {row.last_name}",
            row.email,
            dead[row.email].code,
            dead[row.email].bounced_at,
            dead[row.email].again,
        )
        for row in rows
        if row.email in dead
    ]
    return sorted(lines, key=lambda line: (line.bounced_at, line.person_id), reverse=True)
