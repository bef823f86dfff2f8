"""Deleting each day's answers after the day; ``days`` says precisely what that means (P4).

First, in one transaction, what stays is sealed under a new key and the rest of the rows go; then
the old key is destroyed, the store is swept and looked at, and the receipt is given. Until then the
vault names the old key, so that a crash anywhere resumes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from time import monotonic
from uuid import UUID

import orjson
from tortoise.exceptions import IntegrityError

from registration.catalogue.models import Event, Meal
from registration.catering import keys, store
from registration.catering.days import cut_down
from registration.catering.deletion import FAILURES, DeletionsFailed, NotGone, put_off
from registration.catering.models import HandedSheet, SealedDiet, Vault
from registration.catering.queries import DayDue, coming_days, due_days
from registration.catering.rules import Reason, Step
from registration.catering.sealing import Unreadable, seal_bytes, unseal_bytes
from registration.catering.sheets import BOUND, without_meals
from registration.db import dietary_transaction
from registration.enrolment.models import Place
from registration.enrolment.service import drop_diet_tokens
from registration.ledger.service import give_receipt
from registration.settings import Settings

STEPS = (Step.KEY_DESTROYED, Step.ROWS_DELETED, Step.PAGES_SWEPT, Step.LOOKED_AGAIN)
Rows = list[tuple[str, bytes]]


async def delete_days(settings: Settings, *, now: datetime) -> int:
    """What concerned only days that are over is gone, with a receipt; says of how many events.

    Raises ``DeletionsFailed`` when all were tried, ``NotSwept``.
    """
    began = monotonic()
    failures: dict[UUID, str] = {}
    done = 0
    for due in await due_days(now):
        if due.next_try_at is not None and now < due.next_try_at:
            continue
        try:
            if await _reseal(due, settings):
                later = now + timedelta(seconds=monotonic() - began)
                done += await _finish(due.event_id, settings, now=later)
        except (*FAILURES, NotGone) as failure:
            failures[due.event_id] = type(failure).__name__
    if failures:
        await put_off(failures, now=now)
        raise DeletionsFailed(", ".join(f"{event} {kind}" for event, kind in failures.items()))
    return done


async def next_day(now: datetime) -> datetime | None:
    """When the next day's answers are due, after ``now``."""
    return min((each.due_at for each in await coming_days(now)), default=None)


async def _reseal(due: DayDue, settings: Settings) -> bool:
    """No row of the store tells of days up to ``due.day``; says whether this process finishes."""
    served = {meal.id: meal.on for meal in await Meal.filter(event_id=due.event_id)}
    new_key_id = store.new_key_id()
    key = await asyncio.to_thread(keys.create, settings.keys_folder, new_key_id)
    kept = False
    try:
        async with dietary_transaction():
            vault = await store.locked_vault(due.event_id, skip_locked=True)
            if vault is None or vault.closed_at is not None or not vault.keyed:
                return False
            if vault.old_key_id is None and (vault.days_gone or date.min) < due.day:
                await _turn_key(vault, due, served, new_key_id, key, settings)
                kept = True
            return vault.old_key_id is not None
    finally:
        if not kept:
            await asyncio.to_thread(keys.destroy, settings.keys_folder, new_key_id)


async def _turn_key(
    vault: Vault,
    due: DayDue,
    served: Mapping[UUID, date],
    new_key_id: str,
    new_key: bytes,
    settings: Settings,
) -> None:
    rows = [
        (row.token, bytes(row.content)) for row in await SealedDiet.filter(event_id=due.event_id)
    ]
    old_key = await asyncio.to_thread(_key_or_none, settings, vault.key_id)
    kept, touched = await asyncio.to_thread(
        _sealed_anew, rows, old_key, new_key, due.event_id, served, due.day
    )
    staying = {token for token, _content in kept}
    going = [token for token, _content in rows if token not in staying]
    for start in range(0, len(going), store.TOKEN_BATCH):
        await SealedDiet.filter(token__in=going[start : start + store.TOKEN_BATCH]).delete()
    for token, content in kept:
        await SealedDiet.filter(token=token).update(content=content)
    await _cut_sheets(due, served, old_key, new_key)
    vault.old_key_id, vault.key_id = vault.key_id, new_key_id
    vault.days_gone, vault.day_due_at, vault.day_diets = due.day, due.due_at, touched
    await vault.save()


async def _cut_sheets(
    due: DayDue, served: Mapping[UUID, date], old_key: bytes | None, new_key: bytes
) -> None:
    """Sheets that were handed out count only the days to come, so that versions go on."""
    over = {str(meal) for meal, day in served.items() if day <= due.day}
    for sheet in await HandedSheet.filter(event_id=due.event_id):
        sealed = bytes(sheet.content)
        try:
            plain = unseal_bytes(sealed, key=old_key or b"", token=BOUND, event_id=due.event_id)
        except Unreadable:
            sheet.content = b""
        else:
            left = without_meals(plain, over)
            sheet.content = seal_bytes(left, key=new_key, token=BOUND, event_id=due.event_id)
        await sheet.save(update_fields=["content"])


def _key_or_none(settings: Settings, key_id: str) -> bytes | None:
    """None when it is lost for good: then its rows are, too. Raises ``FolderMissing``."""
    if not keys.exists(settings.keys_folder, key_id):
        return None
    with suppress(keys.KeyMissing):
        return keys.read(settings.keys_folder, key_id)
    return None


def _sealed_anew(
    rows: Rows,
    old_key: bytes | None,
    new_key: bytes,
    event_id: UUID,
    served: Mapping[UUID, date],
    gone: date,
) -> tuple[Rows, int]:
    """What stays, under the new key, and how many guests' answers went or were cut down. What
    cannot be read goes: nobody could read it later either."""
    kept: Rows = []
    touched = 0
    for token, content in rows:
        try:
            plain = unseal_bytes(content, key=old_key or b"", token=token, event_id=event_id)
        except Unreadable:
            touched += 1
            continue
        said = orjson.loads(plain)
        before = [UUID(meal) for meal in said["skipped"]]
        left = cut_down(before, served, gone=gone)
        touched += left is None or len(left) < len(before)
        if left is not None:
            said["skipped"] = [str(meal) for meal in left]
            sealed = seal_bytes(orjson.dumps(said), key=new_key, token=token, event_id=event_id)
            kept.append((token, sealed))
    return kept, touched


async def _finish(event_id: UUID, settings: Settings, *, now: datetime) -> int:
    """The old key is gone, that was looked at, and it is on record. Raises ``NotGone``."""
    vault = await Vault.get(event_id=event_id)
    if vault.old_key_id is None:
        return 0
    await asyncio.to_thread(keys.destroy, settings.keys_folder, vault.old_key_id)
    await store.sweep()
    if await asyncio.to_thread(keys.exists, settings.keys_folder, vault.old_key_id):
        raise NotGone
    with suppress(IntegrityError):  # another process gave it
        await give_receipt(
            event_id=event_id,
            reason=Reason.DAY_OVER.value,
            diets=vault.day_diets,
            due_at=vault.day_due_at or now,
            done_at=now,
            deletion_id=vault.old_key_id,
            steps=STEPS,
        )
    await _let_go(event_id)
    async with dietary_transaction():
        ended = Vault.filter(event_id=event_id, old_key_id=vault.old_key_id)
        return await ended.update(old_key_id=None, next_try_at=None, trouble="", tries=0)


async def _let_go(event_id: UUID) -> None:
    """The register names no diet that the store has not. Places are read first: one that is made
    meanwhile had its diet stored before."""
    event = await Event.get_or_none(id=event_id)
    if event is None:
        return
    holding = await Place.filter(seating_id=event.seating_id).exclude(diet_token=None)
    stored = {row.token for row in await SealedDiet.filter(event_id=event_id).only("token")}
    await drop_diet_tokens([place.id for place in holding if place.diet_token not in stored])
