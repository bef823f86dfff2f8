from __future__ import annotations

import random
from uuid import uuid4

from registration.db import connection
from registration.ledger.models import Entry, Seal
from registration.ledger.rules import Act, Note
from registration.ledger.service import record, seal_entries, verify_chain
from registration.settings import Settings
from tests.builders import NOON


async def _write(many: int) -> None:
    for number in range(many):
        await record(
            Act.PLACE_TAKEN, now=NOON, subject_id=uuid4(), note=Note(count=number, codes=("self",))
        )


async def test_a_whole_chain_is_whole_and_says_what_is_not_sealed_yet(store: Settings) -> None:
    await _write(5)
    assert await seal_entries() == 5
    await _write(2)
    check = await verify_chain()
    assert (check.sealed, check.unsealed, check.broken_at) == (5, 2, None)
    assert await seal_entries() == 2
    assert await seal_entries() == 0


async def test_entries_that_commit_late_are_sealed_too(store: Settings) -> None:
    await _write(3)
    numbers = await Entry.all().order_by("number").values_list("number", flat=True)
    late = await Entry.get(number=numbers[1])
    await late.delete()
    await seal_entries()
    late._saved_in_db = False
    await late.save(force_create=True)
    assert await seal_entries() == 1
    assert (await verify_chain()).broken_at is None


async def test_any_tampering_is_found(store: Settings) -> None:
    await _write(12)
    await seal_entries()
    numbers = [int(str(n)) for n in await Entry.all().values_list("number", flat=True)]
    chance = random.Random(7)
    for change in (
        {"act": "login"},
        {"subject_id": uuid4()},
        {"actor_id": uuid4()},
        {"detail": '{"count":99}'},
        {"object_id": uuid4()},
    ):
        number = chance.choice(numbers)
        row = await Entry.get(number=number)
        kept = {name: getattr(row, name) for name in change}
        await Entry.filter(number=number).update(**change)
        assert (await verify_chain()).broken_at == number
        await Entry.filter(number=number).update(**kept)
        assert (await verify_chain()).broken_at is None


async def test_swapped_entries_are_found(store: Settings) -> None:
    await _write(6)
    await seal_entries()
    second, third = (await Entry.all().order_by("number"))[1:3]
    await Entry.filter(number=second.number).update(subject_id=third.subject_id)
    await Entry.filter(number=third.number).update(subject_id=second.subject_id)
    assert (await verify_chain()).broken_at == second.number


async def test_a_deleted_entry_is_found(store: Settings) -> None:
    await _write(6)
    await seal_entries()
    third = (await Entry.all().order_by("number"))[2]
    await third.delete()
    assert (await verify_chain()).broken_at == third.number


async def test_a_seal_taken_out_is_found(store: Settings) -> None:
    await _write(4)
    await seal_entries()
    await connection().execute_query("DELETE FROM ledger_seal WHERE position = 2")
    third = await Seal.get(position=3)
    assert (await verify_chain()).broken_at == third.entry_number
