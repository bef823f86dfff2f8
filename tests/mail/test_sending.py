"""Each mail reaches the server once, whatever the server, the network or we do in between."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from registration import clock
from registration.db import transaction
from registration.mail.models import Mail
from registration.mail.queries import MailNotFound
from registration.mail.rules import GIVEN_UP_AFTER, MailPurpose, next_try
from registration.mail.sending import ON_THE_WAY, Patience, send_due
from registration.mail.service import NotUnsure, leave_unsure, send_again, sweep
from registration.settings import Settings
from tests.builders import NOON
from tests.mail.makers import address, due_now, queued, states
from tests.mail.unruly import DROP, HANG, Unruly, unruly_server

QUICK = Patience(answer=0.5, taken=0.5)


@pytest.fixture
def server() -> Iterator[tuple[str, Unruly]]:
    with unruly_server() as made:
        yield made


@pytest.fixture
def mind(server: tuple[str, Unruly]) -> Unruly:
    return server[1]


@pytest.fixture
def sender(store: Settings, server: tuple[str, Unruly]) -> Settings:
    """An installation that sends through the unruly server."""
    return store.model_copy(update={"smtp_url": server[0]})


@pytest.mark.parametrize(
    ("stage", "whose", "answer", "failure"),
    [
        ("MAIL", "", "451 Busy", "451"),
        ("MAIL", "", "553 5.7.1 Not with this sender", "5.7.1"),
        ("RCPT", address(1), "450 4.2.1 Greylisted", "4.2.1"),
        ("RCPT", address(1), "421 Going down", "421"),
        ("DATA", address(1), "452 4.3.1 Disk full", "4.3.1"),
    ],
)
async def test_not_now_is_tried_again_later_and_arrives_once(
    sender: Settings, mind: Unruly, stage: str, whose: str, answer: str, failure: str
) -> None:
    mind.will(stage, whose, answer)
    await queued(sender)
    assert await send_due(sender) == 0
    mail = await Mail.get()
    assert (mail.state, mail.failure, mail.tries, mail.claimed_by) == ("queued", failure, 1, None)
    assert mail.next_try_at is not None
    assert mail.next_try_at > clock.now()
    assert await send_due(sender) == 0, "it waits for its time"
    await due_now()
    assert await send_due(sender) == 1
    assert list(mind.copies.values()) == [1]


@pytest.mark.parametrize(
    ("stage", "answer", "state", "failure"),
    [
        ("RCPT", "550 5.1.1 No such user", "bounced", "5.1.1"),
        ("RCPT", "550 No such user", "bounced", "5.0.0"),
        ("RCPT", "552 5.2.2 Mailbox full", "failed", "5.2.2"),
        ("RCPT", "554 5.7.1 Relaying denied", "failed", "5.7.1"),
        ("DATA", "554 5.6.0 Content refused", "failed", "5.6.0"),
        ("DATA", "550 No spam here", "failed", "5.0.0"),
    ],
)
async def test_never_is_not_tried_again_and_others_go_out(
    sender: Settings, mind: Unruly, stage: str, answer: str, state: str, failure: str
) -> None:
    mind.will(stage, address(1), answer)
    for number in (1, 2):
        await queued(sender, number)
    assert await send_due(sender) == 1
    assert await states() == [(state, failure), ("sent", "")]
    refused = await Mail.get(state=state)
    assert (refused.address, refused.body_text, refused.next_try_at) == ("", "", None)


@pytest.mark.parametrize("what", [DROP, HANG])
@pytest.mark.parametrize(("stage", "whose"), [("MAIL", ""), ("RCPT", address(2))])
async def test_a_server_that_goes_away_before_the_content_gets_each_mail_once(
    sender: Settings, mind: Unruly, stage: str, whose: str, what: str
) -> None:
    """And the mails behind the one that it failed at did not lose their turn."""
    mind.will(stage, whose, what)
    for number in range(1, 6):
        await queued(sender, number)
    first = await send_due(sender, patience=QUICK)
    assert first == (0 if stage == "MAIL" else 1)
    tried = await Mail.filter(state="queued").order_by("tries")
    assert [mail.tries for mail in tried] == [0] * (4 - first) + [1]
    assert await Mail.filter(state="queued").exclude(claimed_by=None).count() == 0
    assert await send_due(sender) == 4 - first, "all but the one that it failed at are due still"
    await due_now()
    assert await send_due(sender) == 1
    assert sorted(mind.copies.values()) == [1] * 5


@pytest.mark.parametrize("what", [DROP, HANG])
async def test_what_the_server_may_have_is_not_sent_again_by_itself(
    sender: Settings, mind: Unruly, what: str
) -> None:
    """It has the content and goes away, or does not say that it took it: nobody can know."""
    mind.will("DATA", address(1), what)
    unsure = await queued(sender, 1)
    await queued(sender, 2)
    assert await send_due(sender, patience=QUICK) == 0
    assert [state for state, _why in await states()] == ["unsure", "queued"]
    await due_now()
    assert await send_due(sender) == 1
    assert sorted(mind.copies.values()) == [1, 1]
    assert [state for state, _why in await states()] == ["unsure", "sent"]
    assert f"<{unsure}@pohjanraide.example>" in mind.copies


async def test_people_decide_on_unsure_mail(sender: Settings, mind: Unruly) -> None:
    """Sent again it bears the same Message-ID, so that a mailbox that has it can tell."""
    for number in (1, 2):
        mind.will("DATA", address(number), DROP)
    again, left = await queued(sender, 1), await queued(sender, 2)
    for _each in range(2):
        await due_now()
        await send_due(sender)
    await send_again(again, now=clock.now())
    await leave_unsure(left)
    assert await send_due(sender) == 1
    assert mind.copies == {
        f"<{again}@pohjanraide.example>": 2,
        f"<{left}@pohjanraide.example>": 1,
    }
    assert await states() == [("sent", ""), ("unsure", "SMTPServerDisconnected")]
    for done in (again, left):
        with pytest.raises(NotUnsure):
            await send_again(done, now=clock.now())
        with pytest.raises(NotUnsure):
            await leave_unsure(done)
    with pytest.raises(MailNotFound):
        await send_again(uuid4(), now=clock.now())


async def test_unsure_mail_loses_its_text_after_a_week(sender: Settings, mind: Unruly) -> None:
    mind.will("DATA", address(1), DROP)
    await queued(sender, now=NOON)
    await send_due(sender)
    assert await sweep(now=NOON + timedelta(days=7) - timedelta(seconds=1)) == 0
    assert await sweep(now=NOON + timedelta(days=7)) == 1
    mail = await Mail.get()
    assert (mail.state, mail.address, mail.body_html) == ("unsure", "", "")


async def test_a_login_link_does_not_wait_behind_thousands(sender: Settings, mind: Unruly) -> None:
    for number in range(1, 30):
        await queued(sender, number)
    await queued(sender, 99, purpose=MailPurpose.LOGIN)
    await send_due(sender)
    assert str(mind.taken[0]["To"]) == address(99)
    assert len(mind.taken) == 30


async def test_who_lost_the_claim_does_not_send(sender: Settings, mind: Unruly) -> None:
    """A sender that was slow finds out before the content goes that another has the mail."""
    mind.will("RCPT", address(1), HANG)
    await queued(sender)
    slow = asyncio.create_task(send_due(sender, patience=Patience(answer=1.0)))
    while not await Mail.exclude(claimed_by=None).exists():
        await asyncio.sleep(0)
    async with transaction():
        await Mail.all().update(next_try_at=clock.now())
    assert await send_due(sender) == 1
    assert await slow == 0
    assert (await Mail.get()).state == "sent"
    assert list(mind.copies.values()) == [1]


async def test_a_mail_that_was_erased_meanwhile_is_not_sent(sender: Settings, mind: Unruly) -> None:
    mind.will("RCPT", address(1), HANG)
    for number in (1, 2):
        await queued(sender, number)
    sending = asyncio.create_task(send_due(sender, patience=Patience(answer=0.5)))
    while not await Mail.exclude(claimed_by=None).exists():
        await asyncio.sleep(0)
    async with transaction():
        await Mail.all().delete()
    assert await sending == 0
    assert (await send_due(sender), mind.taken) == (0, [])


def test_tries_are_further_and_further_apart_for_four_days() -> None:
    moment, gaps = NOON, []
    for tries in range(1, 100):
        again = next_try(tries, queued_at=NOON, now=moment)
        if again is None:
            break
        gaps.append(again - moment)
        moment = again
    assert gaps == sorted(gaps)
    assert (gaps[0], gaps[-1]) == (timedelta(minutes=1), timedelta(hours=4))
    assert GIVEN_UP_AFTER - timedelta(hours=4) < moment - NOON <= GIVEN_UP_AFTER


MAILS = 40


@pytest.mark.parametrize("lives", [1, 3])
async def test_senders_killed_in_the_middle_send_nothing_twice(
    sender: Settings, mind: Unruly, lives: int
) -> None:
    """Two processes send at once, and are killed with -9 while mails are on their way; two more do
    the rest. What was in the air then is said to be unsure, and is no more than one mail each."""
    for number in range(MAILS):
        await queued(sender, number)
    mind.pause = 0.02
    for _life in range(lives):
        mind.arrived.clear()
        couple = [await asyncio.to_thread(_start, sender) for _each in range(2)]
        before = len(mind.taken)
        while len(mind.taken) < min(before + 5, MAILS) and any(
            each.poll() is None for each in couple
        ):
            await asyncio.sleep(0.005)
        for each in couple:
            each.kill()
            each.wait()
    mind.pause = 0.0
    await sweep(now=clock.now() + ON_THE_WAY)
    await Mail.filter(state="queued").update(next_try_at=clock.now(), claimed_by=None)
    last = [await asyncio.to_thread(_start, sender) for _each in range(2)]
    for each in last:
        assert await asyncio.to_thread(each.wait, 60) == 0
    rows = await Mail.all().values_list("id", "state")
    sent = {f"<{made}@pohjanraide.example>" for made, state in rows if state == "sent"}
    unsure = {f"<{made}@pohjanraide.example>" for made, state in rows if state == "unsure"}
    assert {state for _made, state in rows} <= {"sent", "unsure"}
    assert set(mind.copies.values()) == {1}, "a mail was sent twice"
    assert sent <= set(mind.copies), "a mail that was said to be sent was not"
    assert set(mind.copies) <= sent | unsure
    assert len(sent) + len(unsure) == MAILS
    assert len(unsure) <= 2 * lives


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.mail.child", settings.model_dump_json()])
