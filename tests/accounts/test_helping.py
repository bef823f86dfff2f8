"""A lost second factor: two of staff let a person in again, never one alone."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from registration.accounts.helping import (
    ask_help,
    check_identity,
    confirm_help,
    help_asked,
    purge_help,
    refuse_help,
)
from registration.accounts.models import LoginHelp, RecoveryCode
from registration.accounts.rules import (
    HelpNeedsAnother,
    HelpNotFound,
    IdentityCheck,
    Role,
)
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.settings import Settings
from tests.builders import NOON, make_account

DAY = timedelta(days=1)


@pytest.mark.promise("P14")
async def test_one_checks_and_another_confirms(register: Settings) -> None:
    sari, second = await make_account(), await make_account(email="second@example.fi")
    tea = await make_account(Role.TRAINER, "tea@example.fi", "Tea")
    await RecoveryCode.create(
        id=uuid4(), account_id=tea, salt=b"s", code_hash=b"h", created_at=NOON
    )
    asked = await ask_help(tea, now=NOON)
    assert await ask_help(tea, asked_by=sari, now=NOON) == asked
    with pytest.raises(HelpNotFound):
        await confirm_help(asked, actor_id=second, settings=register, now=NOON)
    with pytest.raises(HelpNeedsAnother):
        await check_identity(asked, IdentityCheck.SEEN, actor_id=tea, now=NOON)
    await check_identity(asked, IdentityCheck.CALLED_BACK, actor_id=sari, now=NOON)
    for same in (sari, tea):
        with pytest.raises(HelpNeedsAnother):
            await confirm_help(asked, actor_id=same, settings=register, now=NOON)
    assert await RecoveryCode.all().count() == 1
    await confirm_help(asked, actor_id=second, settings=register, now=NOON)
    assert await RecoveryCode.all().count() == 0
    assert [mail.address for mail in await Mail.all()] == ["tea@example.fi"]
    assert await help_asked(now=NOON) == ()
    acts = [row.act for row in await Entry.filter(subject_id=tea).order_by("number")]
    assert acts[-3:] == ["help-asked", "help-checked", "factor-removed"]


async def test_a_request_ends_after_a_day_and_its_row_a_day_later(register: Settings) -> None:
    sari = await make_account()
    tea = await make_account(Role.TRAINER, "tea@example.fi", "Tea")
    asked = await ask_help(tea, now=NOON)
    last = NOON + DAY - timedelta(seconds=1)
    assert [line.id for line in await help_asked(account_id=tea, now=last)] == [asked]
    assert await help_asked(now=NOON + DAY) == ()
    with pytest.raises(HelpNotFound):
        await check_identity(asked, IdentityCheck.SEEN, actor_id=sari, now=NOON + DAY)
    assert await purge_help(now=NOON + 2 * DAY - timedelta(seconds=1)) == 0
    assert await purge_help(now=NOON + 2 * DAY) == 1
    assert await LoginHelp.all().count() == 0


async def test_a_doubtful_request_is_closed(register: Settings) -> None:
    sari, second = await make_account(), await make_account(email="second@example.fi")
    asked = await ask_help(second, now=NOON)
    await refuse_help(asked, actor_id=sari, now=NOON)
    assert await help_asked(now=NOON) == ()
    with pytest.raises(HelpNotFound):
        await check_identity(asked, IdentityCheck.SEEN, actor_id=sari, now=NOON)
