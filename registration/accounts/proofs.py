"""From a proof to a login: a second step, a new proof of somebody logged in, a passkey, single
sign-on. Each opens a login under a new id and ends the one before it in that browser."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from registration.accounts import codes, passkeys, totp
from registration.accounts.assurance import NEEDS_SECOND, How
from registration.accounts.factors import (
    CodeWrong,
    ProofRefused,
    forget_guesses,
    spend,
    take_guess,
)
from registration.accounts.letters import News, tell
from registration.accounts.logins import open_login
from registration.accounts.models import Account, Login, OutsideLogin
from registration.accounts.queries import held_by
from registration.accounts.rules import Identity
from registration.accounts.sso import Outsider
from registration.db import transaction
from registration.errors import Forbidden
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.settings import Settings

# How long an answered question is remembered: longer than any is open.
ASKED_LIFE = timedelta(hours=1)


class NobodyKnown(Forbidden):
    message = N_(
        "Your organisation's login knows you, and we have no account for you. Ask the person who "
        "runs the trainings for one; it needs the e-mail address that your organisation has."
    )


async def spent(asked: Mapping[str, str], *, to: str, now: datetime) -> bytes:
    """The challenge that was ``asked`` of a browser to do just this; it is answered by that, once.

    Raises ``ProofRefused``.
    """
    if asked.get("to") != to:
        raise ProofRefused
    challenge = bytes.fromhex(asked["challenge"])
    await spend(challenge, keep_until=now + ASKED_LIFE)
    return challenge


async def spent_state(state: str, *, now: datetime) -> None:
    """The state of a single sign-on is answered. Raises ``ProofRefused`` if it was before."""
    await spend(state.encode(), keep_until=now + ASKED_LIFE)


async def by_code(
    who: Identity, code: str, *, device: str, settings: Settings, now: datetime
) -> str:
    """A strong login for somebody who is logged in, by a code of the app or of the paper; says the
    cookie's secret. Raises ``CodeWrong``, ``TooManyGuesses``."""
    await take_guess(who.account_id, now=now)
    try:
        found = None
        if codes.looks_like_one(code):
            found = await codes.find_code(who.account_id, code, settings=settings)
        async with transaction():
            account = await Account.filter(id=who.account_id).select_for_update().get()
            if found is None:
                await totp.use_code(account, code, settings=settings, now=now)
            else:
                await codes.use_code(account, found, settings=settings, now=now)
            await forget_guesses(account.id)
            how = How.CODE if found is None else How.RECOVERY
            return await _open(account, how, who, device=device, now=now)
    except CodeWrong:
        await _refused(who.account_id, "code", now=now)
        raise


async def by_passkey(
    who: Identity | None,
    answer: str,
    *,
    challenge: bytes,
    device: str,
    settings: Settings,
    now: datetime,
) -> str:
    """A strong login for the key's owner; for nobody else when somebody is logged in already.

    Raises ``ProofRefused``.
    """
    try:
        account = await passkeys.check(answer, challenge=challenge, settings=settings, now=now)
        if who is not None and who.account_id != account.id:
            raise ProofRefused
    except ProofRefused:
        await _refused(who.account_id if who else None, "passkey", now=now)
        raise
    async with transaction():
        await Account.filter(id=account.id).select_for_update().get()
        return await _open(account, How.PASSKEY, who, device=device, now=now)


async def by_outside(
    who: Identity | None, outsider: Outsider, *, device: str, settings: Settings, now: datetime
) -> str:
    """A strong login for the account that is bound to this subject of the provider.

    The first time it is found by its verified address, among accounts with a role for which there
    is single sign-on, and bound. An address that passes to another person opens nothing then.
    Raises ``NobodyKnown``, and ``ProofRefused`` if it is another one than who is logged in.
    """
    async with transaction():
        account = await _bound(outsider, now=now) or await _bind(
            outsider, settings=settings, now=now
        )
        if account is not None and (who is None or who.account_id == account.id):
            return await _open(account, How.SSO, who, device=device, now=now)
    await _refused(None, "sso", now=now)
    raise NobodyKnown if account is None else ProofRefused


async def raised(who: Identity, how: How, *, device: str, now: datetime) -> str:
    """A strong login for somebody who has just added a factor, and so shown it."""
    async with transaction():
        account = await Account.filter(id=who.account_id).select_for_update().get()
        return await _open(account, how, who, device=device, now=now)


async def _open(
    account: Account, how: How, who: Identity | None, *, device: str, now: datetime
) -> str:
    # What a mailed link proved elsewhere counts no more: there is something better to ask for.
    weak = Login.filter(account_id=account.id, strong=False, revoked_at=None)
    await weak.update(proved_at=None)
    before = who.login_id if who else None
    return await open_login(account, how, device=device, proved_at=now, replaces=before, now=now)


async def _bound(outsider: Outsider, *, now: datetime) -> Account | None:
    row = (
        await OutsideLogin.filter(issuer=outsider.issuer, outside_subject=outsider.subject)
        .select_related("account")
        .first()
    )
    if row is None or row.account.ended_at is not None:
        return None
    await Account.filter(id=row.account.id).select_for_update().get()
    await OutsideLogin.filter(id=row.id).update(used_at=now)
    return row.account


async def _bind(outsider: Outsider, *, settings: Settings, now: datetime) -> Account | None:
    if not outsider.email:
        return None
    account = await (
        Account.filter(email=outsider.email.strip().lower(), person_id=None, ended_at=None)
        .select_for_update()
        .first()
    )
    if account is None or await OutsideLogin.filter(account_id=account.id).exists():
        return None
    if not any(each.role in NEEDS_SECOND for each in await held_by(account, now=now)):
        return None
    known = OutsideLogin.filter(issuer=outsider.issuer, outside_subject=outsider.subject)
    if await known.exists():
        return None
    await OutsideLogin.create(
        id=uuid4(),
        account_id=account.id,
        issuer=outsider.issuer,
        outside_subject=outsider.subject,
        created_at=now,
        used_at=now,
    )
    await record(
        Act.FACTOR_ADDED,
        now=now,
        actor_id=account.id,
        subject_id=account.id,
        note=Note(codes=("sso",)),
    )
    await tell(account, News.OUTSIDE_BOUND, settings=settings, now=now)
    return account


async def _refused(account_id: UUID | None, code: str, *, now: datetime) -> None:
    async with transaction():
        await record(
            Act.FACTOR_REFUSED if account_id else Act.LOGIN_REFUSED,
            now=now,
            actor_id=account_id,
            subject_id=account_id,
            note=Note(codes=(code,)),
        )
