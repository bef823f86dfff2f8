"""Which person is meant: found by words, shown with what tells two of one name apart."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tortoise.expressions import Q

from registration.people.models import Person
from registration.people.overview import MOST_WORDS


@dataclass(frozen=True, slots=True)
class FoundPerson:
    id: UUID
    name: str
    email: str
    company: str


async def find_people(words: str, *, limit: int = 20) -> list[FoundPerson]:
    """Those in whose name or e-mail address each of the words stands, by name; nothing when no
    word is given."""
    wanted = words.casefold().split()[:MOST_WORDS]
    if not wanted:
        return []
    found = Person.all()
    for word in wanted:
        found = found.filter(Q(name_key__contains=word) | Q(email__contains=word))
    rows = await found.order_by("name_key", "email", "id").limit(limit)
    return [
        FoundPerson(row.id, f"{row.first_name} {row.last_name}", row.email, row.company_name)
        for row in rows
    ]
