"""Whether a row of a list means somebody who works for the company already.

Only the company's own people are looked at: whether a stranger is on record is nobody's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from tortoise.expressions import Subquery

from registration.companies.models import Employment
from registration.enrolment.imports.compare import alike
from registration.enrolment.imports.fields import EmployeeRow, Field, Problem
from registration.enrolment.imports.texts import folded
from registration.enrolment.worklist import KNOWN_ADDRESS, KNOWN_PERSON, Known, Worklist
from registration.i18n import N_
from registration.people.models import Person, Suggestion
from registration.people.rules import Contact, name_key

OTHER_ADDRESS = "other_address"
SAID_BEFORE = "said_before"
MARKS = frozenset({KNOWN_ADDRESS, KNOWN_PERSON, OTHER_ADDRESS, SAID_BEFORE})


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of the company's own people."""

    id: UUID
    email: str
    key: str
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


async def ask_about(work: Worklist, company_id: UUID) -> Worklist:
    """The list with rows asked about that may mean one of the company's people. Two queries."""
    employed = Employment.filter(company_id=company_id, until=None).values("person_id")
    rows = await Person.filter(id__in=Subquery(employed)).values_list(
        "id", "email", "name_key", "first_name", "last_name"
    )
    people = [Colleague(UUID(str(one[0])), *one[1:]) for one in rows]
    if not people:
        return work
    told = await Suggestion.filter(
        company_id=company_id, field__in=["first_name", "last_name"]
    ).values_list("person_id", "value")
    return with_colleagues(work, people, {(UUID(str(who)), folded(name)) for who, name in told})


def with_colleagues(
    work: Worklist, people: Iterable[Colleague], told: set[tuple[UUID, str]]
) -> Worklist:
    """``told``: person and name, where the company said before that it is the same person."""
    by_address: dict[str, list[Colleague]] = {}
    by_name: dict[str, list[Colleague]] = {}
    for one in people:
        by_address.setdefault(one.email, []).append(one)
        by_name.setdefault(one.key, []).append(one)
    listed = {row.email for row in work.rows}
    known: dict[int, Known] = {}
    same = set(work.same)
    rows: list[EmployeeRow] = []
    for row in work.rows:
        mark, meant = _mark(row, by_address, by_name, listed)
        number = row.row_number
        if meant is not None:
            known[number] = Known(meant.id, meant.name)
            if (before := work.known.get(number)) and before.person_id != meant.id:
                same.discard(number)
            if mark is not None and _told_before(row, meant, told):
                same.add(number)
                mark = _said_before(row, meant)
        rows.append(_marked(row, mark))
    return replace(work, rows=tuple(rows), known=known, same=frozenset(same & set(known)))


def _told_before(row: EmployeeRow, meant: Colleague, told: set[tuple[UUID, str]]) -> bool:
    changed = [
        given
        for given, now in ((row.first_name, meant.first_name), (row.last_name, meant.last_name))
        if name_key(given, "") != name_key(now, "")
    ]
    return all((meant.id, folded(name)) in told for name in changed)


def _mark(
    row: EmployeeRow,
    by_address: dict[str, list[Colleague]],
    by_name: dict[str, list[Colleague]],
    listed: set[str],
) -> tuple[Problem | None, Colleague | None]:
    """What is to be said of the row, and whom it may mean."""
    if row.fatal or not row.email:
        return None, None
    own = name_key(row.first_name, row.last_name)
    holders = by_address.get(row.email, [])
    if any(one.key == own for one in holders):
        return None, None
    if holders:
        meant = _meant(row, holders)
        return (_same_or_other(row, meant), meant) if meant else (_shares(row, holders[0]), None)
    namesakes = [one for one in by_name.get(own, []) if one.email not in listed]
    return (_other_address(row) if len(namesakes) == 1 else None), None


def _meant(row: EmployeeRow, holders: Sequence[Colleague]) -> Colleague | None:
    """The one that the row may mean: of several, only who has part of the name."""
    mine = (row.first_name, row.last_name)
    for one in holders:
        if alike(mine, (one.first_name, one.last_name)):
            return one
    for one in holders:
        if folded(row.first_name) == folded(one.first_name):
            return one
    return holders[0] if len(holders) == 1 else None


def _marked(row: EmployeeRow, mark: Problem | None) -> EmployeeRow:
    others = tuple(one for one in row.problems if one.code not in MARKS)
    wanted = others if mark is None else (*others, mark)
    return row if wanted == row.problems else replace(row, problems=wanted)


def _same_or_other(row: EmployeeRow, meant: Colleague) -> Problem:
    return Problem(
        field=Field.EMAIL,
        code=KNOWN_PERSON,
        message=N_("{name}, who is one of your people, has this address. Is it the same person?"),
        value=row.email,
        params={"name": meant.name},
        needs_decision=True,
    )


def _shares(row: EmployeeRow, other: Colleague) -> Problem:
    return Problem(
        field=Field.EMAIL,
        code=KNOWN_ADDRESS,
        message=N_(
            "{name}, who is one of your people already, has the same e-mail address. "
            "Confirm that they share it, or correct the name or the address."
        ),
        value=row.email,
        params={"name": other.name},
        needs_decision=True,
    )


def _other_address(row: EmployeeRow) -> Problem:
    return Problem(
        field=Field.EMAIL,
        code=OTHER_ADDRESS,
        message=N_(
            "One of your people has this name and another e-mail address. With this address they "
            "are enrolled as somebody else: correct it if it is the same person."
        ),
        value=row.email,
    )


def _said_before(row: EmployeeRow, meant: Colleague) -> Problem:
    return Problem(
        field=Field.LAST_NAME,
        code=SAID_BEFORE,
        message=N_("Enrolled as {name}, as you said before: the new name waits for their yes."),
        value=f"{row.first_name} {row.last_name}",
        params={"name": meant.name},
    )


async def as_known(
    contacts: Sequence[Contact], meant: Sequence[UUID | None]
) -> tuple[tuple[Contact, ...], dict[UUID, dict[str, str]]]:
    """The contacts under the names on record, where somebody known is meant, and the names that
    were given for them. Who is gone meanwhile is taken as given."""
    ids = [one for one in meant if one is not None]
    people = {person.id: person for person in await Person.filter(id__in=ids)} if ids else {}
    settled: list[Contact] = []
    given: dict[UUID, dict[str, str]] = {}
    for contact, person_id in zip(contacts, meant, strict=True):
        person = people.get(person_id) if person_id else None
        if person is None:
            settled.append(contact)
            continue
        names = {"first_name": contact.first_name, "last_name": contact.last_name}
        given[person.id] = {
            field: value for field, value in names.items() if value != getattr(person, field)
        }
        settled.append(
            replace(
                contact,
                first_name=person.first_name,
                last_name=person.last_name,
                email=person.email,
            )
        )
    return tuple(settled), given
