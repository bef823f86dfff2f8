"""The rows that are held on somebody, table by table: the one place that knows which they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from tortoise import Tortoise
from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from registration.accounts.models import Account
from registration.i18n import N_
from registration.people.models import Person
from registration.people.rules import PersonNotFound
from registration.privacy.datamap import DATA_MAP, Table, personal
from registration.privacy.models import Hold

Row = Mapping[str, object]
BATCH = 500
# A login link is good for whoever has it, and one mail may hold those of a whole family.
LINKS = "login"
LETTER = ("body_text", "body_html")
# By when things happened, the newest first; a table that has none of these is in any order.
MOMENTS = (
    "at", "received_at", "created_at", "queued_at", "made_at", "given_at", "suggested_at",
    "recorded_at", "changed_at", "issued_on", "starts_at", "since", "asked_at", "placed_at",
    "bounced_at", "named_at",
)  # fmt: skip
# Of who has no person's data here, or beside it: what hangs on the account alone.
OF_ACCOUNT: Mapping[str, str] = {
    "account": "id",
    "mail": "account_id",
    "rights_request": "account_id",
    "assignment": "account_id",
    "ledger_entry": "actor_id",
}
HEADINGS: Mapping[str, str] = {
    "ledger_entry": N_("What you did here"),
    "assignment": N_("Trainings that you were asked to teach"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One table of somebody's: ``path`` leads from a row to ``of``; ``heading`` is a msgid.
    ``own`` are the ids by which they themselves are meant."""

    name: str
    table: Table
    path: str
    of: UUID
    own: frozenset[UUID]
    heading: str

    @property
    def key(self) -> str:
        return str(model_of(self.name)._meta.pk_attr)

    @property
    def newest_first(self) -> tuple[str, ...]:
        columns = model_of(self.name)._meta.fields_map
        moment = next((each for each in MOMENTS if each in columns), "")
        return (f"-{moment}", self.key) if moment else (self.key,)


def model_of(table: str) -> type[Model]:
    """The model behind a table's name."""
    found: dict[str, type[Model]] = {
        model._meta.db_table: model
        for models in (Tortoise.apps or {}).values()
        for model in models.values()
    }
    return found[table]


async def of_person(person_id: UUID) -> list[Reading]:
    """Every table with something of this person, the account's among them. Diets are in none: they
    are part of no file (P5). Raises ``PersonNotFound``."""
    if not await Person.filter(id=person_id).exists():
        raise PersonNotFound
    accounts = await Account.filter(person_id=person_id).values_list("id", flat=True)
    own = frozenset({person_id, *(UUID(str(each)) for each in accounts)})
    return [
        Reading(name, table, table.subject, person_id, own, table.heading)
        for name, table in personal().items()
        if table.subject and table.store == "main"
    ]


async def of_account(account_id: UUID) -> list[Reading]:
    """What hangs on an account that is no participant's. A person who shares its address, or its
    name, is another record: only the account's own id leads here."""
    found = []
    for name, table in DATA_MAP.items():
        path = OF_ACCOUNT.get(name)
        if path is None and table.subject.startswith("account__"):
            path = "account_id"
        if path is not None:
            heading = HEADINGS.get(name, table.heading)
            found.append(Reading(name, table, path, account_id, frozenset({account_id}), heading))
    return found


async def batches(reading: Reading) -> AsyncIterator[list[Row]]:
    """All rows, some hundred at a time, by their keys; however many there are, few are in
    memory."""
    key, last = reading.key, None
    shown = await visible(reading)
    while True:
        found = shown.order_by(key).limit(BATCH)
        if last is not None:
            found = found.filter(**{f"{key}__gt": last})
        rows = [without_links(reading.name, row) for row in await found.values()]
        if not rows:
            return
        last = rows[-1][key]
        yield rows
        if len(rows) < BATCH:
            return


async def visible(reading: Reading) -> QuerySet[Model]:
    """Its rows, in no order, without what an authority has forbidden to tell of."""
    found = model_of(reading.name).filter(**{reading.path: reading.of})
    if reading.name == "hold":
        return found.filter(silent=False)
    if reading.name == "ledger_entry":
        held = Hold.filter(person_id__in=list(reading.own), silent=True)
        if silent := await held.values_list("id", flat=True):
            return found.filter(Q(object_id=None) | ~Q(object_id__in=list(silent)))
    return found


def without_links(name: str, row: Row) -> Row:
    """A mail that lets somebody in is only in its mailbox."""
    if name == "mail" and row.get("purpose") == LINKS:
        return {column: "" if column in LETTER else value for column, value in row.items()}
    return row
