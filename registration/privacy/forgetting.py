"""Many persons at once of whom nothing is left but contact data: the calendar's way of erasing.

A person's own erasure is in ``erasure``; both follow the data map.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from registration.db import connection, reading
from registration.ledger.rules import Act
from registration.ledger.service import entry, record_many
from registration.people.models import Person
from registration.privacy.datamap import DATA_MAP, Erasure
from registration.privacy.export import model_of
from registration.privacy.statement import Given
from registration.privacy.staying import ERASABLE, HOLDS, emptied_value, erasing_order


async def forget(person_ids: Sequence[UUID], *, actor_id: UUID | None, now: datetime) -> None:
    """Nothing is held on these any more. To be called in the transaction that has locked them and
    found them free of duties. Should a backup bring one back, they are due in it as well, and the
    sweep that a copy from yesterday has missed runs when it starts."""
    ids = list(person_ids)
    filled = await filled_tables(ids)
    for name in erasing_order():
        if name in filled:
            await model_of(name).filter(person_id__in=ids).delete()
    for name, table in DATA_MAP.items():
        if name in filled and table.erasure is Erasure.PSEUDONYMOUS and table.blanked:
            model = model_of(name)
            values = {column: emptied_value(model, column) for column in table.blanked}
            await model.filter(person_id__in=ids).update(**values)
    await Person.filter(id__in=ids).delete()
    await record_many(
        [entry(Act.PERSON_ERASED, now=now, actor_id=actor_id, subject_id=each) for each in ids]
    )


def _own() -> list[str]:
    """The tables that bear the person's id themselves. Rows of others go with what they lead to:
    logins with the account, the outcome with the place."""
    return [
        name
        for name, table in DATA_MAP.items()
        if table.subject == "person_id"
        and name != HOLDS  # a lifted one proves for a while that it was there, under an id alone
        and table.store == "main"
        and (table.erasure in ERASABLE or (table.erasure is Erasure.PSEUDONYMOUS and table.blanked))
    ]


async def filled_tables(ids: Sequence[UUID]) -> set[str]:
    """Those of the tables with a person's id that have rows of these persons, in one statement."""
    given = Given()
    these = given.many(ids)
    asked = " UNION ALL ".join(
        f"SELECT '{name}' AS name WHERE EXISTS (SELECT 1 FROM {name} WHERE person_id {these})"  # noqa: S608 -- the data map's names
        for name in _own()
    )
    return {str(row["name"]) for row in await reading().execute_query_dict(asked, given.values)}


async def remember_ties(ends: Mapping[UUID, datetime]) -> None:
    """Until when each of these persons was tied to us by something that is deleted now: the latest
    such moment stays with them."""
    if not ends:
        return
    db = connection()
    postgres = db.capabilities.dialect == "postgres"
    rows: list[str] = []
    given: list[object] = []
    for person_id, ended_at in sorted(ends.items()):
        if postgres:
            given += [person_id, ended_at]
            rows.append(f"SELECT ${len(given) - 1}::uuid AS id, ${len(given)}::timestamptz AS at")
        else:
            given += [str(person_id), ended_at.astimezone(UTC).isoformat(" ")]
            rows.append(f"SELECT ?{len(given) - 1} AS id, ?{len(given)} AS at")
    await db.execute_query(
        f"UPDATE person SET tied_until = v.at FROM ({' UNION ALL '.join(rows)}) v "  # noqa: S608 -- our own words, values are parameters
        "WHERE person.id = v.id AND (person.tied_until IS NULL OR person.tied_until < v.at)",
        given,
    )
