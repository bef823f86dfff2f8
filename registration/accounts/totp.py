"""Codes from an app on the person's phone (RFC 6238): six figures, a new one each half minute."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pyotp
import segno

from registration.accounts.factors import CodeWrong, drop_last
from registration.accounts.letters import News, tell
from registration.accounts.models import Account, Authenticator
from registration.accounts.sealing import Sealed, seal, unseal
from registration.db import transaction
from registration.errors import Conflict, NotFound
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.settings import Settings

STEP = 30
DIGITS = 6
# One step either way: phones and servers are seldom further apart than that.
SKEW = 1
SETUP_LIFE = timedelta(hours=1)
KEPT, OFFERED = "totp", "totp-setup"


class AppThere(Conflict):
    message = N_("You have an authenticator app already. Remove it before you add another one.")


class AppNotFound(NotFound):
    message = N_("You have no authenticator app.")


class SetupEnded(Conflict):
    message = N_("This took too long. Open the page again and scan the new picture.")


@dataclass(frozen=True, slots=True)
class Setup:
    """What a person needs to set up the app: a picture (data URI) to scan, the same secret to
    type, and ``sealed``, which comes back with the first code. Nothing is stored yet."""

    picture: str
    typed: str
    sealed: str


def offer(account_id: UUID, email: str, *, settings: Settings, now: datetime) -> Setup:
    """A new secret for an app; it counts only once a code of it is right."""
    secret = pyotp.random_base32()
    plain = f"{int(now.timestamp())}:{secret}".encode()
    sealed = seal(plain, purpose=OFFERED, account_id=account_id, settings=settings)
    return _shown(secret, base64.urlsafe_b64encode(sealed).decode(), email, settings)


def offer_again(
    account_id: UUID, email: str, sealed: str, *, settings: Settings, now: datetime
) -> Setup:
    """The same picture once more, after a wrong code. Raises ``SetupEnded``."""
    return _shown(_opened(account_id, sealed, settings=settings, now=now), sealed, email, settings)


def _shown(secret: str, sealed: str, email: str, settings: Settings) -> Setup:
    address = pyotp.TOTP(secret).provisioning_uri(
        name=email, issuer_name=settings.organisation.name
    )
    picture = segno.make(address, error="m").svg_data_uri(scale=5, dark="#000", light="#fff")
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return Setup(picture, grouped, sealed)


def _opened(account_id: UUID, sealed: str, *, settings: Settings, now: datetime) -> str:
    try:
        content = base64.urlsafe_b64decode(sealed.encode())
        plain = unseal(content, purpose=OFFERED, account_id=account_id, settings=settings)
    except (Sealed, binascii.Error, ValueError):
        raise SetupEnded from None
    made, _colon, secret = plain.decode().partition(":")
    if now >= datetime.fromtimestamp(int(made), UTC) + SETUP_LIFE:
        raise SetupEnded
    return secret


def step_of(secret: str, code: str, *, after: int, now: datetime) -> int | None:
    """The half minute whose code this is, within one of ``now`` and later than ``after``."""
    digits = "".join(code.split())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()):
        return None
    maker, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    found = None
    for step in range(present - SKEW, present + SKEW + 1):
        same = hmac.compare_digest(maker.at(step * STEP), digits)
        if same and step > after and found is None:
            found = step
    return found


async def add_app(
    account_id: UUID, sealed: str, code: str, *, settings: Settings, now: datetime
) -> None:
    """The app counts from now on, and its owner is told. The code that showed that it works is
    used up. Raises ``CodeWrong``, ``AppThere``, ``SetupEnded``."""
    secret = _opened(account_id, sealed, settings=settings, now=now)
    step = step_of(secret, code, after=0, now=now)
    if step is None:
        raise CodeWrong
    async with transaction():
        account = await Account.filter(id=account_id).select_for_update().get()
        if await Authenticator.filter(account_id=account_id).exists():
            raise AppThere
        await Authenticator.create(
            id=uuid4(),
            account_id=account_id,
            sealed_secret=seal(
                secret.encode(), purpose=KEPT, account_id=account_id, settings=settings
            ),
            last_step=step,
            created_at=now,
        )
        await _noted(account, Act.FACTOR_ADDED, now=now)
        await tell(account, News.APP_ADDED, settings=settings, now=now)


async def remove_app(account_id: UUID, *, settings: Settings, now: datetime) -> None:
    """The app's codes open nothing any more, and its owner is told. Raises ``AppNotFound``."""
    async with transaction():
        account = await Account.filter(id=account_id).select_for_update().get()
        if not await Authenticator.filter(account_id=account_id).delete():
            raise AppNotFound
        await drop_last(account_id)
        await _noted(account, Act.FACTOR_REMOVED, now=now)
        await tell(account, News.APP_REMOVED, settings=settings, now=now)


async def use_code(account: Account, code: str, *, settings: Settings, now: datetime) -> None:
    """The code is used up: of two who send it at once exactly one is let in. To be called inside
    the transaction of what it opens. Raises ``CodeWrong``."""
    app = await Authenticator.get_or_none(account_id=account.id)
    if app is None:
        raise CodeWrong
    try:
        secret = unseal(
            bytes(app.sealed_secret), purpose=KEPT, account_id=account.id, settings=settings
        ).decode()
    except Sealed:
        raise CodeWrong from None
    step = step_of(secret, code, after=app.last_step, now=now)
    if step is None:
        raise CodeWrong
    won = await Authenticator.filter(id=app.id, last_step__lt=step).update(
        last_step=step, used_at=now
    )
    if not won:
        raise CodeWrong
    await _noted(account, Act.FACTOR_USED, now=now)


async def _noted(account: Account, act: Act, *, now: datetime) -> None:
    await record(
        act,
        now=now,
        actor_id=account.id,
        subject_id=account.person_id or account.id,
        note=Note(codes=("app",)),
    )
