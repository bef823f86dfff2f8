"""Ten thousand ways to tamper with the ledger, and each is found (P15)."""

from __future__ import annotations

from random import Random

import pytest

from registration.ledger.verifying import walk
from tests.ledger.rows import TAMPERINGS, Tampering, make_lists, truncate

CHAINS = 20
EACH = 100


@pytest.mark.promise("P14")
@pytest.mark.promise("P15")
@pytest.mark.parametrize("seed", range(CHAINS))
@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda one: one.__name__)
async def test_any_tampering_is_found(tampering: Tampering, seed: int) -> None:
    """5 ways × 20 chains × 100: each chain is whole before, and not after."""
    chance = Random(seed)
    lists = make_lists(chance)
    before = await walk(lists)
    assert (before.broken, before.unsealed, before.sealed) == (None, 0, len(lists.entry))
    missed = []
    for _each in range(EACH):
        tampered = tampering(lists, chance)
        if (await walk(tampered.lists)).broken is None:
            missed.append(tampered.how)
    assert missed == []


@pytest.mark.promise("P15")
@pytest.mark.parametrize("seed", range(CHAINS))
async def test_a_shortened_chain_is_found_with_a_head_kept_elsewhere(seed: int) -> None:
    chance = Random(seed)
    lists = make_lists(chance)
    last = lists.block[-1]
    head = {last.position: last.digest.hex()}
    assert (await walk(lists, heads=head)).broken is None
    short = truncate(lists, chance).lists
    assert (await walk(short)).broken is None, "without the head it is a whole chain"
    found = (await walk(short, heads=head)).broken
    assert found is not None
    assert (found.wrong, found.link) == ("head-gone", last.position)
