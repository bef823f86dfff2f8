"""Everything held on a person, from the data map, so that no table can be forgotten (P11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from tortoise import Tortoise
from tortoise.models import Model

from registration.db import transaction
from registration.enrolment import queries as enrolment
from registration.i18n import _, text_in
from registration.ledger.queries import disclosures_of
from registration.ledger.rules import Act
from registration.ledger.service import record
from registration.people.queries import contact
from registration.privacy.datamap import Kind, Table, personal
from registration.privacy.seen import seen

Value = str | int | float | bool | None | list[str] | dict[str, str | bool]
Row = dict[str, Value]

# Secrets and hashes are nobody's data to read, not even their owner's; a file is downloaded.
HIDDEN = frozenset(
    {
        "secret_hash", "submission", "diet_token", "token", "credential", "public_key",
        "sealed_secret", "claimed_by", "address_hash", "last_step", "salt", "code_hash", "content",
        "address_key",
    }
)  # fmt: skip


def model_of(table: str) -> type[Model]:
    """The model behind a table's name."""
    found: dict[str, type[Model]] = {
        model._meta.db_table: model
        for models in (Tortoise.apps or {}).values()
        for model in models.values()
    }
    return found[table]


async def export(
    person_id: UUID, *, actor_id: UUID | None, house: str, now: datetime
) -> dict[str, object]:
    """All rows of the person by table, in words, and the export itself on record. ``house`` names
    who runs this, in the sentences on who saw what.

    Diets are not in it: they are shown on the person's own page and are part of no file (P5).
    Raises ``PersonNotFound``.
    """
    await contact(person_id)
    held: dict[str, object] = {}
    for name, table in personal().items():
        if not table.subject or table.store != "main":
            continue
        rows = await model_of(name).filter(**{table.subject: person_id}).values()
        if rows:
            held[name] = {
                "what": _(table.heading),
                "purpose": _(table.purpose),
                "kept": _(table.kept),
                "rows": [_plain(row, table) for row in rows],
            }
    places = await enrolment.places_of_person(person_id)
    looks = await seen(await disclosures_of(person_id, limit=None), house=house)
    async with transaction():
        await record(Act.PERSON_EXPORTED, now=now, actor_id=actor_id, subject_id=person_id)
    return {
        "made_at": now.isoformat(),
        "places": [
            {
                "what": text_in(place.offering.title),
                "starts_at": place.offering.starts_at.isoformat(),
                "ends_at": place.offering.ends_at.isoformat(),
                "status": place.status.value,
            }
            for place in places
        ],
        "seen": [{"at": each.at.isoformat(), "what": each.said} for each in looks],
        "held": held,
    }


def _plain(row: Mapping[str, object], table: Table) -> Row:
    return {
        column: _value(value)
        for column, value in row.items()
        if column not in HIDDEN and table.columns.get(column) is not Kind.NONE
    }


def _value(value: object) -> Value:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list):
        return [str(each) for each in value]
    if isinstance(value, dict):
        return {str(k): v if isinstance(v, bool) else str(v) for k, v in value.items()}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
