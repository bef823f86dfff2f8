"""Whom a coordinator ticked or typed, on its way from page to page: in the form, in no address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from registration.edge import Posted
from registration.forms import Refused, parse
from registration.people.rules import Contact, PersonGiven, PersonNotFound
from registration.web.contact_form import flat

MOST = 5_000
MOST_NEW = 100
# A tick is its name and an id; a new person three short texts.
FIELDS = MOST + 3 * MOST_NEW + 50
BYTES = 250 * 1024


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who is not on the list yet, as typed."""

    first_name: str
    last_name: str
    email: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def contact(self, language: str) -> Contact:
        """Raises ``Refused``."""
        given = {name: getattr(self, name) for name in self.__slots__}
        return parse(PersonGiven, given).contact(language=language)


@dataclass(frozen=True, slots=True)
class Chosen:
    """``people`` are ids of employees, ``new`` are to be added."""

    people: tuple[UUID, ...] = ()
    new: tuple[NewPerson, ...] = ()

    def __len__(self) -> int:
        return len(self.people) + len(self.new)

    def with_people(self, more: Sequence[UUID]) -> Chosen:
        return Chosen(tuple(dict.fromkeys([*self.people, *more]))[:MOST], self.new)

    def contacts(self, known: Mapping[UUID, Contact], language: str) -> list[Contact]:
        """All of them in their order, the new ones last. Raises ``Refused``."""
        return [
            *(known[each] for each in self.people),
            *(each.contact(language) for each in self.new),
        ]


def chosen_of(posted: Posted) -> Chosen:
    """Raises ``PersonNotFound`` for what is no id."""
    try:
        people = tuple(dict.fromkeys(UUID(text) for text in posted.many("person")))
    except ValueError:
        raise PersonNotFound from None
    rows = zip(
        posted.many("new_first"), posted.many("new_last"), posted.many("new_email"), strict=False
    )
    new = tuple(dict.fromkeys(NewPerson(*row) for row in rows))
    return Chosen(people[:MOST], new[:MOST_NEW])


def typed_person(posted: Posted, language: str) -> NewPerson:
    """The person of the form's own fields, checked. Raises ``Refused`` by those fields."""
    names = ("first_name", "last_name", "email")
    typed = NewPerson(*(posted.get(name, "") for name in names))
    try:
        contact = typed.contact(language)
    except Refused as wrong:
        raise Refused(*flat(wrong.errors)) from None
    return NewPerson(contact.first_name, contact.last_name, contact.email)
