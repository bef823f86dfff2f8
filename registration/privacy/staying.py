"""Which rows of a person stay when the person is erased: for a duty, for an invoice that is still
to be made, for an authority (P8, P13). Everything here follows the data map."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from graphlib import TopologicalSorter
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise import fields
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from registration.catalogue.models import Session
from registration.catalogue.rules import State
from registration.enrolment.invoiced import PAID_FOR
from registration.enrolment.models import Place
from registration.periods import Schedule, goes_on
from registration.privacy.datamap import DATA_MAP, Erasure, Kind, Table
from registration.privacy.export import model_of
from registration.privacy.holds import HoldLine
from registration.privacy.rules import Facts, verdict
from registration.qualifications.models import Certificate
from registration.qualifications.rules import valid_until
from registration.teaching.models import Outcome

Row = Mapping[str, object]
ERASABLE = frozenset({Erasure.DELETE, Erasure.KEEP_BY_DUTY})
PLACES = "place"
HOLDS = "hold"
# Their columns can be emptied where the row stays.
_EMPTIED = (fields.CharField, fields.TextField, fields.JSONField, fields.BinaryField)
_SAYS_NOTHING = frozenset({Kind.LINK, Kind.NONE})


def erasable() -> dict[str, Table]:
    """The tables of the register whose rows an erasure deletes, unless something keeps them."""
    return {
        name: table
        for name, table in DATA_MAP.items()
        if table.subject and table.store == "main" and table.erasure in ERASABLE
    }


def parents_of(table: str) -> dict[str, str]:
    """By column: the erasable table that it leads to."""
    known = erasable()
    found: dict[str, str] = {}
    for each in model_of(table)._meta.fields_map.values():
        if isinstance(each, ForeignKeyFieldInstance):
            related = each.related_model._meta.db_table
            if related in known:
                found[f"{each.model_field_name}_id"] = related
    return found


@cache
def erasing_order() -> tuple[str, ...]:
    """Rows that lead to others go before what they lead to."""
    graph: dict[str, set[str]] = {name: set() for name in erasable()}
    for name in graph:
        for parent in parents_of(name).values():
            graph[parent].add(name)
    return tuple(TopologicalSorter(graph).static_order())


def said_by(table: str) -> frozenset[str]:
    """The columns that say something of the person and can be emptied."""
    described, known = DATA_MAP[table], model_of(table)._meta.fields_map
    return frozenset(described.blanked) | {
        name
        for name, kind in described.columns.items()
        if kind not in _SAYS_NOTHING
        and (isinstance(known[name], _EMPTIED) or known[name].null)
        and not known[name].pk
    }


@dataclass(frozen=True, slots=True)
class Stay:
    """``emptied`` are the columns of a row that do not stay with it. ``nameless``: nobody needs to
    know whose it is."""

    emptied: frozenset[str]
    nameless: bool = False

    def __or__(self, other: Stay) -> Stay:
        return Stay(self.emptied & other.emptied, self.nameless and other.nameless)


WHOLE = Stay(frozenset())


@dataclass(slots=True)
class Staying:
    """``rows``: what stays, by table and id. ``proven``: places of trainings that a duty keeps,
    with the first day on which none does; ``unpaid``: places that stand on no invoice yet."""

    proven: Mapping[UUID, date]
    unpaid: frozenset[UUID]
    holds: Sequence[HoldLine]
    rows: dict[str, dict[UUID, Stay]] = field(default_factory=dict)

    @property
    def for_now(self) -> bool:
        """Whether something goes when a hold is lifted or an invoice is made."""
        return bool(self.holds) or bool(self.unpaid - set(self.proven))

    def ids(self, table: str) -> list[UUID]:
        return list(self.rows.get(table, ()))

    def add(self, table: str, row_id: UUID, stay: Stay) -> None:
        known = self.rows.setdefault(table, {})
        known[row_id] = known[row_id] | stay if row_id in known else stay


async def staying(
    person_id: UUID, holds: Sequence[HoldLine], *, schedule: Schedule, today: date
) -> Staying:
    """What stays of the person. A row takes along what it leads to: a certificate the place, and
    that the person with name and company; nothing else of them."""
    found = Staying(
        await proven(person_id, schedule=schedule, today=today), await _unpaid(person_id), holds
    )
    for name in erasing_order():
        described = DATA_MAP[name]
        columns = ["id", *parents_of(name)] + ["lifted_at"] * (name == HOLDS)
        rows = await model_of(name).filter(**{described.subject: person_id}).values(*columns)
        for row in rows:
            row_id = UUID(str(row["id"]))
            for stay in _reasons(name, row_id, row, found):
                found.add(name, row_id, stay)
        _take_along(name, rows, found)
    return found


def _reasons(table: str, row_id: UUID, row: Row, found: Staying) -> Iterator[Stay]:
    described = DATA_MAP[table]
    for hold in found.holds:
        if hold.covers(table, row_id):
            yield Stay(said_by(table) - hold.columns) if hold.columns else WHOLE
    if table == HOLDS and row["lifted_at"] is None:
        yield WHOLE
    if described.erasure is Erasure.KEEP_BY_DUTY:
        place = row.get("place_id", row_id if table == PLACES else None)
        if place is not None and UUID(str(place)) in found.proven:
            yield _by_duty(table)
    if table == PLACES and row_id in found.unpaid:
        yield Stay(frozenset(described.blanked), nameless=True)


def _by_duty(table: str) -> Stay:
    described = DATA_MAP[table]
    return Stay(frozenset(described.blanked) - frozenset(described.proves))


def _take_along(table: str, rows: Sequence[Row], found: Staying) -> None:
    """What the staying rows lead to stays as well: whoever is on it by name, if need be."""
    leads = parents_of(table)
    kept = found.rows.get(table, {})
    for row in rows:
        stay = kept.get(UUID(str(row["id"])))
        if stay is None:
            continue
        for column, parent in leads.items():
            if row[column] is not None:
                bare = Stay(frozenset(DATA_MAP[parent].blanked), nameless=True)
                found.add(
                    parent, UUID(str(row[column])), bare if stay.nameless else _by_duty(parent)
                )


async def proven(person_id: UUID, *, schedule: Schedule, today: date) -> dict[UUID, date]:
    """Places of completed or certified trainings that must stay provable, each with the first day
    on which it need not any more (P8)."""
    ends: dict[UUID, list[date | None]] = {}
    completed = Outcome.filter(place__person_id=person_id, completed=True)
    for place in await completed.values_list("place_id", flat=True):
        ends[UUID(str(place))] = []
    certified = Certificate.filter(person_id=person_id).values_list("place_id", "valid_until")
    for certified_place, end in await certified:
        ends.setdefault(UUID(str(certified_place)), []).append(end)
    found: dict[UUID, date] = {}
    for kept, last_day, months in await _last_days(ends):
        until = [
            goes_on(end, schedule.qualification)
            if end
            else goes_on(last_day, schedule.lasting_qualification)
            for end in ends[kept] or [valid_until(last_day, months)]
        ]
        facts = Facts(goes_on=None, duty_until=max(until))
        if not verdict(facts, today=today, asked=True).goes:
            found[kept] = max(until)
    return found


async def _last_days(places: Collection[UUID]) -> list[tuple[UUID, date, int | None]]:
    """Each place's last day where it was held, and how many months its training is valid."""
    if not places:
        return []
    rows = await Place.filter(id__in=list(places)).values_list("id", "seating_id")
    seatings = {str(seating) for _place, seating in rows}
    sessions = await Session.filter(seating_id__in=list(seatings)).select_related("training")
    by_seating = {str(each.seating_id): each for each in sessions}
    found: list[tuple[UUID, date, int | None]] = []
    for place, seating in rows:
        held = by_seating[str(seating)]
        last = held.ends_at.astimezone(ZoneInfo(held.time_zone)).date()
        found.append((UUID(str(place)), last, held.training.valid_months))
    return found


async def _unpaid(person_id: UUID) -> frozenset[UUID]:
    """Places that the company which took them still has to be invoiced for: without these the sum
    would be wrong, and for it nobody's name is needed."""
    rows = await Place.filter(
        person_id=person_id,
        company_id__not_isnull=True,
        invoice_id=None,
        price_cents__gt=0,
        status__in=[status.value for status in PAID_FOR],
    ).values_list("id", "seating_id")
    held = await Session.filter(
        seating_id__in=[seating for _place, seating in rows], state=State.PUBLISHED.value
    ).values_list("seating_id", flat=True)
    charged = {str(each) for each in held}
    return frozenset(UUID(str(place)) for place, seating in rows if str(seating) in charged)


def emptied_value(model: type[Model], column: str) -> object:
    """What an emptied column holds."""
    known = model._meta.fields_map[column]
    if known.null:
        return None
    if isinstance(known, fields.JSONField):
        return [] if known.default is list else {}
    if isinstance(known, fields.BinaryField):
        return b""
    return ""
