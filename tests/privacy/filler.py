"""A person of whom every table of the data map says something, whatever tables there are.

Each text that is theirs is a word of its own; what other code reads as a state is a valid one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from registration.catalogue.models import Session, SessionDay
from registration.companies.models import Company
from registration.db import connection
from registration.feedback.models import Survey
from registration.privacy.datamap import DATA_MAP, Erasure, Kind
from registration.privacy.export import model_of
from registration.privacy.staying import erasing_order
from tests.builders import NOON
from tests.privacy.past import session_ended

_numbers = count(1)
ENDED = NOON - timedelta(days=100)
# By column: what code reads as a state, or as an id of another's.
STATES: Mapping[str, object] = {
    "place.status": "attended",
    "place.awaits": "",
    "place.source": "self",
    "place.company_id": None,
    "place.diet_token": None,
    "place.invoice_id": None,
    "place.price_cents": 0,
    "person.country": "FI",
    "person.language": "en",
    "person.source": "self",
    "account.language": "en",
    "account.ended_at": None,
    "account.login_email": None,
    "account_grant.role": "participant",
    "consent.purpose": "newsletter",
    "consent.source": "self",
    "consent.channel": "email",
    "consent.language": "en",
    "suggestion.field": "city",
    "suggestion.source": "company",
    "employment.source": "company",
    "mail.state": "unsure",
    "mail.language": "en",
    "mail.purpose": "place",
    "outcome.completed": None,
    "certificate.held": ["2026-01-01"],
    "certificate.language": "en",
    "certificate.design": "formal",
    "certificate.grade_scale": "pass_fail",
    "certificate.valid_until": date(2030, 1, 1),
    "certificate.current": True,
    "rights_request.state": "answered",
    "rights_request.language": "en",
    "rights_request.kind": "access",
    "rights_request.channel": "letter",
    "rights_request.behalf": "",
    "rights_request.identity": "",
    "rights_request.fee": "",
    "rights_request.decision": "granted",
    "rights_request.ground": "",
    "rights_request.answered_how": "letter",
    "rights_request.matched": "found",
    "hold.record_table": "",
    "hold.record_id": None,
    "hold.columns": "",
    "hold.lifted_at": NOON,
    "hold.silent": False,
    "restriction.kind": "restrict",
    "restriction.scope": "",
    "restriction.ground": "",
}


@dataclass(slots=True)
class Filled:
    """``words`` by table and column; ``rows``: the ids of what was made, by table; ``word`` makes
    the next word."""

    id: UUID
    word: Callable[[], str]
    words: dict[str, str] = field(default_factory=dict)
    rows: dict[str, UUID] = field(default_factory=dict)


def new_word() -> str:
    return f"w{next(_numbers):x}z"


async def fill(*, proven: bool = False, certified: bool = True, **states: object) -> Filled:
    """Somebody with a row in every table that an erasure reaches. ``proven``: completed a training
    that must stay provable; ``certified``: and has a certificate of it, or of a place without."""
    made = Filled(uuid4(), new_word)
    seating = await session_ended(ENDED)
    given = {
        **STATES,
        "place.seating_id": seating,
        "outcome.completed": proven,
        **{name.replace("__", "."): value for name, value in states.items()},
    }
    left_out = set() if certified else {"certificate", "printed"}
    await _rows(made, given, seating, left_out=left_out)
    return made


async def fill_rest(person_id: UUID, word: Callable[[], str], *, certified: bool = True) -> Filled:
    """Somebody who is on record already gets a row in each table that said nothing of them."""
    made = Filled(person_id, word)
    for table in (*erasing_order(), *_pseudonymous()):
        found = model_of(table).filter(**{DATA_MAP[table].subject: person_id})
        if row := await found.first().values_list("id", flat=True):
            made.rows[table] = UUID(str(row))
    left_out = set() if certified else {"certificate", "printed"}
    await _rows(made, STATES, await session_ended(ENDED), left_out=left_out | set(made.rows))
    return made


async def _rows(
    made: Filled, given: Mapping[str, object], seating: UUID, *, left_out: set[str]
) -> None:
    session = await Session.get(seating_id=seating)
    day = await SessionDay.create(
        id=uuid4(), session_id=session.id, starts_at=session.starts_at, ends_at=session.ends_at
    )
    company = await Company.create(id=uuid4(), name=f"Oy {next(_numbers)}", created_at=NOON)
    survey, _new = await Survey.get_or_create(
        offering_id=session.id, defaults={"id": uuid4(), "kind": "session", "own": []}
    )
    others = {
        "day_id": day.id,
        "company_id": company.id,
        "seating_id": seating,
        "survey_id": survey.id,
    }
    for table in (*reversed(erasing_order()), *_pseudonymous()):
        if table not in left_out:
            await _row(made, table, given, others)


def _pseudonymous() -> list[str]:
    return [
        name
        for name, table in DATA_MAP.items()
        if table.erasure is Erasure.PSEUDONYMOUS and table.blanked and table.subject == "person_id"
    ]


async def _row(
    made: Filled, table: str, given: Mapping[str, object], others: Mapping[str, UUID]
) -> None:
    model = model_of(table)
    row_id = made.id if table == "person" else uuid4()
    values: dict[str, object] = {"id": row_id}
    links = {
        f"{each.model_field_name}_id": each.related_model._meta.db_table
        for each in model._meta.fields_map.values()
        if isinstance(each, ForeignKeyFieldInstance)
    }
    for column, kind in DATA_MAP[table].columns.items():
        name = f"{table}.{column}"
        if column == "id":
            continue
        if name in given:
            values[column] = given[name]
        elif column == "person_id":
            values[column] = made.id
        elif links.get(column) in made.rows:
            values[column] = made.rows[links[column]]
        elif column in others and (column in links or column != "company_id"):
            values[column] = others[column]
        else:
            values[column] = _value(made, model, name, column, kind)
    row: Any = values
    await model.create(**row)
    made.rows[table] = row_id


def _value(made: Filled, model: type[Model], name: str, column: str, kind: Kind) -> object:
    known = model._meta.fields_map[column]
    if isinstance(known, fields.CharField | fields.TextField):
        longest = int(getattr(known, "max_length", 60))
        word = made.word()
        if len(word) > longest:
            return uuid4().hex[:longest]
        if kind not in {Kind.LINK, Kind.NONE}:
            made.words[name] = word
        return word
    if isinstance(known, fields.BinaryField):
        made.words[name] = made.word()
        return made.words[name].encode()
    if isinstance(known, fields.JSONField):
        return {"2026-01-01": True}
    if isinstance(known, fields.BooleanField):
        return True
    if isinstance(known, fields.UUIDField):
        return uuid4()
    if isinstance(known, fields.DatetimeField):
        return NOON
    if isinstance(known, fields.DateField):
        return NOON.date()
    assert isinstance(known, fields.IntField | fields.BigIntField), name
    return next(_numbers)


Rows = dict[str, dict[str, str]]


async def everything(store: str = "main") -> Rows:
    """Each row of every table as it is stored, by its key."""
    found: Rows = {}
    for name, table in DATA_MAP.items():
        if table.store != store:
            continue
        key = model_of(name)._meta.db_pk_column
        rows = await connection(store).execute_query_dict(f'SELECT * FROM "{name}"')
        found[name] = {str(row[key]): repr(sorted(dict(row).items())) for row in rows}
    return found


def moment(days: int) -> datetime:
    return NOON + timedelta(days=days)
