"""What an older copy of the register brought back is erased again before anybody is served."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from registration.db import transaction
from registration.errors import DomainError
from registration.people.models import Person, Prohibition
from registration.privacy.erasure import erase_again
from registration.privacy.gone import KEPT, known, ledger_number, path_of
from registration.privacy.gone_list import (
    ErasedLine,
    ForbiddenLine,
    GoneList,
    GoneRefused,
    read,
    write,
)
from registration.privacy.holds import held
from registration.privacy.models import Gone, Hold
from registration.settings import Settings

NOBODY = UUID(int=0)
LOST_HOLD = "?"
LOST_BECAUSE = (
    "When this person was erased an authority's hold kept something of them. The copy that was "
    "brought back is older than that hold. Place it anew, then lift this one."
)
# What a prohibition that came from a list says of where it came from.
FROM_LIST = "list"
BATCH = 500


async def catch_up(settings: Settings, *, now: datetime, lists: Sequence[Path] = ()) -> int:
    """Every erasure that the data folder's list, or one of ``lists``, knows of is one that the
    register knows of; where it did not, it is an older copy, and has the prohibitions too. Says how
    many persons were erased again.

    All lists are read before anything is done. Raises ``GoneRefused``: then nothing may be served.
    """
    own = path_of(settings)
    listed = await _read([own] if own.exists() else [], lists)
    if not (listed.erased or listed.forbidden):
        return 0
    missing = await _missing(listed, now=now)
    older = bool(missing or lists) or await ledger_number() < listed.number
    again = await _erase(missing, settings=settings, now=now)
    if older:
        await _forbid(listed.forbidden)
        try:
            # With how far the ledger is now, or the register would look older for ever.
            await asyncio.to_thread(write, own, await known())
        except OSError as refused:
            raise GoneRefused(f"{own} cannot be written: {refused.strerror}") from None
    return again


async def _read(own: Sequence[Path], given: Sequence[Path]) -> GoneList:
    listed = GoneList()
    for path in own:
        listed += await asyncio.to_thread(read, path, torn=True)
    for path in given:
        listed += await asyncio.to_thread(read, path)
    return listed


async def _missing(listed: GoneList, *, now: datetime) -> list[ErasedLine]:
    """The newest line of each erasure that the register does not know of."""
    lines = {line.subject_id: line for line in listed.erased if line.erased_at > now - KEPT}
    there = {UUID(str(each)) for each in await Gone.all().values_list("subject_id", flat=True)}
    return [line for subject, line in lines.items() if subject not in there]


async def _erase(missing: Sequence[ErasedLine], *, settings: Settings, now: datetime) -> int:
    there: set[UUID] = set()
    ids = [line.subject_id for line in missing]
    for start in range(0, len(ids), BATCH):
        rows = Person.filter(id__in=ids[start : start + BATCH]).values_list("id", flat=True)
        there.update(UUID(str(each)) for each in await rows)
    absent = [line for line in missing if line.subject_id not in there]
    async with transaction():
        await Gone.bulk_create(
            [
                Gone(id=uuid4(), subject_id=line.subject_id, erased_at=line.erased_at)
                for line in absent
            ],
            ignore_conflicts=True,
            batch_size=BATCH,
        )
    for line in missing:
        if line.subject_id in there:
            await _erase_one(line, settings=settings, now=now)
    return len(there)


async def _erase_one(line: ErasedLine, *, settings: Settings, now: datetime) -> None:
    try:
        if line.held and not await held([line.subject_id]):
            await _hold_again(line.subject_id, now=now)
        await erase_again(line.subject_id, settings=settings, now=now)
    except DomainError as refused:
        raise GoneRefused(
            f"person {line.subject_id} was erased before and cannot be erased again "
            f"({type(refused).__name__}); nothing is served until they are"
        ) from refused
    async with transaction():
        await Gone.filter(subject_id=line.subject_id).update(erased_at=line.erased_at)


async def _hold_again(person_id: UUID, *, now: datetime) -> None:
    """What an authority requires is not destroyed because we no longer know what it was. Nobody
    tells the person: that may be forbidden."""
    await Hold.create(
        id=uuid4(),
        person_id=person_id,
        authority=LOST_HOLD,
        reference=LOST_HOLD,
        reason=LOST_BECAUSE,
        silent=True,
        review_on=now.date(),
        placed_by=NOBODY,
        placed_at=now,
    )


async def _forbid(lines: Sequence[ForbiddenLine]) -> None:
    async with transaction():
        await Prohibition.bulk_create(
            [
                Prohibition(
                    id=uuid4(),
                    address_key=line.address_key,
                    purpose=line.purpose,
                    channel=line.channel,
                    source=FROM_LIST,
                    since=line.since,
                )
                for line in lines
            ],
            ignore_conflicts=True,
            batch_size=BATCH,
        )
