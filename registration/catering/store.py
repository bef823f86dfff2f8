"""The dietary store's few verbs: put, remove, look, and leave no trace on its pages.

Each write locks the event's vault first and looks whether it is still open, so that nothing is
written once a deletion has begun.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError

from registration.catalogue.rules import Offering
from registration.catering import keys
from registration.catering.models import CatererLink, HandedSheet, SealedDiet, Vault
from registration.catering.rules import Diet, DietsClosed, DietsUnavailable, reveal
from registration.catering.sealing import Unreadable, seal, unseal
from registration.db import connection, dietary_transaction
from registration.db import scrub as db_scrub
from registration.settings import Settings

TOKEN_BATCH = 500
# How often a key may be turned under one reader or writer: once a day, in truth.
MOST_TURNS = 5
ROWS_AT_ONCE = 5_000
SMALL_PAGES = 4_096


class NotSwept(Exception):
    """The store's journal could not be emptied now: somebody reads it."""


def on_server() -> bool:
    """Whether the dietary store is PostgreSQL."""
    return bool(connection("dietary").capabilities.support_for_update)


async def locked_vault(event_id: UUID, *, skip_locked: bool = False) -> Vault | None:
    """The event's vault, held until the present dietary transaction ends. On SQLite the
    transaction has the write lock already."""
    found = Vault.filter(event_id=event_id)
    if on_server():
        found = found.select_for_update(skip_locked=skip_locked)
    return await found.first()


async def put(
    event: Offering, token: str, diet: Diet, *, settings: Settings, now: datetime
) -> None:
    """The diet is stored under ``token``, instead of what was there.

    Raises ``DietsClosed`` once the event's deletion has begun, ``DietsUnavailable``.
    """
    for _each in range(MOST_TURNS):
        vault = await _vault(event, settings=settings, now=now)
        try:
            key = await _key(vault, settings)
        except DietsUnavailable:
            if await _turned(vault):
                continue
            raise
        kept = _without_days(diet, event, gone=vault.days_gone)
        content = seal(kept, key=key, token=token, event_id=event.id, now=now)
        if await _written(vault, token, content, now=now):
            return
    raise DietsUnavailable


async def _written(vault: Vault, token: str, content: bytes, *, now: datetime) -> bool:
    """False when the key was turned meanwhile: it must be sealed anew. Raises ``DietsClosed``."""
    async with dietary_transaction():
        held = await locked_vault(vault.event_id)
        if held is None or held.closed_at is not None:
            raise DietsClosed
        if held.key_id != vault.key_id:
            return False
        row = SealedDiet(token=token, event_id=vault.event_id, content=content, written_at=now)
        await SealedDiet.bulk_create(
            [row], on_conflict=["token"], update_fields=["content", "written_at"]
        )
        return True


async def _turned(vault: Vault) -> bool:
    return not await Vault.filter(event_id=vault.event_id, key_id=vault.key_id).exists()


def _without_days(diet: Diet, event: Offering, *, gone: date | None) -> Diet:
    """Without what it says of the meals of days whose answers were deleted."""
    if gone is None:
        return diet
    over = {meal.id for meal in event.meals if meal.on <= gone}
    return Diet(reveal(diet).without_meals(over))


async def _vault(event: Offering, *, settings: Settings, now: datetime) -> Vault:
    """The event's vault, with its key, made at the first diet. Of several processes that make one
    at once the first row wins; the others destroy their keys."""
    known = await Vault.get_or_none(event_id=event.id)
    if known is not None:
        return known
    key_id = new_key_id()
    await asyncio.to_thread(keys.create, settings.keys_folder, key_id)
    made = Vault(event_id=event.id, key_id=key_id, keyed=True, opened_at=now, due_at=event.erase_at)
    try:
        async with dietary_transaction():
            await made.save(force_create=True)
    except IntegrityError:
        await asyncio.to_thread(keys.destroy, settings.keys_folder, key_id)
        return await Vault.get(event_id=event.id)
    return made


def new_key_id() -> str:
    return secrets.token_hex(16)


async def key_of(event: Offering, *, settings: Settings, now: datetime) -> bytes:
    """The event's key, made at first use. Raises ``DietsClosed``, ``DietsUnavailable``."""
    return await _key(await _vault(event, settings=settings, now=now), settings)


async def _key(vault: Vault, settings: Settings) -> bytes:
    if vault.closed_at is not None:
        raise DietsClosed
    try:
        return await asyncio.to_thread(keys.read, settings.keys_folder, vault.key_id)
    except keys.KeyMissing:
        if await Vault.filter(event_id=vault.event_id, closed_at=None).exists():
            raise DietsUnavailable from None
        raise DietsClosed from None


async def remove(event_id: UUID, tokens: Sequence[str]) -> int:
    """These diets are gone, from the pages and the journal too; says how many there were.

    Raises ``DietsClosed`` once the event's deletion has begun, which takes them along.
    """
    gone = 0
    async with dietary_transaction():
        held = await locked_vault(event_id)
        if held is None or held.closed_at is not None:
            raise DietsClosed
        for start in range(0, len(tokens), TOKEN_BATCH):
            batch = list(tokens[start : start + TOKEN_BATCH])
            gone += await SealedDiet.filter(token__in=batch).delete()
    if gone:
        await scrub()
    return gone


async def holds(token: str) -> bool:
    return await SealedDiet.filter(token=token).exists()


async def opened(
    event_id: UUID, *, settings: Settings, token: str | None = None
) -> dict[str, Diet]:
    """The event's diets by token (or the one of ``token``); what cannot be read is absent, and so
    is everything once the deletion has begun."""
    for _each in range(MOST_TURNS):
        vault = await Vault.get_or_none(event_id=event_id, closed_at=None)
        if vault is None:
            return {}
        found = await _opened(vault, settings=settings, token=token)
        if not await _turned(vault):
            return found
    return {}


async def _opened(vault: Vault, *, settings: Settings, token: str | None) -> dict[str, Diet]:
    event_id = vault.event_id
    found = SealedDiet.filter(event_id=event_id)
    if token is not None:
        found = found.filter(token=token)
    sealed = [(row.token, bytes(row.content)) for row in await found]
    try:
        key = await asyncio.to_thread(keys.read, settings.keys_folder, vault.key_id)
    except keys.KeyMissing:
        return {}
    return await asyncio.to_thread(_unsealed, sealed, key, event_id)


def _unsealed(sealed: Sequence[tuple[str, bytes]], key: bytes, event_id: UUID) -> dict[str, Diet]:
    found: dict[str, Diet] = {}
    for token, content in sealed:
        try:
            found[token] = unseal(content, key=key, token=token, event_id=event_id)
        except Unreadable:
            continue
    return found


async def drop_rows(event_id: UUID) -> None:
    """No row of the event is left; in parts, so that others can write in between."""
    db = connection("dietary")
    server = on_server()
    first, second = ("$1", "$2") if server else ("?", "?")
    statement = (
        f"DELETE FROM sealed_diet WHERE token IN "  # noqa: S608 -- placeholders
        f"(SELECT token FROM sealed_diet WHERE event_id = {first} LIMIT {second})"
    )
    gone = ROWS_AT_ONCE
    while gone:
        gone, _rows = await db.execute_query(
            statement, [event_id if server else str(event_id), ROWS_AT_ONCE]
        )
    for held in (HandedSheet, CatererLink):
        await held.filter(event_id=event_id).delete()


async def scrub() -> bool:
    """What was deleted is in no page and no journal; False when the journal is in use, so that a
    later call must do it. ``secure_delete`` has zeroed SQLite's pages already."""
    if on_server():
        await connection("dietary").execute_script("VACUUM sealed_diet")
        return True
    return await db_scrub(name="dietary")


async def _pragma(name: str) -> int:
    [answer] = await connection("dietary").execute_query_dict(f"PRAGMA {name}")
    return int(answer[name])


async def sweep() -> None:
    """As ``scrub``, and the store's files are written anew without their free pages, which a plain
    vacuum of PostgreSQL leaves as they are. A large SQLite file that has few of them keeps them,
    zeroed: writing it anew would keep other events' guests waiting. Raises ``NotSwept``."""
    if on_server():
        for table in ("sealed_diet", "handed_sheet", "caterer_link"):
            await connection("dietary").execute_script(f"VACUUM (FULL) {table}")
        return
    pages, free = [await _pragma(name) for name in ("page_count", "freelist_count")]
    if pages <= SMALL_PAGES or free * 4 >= pages:
        await connection("dietary").execute_query("VACUUM")
    if not await scrub():
        raise NotSwept
