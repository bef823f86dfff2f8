"""Access that nobody reviews ends by itself, a month after it was said."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from registration.accounts.grants import end_grant, grant, staff_in_force
from registration.accounts.models import Grant
from registration.accounts.review import administrators_end, review
from registration.accounts.rules import Role
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.settings import Settings
from tests.builders import NOON, make_account

DAY = timedelta(days=1)


async def told() -> list[tuple[str, str]]:
    rows = await Mail.all().order_by("queued_at", "template", "address")
    return [(row.template, row.address) for row in rows]


async def of(account_id: UUID) -> Grant:
    return await Grant.get(account_id=account_id)


@pytest.mark.promise("P14")
async def test_the_person_and_staff_hear_a_month_ahead_and_once(register: Settings) -> None:
    staff = await make_account()
    await Grant.filter(account_id=staff).update(reviewed_at=NOON + 300 * DAY)
    await make_account(Role.TRAINER, "tea@example.fi", "Tea")
    assert await review(register, now=NOON + 335 * DAY - timedelta(seconds=1)) == 0
    assert await told() == []
    assert await review(register, now=NOON + 335 * DAY) == 1
    assert await review(register, now=NOON + 336 * DAY) == 0
    assert await told() == [
        ("access-ending", "tea@example.fi"),
        ("access-review", "staff@example.fi"),
    ]
    (mail,) = await Mail.filter(template="access-ending")
    assert "Trainer: 1.4.2027" in mail.body_text


@pytest.mark.promise("P14")
async def test_unreviewed_access_ends_after_a_year_and_a_missed_run_is_made_up_for(
    register: Settings,
) -> None:
    staff = await make_account()
    await Grant.filter(account_id=staff).update(reviewed_at=NOON + 380 * DAY)
    tea = await make_account(Role.TRAINER, "tea@example.fi", "Tea")
    late = NOON + 400 * DAY
    assert await review(register, now=late) == 1
    assert (await of(tea)).ends_at is None
    assert await review(register, now=late + 30 * DAY - timedelta(seconds=1)) == 0
    assert await review(register, now=late + 30 * DAY) == 1
    row = await of(tea)
    assert (row.ends_at, row.end_reason) == (late + 30 * DAY, "unreviewed")
    assert await review(register, now=late + 31 * DAY) == 0
    last = await Entry.all().order_by("-number").first()
    assert last is not None
    assert (last.act, last.subject_id, last.actor_id) == ("grant-ended", tea, None)


@pytest.mark.promise("P14")
async def test_the_last_administrator_is_spared(register: Settings) -> None:
    first = await make_account()
    second = await make_account(email="second@example.fi")
    await review(register, now=NOON + 335 * DAY)
    await review(register, now=NOON + 365 * DAY)
    left = await staff_in_force(now=NOON + 366 * DAY)
    assert len(left) == 1
    assert left[0].account_id in {first, second}


async def test_staff_access_that_ends_for_everybody_is_kept_a_month_at_a_time(
    register: Settings,
) -> None:
    first, second = await make_account(), await make_account(email="second@example.fi")
    for account_id, days in ((first, 20), (second, 25)):
        await Grant.filter(account_id=account_id).update(ends_at=NOON + days * DAY)
    assert await administrators_end(now=NOON) == NOON + 25 * DAY
    assert await review(register, now=NOON) == 1
    assert await review(register, now=NOON + DAY) == 0
    assert (await of(second)).ends_at == NOON + 60 * DAY
    assert (await of(first)).ends_at == NOON + 20 * DAY
    assert await administrators_end(now=NOON + 30 * DAY) == NOON + 60 * DAY


async def test_short_access_is_not_announced(register: Settings) -> None:
    await make_account()
    olli = await make_account(Role.ORGANISER, "olli@example.fi", "Olli")
    made = await grant(olli, Role.TRAINER, ends_at=NOON + 20 * DAY, now=NOON)
    assert await review(register, now=NOON + 10 * DAY) == 0
    await end_grant(made, actor_id=None, now=NOON)
    assert await told() == []
