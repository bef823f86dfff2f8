from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from registration.accounts.grants import GrantNotFound, end_grant, grant
from registration.accounts.logins import identify_token
from registration.accounts.models import Account, Grant
from registration.accounts.queries import account, grants_over, held_by
from registration.accounts.rules import (
    AccountExists,
    AccountNotFound,
    Held,
    Role,
    RoleMissing,
    Scope,
    ScopeNeeded,
)
from registration.accounts.service import (
    NotByHand,
    add_account,
    end_account,
    participant_account,
    sign_agreement,
)
from registration.accounts.tokens import add_token, revoke_token
from registration.settings import Settings
from tests.builders import NOON, make_account, make_person

DAY = timedelta(days=1)


@pytest.mark.promise("P14")
async def test_staff_see_nothing_before_the_agreement(register: Settings) -> None:
    account_id = await make_account(nda_on=None)
    row = await Account.get(id=account_id)
    assert await held_by(row, now=NOON) == ()
    await sign_agreement(account_id, date(2026, 4, 2), actor_id=None, now=NOON)
    row = await Account.get(id=account_id)
    assert await held_by(row, now=NOON) == ()
    assert await held_by(row, now=NOON + DAY) == (Held(Role.STAFF, None),)


@pytest.mark.promise("P14")
async def test_grant_counts_between_its_beginning_and_its_end(register: Settings) -> None:
    account_id = await make_account(Role.ORGANISER)
    event_id = uuid4()
    await grant(account_id, Role.ORGANISER, scope_id=event_id, ends_at=NOON + DAY, now=NOON)
    row = await Account.get(id=account_id)
    both = {Held(Role.ORGANISER, None), Held(Role.ORGANISER, event_id)}
    assert set(await held_by(row, now=NOON)) == both
    assert await held_by(row, now=NOON - DAY) == ()
    assert await held_by(row, now=NOON + DAY) == (Held(Role.ORGANISER, None),)
    assert await grants_over(event_id, Role.ORGANISER, now=NOON) == [(account_id, "Sari Staff")]


async def test_ended_grant_gives_nothing(register: Settings) -> None:
    await make_account(email="second@example.fi")
    account_id = await make_account()
    row = await Grant.get(account_id=account_id)
    await end_grant(row.id, actor_id=account_id, now=NOON)
    assert await held_by(await Account.get(id=account_id), now=NOON) == ()
    with pytest.raises(GrantNotFound):
        await end_grant(row.id, actor_id=account_id, now=NOON)


async def test_second_role_joins_the_account(register: Settings) -> None:
    first = await make_account(Role.STAFF)
    second = await make_account(Role.TRAINER)
    assert first == second
    line = await account(first, now=NOON)
    assert {each.role for each in line.grants} == {Role.STAFF, Role.TRAINER}


async def test_same_role_twice_is_refused(register: Settings) -> None:
    await make_account(Role.STAFF)
    with pytest.raises(AccountExists):
        await make_account(Role.STAFF)


async def test_coordinator_needs_a_company_and_may_have_two(register: Settings) -> None:
    with pytest.raises(ScopeNeeded):
        await make_account(Role.COORDINATOR)
    one, two = uuid4(), uuid4()
    account_id = await make_account(Role.COORDINATOR, company_id=one)
    assert await make_account(Role.COORDINATOR, company_id=two) == account_id
    held = await held_by(await Account.get(id=account_id), now=NOON)
    assert {each.scope_id for each in held} == {one, two}


async def test_participants_are_not_added_by_hand(register: Settings) -> None:
    with pytest.raises(NotByHand):
        await add_account("a@example.fi", "A", Role.PARTICIPANT, now=NOON)


async def test_person_keeps_one_account_with_their_present_name(store: Settings) -> None:
    person = await make_person()
    first = await participant_account(person.id, "aino@example.fi", "Aino Virtanen", "fi", NOON)
    second = await participant_account(person.id, "aino@example.fi", "Aino Laine", "sv", NOON)
    assert first == second
    row = await Account.get(id=first)
    assert (row.name, row.language) == ("Aino Laine", "sv")


async def test_token_holds_the_one_role_of_its_scope(register: Settings) -> None:
    await make_account(Role.STAFF)
    await make_account(Role.ORGANISER)
    token = await add_token("staff@example.fi", Scope.ORGANISER, days=1, now=NOON)
    who = await identify_token(token, now=NOON)
    assert who is not None
    assert who.held == (Held(Role.ORGANISER, None),)
    assert await identify_token(token, now=NOON + DAY) is None
    assert await identify_token(token[:-1] + "_", now=NOON) is None


async def test_token_needs_the_role(register: Settings) -> None:
    await make_account(Role.TRAINER)
    with pytest.raises(RoleMissing):
        await add_token("staff@example.fi", Scope.STAFF, days=1, now=NOON)
    with pytest.raises(AccountNotFound):
        await add_token("nobody@example.fi", Scope.STAFF, days=1, now=NOON)


async def test_token_ends_with_the_account_or_by_itself(register: Settings) -> None:
    await make_account(email="second@example.fi")
    account_id = await make_account()
    tokens = [await add_token("staff@example.fi", Scope.STAFF, days=9, now=NOON) for _ in range(2)]
    who = await identify_token(tokens[0], now=NOON)
    assert who is not None
    assert who.token_id is not None
    await revoke_token(who.token_id, account_id=account_id, now=NOON)
    assert await identify_token(tokens[0], now=NOON) is None
    assert await identify_token(tokens[1], now=NOON) is not None
    await end_account(account_id, actor_id=None, now=NOON)
    assert await identify_token(tokens[1], now=NOON) is None
