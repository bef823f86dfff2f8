"""The kitchen sheet: how many eat what, folded so that nobody is singled out; and its versions.

A version is what left the house: printed, downloaded, or opened by a caterer. Of it only the folded
counts are kept, sealed under the event's key, so that they go when the diets go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import orjson

from registration.accounts.rules import Identity
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine
from registration.catalogue.queries import event_offering
from registration.catalogue.rules import MealLine
from registration.catering import store
from registration.catering.folding import Eater, Plate, by_code, plates
from registration.catering.models import HandedSheet
from registration.catering.rules import (
    FOLD_BELOW,
    Diet,
    DietsClosed,
    DietShown,
    NotYourEvent,
    reveal,
)
from registration.catering.sealing import Unreadable, seal_bytes, unseal_bytes
from registration.catering.service import kept_of
from registration.db import dietary_transaction, transaction
from registration.enrolment import queries as enrolment
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.settings import Settings

BOUND = "handed-sheet"


class Road(StrEnum):
    """How a sheet left the house."""

    PRINT = "print"
    PDF = "pdf"
    XLSX = "xlsx"
    CATERER = "caterer"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a kitchen cooks by. ``meals`` has at least one; where none is named it is one without a
    kind, for the whole event. ``guests`` are all who eat at each meal; ``plates`` are folded."""

    event_id: UUID
    meals: tuple[MealLine, ...]
    guests: tuple[int, ...]
    plates: tuple[Plate, ...]

    @property
    def ordinary(self) -> tuple[int, ...]:
        """Guests at each meal for whom no plate of its own is listed."""
        special = (sum(plate.guests[at] for plate in self.plates) for at in range(len(self.meals)))
        return tuple(
            max(0, guests - many) for guests, many in zip(self.guests, special, strict=True)
        )

    @property
    def by_code(self) -> Mapping[str, tuple[int, ...]]:
        return by_code(self.plates)


@dataclass(frozen=True, slots=True)
class Untold:
    """What the sheet does not say, for the organisers alone: they tell the kitchen of it.

    ``rare``: guests with restrictions when there are fewer than three of them; ``own_words``:
    guests who wrote something; ``serious``: serious allergies of guests who did not agree to stand
    in a line of their own; ``lost``: what cannot be read any more.
    """

    rare: int = 0
    own_words: int = 0
    serious: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Handed:
    """A version that left the house."""

    version: int
    made_at: datetime
    road: Road
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class Change:
    """``code`` empty: of all guests. ``before`` and ``after`` are counts at the meal."""

    meal: MealLine
    code: str
    before: int
    after: int


async def sheet_of(
    event_id: UUID, *, identity: Identity, settings: Settings, now: datetime
) -> tuple[Sheet, Untold]:
    """The sheet as it is now, for the organisers of the event, on record (P3).

    Raises ``NotYourEvent``, ``EventNotFound``, ``DietsDeleted``.
    """
    if not identity.organises(event_id):
        raise NotYourEvent
    event = await catalogue.event(event_id)
    made, untold, many = await _sheet(event, settings=settings)
    async with transaction():
        await record(
            Act.DIETS_SEEN,
            now=now,
            actor_id=identity.account_id,
            object_id=event_id,
            note=Note(fields=("counts",), count=many, purpose="kitchen"),
        )
    return made, untold


async def hand_out(
    event_id: UUID, road: Road, *, identity: Identity, settings: Settings, now: datetime
) -> Handed:
    """The sheet as it is now, as a version that left the house, on record. Raises what
    ``sheet_of`` raises, and ``DietsClosed``, ``DietsUnavailable``."""
    if not identity.organises(event_id):
        raise NotYourEvent
    event = await catalogue.event(event_id)
    handed = await handed_now(event, road, made_by=identity.account_id, settings=settings, now=now)
    async with transaction():
        await record(
            Act.SHEET_HANDED_OUT,
            now=now,
            actor_id=identity.account_id,
            object_id=event_id,
            note=Note(fields=("counts",), count=handed.version, purpose=road.value),
        )
    return handed


async def handed_now(
    event: EventLine, road: Road, *, made_by: UUID | None, settings: Settings, now: datetime
) -> Handed:
    """As ``hand_out``, for callers who have checked who asks and put it on record themselves.

    What is the same as the newest version is that version: two who print at once hold one.
    """
    made, _untold, _many = await _sheet(event, settings=settings)
    key = await store.key_of(event_offering(event), settings=settings, now=now)
    content = _written(made)
    async with dietary_transaction():
        held = await store.locked_vault(event.id)
        if held is None or held.closed_at is not None:
            raise DietsClosed
        last = await HandedSheet.filter(event_id=event.id).order_by("-version").first()
        if last is not None and _opened(last, key) == content:
            return Handed(last.version, last.made_at, Road(last.road), made)
        version = last.version + 1 if last else 1
        await HandedSheet.create(
            id=uuid4(),
            event_id=event.id,
            version=version,
            content=seal_bytes(content, key=key, token=BOUND, event_id=event.id),
            road=road.value,
            made_at=now,
            made_by=made_by,
        )
    return Handed(version, now, road, made)


async def last_handed(event: EventLine, *, settings: Settings, now: datetime) -> Handed | None:
    """The newest version that left the house; None also when it cannot be read any more."""
    last = await HandedSheet.filter(event_id=event.id).order_by("-version").first()
    if last is None:
        return None
    key = await store.key_of(event_offering(event), settings=settings, now=now)
    content = _opened(last, key)
    if not content:
        return None
    return Handed(last.version, last.made_at, Road(last.road), _read(content, event))


def changes(before: Sheet, after: Sheet, *, least: int = 1) -> tuple[Change, ...]:
    """What differs, by meal and need; counts of needs that differ by fewer than ``least`` are
    left out. Of a meal that one of them does not have nothing is said."""
    old, new = before.by_code, after.by_code
    at_before = {meal.id: at for at, meal in enumerate(before.meals)}
    found: list[Change] = []
    for at, meal in enumerate(after.meals):
        was = at_before.get(meal.id)
        if was is None:
            continue
        if before.guests[was] != after.guests[at]:
            found.append(Change(meal, "", before.guests[was], after.guests[at]))
        for code in dict.fromkeys((*new, *old)):
            one = old[code][was] if code in old else 0
            other = new[code][at] if code in new else 0
            if abs(one - other) >= least:
                found.append(Change(meal, code, one, other))
    return tuple(found)


async def _sheet(event: EventLine, *, settings: Settings) -> tuple[Sheet, Untold, int]:
    """Also says of how many guests something was read."""
    kept = await kept_of(event, settings=settings)
    taken, _waiting = (await enrolment.counts([event.seating_id])).get(event.seating_id, (0, 0))
    meals = meals_of(event)
    diets = [guest.diet for guest in kept]
    shown = _readable(diets)
    ids = [meal.id for meal in meals]
    eaters = [_eater(each, ids) for each in shown]
    made = Sheet(
        event_id=event.id,
        meals=meals,
        guests=tuple(taken - sum(meal in each.skipped for each in shown) for meal in ids),
        # Hundreds of guests who all wish something else take a while.
        plates=await asyncio.to_thread(plates, eaters, meals=ids),
    )
    hungry = sum(bool(each.codes and each.meals and not each.alone) for each in eaters)
    untold = Untold(
        rare=hungry if hungry < FOLD_BELOW else 0,
        own_words=sum(bool(each.other) for each in shown),
        serious=sum(each.serious and not each.apart for each in shown),
        lost=len(diets) - len(shown),
    )
    return made, untold, len(kept)


def meals_of(event: EventLine) -> tuple[MealLine, ...]:
    if event.meals:
        return event.meals
    day = event.starts_at.astimezone(ZoneInfo(event.zone)).date()
    return (MealLine(event.id, day, ""),)


def _readable(diets: Sequence[Diet | None]) -> list[DietShown]:
    return [reveal(diet) for diet in diets if diet is not None]


def _eater(shown: DietShown, meals: Sequence[UUID]) -> Eater:
    return Eater(
        codes=frozenset((*shown.needs, *shown.allergies)),
        meals=frozenset(meals) - set(shown.skipped),
        apart=shown.serious,
        alone=shown.apart,
    )


def _written(sheet: Sheet) -> bytes:
    """The counts alone, by the meals' ids; the same counts are the same bytes."""
    ids = [str(meal.id) for meal in sheet.meals]
    return orjson.dumps(
        {
            "guests": dict(zip(ids, sheet.guests, strict=True)),
            "plates": [
                [plate.codes, plate.apart, plate.alone, dict(zip(ids, plate.guests, strict=True))]
                for plate in sheet.plates
            ],
        }
    )


def without_meals(content: bytes, over: Collection[str]) -> bytes:
    """A written sheet without the meals of these ids, and without plates that nobody takes then."""
    said = orjson.loads(content)
    for counts in (said["guests"], *(plate[-1] for plate in said["plates"])):
        for meal in over:
            counts.pop(meal, None)
    said["plates"] = [plate for plate in said["plates"] if any(plate[-1].values())]
    return orjson.dumps(said)


def _opened(row: HandedSheet, key: bytes) -> bytes:
    """Empty when it cannot be read any more."""
    try:
        return unseal_bytes(bytes(row.content), key=key, token=BOUND, event_id=row.event_id)
    except Unreadable:
        return b""


def _read(content: bytes, event: EventLine) -> Sheet:
    """Of meals that are still served."""
    said = orjson.loads(content)
    meals = tuple(meal for meal in meals_of(event) if str(meal.id) in said["guests"])
    return Sheet(
        event_id=event.id,
        meals=meals,
        guests=tuple(said["guests"][str(meal.id)] for meal in meals),
        plates=tuple(
            Plate(
                tuple(codes),
                apart,
                alone,
                tuple(guests.get(str(meal.id), 0) for meal in meals),
            )
            for codes, apart, alone, guests in said["plates"]
        ),
    )
