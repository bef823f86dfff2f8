"""Codes of the app and of the paper: each once, and no way to guess one."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
import pytest

from registration.accounts import codes, proofs, totp
from registration.accounts.assurance import How
from registration.accounts.factors import (
    FREE_GUESSES,
    CodeWrong,
    TooManyGuesses,
    factors_of,
    take_guess,
    wait_after,
)
from registration.accounts.logins import identify, new_link, use_link
from registration.accounts.models import Authenticator, Login, RecoveryCode
from registration.accounts.rules import LINK_LIFE, Held, Identity, Role
from registration.accounts.sealing import Sealed, seal, unseal
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.settings import Settings
from tests.builders import NOON, make_account

HALF_MINUTE = timedelta(seconds=30)


async def make_app(account_id: UUID, settings: Settings, *, now: datetime = NOON) -> pyotp.TOTP:
    """The account has an app; the code of this half minute is used up."""
    setup = totp.offer(account_id, "staff@example.fi", settings=settings, now=now)
    app = pyotp.TOTP(setup.typed.replace(" ", ""))
    await totp.add_app(account_id, setup.sealed, app.at(now), settings=settings, now=now)
    return app


async def weak(account_id: UUID, *, now: datetime = NOON) -> Identity:
    """Somebody who came by a mailed link."""
    path = await new_link(account_id, confirmed=True, life=LINK_LIFE, now=now)
    cookie, _next = await use_link(path.removeprefix("/login/"), device="", now=now)
    who = await identify(cookie, now=now)
    assert who is not None
    return who


async def prove(who: Identity, code: str, settings: Settings, *, now: datetime) -> str:
    return await proofs.by_code(who, code, device="", settings=settings, now=now)


async def test_a_code_opens_what_a_link_does_not_under_a_new_login(store: Settings) -> None:
    account_id = await make_account()
    app = await make_app(account_id, store)
    later = NOON + HALF_MINUTE
    who = await weak(account_id, now=later)
    assert (who.held, who.waiting, who.proved_at) == ((), (Held(Role.STAFF, None),), None)
    strong = await identify(await prove(who, app.at(later), store, now=later), now=later)
    assert strong is not None
    assert (strong.held, strong.waiting) == ((Held(Role.STAFF, None),), ())
    assert (strong.proved_at, strong.how) == (later, "code")
    assert strong.login_id != who.login_id
    assert await Login.filter(revoked_at=None).values_list("id", flat=True) == [strong.login_id]


@pytest.mark.parametrize("off", [-1, 0, 1])
async def test_clocks_may_differ_by_a_step(register: Settings, off: int) -> None:
    account_id = await make_account()
    app = await make_app(account_id, register)
    later = NOON + timedelta(minutes=5)
    who = await weak(account_id, now=later)
    assert await prove(who, app.at(later + off * HALF_MINUTE), register, now=later)


@pytest.mark.parametrize("off", [-2, 2, 100])
async def test_clocks_may_not_differ_by_more(register: Settings, off: int) -> None:
    account_id = await make_account()
    app = await make_app(account_id, register)
    later = NOON + timedelta(minutes=5)
    who = await weak(account_id, now=later)
    with pytest.raises(CodeWrong):
        await prove(who, app.at(later + off * HALF_MINUTE), register, now=later)


async def test_a_code_is_taken_once_by_one_of_many(store: Settings) -> None:
    account_id = await make_account()
    app = await make_app(account_id, store)
    later = NOON + timedelta(minutes=5)
    who = await weak(account_id, now=later)
    code = app.at(later)
    results = await asyncio.gather(
        *(prove(who, code, store, now=later) for _each in range(4)), return_exceptions=True
    )
    kinds = sorted(type(each).__name__ for each in results)
    assert kinds == ["CodeWrong", "CodeWrong", "CodeWrong", "str"]


async def test_the_code_of_the_setup_and_earlier_ones_are_used_up(register: Settings) -> None:
    account_id = await make_account()
    app = await make_app(account_id, register)
    who = await weak(account_id)
    for moment in (NOON, NOON - HALF_MINUTE):
        with pytest.raises(CodeWrong):
            await prove(who, app.at(moment), register, now=NOON)


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "１２３４５６", "000000 ", "-1"]
)
async def test_what_is_no_code_is_refused(register: Settings, code: str) -> None:
    account_id = await make_account()
    await make_app(account_id, register)
    with pytest.raises(CodeWrong):
        await prove(await weak(account_id), code, register, now=NOON)


async def test_an_app_counts_only_after_a_right_code_and_in_time(register: Settings) -> None:
    account_id, other = await make_account(), await make_account(Role.TRAINER, "t@example.fi")
    setup = totp.offer(account_id, "staff@example.fi", settings=register, now=NOON)
    assert setup.picture.startswith("data:image/svg+xml")
    code = pyotp.TOTP(setup.typed.replace(" ", "")).at(NOON)
    again = totp.offer_again(account_id, "", setup.sealed, settings=register, now=NOON)
    assert again.typed == setup.typed
    wrong = [
        (account_id, setup.sealed, "000000", NOON, CodeWrong),
        (other, setup.sealed, code, NOON, totp.SetupEnded),
        (account_id, "no such thing", code, NOON, totp.SetupEnded),
        (account_id, setup.sealed, code, NOON + totp.SETUP_LIFE, totp.SetupEnded),
    ]
    for whose, sealed, given, now, refusal in wrong:
        with pytest.raises(refusal):
            await totp.add_app(whose, sealed, given, settings=register, now=now)
    assert await Authenticator.all().count() == 0
    await totp.add_app(account_id, setup.sealed, code, settings=register, now=NOON)
    with pytest.raises(totp.AppThere):
        await totp.add_app(account_id, setup.sealed, code, settings=register, now=NOON)


async def test_the_secret_is_sealed_for_its_own_account(register: Settings) -> None:
    account_id, other = await make_account(), await make_account(Role.TRAINER, "t@example.fi")
    app = await make_app(account_id, register)
    kept = bytes((await Authenticator.get()).sealed_secret)
    assert app.secret.encode() not in kept
    opened = unseal(kept, purpose="totp", account_id=account_id, settings=register)
    assert opened.decode() == app.secret
    for whose, purpose in ((other, "totp"), (account_id, "totp-setup")):
        with pytest.raises(Sealed):
            unseal(kept, purpose=purpose, account_id=whose, settings=register)
    sealed = seal(b"x", purpose="totp", account_id=other, settings=register)
    assert sealed != seal(b"x", purpose="totp", account_id=other, settings=register)


def test_waits_grow_until_guessing_is_hopeless() -> None:
    assert [wait_after(wrong) for wrong in range(FREE_GUESSES)] == [None] * FREE_GUESSES
    minutes = [wait_after(FREE_GUESSES + more) for more in range(4)]
    assert minutes == [timedelta(minutes=each) for each in (1, 2, 4, 8)]
    assert wait_after(10_000) == timedelta(hours=24)
    looked_at, waited = 0, timedelta()
    while waited < timedelta(days=365):
        looked_at += 1
        waited += wait_after(looked_at) or timedelta()
    # Three codes are right at any time, of a million.
    assert looked_at * 3 / 1_000_000 < 0.002


async def test_of_ten_thousand_guesses_a_dozen_are_looked_at(register: Settings) -> None:
    account_id = await make_account()
    app = await make_app(account_id, register)
    looked_at = 0
    for second in range(10_000):
        now = NOON + timedelta(seconds=second)
        try:
            await take_guess(account_id, now=now)
        except TooManyGuesses:
            continue
        looked_at += 1
    assert looked_at == 12
    later = NOON + timedelta(seconds=10_000)
    with pytest.raises(TooManyGuesses):
        await prove(await weak(account_id, now=later), app.at(later), register, now=later)


async def test_a_right_code_begins_the_count_anew(register: Settings) -> None:
    account_id = await make_account()
    app = await make_app(account_id, register)
    moment = NOON
    for _round in range(3):
        who = await weak(account_id, now=moment)
        for _wrong in range(FREE_GUESSES - 1):
            with pytest.raises(CodeWrong):
                await prove(who, "no code", register, now=moment)
        moment += timedelta(minutes=2)
        assert await prove(who, app.at(moment), register, now=moment)


async def test_recovery_codes_work_once_and_are_told(register: Settings) -> None:
    account_id = await make_account()
    await make_app(account_id, register)
    made = await codes.make_codes(account_id, settings=register, now=NOON)
    assert (len(made), len(set(made))) == (10, 10)
    assert await codes.make_codes(account_id, settings=register, now=NOON, first=True) == ()
    who = await weak(account_id)
    typed = made[3].lower().replace("-", " ")
    cookie = await prove(who, typed, register, now=NOON)
    strong = await identify(cookie, now=NOON)
    assert strong is not None
    assert (strong.how, strong.roles) == ("recovery", frozenset({Role.STAFF}))
    assert (await factors_of(account_id)).codes_left == 9
    with pytest.raises(CodeWrong):
        await prove(who, made[3], register, now=NOON)
    texts = [
        mail.body_text for mail in await Mail.all() if "recovery code was used" in mail.body_text
    ]
    assert len(texts) == 1
    assert "9 codes are left." in texts[0]
    acts = [row.act for row in await Entry.all().order_by("number")]
    assert acts.count("recovery-used") == 1


async def test_new_recovery_codes_end_the_earlier_ones(register: Settings) -> None:
    account_id = await make_account()
    await make_app(account_id, register)
    [before, *_more] = await codes.make_codes(account_id, settings=register, now=NOON)
    [after, *_more] = await codes.make_codes(account_id, settings=register, now=NOON)
    with pytest.raises(CodeWrong):
        await codes.find_code(account_id, before, settings=register)
    assert await codes.find_code(account_id, after, settings=register)
    stored = [bytes(row.code_hash) for row in await RecoveryCode.all()]
    assert all(codes.plain(after).encode() not in each for each in stored)


async def test_with_the_last_factor_go_the_recovery_codes(register: Settings) -> None:
    account_id = await make_account()
    await make_app(account_id, register)
    await codes.make_codes(account_id, settings=register, now=NOON)
    await totp.remove_app(account_id, settings=register, now=NOON)
    held = await factors_of(account_id)
    assert (held.any, held.codes_left) == (False, 0)
    with pytest.raises(totp.AppNotFound):
        await totp.remove_app(account_id, settings=register, now=NOON)


async def test_a_first_factor_takes_the_proof_of_links_elsewhere(register: Settings) -> None:
    """Who only reads the mail cannot add a factor of their own after the owner has one."""
    account_id = await make_account()
    thief, owner = await weak(account_id), await weak(account_id)
    assert thief.proved_at == NOON
    await make_app(account_id, register)
    await proofs.raised(owner, How.CODE, device="", now=NOON)
    rows = await Login.filter(id=thief.login_id).values_list("proved_at", flat=True)
    assert rows == [None]
