"""Passkeys that fit, that do not, and that are copies."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from registration.accounts.factors import ProofRefused, factors_of, reset_factors
from registration.accounts.models import Login, Passkey
from registration.accounts.passkeys import (
    MOST_KEYS,
    EnoughPasskeys,
    PasskeyNotFound,
    PasskeyThere,
    _read,
    _verified,
    add_key,
    ask_to_add,
    ask_who,
    check,
    possible,
    remove_key,
    rename_key,
)
from registration.accounts.rules import Role
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.settings import Settings
from tests.accounts.device import ORIGIN, Device, another_challenge
from tests.builders import NOON, make_account


@pytest.fixture
async def there(register: Settings) -> Settings:
    """The register, at an address where browsers know passkeys."""
    return register.model_copy(update={"base_url": ORIGIN})


async def make_key(account_id: UUID, settings: Settings, device: Device | None = None) -> Device:
    device = device or Device()
    question = await ask_to_add(account_id, settings=settings)
    answer = json.dumps(device.make(question.options))
    await add_key(
        account_id,
        answer,
        challenge=question.challenge,
        name="My phone",
        settings=settings,
        now=NOON,
    )
    return device


async def try_key(device: Device, settings: Settings) -> UUID:
    question = ask_who(settings=settings)
    answer = json.dumps(device.answer(question.options))
    account = await check(answer, challenge=question.challenge, settings=settings, now=NOON)
    return UUID(str(account.id))


async def test_a_key_that_was_made_proves_who_it_is(there: Settings) -> None:
    account_id = await make_account()
    device = await make_key(account_id, there)
    assert await try_key(device, there) == account_id
    assert await try_key(device, there) == account_id
    held = await factors_of(account_id)
    assert [(key.name, key.used_at) for key in held.passkeys] == [("My phone", NOON)]
    acts = [(row.act, row.subject_id) for row in await Entry.all().order_by("number")]
    assert acts[-3:] == [
        ("factor-added", account_id),
        ("factor-used", account_id),
        ("factor-used", account_id),
    ]
    assert [mail.template for mail in await Mail.all()] == ["login-changed"]


async def test_the_question_names_nobody_and_asks_for_the_person(there: Settings) -> None:
    await make_key(await make_account(), there)
    asked = json.loads(ask_who(settings=there).options)
    assert (asked["allowCredentials"], asked["userVerification"], asked["rpId"]) == (
        [],
        "required",
        "localhost",
    )
    made = json.loads(
        (await ask_to_add(await make_account(Role.TRAINER, "t@e.fi"), settings=there)).options
    )
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["authenticatorSelection"]["userVerification"] == "required"


WRONG: dict[str, Callable[[Device], None]] = {
    "another origin": lambda device: setattr(device, "origin", "http://localhost.evil.example"),
    "another port": lambda device: setattr(device, "origin", "http://localhost:8001"),
    "another host": lambda device: setattr(device, "host", "evil.example"),
    "nobody verified": lambda device: setattr(device, "verified", False),
    "another's handle": lambda device: setattr(device, "user", b"0123456789abcdef"),
    "another key": lambda device: setattr(device, "key", Device().key),
    "unknown key": lambda device: setattr(device, "id", b"x" * 32),
}


@pytest.mark.parametrize("wrong", list(WRONG))
async def test_what_does_not_fit_is_refused(there: Settings, wrong: str) -> None:
    device = await make_key(await make_account(), there)
    WRONG[wrong](device)
    with pytest.raises(ProofRefused):
        await try_key(device, there)
    assert (await Passkey.get()).used_at is None


@pytest.mark.parametrize("wrong", ["another origin", "another host", "nobody verified"])
async def test_a_key_made_elsewhere_is_not_taken(there: Settings, wrong: str) -> None:
    device = Device()
    WRONG[wrong](device)
    with pytest.raises(ProofRefused):
        await make_key(await make_account(), there, device)
    assert await Passkey.all().count() == 0


async def test_an_answer_to_another_challenge_is_refused(there: Settings) -> None:
    device = await make_key(await make_account(), there)
    question = ask_who(settings=there)
    answer = json.dumps(device.answer(another_challenge(question.options)))
    with pytest.raises(ProofRefused):
        await check(answer, challenge=question.challenge, settings=there, now=NOON)


async def test_a_count_that_falls_back_is_a_copy_refused_and_told(there: Settings) -> None:
    account_id = await make_account()
    device = await make_key(account_id, there)
    await try_key(device, there)
    device.count -= 1
    with pytest.raises(ProofRefused):
        await try_key(device, there)
    last = await Entry.all().order_by("-number").first()
    assert last is not None
    assert (last.act, json.loads(last.detail)["codes"]) == ("factor-refused", ["passkey", "copied"])
    told = [mail.body_text for mail in await Mail.all().order_by("queued_at")]
    assert "looks like a copy of your passkey My phone" in told[-1]


async def test_devices_that_do_not_count_are_taken(there: Settings) -> None:
    account_id = await make_account()
    device = await make_key(account_id, there, Device(rising=False))
    assert [await try_key(device, there) for _each in range(2)] == [account_id] * 2


async def test_a_key_is_added_once_and_ten_are_enough(there: Settings) -> None:
    account_id = await make_account()
    device = await make_key(account_id, there)
    with pytest.raises(PasskeyThere):
        await make_key(account_id, there, device)
    for _each in range(MOST_KEYS - 1):
        await make_key(account_id, there)
    with pytest.raises(EnoughPasskeys):
        await ask_to_add(account_id, settings=there)


async def test_only_its_owner_renames_and_removes_a_key(there: Settings) -> None:
    account_id = await make_account()
    other = await make_account(Role.TRAINER, "other@example.fi")
    device = await make_key(account_id, there)
    [key] = (await factors_of(account_id)).passkeys
    for refused in (
        rename_key(key.id, "Mine", account_id=other),
        remove_key(key.id, account_id=other, settings=there, now=NOON),
    ):
        with pytest.raises(PasskeyNotFound):
            await refused
    await rename_key(key.id, " Work phone ", account_id=account_id)
    assert (await factors_of(account_id)).passkeys[0].name == "Work phone"
    await remove_key(key.id, account_id=account_id, settings=there, now=NOON)
    with pytest.raises(ProofRefused):
        await try_key(device, there)


async def test_a_reset_takes_every_factor_and_every_login(there: Settings) -> None:
    account_id, admin = await make_account(), await make_account(email="admin@example.fi")
    await make_key(account_id, there)
    await reset_factors(account_id, actor_id=admin, now=NOON)
    assert not (await factors_of(account_id)).any
    assert await Login.filter(account_id=account_id, revoked_at=None).count() == 0
    last = await Entry.all().order_by("-number").first()
    assert last is not None
    assert (last.act, last.actor_id, last.subject_id) == ("factor-removed", admin, account_id)


@pytest.mark.parametrize(
    ("address", "can"),
    [
        ("https://registration.example", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
        ("https://[::1]:8443", False),
        ("http://registration.example", False),
    ],
)
def test_passkeys_need_a_name_and_a_safe_line(
    tmp_path_factory: pytest.TempPathFactory, address: str, can: bool
) -> None:
    assert possible(Settings(base_url=address)) is can


HOSTILE = (
    "",
    "null",
    "[]",
    "{",
    '{"id": "a", "id": "b"}',
    "[" * 9000,
    '{"a":' * 2500,
    '"' + "x" * 20_000 + '"',
    '{"id": 1, "rawId": [], "response": {}, "type": "public-key"}',
    '{"id": "", "rawId": "", "response": {}, "type": "public-key"}',
    "\ud800",
)


@pytest.mark.parametrize("answer", HOSTILE, ids=range(len(HOSTILE)))
async def test_malformed_answers_are_refused_and_break_nothing(
    there: Settings, answer: str
) -> None:
    account_id = await make_account()
    with pytest.raises(ProofRefused):
        await check(answer, challenge=b"c" * 64, settings=there, now=NOON)
    with pytest.raises(ProofRefused):
        await add_key(account_id, answer, challenge=b"c" * 64, name="", settings=there, now=NOON)


PARTS = st.dictionaries(
    st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "userHandle"]),
    st.one_of(
        st.none(), st.integers(), st.text(max_size=40), st.binary(max_size=60).map(bytes.hex)
    ),
)


@hypothesis(max_examples=200, deadline=None)
@given(PARTS, st.text(max_size=20))
def test_no_answer_whatever_breaks_the_check(parts: dict[str, object], kind: str) -> None:
    row = Passkey(
        account_id=UUID(int=1), credential="AAAA", public_key=b"\xa0", sign_count=0, name=""
    )
    answer: dict[str, object] = {
        "id": "AAAA",
        "rawId": "AAAA",
        "type": kind or "public-key",
        "response": parts,
    }
    here = Settings(base_url=ORIGIN)
    assert _verified(answer, row, challenge=b"c", settings=here) is None
    assert _read(json.dumps(answer)) == answer
