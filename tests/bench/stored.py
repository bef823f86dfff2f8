"""An installation that has been in use for long: many enrolments stored already."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
from tortoise.models import Model

from registration import db
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering, SessionGiven
from registration.catalogue.service import add_session
from registration.enrolment.placing import new_place
from registration.enrolment.rules import PlaceStatus
from registration.people.rules import Contact, Source
from registration.people.service import new_person
from tests.bench.measures import House, connected

PER_SESSION = 5_000
BATCH = 20_000
Row = dict[str, object]


async def store_enrolments(house: House, number: int) -> None:
    """``number`` more people are stored, each with a place on one of many past sessions.

    Written by SQL, without their mails and ledger: what grows is what a sign-up looks into.
    """
    async with connected(house.settings):
        past = datetime.now(UTC) - timedelta(days=400)
        sessions = [await session_at(house, past) for _each in range(-(-number // PER_SESSION))]
        for start in range(0, number, BATCH):
            people, places = _rows(sessions, range(start, min(start + BATCH, number)))
            await write(house, "person", people)
            await write(house, "place", places)
        await db.connection().execute_script("ANALYZE")


async def fresh_session(house: House) -> UUID:
    """A session with many seats and nobody on it."""
    async with connected(house.settings):
        return (await session_at(house, datetime.now(UTC) + timedelta(days=30))).id


async def session_at(house: House, starts_at: datetime) -> Offering:
    line = await catalogue.session(house.roomy)
    given = SessionGiven(
        training=line.training.id,
        capacity=PER_SESSION,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=8),
    )
    made = await add_session(given, actor_id=None, now=starts_at - timedelta(days=60))
    return catalogue.session_offering(await catalogue.session(made))


def _rows(sessions: list[Offering], numbers: range) -> tuple[list[Row], list[Row]]:
    """Persons and places, each like the first of its kind but for what tells them apart."""
    now, mark = datetime.now(UTC), uuid4().hex[:8]
    contact = Contact("Matti", "Talletettu", "matti@talle.example", language="fi")
    person = new_person(contact, source=Source.SELF, now=now)
    place = new_place(
        sessions[0], person.id, status=PlaceStatus.CONFIRMED, turn=0, source=Source.SELF, now=now
    )
    one, two = columns_of(person), columns_of(place)
    people, places = [], []
    for at in numbers:
        person_id, name = uuid4(), f"Talletettu {at}"
        key, email = f"matti|{name.casefold()}", f"{mark}.{at}@talle.example"
        people.append(one | {"id": person_id, "last_name": name, "name_key": key, "email": email})
        seating = sessions[at // PER_SESSION].seating_id
        places.append(
            two | {"id": uuid4(), "person_id": person_id, "seating_id": seating, "turn": at}
        )
    return people, places


def columns_of(row: Model) -> Row:
    return {column: getattr(row, name) for name, column in row._meta.fields_db_projection.items()}


async def write(house: House, table: str, rows: list[Row]) -> None:
    columns = list(rows[0])
    if house.urls is not None:
        opened = await asyncpg.connect(house.urls[0])
        records = [tuple(row.values()) for row in rows]
        await opened.copy_records_to_table(table, records=records, columns=columns)
        await opened.close()
        return
    names, marks = ", ".join(f'"{each}"' for each in columns), ", ".join("?" * len(columns))
    with closing(sqlite3.connect(house.settings.data / "registration.sqlite3")) as opened_file:
        opened_file.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",
            [tuple(_as_text(value) for value in row.values()) for row in rows],
        )
        opened_file.commit()


def _as_text(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat(" ") if isinstance(value, datetime) else value
