"""What stays of a request: in the register, in the ledger, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registration.accounts.rules import Role
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.privacy.answering import (
    answer,
    carry_out,
    close_old,
)
from registration.privacy.erasure import erase
from registration.privacy.models import Redaction, RightsPart, RightsRequest
from registration.privacy.request_forgetting import forget
from registration.privacy.request_given import DecisionGiven, RequestGiven
from registration.privacy.request_lines import (
    requests_of_account,
)
from registration.privacy.request_rules import (
    Channel,
    Decision,
    Identity,
    RequestKind,
    State,
)
from registration.privacy.requests import (
    decide,
    note_done,
    open_request,
    withdraw,
)
from registration.settings import Settings
from tests.builders import NOON, make_account, make_person
from tests.privacy.asking import LATER, STAFF, YES, known, state_of


@pytest.mark.promise("P13")
async def test_an_erased_person_leaves_no_word_in_the_register_of_requests(
    store: Settings,
) -> None:
    aino = await make_person()
    made = await known(aino, asked="Xyzzy", asker_name="Aino Xyzzy")
    given = DecisionGiven.model_validate({"parts": [{"what": "Xyzzy", "decision": "granted"}]})
    await decide(made, given, actor_id=STAFF, now=NOON)
    assert await forget(aino.id, now=LATER, decided=True) == 1
    row = await RightsRequest.get(id=made)
    assert (row.asked, row.asker_name, row.state) == ("", "", "withdrawn")
    assert (await RightsPart.all().count(), await Redaction.all().count()) == (0, 0)


@pytest.mark.promise("P13")
async def test_a_request_is_gone_three_years_after_the_answer(store: Settings) -> None:
    aino = await make_person()
    await note_done(RequestKind.ACCESS, aino.id, now=NOON)
    assert await close_old(now=NOON + timedelta(days=3 * 365)) == 0
    assert await close_old(now=NOON + timedelta(days=3 * 365 + 2)) == 1
    assert await RightsRequest.all().count() == 0


async def test_the_sweep_blanks_what_an_erasure_left(store: Settings) -> None:
    aino = await make_person()
    made = await known(aino, asked="Xyzzy")
    await withdraw(made, actor_id=STAFF, now=NOON)
    assert await close_old(now=LATER) == 0
    await erase(aino.id, actor_id=None, settings=store, now=LATER)
    await close_old(now=LATER)
    assert (await RightsRequest.get(id=made)).asked == ""


async def test_the_ledger_has_no_word_of_a_request(store: Settings) -> None:
    aino = await make_person(last_name="Xyzzy")
    made = await known(aino, asked="Xyzzy", asker_name="Xyzzy", asker_email="xyzzy@example.com")
    await decide(
        made, DecisionGiven(decision=Decision.REFUSED, because="Xyzzy"), actor_id=STAFF, now=NOON
    )
    assert [entry.act for entry in await Entry.all() if "yzzy" in entry.detail] == []


async def test_what_is_asked_of_an_account_without_a_person_is_done_by_hand_and_answered(
    store: Settings,
) -> None:
    trainer = await make_account(Role.TRAINER, "tea@example.fi", "Tea Trainer", nda_on=None)
    given = RequestGiven(kind=RequestKind.ERASURE, channel=Channel.PAGE, language="en")
    made = await open_request(
        given, account_id=trainer, identity=Identity.MAILED_LINK, actor_id=trainer, now=NOON
    )
    assert await state_of(made) is State.IN_HAND
    assert [line.id for line in await requests_of_account(trainer)] == [made]
    await decide(made, YES, actor_id=STAFF, now=NOON)
    await carry_out(made, actor_id=STAFF, settings=store, now=NOON)
    await answer(made, Channel.MAIL, actor_id=STAFF, settings=store, now=NOON)
    assert [mail.address for mail in await Mail.all()] == ["tea@example.fi"]
