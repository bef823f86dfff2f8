"""What can be held of one person, as staff choose it: everything, a kind of record, or one record;
and of it the whole or some parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from registration.enrolment import queries as enrolment
from registration.errors import FieldError
from registration.forms import Refused
from registration.i18n import N_, _, format_date, text_in
from registration.privacy.datamap import DATA_MAP, Kind
from registration.privacy.holds import HoldLine, holdable, holdable_columns
from registration.qualifications.models import Certificate

# As staff speak of them; the data map's headings speak to the person.
NAMES: Mapping[str, str] = {
    "person": N_("Contact data"),
    "place": N_("Places at trainings and events"),
    "certificate": N_("Certificates"),
    "outcome": N_("Grades and completions"),
    "attendance": N_("Attendance"),
    "outcome_change": N_("Corrections of results"),
    "employment": N_("Employments"),
    "consent": N_("Consents"),
    "suggestion": N_("Proposed changes of contact data"),
    "objection": N_("Objections to being enrolled"),
    "restriction": N_("Restrictions"),
    "account": N_("Account"),
    "account_grant": N_("Access of the account"),
}
PARTS: Mapping[Kind, str] = {
    Kind.NAME: N_("Name"),
    Kind.CONTACT: N_("E-mail, phone, address and language"),
    Kind.COMPANY: N_("Company"),
    Kind.PARTICIPATION: N_("Which trainings and events, and when"),
    Kind.OUTCOME: N_("Attendance, grade, completion and certificate"),
    Kind.CHOICE: N_("Consents, objections and their dates"),
    Kind.ACCESS: N_("Logins and access"),
}
SEPARATOR = ":"
EVERYTHING = "all"
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Chosen:
    table: str
    record_id: UUID | None
    columns: tuple[str, ...]


async def choices(person_id: UUID) -> list[Option]:
    """(value, words): everything, each kind of record, and each place and certificate alone."""
    offered: list[Option] = [(EVERYTHING, _("Everything on this person"))]
    offered += [(name, _("All of: {what}", what=name_of(name))) for name in holdable()]
    for place in await enrolment.places_of_person(person_id):
        what = f"{text_in(place.offering.title)}, {format_date(place.offering.starts_at)}"
        offered.append((f"place{SEPARATOR}{place.id}", _("One place: {what}", what=what)))
    for row in await Certificate.filter(person_id=person_id).order_by("-issued_on", "number"):
        what = f"{row.number}, {row.training_title}"
        offered.append((f"certificate{SEPARATOR}{row.id}", _("One certificate: {what}", what=what)))
    return offered


def parts() -> list[Option]:
    """The sorts of data that can be held alone, with their words."""
    used = {kind for name in holdable() for kind in holdable_columns(name).values()}
    return [(kind.value, _(words)) for kind, words in PARTS.items() if kind in used]


def read_choice(value: str, kinds: Iterable[str]) -> Chosen:
    """Raises ``Refused``, at the fields ``held`` and ``parts``."""
    table, _sep, record = value.partition(SEPARATOR)
    if not value:
        raise Refused(FieldError("held", "missing", N_("Choose what is to be held.")))
    if table == EVERYTHING:
        table = ""
    elif table not in holdable():
        raise Refused(
            FieldError("held", "unknown", N_("There is no such kind of record. Choose one."))
        )
    wanted = {kind for kind in kinds if kind}
    if wanted and not table:
        raise Refused(
            FieldError("parts", "whole", N_("Choose a kind of record first, then parts of it."))
        )
    columns = tuple(
        sorted(name for name, kind in holdable_columns(table).items() if kind.value in wanted)
        if table
        else ()
    )
    known = {DATA_MAP[table].columns[name].value for name in columns}
    if wanted - known:
        raise Refused(
            FieldError("parts", "unknown", N_("This record has no such part. Choose again."))
        )
    return Chosen(table, _record_id(record), columns)


def _record_id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Refused(
            FieldError("held", "unknown", N_("There is no such kind of record. Choose one."))
        ) from None


def name_of(table: str) -> str:
    """What staff call a kind of record, in the language now spoken."""
    return _(NAMES[table]) if table in NAMES else _(holdable()[table].heading)


def held_words(line: HoldLine) -> str:
    """What a hold holds, in words: ``One of: Certificates (name)``."""
    if not line.table:
        return _("Everything on this person")
    what = name_of(line.table) if line.table in holdable() else line.table
    said = _("One of: {what}", what=what) if line.record_id else _("All of: {what}", what=what)
    kinds = holdable_columns(line.table) if line.table in DATA_MAP else {}
    held = {kinds.get(column) for column in line.columns}
    only = [_(words) for kind, words in PARTS.items() if kind in held]
    return f"{said} ({'; '.join(only)})" if only else said
