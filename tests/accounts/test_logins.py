from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from registration.accounts.assurance import STRICT_IDLE, STRICT_LIFE
from registration.accounts.logins import (
    LoginNotFound,
    ask_link,
    identify,
    identify_token,
    log_out,
    look_at_link,
    new_link,
    purge_ended,
    revoke,
    use_link,
)
from registration.accounts.models import Account, Login, LoginLink
from registration.accounts.queries import logins_of
from registration.accounts.rules import (
    LINK_LIFE,
    LOGIN_IDLE,
    LOGIN_LIFE,
    SEEN_STEP,
    Held,
    LinkUsedOrEnded,
    Role,
)
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.settings import Settings
from tests.builders import NOON, make_account, make_participant, make_person
from tests.web.counting import statements


async def secret_for(role: Role = Role.STAFF, *, life: timedelta = LINK_LIFE) -> str:
    account_id = await make_account(role)
    path = await new_link(account_id, confirmed=True, life=life, now=NOON)
    return path.removeprefix("/login/")


async def test_link_logs_in_once(register: Settings) -> None:
    secret = await secret_for()
    cookie, _next = await use_link(secret, device="Firefox, Linux", now=NOON)
    who = await identify(cookie, now=NOON)
    assert who is not None
    assert (who.held, who.waiting) == ((), (Held(Role.STAFF, None),))
    with pytest.raises(LinkUsedOrEnded):
        await use_link(secret, device="", now=NOON)
    assert await Login.all().count() == 1


async def test_of_many_who_use_a_link_at_once_exactly_one_gets_in(store: Settings) -> None:
    secret = await secret_for()
    results = await asyncio.gather(
        *(use_link(secret, device="", now=NOON) for _ in range(8)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in results) == ["LinkUsedOrEnded"] * 7 + ["tuple"]
    assert await Login.all().count() == 1


async def test_link_ends(register: Settings) -> None:
    secret = await secret_for()
    assert await look_at_link(secret, now=NOON + LINK_LIFE - timedelta(seconds=1)) is not None
    assert await look_at_link(secret, now=NOON + LINK_LIFE) is None
    with pytest.raises(LinkUsedOrEnded):
        await use_link(secret, device="", now=NOON + LINK_LIFE)


@pytest.mark.parametrize("place", [0, 31, 33, 75])
async def test_altered_link_opens_nothing(register: Settings, place: int) -> None:
    secret = await secret_for()
    altered = secret[:place] + ("0" if secret[place] != "0" else "1") + secret[place + 1 :]
    assert await look_at_link(altered, now=NOON) is None
    with pytest.raises(LinkUsedOrEnded):
        await use_link(altered, device="", now=NOON)


async def test_secrets_are_stored_as_hashes_only(register: Settings) -> None:
    secret = await secret_for()
    cookie, _next = await use_link(secret, device="", now=NOON)
    link, login = await LoginLink.get(), await Login.get()
    assert secret.split(".")[1].encode() not in bytes(link.secret_hash)
    assert cookie.split(".")[1].encode() not in bytes(login.secret_hash)
    assert (len(link.secret_hash), len(login.secret_hash)) == (32, 32)


async def test_mail_has_one_link_for_each_who_shares_the_address(register: Settings) -> None:
    await make_account(Role.STAFF, email="shared@example.fi", name="Sari Staff")
    await make_person("Aino", "Virtanen", "shared@example.fi")
    await make_person("Eero", "Laine", "shared@example.fi")
    await ask_link("Shared@Example.fi", settings=register, now=NOON)
    mail = await Mail.get()
    assert mail.address == "shared@example.fi"
    assert mail.body_text.count("/login/") == 3
    names = [row.name for row in await Account.all().order_by("name")]
    assert names == ["Aino Virtanen", "Eero Laine", "Sari Staff"]
    assert mail.drop_at == NOON + LINK_LIFE


async def test_asking_again_makes_no_second_account(register: Settings) -> None:
    await make_person()
    for _ in range(2):
        await ask_link("aino@example.fi", settings=register, now=NOON)
    assert await Account.all().count() == 1


@pytest.mark.parametrize("email", ["nobody@example.fi", "no address", ""])
async def test_unknown_address_gets_no_mail(register: Settings, email: str) -> None:
    await ask_link(email, settings=register, now=NOON)
    assert await Mail.all().count() == 0
    assert await LoginLink.all().count() == 0


async def test_link_follows_a_corrected_address(register: Settings) -> None:
    person, account_id = await make_participant("old@example.fi")
    person.email = "new@example.fi"
    await person.save()
    await ask_link("old@example.fi", settings=register, now=NOON)
    assert await Mail.all().count() == 0
    await ask_link("new@example.fi", settings=register, now=NOON)
    assert (await Account.get(id=account_id)).email == "new@example.fi"


async def test_participant_is_known_as_their_person(register: Settings) -> None:
    person, account_id = await make_participant()
    path = await new_link(account_id, confirmed=True, life=LINK_LIFE, now=NOON)
    cookie, _next = await use_link(path.removeprefix("/login/"), device="", now=NOON)
    who = await identify(cookie, now=NOON)
    assert who is not None
    assert (who.person_id, who.roles) == (person.id, frozenset({Role.PARTICIPANT}))


@pytest.mark.parametrize(
    ("role", "idle", "life"),
    [
        (Role.TRAINER, STRICT_IDLE, STRICT_LIFE),
        (Role.PARTICIPANT, LOGIN_IDLE, LOGIN_LIFE),
    ],
)
async def test_login_ends_when_idle_and_after_its_life(
    register: Settings, role: Role, idle: timedelta, life: timedelta
) -> None:
    if role is Role.PARTICIPANT:
        _person, account_id = await make_participant()
    else:
        account_id = await make_account(role)
    path = await new_link(account_id, confirmed=True, life=LINK_LIFE, now=NOON)
    cookie, _next = await use_link(path.removeprefix("/login/"), device="", now=NOON)
    assert await identify(cookie, now=NOON + idle) is None
    moment = NOON
    while moment + idle / 2 < NOON + life:
        moment += idle / 2
        assert await identify(cookie, now=moment) is not None
        assert len(await logins_of(account_id, now=moment)) == 1
    assert await identify(cookie, now=NOON + life) is None
    assert await logins_of(account_id, now=NOON + life) == []


async def test_being_seen_is_written_once_in_a_while(register: Settings) -> None:
    cookie, _next = await use_link(await secret_for(), device="", now=NOON)
    await identify(cookie, now=NOON + SEEN_STEP - timedelta(seconds=1))
    assert (await Login.get()).seen_at == NOON
    await identify(cookie, now=NOON + SEEN_STEP)
    assert (await Login.get()).seen_at == NOON + SEEN_STEP


@pytest.mark.parametrize("printed", [True, False], ids=["strong", "weak"])
async def test_knowing_who_asks_takes_two_queries(register: Settings, printed: bool) -> None:
    path = await new_link(await make_account(), confirmed=not printed, life=LINK_LIFE, now=NOON)
    cookie, _next = await use_link(path.removeprefix("/login/"), device="", now=NOON)
    async with statements() as asked:
        assert await identify(cookie, now=NOON) is not None
    assert len(asked) == 2


async def test_revoked_login_opens_nothing(register: Settings) -> None:
    cookie, _next = await use_link(await secret_for(), device="Firefox, Linux", now=NOON)
    who = await identify(cookie, now=NOON)
    assert who is not None
    lines = await logins_of(who.account_id, now=NOON)
    assert [line.device for line in lines] == ["Firefox, Linux"]
    await revoke(lines[0].id, account_id=who.account_id, now=NOON)
    assert await identify(cookie, now=NOON) is None
    with pytest.raises(LoginNotFound):
        await revoke(lines[0].id, account_id=who.account_id, now=NOON)


async def test_nobody_revokes_the_login_of_another(register: Settings) -> None:
    cookie, _next = await use_link(await secret_for(), device="", now=NOON)
    stranger = await make_account(Role.TRAINER, email="other@example.fi")
    login = await Login.get()
    with pytest.raises(LoginNotFound):
        await revoke(login.id, account_id=stranger, now=NOON)
    assert await identify(cookie, now=NOON) is not None


async def test_logging_in_and_out_is_on_record(register: Settings) -> None:
    cookie, _next = await use_link(await secret_for(), device="", now=NOON)
    who = await identify(cookie, now=NOON)
    assert who is not None
    assert who.login_id is not None
    await log_out(who.login_id, now=NOON)
    acts = [row.act for row in await Entry.all().order_by("number")]
    assert acts[-2:] == ["login", "logout"]


async def test_purge_takes_what_ended_and_leaves_the_rest(register: Settings) -> None:
    account_id = await make_account()
    for life in (timedelta(minutes=1), timedelta(days=9)):
        await new_link(account_id, confirmed=True, life=life, now=NOON)
    assert await purge_ended(now=NOON + timedelta(days=2)) == 1
    assert await LoginLink.all().count() == 1


async def test_a_cookie_is_no_token(register: Settings) -> None:
    cookie, _next = await use_link(await secret_for(), device="", now=NOON)
    assert await identify_token(cookie, now=NOON) is None
    assert await identify_token(f"reg_{cookie}", now=NOON) is None
