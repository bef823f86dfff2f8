"""Giving and ending access in the register: with a reason, an end, and somebody left to give it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest

from registration.accounts.grants import (
    GrantNotFound,
    delegate,
    end_grant,
    grant,
    keep_grant,
)
from registration.accounts.logins import identify, new_link, use_link
from registration.accounts.models import Account, Grant
from registration.accounts.overview import given_by
from registration.accounts.queries import account_ids, held_by
from registration.accounts.rules import (
    LONGEST_GRANT,
    AccountExists,
    AccountNotFound,
    Held,
    Identity,
    LastAdministrator,
    MayNotGrant,
    NotToOneself,
    Role,
    SameAddress,
    TooLong,
)
from registration.accounts.service import (
    add_account,
    change_address,
    end_account,
    sign_agreement,
)
from registration.errors import DomainError
from registration.ledger.models import Entry
from registration.ledger.rules import Act
from registration.mail.models import Mail
from registration.settings import Settings
from tests.builders import NOON, SIGNED, make_account

DAY = timedelta(days=1)


async def as_identity(account_id: UUID, *, now: datetime = NOON) -> Identity:
    row = await Account.get(id=account_id)
    return Identity(row.id, row.name, "en", None, await held_by(row, now=now))


async def acts(*wanted: Act) -> list[str]:
    rows = await Entry.filter(act__in=[act.value for act in wanted]).order_by("number")
    return [row.act for row in rows]


@pytest.mark.promise("P14")
async def test_an_organiser_hands_on_the_event_and_no_longer_than_their_own(
    register: Settings,
) -> None:
    event = uuid4()
    olli = await make_account(Role.ORGANISER, "olli@example.fi", "Olli")
    helper = await make_account(Role.TRAINER, "helper@example.fi", "Helper")
    await grant(olli, Role.ORGANISER, scope_id=event, ends_at=NOON + 10 * DAY, now=NOON)
    who = await as_identity(olli)
    made = await delegate(who, helper, Role.ORGANISER, scope_id=event, reason="cooks", now=NOON)
    row = await Grant.get(id=made)
    assert (row.ends_at, row.granted_by, row.reason) == (NOON + 10 * DAY, olli, "cooks")
    with pytest.raises(MayNotGrant):
        await delegate(who, helper, Role.ORGANISER, scope_id=uuid4(), reason="x", now=NOON)
    with pytest.raises(AccountNotFound):
        await delegate(who, uuid4(), Role.ORGANISER, scope_id=event, reason="x", now=NOON)


@pytest.mark.promise("P3")
async def test_staff_give_an_event_to_others_and_never_to_themselves(register: Settings) -> None:
    staff, event = await make_account(), uuid4()
    olli = await make_account(Role.ORGANISER, "olli@example.fi", "Olli")
    who = await as_identity(staff)
    with pytest.raises(NotToOneself):
        await delegate(who, staff, Role.ORGANISER, scope_id=event, reason="to see", now=NOON)
    await delegate(who, olli, Role.ORGANISER, scope_id=event, reason="runs it", now=NOON)
    assert not (await as_identity(staff)).organises(event)
    assert (await as_identity(olli)).organises(event)


async def test_what_somebody_gave_ends_with_theirs_only_if_it_was_ticked(
    register: Settings,
) -> None:
    staff = await make_account()
    other = await make_account(email="second@example.fi")
    who = await as_identity(other)
    names = ("a", "b", "c")
    people = [await make_account(Role.TRAINER, f"{name}@example.fi", name) for name in names]
    made = [
        await delegate(who, each, Role.ORGANISER, reason="stands in", now=NOON) for each in people
    ]
    assert [line.name for line in await given_by(other, now=NOON)] == ["a", "b", "c"]
    (theirs,) = await Grant.filter(account_id=other)
    stranger = await Grant.get(account_id=staff)
    await end_grant(
        theirs.id, actor_id=staff, reason="misused", too=[made[1], stranger.id], now=NOON
    )
    assert [line.name for line in await given_by(other, now=NOON)] == ["a", "c"]
    assert (await Grant.get(id=made[1])).end_reason == "misused"
    assert (await Grant.get(id=stranger.id)).ends_at is None


@pytest.mark.promise("P14")
async def test_the_last_administrator_stays(register: Settings) -> None:
    first, second = await make_account(), await make_account(email="second@example.fi")
    await make_account(email="unsigned@example.fi", nda_on=None)
    (own,) = await Grant.filter(account_id=first)
    await end_account(second, actor_id=first, now=NOON)
    for attempt in (
        end_grant(own.id, actor_id=second, now=NOON),
        end_account(first, actor_id=second, now=NOON),
        sign_agreement(first, date(2027, 1, 1), actor_id=second, now=NOON),
    ):
        with pytest.raises(LastAdministrator):
            await attempt
    assert (await as_identity(first)).holds(Role.STAFF)
    assert await acts(Act.ACCOUNT_ENDED) == ["account-ended"]


async def test_of_two_administrators_who_end_each_other_at_once_one_stays(
    store: Settings,
) -> None:
    ids = [await make_account(), await make_account(email="second@example.fi")]
    done = await asyncio.gather(
        end_account(ids[0], actor_id=ids[1], now=NOON),
        end_account(ids[1], actor_id=ids[0], now=NOON),
        return_exceptions=True,
    )
    assert [type(each) for each in done if each is not None] == [LastAdministrator]
    assert await Account.filter(ended_at=None).count() == 1


async def test_two_who_add_one_address_at_once_make_one_account(store: Settings) -> None:
    added = [
        add_account("new@example.fi", name, Role.STAFF, nda_on=SIGNED, now=NOON) for name in "abcd"
    ]
    done = await asyncio.gather(*added, return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == [
        "AccountExists",
        "AccountExists",
        "AccountExists",
        "UUID",
    ]
    assert await Account.filter(email="new@example.fi").count() == 1
    assert await Grant.all().count() == 1


async def test_an_address_is_free_again_when_its_account_has_ended(register: Settings) -> None:
    await make_account()
    first = await make_account(Role.TRAINER, "t@example.fi", "First")
    await end_account(first, actor_id=None, now=NOON)
    second = await make_account(Role.TRAINER, "t@example.fi", "Second")
    assert second != first
    assert await account_ids("t@example.fi") == [second]


async def test_a_changed_address_ends_logins_and_is_told_to_both(register: Settings) -> None:
    staff = await make_account()
    other = await make_account(Role.TRAINER, "old@example.fi", "Tea")
    path = await new_link(other, confirmed=False, life=DAY, now=NOON)
    cookie, _next = await use_link(path.removeprefix("/login/"), device="", now=NOON)
    await change_address(other, "New@Example.fi", actor_id=staff, settings=register, now=NOON)
    row = await Account.get(id=other)
    assert (row.email, row.login_email) == ("new@example.fi", "new@example.fi")
    assert await identify(cookie, now=NOON) is None
    told = await Mail.filter(template="address-changed").order_by("address")
    assert [mail.address for mail in told] == ["new@example.fi", "old@example.fi"]
    for email, actor, error in (
        ("new@example.fi", staff, SameAddress),
        ("staff@example.fi", staff, AccountExists),
        ("x@example.fi", other, NotToOneself),
    ):
        with pytest.raises(error):
            await change_address(other, email, actor_id=actor, settings=register, now=NOON)
    assert await acts(Act.ACCOUNT_CHANGED) == ["account-changed"]


@pytest.mark.promise("P14")
async def test_a_review_keeps_what_a_colleague_holds(register: Settings) -> None:
    staff, other = await make_account(), await make_account(email="second@example.fi")
    (theirs,) = await Grant.filter(account_id=other)
    (own,) = await Grant.filter(account_id=staff)
    who = await as_identity(staff)
    later = NOON + 300 * DAY
    await keep_grant(theirs.id, actor=who, until=later + 90 * DAY, now=later)
    row = await Grant.get(id=theirs.id)
    assert (row.reviewed_at, row.reviewed_by, row.ends_at) == (later, staff, later + 90 * DAY)
    with pytest.raises(NotToOneself):
        await keep_grant(own.id, actor=who, now=later)
    with pytest.raises(TooLong):
        await keep_grant(theirs.id, actor=who, until=later + LONGEST_GRANT + DAY, now=later)
    with pytest.raises(GrantNotFound):
        await keep_grant(uuid4(), actor=who, now=later)
    assert await acts(Act.GRANT_KEPT) == ["grant-kept"]


async def test_agreement_and_end_have_acts_of_their_own(register: Settings) -> None:
    staff = await make_account()
    other = await make_account(email="second@example.fi", nda_on=None)
    await sign_agreement(other, SIGNED, actor_id=staff, now=NOON)
    with pytest.raises(NotToOneself):
        await sign_agreement(staff, SIGNED, actor_id=staff, now=NOON)
    await end_account(other, actor_id=staff, now=NOON)
    assert await acts(Act.AGREEMENT_SIGNED, Act.ACCOUNT_ENDED) == [
        "agreement-signed",
        "agreement-signed",
        "account-ended",
    ]


@pytest.mark.promise("P14")
async def test_a_long_walk_in_the_register_never_widens_access(register: Settings) -> None:
    """What the rules promise holds with rows, locks and time: a year of random acts."""
    chance, events, now = Random(20260401), [uuid4(), uuid4()], NOON
    staff = await make_account()
    people = [await make_account(Role.ORGANISER, f"p{n}@example.fi", f"P{n}") for n in range(3)]
    await grant(people[0], Role.ORGANISER, scope_id=events[0], ends_at=NOON + 40 * DAY, now=NOON)
    everybody = [staff, *people]
    for _step in range(50):
        now += timedelta(days=chance.randint(0, 3))
        by, to = chance.choice(everybody), chance.choice(everybody)
        before = await as_identity(by, now=now)
        scope = chance.choice([None, *events])
        role = chance.choice([Role.STAFF, Role.ORGANISER, Role.TRAINER])
        try:
            made = await delegate(before, to, role, scope_id=scope, reason="walk", now=now)
        except DomainError:
            continue
        row = await Grant.get(id=made)
        assert by != to
        if row.granted_by == by and row.starts_at == now:
            assert lasts_within(row, before.held)
        if chance.random() < 0.3 and to != staff:
            await end_grant(made, actor_id=staff, reason="walk", now=now)
    assert not await Grant.filter(account_id=staff, granted_by=staff).exists()


def lasts_within(row: Grant, held: Sequence[Held]) -> bool:
    """Whether the giver held staff access, or this very scope, for at least as long."""
    rights = [
        each
        for each in held
        if each == Held(Role.STAFF, None) or each == Held(Role(row.role), row.scope_id)
    ]
    assert row.ends_at is not None
    return any(each.ends_at is None or row.ends_at <= each.ends_at for each in rights)
