"""Who was erased and what was forbidden is kept outside the database too, so that a restored copy
of the register does not bring it back (P10, P13).

It stands in ``gone.list`` in the data folder of every machine that serves or runs the jobs. A copy
of that file may lie wherever the backups lie.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from tortoise.functions import Max
from tortoise.models import Model

from registration.db import transaction
from registration.ledger.models import Entry
from registration.people.models import Prohibition
from registration.privacy.gone_list import (
    ErasedLine,
    ForbiddenLine,
    GoneList,
    GoneRefused,
    append,
    is_torn,
    read,
    write,
)
from registration.privacy.holds import held
from registration.privacy.models import Gone
from registration.settings import Settings

NAME = "gone.list"
NIL = UUID(int=0)
AT_ONCE = 1_000
# As long as a backup may live: after that neither the register nor the list speaks of it.
KEPT = timedelta(days=400)


def path_of(settings: Settings) -> Path:
    return settings.data / NAME


async def known() -> GoneList:
    """What the register itself knows."""
    number = await ledger_number()
    waiting = await Gone.filter(waits=True).values_list("subject_id", flat=True)
    kept = await held([UUID(str(each)) for each in waiting])
    erased = [
        ErasedLine(UUID(str(subject)), at, UUID(str(subject)) in kept, number)
        async for subject, at in _rows_of(Gone, "subject_id", "erased_at")
    ]
    forbidden = [
        ForbiddenLine(key, purpose, channel, since, number)
        async for key, purpose, channel, since in _rows_of(
            Prohibition, "address_key", "purpose", "channel", "since"
        )
    ]
    return GoneList(
        tuple(sorted(erased, key=lambda line: line.erased_at)),
        tuple(sorted(forbidden, key=lambda line: line.since)),
    )


async def _rows_of(model: type[Model], *columns: str) -> AsyncIterator[tuple[Any, ...]]:
    """All rows, in short reads: others have their turn between them."""
    after = NIL
    while rows := (
        await model.filter(id__gt=after).order_by("id").limit(AT_ONCE).values_list("id", *columns)
    ):
        for _row_id, *values in rows:
            yield tuple(values)
        after = UUID(str(rows[-1][0]))
        await asyncio.sleep(0)


async def ledger_number() -> int:
    """The number of the newest entry, 0 without any."""
    [found] = await Entry.annotate(last=Max("number")).values_list("last", flat=True)
    return int(str(found)) if found is not None else 0


async def note(settings: Settings, subject_id: UUID, *, now: datetime) -> None:
    """One who was erased just now is on the list too, whatever its length. Raises ``GoneRefused``
    as ``mirror`` does, where there is none yet or its end is torn."""
    path = path_of(settings)
    row = await Gone.get_or_none(subject_id=subject_id)
    if row is None or not path.exists() or await asyncio.to_thread(is_torn, path):
        await mirror(settings, now=now)
        return
    waits = bool(row.waits and await held([subject_id]))
    line = ErasedLine(subject_id, row.erased_at, waits, await ledger_number())
    await asyncio.to_thread(append, path, [line])


async def mirror(settings: Settings, *, now: datetime) -> int:
    """The list says what the register says; says how many lines are new.

    Raises ``GoneRefused`` where the list knows more: then the register is an older copy that was
    brought back under a running server, and the list must not forget.
    """
    path, here = path_of(settings), await known()
    if not path.exists():
        if here.erased or here.forbidden:
            await asyncio.to_thread(write, path, here)
        return len(here.erased) + len(here.forbidden)
    listed = await asyncio.to_thread(read, path, torn=True)
    subjects = {line.subject_id: line for line in listed.erased}
    wanted = {line.subject_id for line in here.erased}
    unknown = [line for line in subjects.values() if line.subject_id not in wanted]
    if any(line.erased_at > now - KEPT for line in unknown) or listed.number > here.number:
        raise GoneRefused(f"{path} knows more than the register: start the server anew")
    forbidden = {line.key for line in listed.forbidden}
    new: list[ErasedLine | ForbiddenLine] = [
        line
        for line in here.erased
        if line.subject_id not in subjects or subjects[line.subject_id].held is not line.held
    ]
    new += [line for line in here.forbidden if line.key not in forbidden]
    over = bool(unknown or forbidden - {line.key for line in here.forbidden})
    if over or await asyncio.to_thread(is_torn, path):
        await asyncio.to_thread(write, path, here)
    elif new:
        await asyncio.to_thread(append, path, new)
    return len(new)


async def forget_old(*, now: datetime) -> int:
    """Erasures from before any backup that may still be there are no longer spoken of."""
    async with transaction():
        return await Gone.filter(erased_at__lt=now - KEPT, waits=False).delete()


async def subjects_since(moment: datetime) -> list[UUID]:
    """Who was erased since then."""
    rows = await Gone.filter(erased_at__gte=moment).values_list("subject_id", flat=True)
    return [UUID(str(each)) for each in rows]
