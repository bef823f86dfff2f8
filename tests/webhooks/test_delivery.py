"""What happens to a company's places reaches its system, signed, once, and nobody else's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from standardwebhooks import Webhook as Reference

from registration import clock
from registration.accounts.rules import Held, Identity, Role
from registration.db import transaction
from registration.enrolment.models import Place
from registration.enrolment.service import cancel
from registration.forms import parse
from registration.ledger.rules import Act
from registration.ledger.service import entry, record_many, seal_entries
from registration.mail.models import Mail
from registration.teaching.rules import OutcomeRow, RecipientGiven
from registration.teaching.service import add_recipient, assign, record_outcomes
from registration.webhooks.delivery import drop_old, send_due
from registration.webhooks.gathering import gather
from registration.webhooks.models import Webhook, WebhookDelivery
from registration.webhooks.rules import PAUSES, Event
from registration.webhooks.service import end_webhook, send_test
from tests.builders import make_account
from tests.web.company.conftest import make_company
from tests.webhooks.conftest import Firm
from tests.webhooks.receiver import OK, Receiver, answer, is_signed, receiving

Later = Callable[[], Awaitable[None]]


def said(receiver: Receiver) -> list[tuple[str, str]]:
    """Type and status of what arrived."""
    found = [json.loads(each.body) for each in receiver.got]
    return [(each["type"], each["data"].get("status", "")) for each in found]


async def test_a_place_taken_is_told_signed_with_ids_and_without_names(firm: Firm) -> None:
    async with receiving() as receiver:
        _id, secret = await firm.listen(receiver.url)
        taken = await firm.enrol()
        assert await firm.tell() == 1
    (got,) = receiver.got
    message = json.loads(got.body)
    assert message["data"] == {
        "place": str(taken.place_id), "session": str(firm.session.id), "status": "confirmed",
    }  # fmt: skip
    assert sorted(message) == ["data", "timestamp", "type"]
    assert (got.line, got.headers["content-type"]) == ("POST /hooks HTTP/1.1", "application/json")
    assert is_signed(got, secret)
    assert Reference(secret).verify(got.body, dict(got.headers)) == message
    assert not is_signed(got, "whsec_" + "QUJD" * 8)
    assert b"Salainen" not in got.body
    assert str(taken.person_id).encode() not in got.body


async def test_a_message_that_was_changed_or_is_sent_again_later_is_known(firm: Firm) -> None:
    """Time and id are signed: a receiver refuses an old time, and an id that it has seen."""
    async with receiving() as receiver:
        _id, secret = await firm.listen(receiver.url)
        await firm.enrol()
        await firm.tell()
    (got,) = receiver.got
    assert abs(int(got.headers["webhook-timestamp"]) - clock.now().timestamp()) < 300
    newer = str(int(got.headers["webhook-timestamp"]) + 600)
    assert not is_signed(replace(got, headers={**got.headers, "webhook-timestamp": newer}), secret)
    assert not is_signed(replace(got, headers={**got.headers, "webhook-id": "msg_x"}), secret)
    assert not is_signed(replace(got, body=got.body + b" "), secret)


async def test_only_the_companys_own_places_and_chosen_events_are_told(firm: Firm) -> None:
    other = await make_company("Toinen Oy")
    async with receiving() as ours, receiving() as theirs, receiving() as results:
        await firm.enrol()  # before there was a webhook
        await seal_entries()
        await firm.listen(ours.url)
        await firm.listen(theirs.url, company=other)
        await firm.listen(results.url, [Event.OUTCOME_RECORDED])
        mine = await firm.enrol()
        await firm.enrol(other)
        await firm.tell()
    assert [json.loads(each.body)["data"]["place"] for each in ours.got] == [str(mine.place_id)]
    assert (len(theirs.got), len(results.got)) == (1, 0)


async def test_cancelling_and_a_recorded_outcome_are_told(firm: Firm) -> None:
    async with receiving() as receiver:
        await firm.listen(receiver.url)
        one, two = await firm.enrol(), await firm.enrol()
        now = clock.now()
        await cancel(one.place_id, actor_id=None, settings=firm.settings, now=now)
        trainer = await make_account(Role.TRAINER, "tea@example.fi", nda_on=None)
        school = await add_recipient(
            RecipientGiven(name="School", country="FI", agreement_on="2020-01-01"),
            actor_id=None,
            now=now,
        )
        await assign(
            firm.session.id,
            trainer,
            school,
            agreed=True,
            actor_id=None,
            settings=firm.settings,
            now=now,
        )
        row = parse(OutcomeRow, {"place_id": two.place_id, "grade": "pass", "completed": True})
        who = Identity(trainer, "T", "en", None, (Held(Role.TRAINER, None),))
        await record_outcomes(firm.session.id, [row], identity=who, now=firm.session.starts_at)
        await firm.tell()
    assert sorted(said(receiver)) == [
        ("outcome.recorded", "attended"),
        ("place.changed", "attended"),
        ("place.changed", "cancelled"),
        ("place.changed", "confirmed"),
        ("place.changed", "confirmed"),
    ]


async def _enrol_and_fail(firm: Firm) -> None:
    async with transaction():
        await firm.enrol()
        raise RuntimeError


async def test_what_was_rolled_back_is_not_told(firm: Firm) -> None:
    async with receiving() as receiver:
        await firm.listen(receiver.url)
        with pytest.raises(RuntimeError):
            await _enrol_and_fail(firm)
        assert await firm.tell() == 0
    assert receiver.got == []


async def test_gathered_by_many_at_once_each_change_is_one_message(both: Firm) -> None:
    await both.listen("http://127.0.0.1:9/x")
    for _each in range(4):
        await both.enrol()
    await seal_entries()
    made = await asyncio.gather(*(gather(now=clock.now()) for _each in range(5)))
    assert (sum(made), await WebhookDelivery.all().count()) == (4, 4)


async def test_sent_by_many_at_once_each_message_arrives_once(both: Firm) -> None:
    async with receiving(pause=0.05) as receiver:
        await both.listen(receiver.url)
        for _each in range(8):
            await both.enrol()
        await seal_entries()
        await gather(now=clock.now())
        sent = await asyncio.gather(*(send_due(both.settings) for _each in range(4)))
    assert (sum(sent), len(receiver.got)) == (8, 8)
    assert len({each.headers["webhook-id"] for each in receiver.got}) == 8


async def test_what_was_not_taken_comes_again_with_the_same_id_and_body(
    firm: Firm, later: Later
) -> None:
    async with receiving(answer(500), answer(429), OK) as receiver:
        hook, secret = await firm.listen(receiver.url)
        await firm.enrol()
        assert await firm.tell() == 0
        (row,) = await WebhookDelivery.all()
        assert (row.state, row.tries, row.answer) == ("waiting", 1, "500")
        assert row.due_at is not None
        assert row.tried_at is not None
        assert row.due_at - row.tried_at == PAUSES[0]
        assert (await Webhook.get(id=hook)).failing_since is not None
        for _each in range(2):
            await later()
            await send_due(firm.settings)
    assert len({(each.headers["webhook-id"], each.body) for each in receiver.got}) == 1
    assert [is_signed(each, secret) for each in receiver.got] == [True] * 3
    (row,) = await WebhookDelivery.all()
    assert (row.state, row.tries, row.answer, row.due_at) == ("delivered", 3, "204", None)
    assert (await Webhook.get(id=hook)).failing_since is None


async def _long_ago(hook: object) -> None:
    """The webhook has been failing for as long as messages are tried."""
    since = clock.now() - sum(PAUSES, timedelta())
    await Webhook.filter(id=hook, failing_since__not_isnull=True).update(failing_since=since)


async def test_after_three_days_without_any_it_is_switched_off_and_coordinators_hear(
    firm: Firm, later: Later
) -> None:
    await make_account(
        Role.COORDINATOR, "kaisa@example.fi", company_id=firm.company, nda_on=None, language="fi"
    )
    async with receiving(answer(503)) as receiver:
        hook, _secret = await firm.listen(receiver.url)
        await firm.enrol()
        await firm.tell()
        await firm.enrol()
        for _each in PAUSES:
            await later()
            await _long_ago(hook)
            await firm.tell()
    row = await Webhook.get(id=hook)
    assert (row.ended_because, row.ended_at is not None) == ("failing", True)
    states = await WebhookDelivery.all().order_by("happened_at").values_list("state", "due_at")
    assert states == [("failed", None), ("dropped", None)]
    mails = await Mail.filter(template="webhook-ended").values_list("address", "language")
    assert mails == [("kaisa@example.fi", "fi")]


async def test_a_message_that_alone_is_not_taken_ends_nothing(firm: Firm) -> None:
    async with receiving(answer(500)) as receiver:
        hook, _secret = await firm.listen(receiver.url)
        await firm.enrol()
        await firm.tell()
        await WebhookDelivery.filter(state="waiting").update(tries=len(PAUSES), due_at=clock.now())
        await send_due(firm.settings)
    assert (await WebhookDelivery.get()).state == "failed"
    assert (await Webhook.get(id=hook)).ended_at is None


async def test_a_receiver_that_is_gone_is_asked_no_more(firm: Firm) -> None:
    async with receiving(answer(410)) as receiver:
        hook, _secret = await firm.listen(receiver.url)
        await firm.enrol()
        await firm.enrol()
        await firm.tell()
        await firm.enrol()
        await firm.tell()
    assert (len(receiver.got), (await Webhook.get(id=hook)).ended_because) == (1, "gone")


async def test_a_slow_receiver_holds_up_no_other(firm: Firm) -> None:
    other = await make_company("Toinen Oy")
    async with receiving(pause=30) as slow, receiving() as quick:
        await firm.listen(slow.url)
        await firm.listen(quick.url, company=other)
        await firm.enrol()
        await firm.enrol(other)
        await seal_entries()
        await gather(now=clock.now())
        assert await send_due(firm.settings, seconds=0.3) == 1
    answers = sorted(row.answer for row in await WebhookDelivery.all())
    assert answers == ["204", "timeout"]


async def test_after_it_was_ended_nothing_is_sent(firm: Firm) -> None:
    async with receiving() as receiver:
        hook, _secret = await firm.listen(receiver.url)
        await firm.enrol()
        await seal_entries()
        await gather(now=clock.now())
        await end_webhook(firm.company, hook, actor_id=None, now=clock.now())
        assert await send_due(firm.settings) == 0
    assert (receiver.got, (await WebhookDelivery.get()).state) == ([], "dropped")


async def test_a_test_message_says_what_it_is(firm: Firm) -> None:
    async with receiving() as receiver:
        hook, secret = await firm.listen(receiver.url)
        await send_test(firm.company, hook, now=clock.now())
        assert await send_due(firm.settings) == 1
    (got,) = receiver.got
    assert (json.loads(got.body)["type"], json.loads(got.body)["data"]) == ("webhook.test", {})
    assert is_signed(got, secret)


async def test_messages_are_forgotten_after_two_weeks(firm: Firm) -> None:
    async with receiving() as receiver:
        await firm.listen(receiver.url)
        await firm.enrol()
        await firm.tell()
    assert await drop_old(now=clock.now() + timedelta(days=13)) == 0
    assert await drop_old(now=clock.now() + timedelta(days=15)) == 1


async def test_thousands_of_changes_are_gathered_in_parts(firm: Firm) -> None:
    await firm.listen("http://127.0.0.1:9/x")
    one = await firm.enrol()
    now = clock.now()
    await record_many(
        [entry(Act.PLACE_CHANGED, now=now, object_id=one.place_id) for _each in range(2_500)]
    )
    await seal_entries()
    assert (await gather(now=clock.now()), await gather(now=clock.now())) == (2_501, 0)
    assert await Place.all().count() == 1
