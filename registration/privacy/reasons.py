"""What speaks against a deletion that the calendar would do: holds, restrictions, open requests.

Asked after the persons' rows are locked: whatever was committed before counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from registration.db import reading
from registration.enrolment.models import Objection
from registration.privacy.datamap import DATA_MAP, Since
from registration.privacy.due import Found
from registration.privacy.export import model_of
from registration.privacy.holds import HoldLine, held
from registration.privacy.models import RightsRequest
from registration.privacy.objectable import RestrictionKind
from registration.privacy.request_rules import CLOSED
from registration.privacy.restrictions import restricted
from registration.privacy.retention import Rule, Sort
from registration.privacy.rules import Facts, Verdict, verdict
from registration.privacy.statement import Given

WITH_PLACE = frozenset(
    {"place"}
    | {name for name, table in DATA_MAP.items() if table.keep.since is Since.QUALIFICATION}
)


@dataclass(frozen=True, slots=True)
class Reasons:
    """By person: the holds, and the scopes of what is restricted (empty: all); ``pending``: who
    waits for an answer; ``places``: to which place each held record belongs."""

    holds: dict[UUID, tuple[HoldLine, ...]] = field(default_factory=dict)
    restricted: dict[UUID, set[str]] = field(default_factory=dict)
    pending: set[UUID] = field(default_factory=set)
    places: dict[UUID, UUID] = field(default_factory=dict)


# For almost everybody there is none: one statement says so.
_ANY = (
    "SELECT 1 AS found WHERE EXISTS "
    "(SELECT 1 FROM hold WHERE lifted_at IS NULL AND person_id {these}) OR EXISTS "
    "(SELECT 1 FROM restriction WHERE lifted_at IS NULL AND person_id {these}) OR EXISTS "
    "(SELECT 1 FROM rights_request WHERE person_id {these}) OR EXISTS "
    "(SELECT 1 FROM objection WHERE settled_at IS NULL AND person_id {these})"
)


async def reasons_for(person_ids: Collection[UUID]) -> Reasons:
    ids = list(set(person_ids))
    if not ids:
        return Reasons()
    given = Given()
    if not await reading().execute_query_dict(_ANY.format(these=given.many(ids)), given.values):
        return Reasons()
    found = Reasons(dict(await held(ids)))
    for whose, lines in (await restricted(ids)).items():
        for line in lines:
            if line.kind is RestrictionKind.RESTRICT:
                found.restricted.setdefault(whose, set()).add(line.scope)
            elif line.waits:
                found.pending.add(whose)
    closed = [state.value for state in CLOSED]
    waiting = RightsRequest.filter(person_id__in=ids).exclude(state__in=closed)
    objected = Objection.filter(person_id__in=ids, settled_at=None)
    for queue in (waiting, objected):
        found.pending.update(
            UUID(str(each)) for each in await queue.values_list("person_id", flat=True)
        )
    await _find_places(found)
    return found


async def _find_places(found: Reasons) -> None:
    """A hold on a record that goes with its place holds the place."""
    for lines in found.holds.values():
        for line in lines:
            if line.record_id is None or line.table not in WITH_PLACE - {"place"}:
                continue
            rows = model_of(line.table).filter(id=line.record_id)
            for place in await rows.values_list("place_id", flat=True):
                found.places[line.record_id] = UUID(str(place))


def judged(rule: Rule, found: Found, reasons: Reasons, *, today: date) -> Verdict:
    """What becomes of a row that is due by its rule. What must stay provable, and for how long, is
    the rule's own period: the duty is over when it is."""
    whose = found.person_id
    if whose is None:
        return verdict(Facts(goes_on=today), today=today)
    holds = _covering(rule, found.id, reasons.holds.get(whose, ()), reasons.places)
    scopes = reasons.restricted.get(whose, set())
    tables = WITH_PLACE if rule.table == "place" else {rule.table}
    restricted = bool(scopes) if rule.sort is Sort.PERSON else bool(scopes & (tables | {""}))
    facts = Facts(
        goes_on=today,
        held=[line.review_on for line in holds],
        restricted=restricted,
        pending=whose in reasons.pending,
    )
    return verdict(facts, today=today)


def _covering(
    rule: Rule, row_id: UUID, lines: Sequence[HoldLine], places: dict[UUID, UUID]
) -> list[HoldLine]:
    """A held record or field keeps its whole row from the calendar, and any keeps the person."""
    if rule.sort is Sort.PERSON:
        return list(lines)
    if rule.table != "place":
        return [line for line in lines if line.covers(rule.table, row_id)]
    return [
        line
        for line in lines
        if not line.table
        or (
            line.table in WITH_PLACE
            and (line.record_id is None or places.get(line.record_id, line.record_id) == row_id)
        )
    ]
