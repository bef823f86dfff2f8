"""The stored chain on both databases: sealed by any process, whole or broken at a named place."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest

from registration import clock
from registration.db import connection, transaction
from registration.ledger.chain import old_digest
from registration.ledger.heads import heads_text, newest_heads
from registration.ledger.inclusion import (
    Head,
    HeadUnreadable,
    as_file,
    proven,
    read_file,
    read_head,
    read_heads,
)
from registration.ledger.models import Block, Disclosure, Entry, Receipt, Seal
from registration.ledger.proof import proof_of, proof_of_entry
from registration.ledger.rules import GENESIS, Act, Basis, Note
from registration.ledger.sealing import SEAL_BATCH
from registration.ledger.service import (
    Shown,
    disclose,
    entry,
    give_receipt,
    record,
    record_many,
    seal_entries,
    verify_chain,
)
from registration.ledger.stored import entries
from registration.settings import Settings

HOUR = timedelta(hours=1)


async def write(many: int, *, hours_ago: float = 0) -> None:
    """``many`` entries, half as many disclosures and a receipt, sealed by nobody yet."""
    now = clock.now() - hours_ago * HOUR
    for number in range(many):
        await record(
            Act.PLACE_TAKEN, now=now, subject_id=uuid4(), note=Note(count=number, codes=("self",))
        )
    shown = Shown(uuid4(), ("name",), "teaching", Basis.CONTRACT, "page", recipient_id=uuid4())
    await disclose([shown] * (many // 2), now=now)
    await give_receipt(
        event_id=uuid4(), reason="event-over", diets=2, due_at=now, done_at=now,
        deletion_id=uuid4().hex, steps=("key-destroyed",),
    )  # fmt: skip


async def chain(*, blocks: int = 4, many: int = 6) -> None:
    """An hour and a half between two blocks: all but the newest are settled."""
    for at in range(blocks):
        hours = 1.5 * (blocks - at)
        await write(many, hours_ago=hours + 0.1)
        await seal_entries(now=clock.now() - hours * HOUR)


async def numbers() -> list[int]:
    return [
        int(str(n)) for n in await Entry.all().order_by("number").values_list("number", flat=True)
    ]


async def old_chain(many: int) -> None:
    """What an older version left: a seal for each entry, over the one before."""
    digest = GENESIS
    await record_many([entry(Act.LOGIN, now=clock.now() - 9 * HOUR) for _each in range(many)])
    for position, number in enumerate(await numbers(), 1):
        digest = old_digest((await entries([number]))[number], previous=digest)
        await Seal.create(position=position, entry_number=number, digest=digest)


async def test_a_whole_chain_is_whole_and_says_what_is_not_sealed_yet(store: Settings) -> None:
    await write(5)
    assert await seal_entries() == 5 + 2 + 1 + 1
    await record_many([entry(Act.LOGIN, now=clock.now()) for _each in range(2)])
    check = await verify_chain()
    assert (check.sealed, check.unsealed, check.broken_at) == (6, 2, None)
    assert (check.disclosures, check.receipts, check.links) == (2, 1, 1)
    assert await seal_entries() == 2
    assert await seal_entries() == 0
    assert await Block.all().count() == 2


async def test_an_empty_ledger_is_whole(store: Settings) -> None:
    assert await seal_entries() == 0
    check = await verify_chain()
    assert (check.sealed, check.links, check.head, check.broken) == (0, 0, "", None)


async def test_entries_that_commit_late_are_sealed_too(store: Settings) -> None:
    await write(3)
    late = await Entry.get(number=(await numbers())[1])
    await late.delete()
    await seal_entries()
    late._saved_in_db = False
    await late.save(force_create=True)
    assert (await verify_chain()).unsealed == 1
    assert await seal_entries() == 1
    assert (await verify_chain()).broken_at is None


async def test_what_is_older_than_all_that_was_looked_through_was_inserted(
    store: Settings,
) -> None:
    await chain()
    await record(Act.LOGIN, now=clock.now())
    assert (await verify_chain()).broken is None
    low = Entry(number=-5, at=clock.now(), act="login", detail="")
    early = entry(Act.LOGIN, now=clock.now() - 3 * HOUR)
    for made in (low, early):
        await made.save(force_create=True)
        check = await verify_chain()
        assert check.broken is not None
        assert (check.broken.wrong, check.broken_at) == ("entry-inserted", made.number)
        await made.delete()
    assert (await verify_chain()).broken is None


async def test_many_processes_seal_at_once_and_no_place_is_taken_twice(store: Settings) -> None:
    await write(30)
    counted = await asyncio.gather(*(seal_entries() for _each in range(6)))
    assert sum(counted) == 30 + 15 + 1 + 1
    assert await Block.all().count() == 1
    assert (await verify_chain()).broken is None


async def test_a_backlog_becomes_several_blocks(store: Settings) -> None:
    await record_many([entry(Act.LOGIN, now=clock.now()) for _each in range(SEAL_BATCH + 10)])
    assert await seal_entries() == SEAL_BATCH + 10
    assert [row.entries for row in await Block.all().order_by("position")] == [SEAL_BATCH, 10]
    check = await verify_chain()
    assert (check.sealed, check.broken) == (SEAL_BATCH + 10, None)


async def test_the_chain_of_an_older_version_goes_on_in_blocks(store: Settings) -> None:
    await old_chain(7)
    before = await verify_chain()
    assert (before.sealed, before.links, before.broken) == (7, 7, None)
    await write(4)
    await seal_entries()
    after = await verify_chain(at=7)
    assert (after.sealed, after.links, after.broken) == (12, 8, None)
    assert after.wanted == before.head
    assert [row.position for row in await Block.all()] == [8]
    assert [row.position for row in await Seal.all().order_by("position")] == list(range(1, 13))
    third = (await numbers())[2]
    await Entry.filter(number=third).update(act="logout")
    assert (await verify_chain()).broken_at == third


async def test_a_sealing_that_fails_leaves_nothing_behind(store: Settings) -> None:
    await write(3)

    async def cut_off() -> None:
        async with transaction():
            await seal_entries()
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await cut_off()
    assert (await Block.all().count(), await Seal.all().count()) == (0, 0)
    assert await Disclosure.exclude(block=None).count() == 0


# Which row of the second block, what is set in it (empty: it is deleted), and what is found.
ROWS = {
    "entry": ("ledger_entry", "number = {entry}"),
    "seal": ("ledger_seal", "entry_number = {entry}"),
    "told": ("disclosure", "id = {told}"),
    "given": ("receipt", "id = {given}"),
    "block": ("ledger_block", "position = 2"),
    "first": ("ledger_block", "position = 1"),
    "last": ("ledger_block", "position = 4"),
    "blocks": ("ledger_block", "position > 0"),
}
TAMPERED = (
    ("entry", "act = 'login'", "entry-changed"),
    ("entry", "at = {moment}", "entry-changed"),
    ("entry", "detail = ''", "entry-changed"),
    ("entry", "actor_id = {uuid}", "entry-changed"),
    ("entry", "subject_id = NULL", "entry-changed"),
    ("entry", "object_id = {uuid}", "entry-changed"),
    ("entry", "number = 90001", "entry-gone"),
    ("entry", "", "entry-gone"),
    ("seal", "digest = {zeros}", "entry-changed"),
    ("seal", "entry_number = 90001", "entry-gone"),
    ("seal", "position = 90001", "seal"),
    ("seal", "id = {uuid}", "seal"),
    ("seal", "", "seal"),
    ("told", "at = {moment}", "content"),
    ("told", "person_id = {uuid}", "content"),
    ("told", "recipient_id = NULL", "content"),
    ("told", "fields_shown = 'email'", "content"),
    ("told", "road = 'pack'", "content"),
    ("told", "block = 1", "content"),
    ("told", "block = NULL", "content"),
    ("told", "block = 77", "content"),
    ("told", "leaf = 99", "content"),
    ("told", "", "content"),
    ("given", "diets = 1", "content"),
    ("given", "due_at = {moment}", "content"),
    ("given", "lateness_seconds = 9", "content"),
    ("given", "entry_number = 1", "content"),
    ("given", "deletion_id = 'x'", "content"),
    ("given", "", "content"),
    ("block", "sealed_at = {moment}", "block"),
    ("block", "entries = 1", "content"),
    ("block", "root = {zeros}", "content"),
    ("block", "digest = {zeros}", "block"),
    ("block", "settled = -1", "block"),
    ("block", "id = {uuid}", "block"),
    ("block", "position = 90", "block"),
    ("block", "", "block"),
    ("first", "", "entry-changed"),
    ("last", "", "seal"),
    ("blocks", "", "entry-changed"),
)


class Undone(Exception):
    """Takes back what a test has tampered with."""


@pytest.mark.promise("P15")
async def test_what_sql_changes_is_found(store: Settings) -> None:
    await chain()
    assert (await verify_chain()).broken is None
    seal = (await Seal.all().order_by("position"))[9]
    told = await Disclosure.filter(block=2).first()
    given = await Receipt.filter(block=2).first()
    assert told is not None
    assert given is not None
    on_server = connection().capabilities.dialect == "postgres"
    words = {
        "entry": seal.entry_number,
        "told": f"'{told.id}'",
        "given": f"'{given.id}'",
        "uuid": f"'{uuid4()}'",
        "moment": "'2026-04-01 09:00:00+00:00'",
        "zeros": f"decode('{'00' * 32}', 'hex')" if on_server else f"x'{'00' * 32}'",
    }
    found: list[tuple[str, str, str]] = []
    for row, change, _wrong in TAMPERED:
        table, where = ROWS[row]
        statement = f"UPDATE {table} SET {change}" if change else f"DELETE FROM {table}"
        with suppress(Undone):
            async with transaction():
                await connection().execute_query(f"{statement} WHERE {where}".format(**words))
                broken = (await verify_chain()).broken
                raise Undone
        assert broken is not None, f"{row}: {change}"
        found.append((row, change, broken.wrong.value))
        if row == "entry":
            assert broken.entry == seal.entry_number
    assert found == list(TAMPERED)
    assert (await verify_chain()).broken is None


async def test_what_is_no_time_at_all_is_a_break_and_no_crash(register: Settings) -> None:
    await chain()
    for table, column in (("ledger_entry", "at"), ("disclosure", "person_id")):
        await connection().execute_query(f"UPDATE {table} SET {column} = 'yesterday'")
        found = (await verify_chain()).broken
        assert found is not None
        assert found.wrong == "unreadable"


async def test_swapped_entries_and_swapped_blocks_are_found(store: Settings) -> None:
    await chain()
    one, two = (await numbers())[3:5]
    first, second = await Entry.get(number=one), await Entry.get(number=two)
    await Entry.filter(number=one).update(subject_id=second.subject_id, detail=second.detail)
    await Entry.filter(number=two).update(subject_id=first.subject_id, detail=first.detail)
    assert (await verify_chain()).broken_at == one
    await Entry.filter(number=one).update(subject_id=first.subject_id, detail=first.detail)
    await Entry.filter(number=two).update(subject_id=second.subject_id, detail=second.detail)
    assert (await verify_chain()).broken is None
    for old, new in ((2, 90), (3, 2), (90, 3)):
        await Block.filter(position=old).update(position=new)
    found = (await verify_chain()).broken
    assert found is not None
    assert (found.wrong, found.link) == ("block", 2)


@pytest.mark.promise("P15")
async def test_an_end_cut_off_is_found_with_a_kept_head(store: Settings) -> None:
    await chain(blocks=3)
    [line] = await newest_heads()
    kept = read_heads(heads_text([line]))
    assert (await verify_chain(heads=kept)).broken is None
    before = await Block.get(position=2)
    seals = Seal.filter(position__gt=before.seals_to)
    await Entry.filter(number__in=list(await seals.values_list("entry_number", flat=True))).delete()
    await seals.delete()
    for model in (Disclosure, Receipt):
        await model.filter(block=3).delete()
    await Block.filter(position=3).delete()
    assert (await verify_chain()).broken is None
    found = (await verify_chain(heads=kept)).broken
    assert found is not None
    assert (found.wrong, found.link) == ("head-gone", 3)
    other = (await verify_chain(heads={1: "00" * 32})).broken
    assert other is not None
    assert (other.wrong, other.link) == ("head", 1)


@pytest.mark.promise("P4")
async def test_one_receipt_is_proven_to_somebody_with_only_a_head(store: Settings) -> None:
    await old_chain(3)
    await chain(blocks=3)
    receipt = await Receipt.filter(block=5).first()
    assert receipt is not None
    assert receipt.entry_number is not None
    shown = await proof_of(receipt.id)
    assert shown.inclusion is not None
    assert shown.seal is not None
    assert shown.seal.position == 5
    assert str(receipt.id) in shown.inclusion.content
    assert proven(shown.inclusion, shown.seal)
    whole = await proof_of_entry(receipt.entry_number, to_hand_on=True)
    assert whole.inclusion is not None
    handed = read_file(as_file(whole.inclusion, head=whole.head))
    for line in await newest_heads(since=5):
        assert proven(handed, line.head)
    [before] = [line for line in await newest_heads(since=4) if line.head.position == 4]
    assert not proven(handed, before.head), "an older head knows nothing of it"
    assert not proven(handed, Head(6, "00" * 32))
    changed = as_file(whole.inclusion, head=None).replace(b"event-over", b"withdrawn1")
    assert not proven(read_file(changed), shown.seal)
    old = await proof_of_entry((await numbers())[1])
    assert (old.inclusion, old.seal and old.seal.position) == (None, 2)


async def test_an_entry_that_waits_for_its_seal_has_no_proof_yet(store: Settings) -> None:
    await write(1)
    found = await proof_of_entry((await numbers())[0])
    assert (found.seal, found.inclusion, found.head) == (None, None, None)


@pytest.mark.parametrize("text", ["", "5", "5:", ":aa", f"0:{'a' * 64}", f"5:{'g' * 64}", "5:aa"])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(HeadUnreadable):
        read_head(text)


def test_a_head_is_read_as_it_was_kept() -> None:
    digest = "Ab" * 32
    assert read_head(f" 12 : {digest} ") == Head(12, digest.lower())
    kept = f"\ufeff# heads of our ledger\n\n7:{digest}  # sealed in May\n9:{digest.lower()}\n"
    assert read_heads(kept) == {7: digest.lower(), 9: digest.lower()}
