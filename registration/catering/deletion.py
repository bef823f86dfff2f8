"""The deletion of diets, by itself and on time (P4).

How far it has come stands in the event's vault, each step can be repeated, and a crash anywhere
resumes: close the vault; destroy the key; delete the rows (the guests' answers, the kitchen sheets
that were handed out, the caterers' links); sweep the store's free pages and its journal; look;
give the receipt and mark the event. Several processes may be at it at once: the vault's row decides
who deletes, and a receipt is given once. What fails is tried again after a pause that grows, of its
own for each event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from tortoise.exceptions import BaseORMException, IntegrityError

from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.models import Event
from registration.catalogue.rules import State
from registration.catering import keys, store
from registration.catering.lost import ask
from registration.catering.models import CatererLink, HandedSheet, SealedDiet, Vault
from registration.catering.queries import RECEIPT_PAUSE, Due, due_deletions
from registration.catering.rules import DietsClosed, Reason, Step
from registration.catering.sealing import deletion_id
from registration.db import dietary_transaction, transaction
from registration.enrolment.models import Place
from registration.enrolment.service import drop_diet_tokens
from registration.ledger.rules import Act, Note
from registration.ledger.service import give_receipt, record
from registration.settings import Settings

# A sign-up that has written its diet has this long to write its registration.
ORPHAN_AGE = timedelta(seconds=60)
PAGE = 500
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)
# What a disk or a server may do to us. The drivers' own errors come under these, too.
FAILURES = (OSError, BaseORMException)


class NotGone(Exception):
    """After a deletion something of it was still there."""


class DeletionsFailed(Exception):
    """Some events' diets could not be deleted now; the text names events and kinds of failure."""


async def delete_due(settings: Settings, *, now: datetime) -> int:
    """Every diet that is due at ``now`` is gone for good, with a receipt; says of how many events.

    One event's failure does not keep the others: raises ``DeletionsFailed`` when all were tried,
    ``NotSwept`` when the store's journal is in use. Whatever is unfinished is due again; of what
    failed, the next try is when its vault says.
    """
    began = monotonic()
    failures: dict[UUID, str] = {}
    gone: list[Vault] = []
    for due in await due_deletions(now):
        if due.next_try_at is not None and now < due.next_try_at:
            continue
        try:
            gone += await _destroy(due, settings, now=now)
        except FAILURES as failure:
            failures[due.event_id] = type(failure).__name__
    if gone:
        await store.sweep()
    finished = 0
    for vault in gone:
        try:
            await _finish(vault, settings, now=now + timedelta(seconds=monotonic() - began))
            finished += 1
        except (*FAILURES, NotGone) as failure:
            failures[vault.event_id] = type(failure).__name__
    if failures:
        await put_off(failures, now=now)
        raise DeletionsFailed(", ".join(f"{event} {kind}" for event, kind in failures.items()))
    return finished


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries in vain: 1, 2, 4 … seconds, at most a minute."""
    return min(FIRST_PAUSE * (1 << min(max(tries - 1, 0), 10)), LONGEST_PAUSE)


async def put_off(failures: Mapping[UUID, str], *, now: datetime) -> None:
    """Each of these vaults says when it is tried again and what was wrong, if it can be written."""
    with suppress(*FAILURES):
        for event_id, kind in failures.items():
            vault = await Vault.get_or_none(event_id=event_id)
            tries = vault.tries + 1 if vault else 1
            await Vault.filter(event_id=event_id).update(
                tries=tries, next_try_at=now + pause_after(tries), trouble=kind[:40]
            )


async def _destroy(due: Due, settings: Settings, *, now: datetime) -> Iterable[Vault]:
    """The event's key is gone, then its rows; the vault that this process has to finish, or
    nothing when another process is at it. The key goes before anything is counted: that alone
    makes every copy unreadable."""
    await _close(due, now=now)
    async with dietary_transaction():
        vault = await store.locked_vault(due.event_id, skip_locked=True)
        if vault is None:
            return ()
        anothers = (
            vault.finished_at is None
            and vault.deleted_at is not None
            and vault.deleted_at <= now < vault.deleted_at + RECEIPT_PAUSE
        )
        if anothers:
            return ()
        for key_id in _keys_of(vault):
            await asyncio.to_thread(keys.destroy, settings.keys_folder, key_id)
        if vault.deleted_at is None:
            vault.diets = await SealedDiet.filter(event_id=due.event_id).count()
        vault.deleted_at = now
        await vault.save(update_fields=["deleted_at", "diets"])
    await store.drop_rows(due.event_id)
    return (vault,)


def _keys_of(vault: Vault) -> list[str]:
    """The event's key, and the one that opened the days before if it is not destroyed yet."""
    return [key_id for key_id in (vault.key_id, vault.old_key_id) if key_id] if vault.keyed else []


async def _close(due: Due, *, now: datetime) -> None:
    """From now on no diet of this event can be written."""
    with suppress(IntegrityError):  # another process closed an event without diets
        async with dietary_transaction():
            vault = await store.locked_vault(due.event_id)
            if vault is None:
                vault = Vault(
                    event_id=due.event_id, key_id=store.new_key_id(), keyed=False, opened_at=now
                )
            elif vault.closed_at is not None:
                return
            vault.closed_at, vault.due_at, vault.reason = now, due.due_at, due.reason.value
            await vault.save()


async def _finish(vault: Vault, settings: Settings, *, now: datetime) -> None:
    """Looked at again, and on record. Raises ``NotGone``."""
    for held in (SealedDiet, HandedSheet, CatererLink):
        if await held.filter(event_id=vault.event_id).exists():
            raise NotGone
    for key_id in _keys_of(vault):
        if await asyncio.to_thread(keys.exists, settings.keys_folder, key_id):
            raise NotGone
    done_at, reopened = vault.finished_at or now, False
    event = await Event.get_or_none(id=vault.event_id)
    with suppress(IntegrityError):  # another process gave the receipt, and did all beside it
        async with transaction():
            await give_receipt(
                event_id=vault.event_id,
                reason=vault.reason,
                diets=vault.diets,
                due_at=vault.due_at or done_at,
                done_at=done_at,
                deletion_id=vault.key_id,
                steps=[step.value for step in Step],
            )
            if event is not None:
                reopened = await _leave_event(event, settings, now=done_at)
    if reopened:
        async with dietary_transaction():
            await Vault.filter(event_id=vault.event_id, key_id=vault.key_id).delete()
    elif vault.finished_at is None:
        async with dietary_transaction():
            await Vault.filter(event_id=vault.event_id).update(
                finished_at=done_at, next_try_at=None, trouble=""
            )


async def _leave_event(event: Event, settings: Settings, *, now: datetime) -> bool:
    """The register names no diet of the event, and its page says that they were deleted.

    When the event is still to come, because it was moved further than guests were told, its form
    is open for new answers instead, with a deadline by the new end, and whoever had answered is
    asked again; True then.
    """
    holding = await Place.filter(seating_id=event.seating_id).exclude(diet_token=None).only("id")
    ids = [place.id for place in holding]
    again = event.catered and event.state != State.CANCELLED and now < event.ends_at
    if again:
        await catalogue_service.ask_diets_anew(event.id)
        await ask(await catalogue.event(event.id), ids, settings=settings, now=now)
    else:
        await catalogue_service.mark_diets_deleted(event.id, now=now)
    await drop_diet_tokens(ids)
    return again


async def delete_unheld(settings: Settings, *, now: datetime) -> int:
    """No diet is kept without a registration that stands: those of cancelled ones go with a
    receipt, those whose sign-up died half way with a note in the ledger. Says how many went.

    Events whose own deletion is due are left to it.
    """
    due = {each.event_id for each in await due_deletions(now)}
    return await _delete_cancelled(due, settings, now=now) + await _delete_orphans(due, now=now)


async def _delete_cancelled(due: set[UUID], settings: Settings, *, now: datetime) -> int:
    places = await Place.filter(current=None).exclude(diet_token=None)
    seatings = list({place.seating_id for place in places})
    events = await Event.filter(seating_id__in=seatings) if seatings else []
    done = 0
    for event in events:
        ended = [place for place in places if place.seating_id == event.seating_id]
        if event.id in due:
            continue
        try:
            await store.remove(event.id, [place.diet_token or "" for place in ended])
        except DietsClosed:
            if event.diets_deleted_at is None:
                continue
        async with transaction():
            if event.diets_deleted_at is None:
                await _receipts(event.id, ended, settings, now=now)
                done += len(ended)
            await drop_diet_tokens([place.id for place in ended])
    return done


async def _receipts(
    event_id: UUID, ended: Iterable[Place], settings: Settings, *, now: datetime
) -> None:
    for place in ended:
        await give_receipt(
            event_id=event_id,
            reason=Reason.REGISTRATION_CANCELLED.value,
            diets=1,
            due_at=place.ended_at or now,
            done_at=now,
            deletion_id=deletion_id(place.diet_token or "", secret=settings.secret),
        )


async def _delete_orphans(due: set[UUID], *, now: datetime) -> int:
    """Only of events that the register knows: with the wrong register all would seem orphans."""
    vaults = await Vault.filter(closed_at=None)
    known = await Event.filter(id__in=[vault.event_id for vault in vaults]).only("id")
    done = 0
    for event_id in {event.id for event in known} - due:
        orphans = await _orphans(event_id, before=now - ORPHAN_AGE)
        if not orphans:
            continue
        try:
            gone = await store.remove(event_id, orphans)
        except DietsClosed:
            continue
        async with transaction():
            await record(
                Act.DIETS_DELETED,
                now=now,
                object_id=event_id,
                note=Note(count=gone, purpose="orphan"),
            )
        done += gone
    return done


async def _orphans(event_id: UUID, *, before: datetime) -> list[str]:
    """Tokens of stored diets that no place holds. The store is read before the register, so that
    a registration that was just made is seen."""
    found: list[str] = []
    last = ""
    while True:
        rows = (
            await SealedDiet.filter(event_id=event_id, written_at__lt=before, token__gt=last)
            .order_by("token")
            .limit(PAGE)
            .only("token")
        )
        tokens = [row.token for row in rows]
        if not tokens:
            return found
        held = await Place.filter(diet_token__in=tokens).values_list("diet_token", flat=True)
        found += sorted(set(tokens) - set(held))
        last = tokens[-1]
