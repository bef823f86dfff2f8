"""What a person can prove to be themselves with, beside the mailed link; all of it together.

Each kind has a module of its own: ``passkeys``, ``totp``, ``recovery``, ``sso``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from registration.accounts.models import (
    Account,
    Authenticator,
    CodeGuess,
    Login,
    LoginLink,
    OutsideLogin,
    Passkey,
    RecoveryCode,
    SpentProof,
)
from registration.accounts.rules import AccountNotFound
from registration.db import transaction
from registration.errors import Conflict, Forbidden
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record

FREE_GUESSES = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=24)


class ProofRefused(Forbidden):
    """Whatever was wrong with it: nobody who guesses learns more."""

    message = N_("That did not prove who you are. Try again, or choose another way.")


class CodeWrong(Forbidden):
    message = N_("This code is not right, or it was used already. Wait for the next one.")


class TooManyGuesses(Conflict):
    message = N_("Too many codes were wrong. The next one is looked at in {minutes} minutes.")


@dataclass(frozen=True, slots=True)
class PasskeyLine:
    id: UUID
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """All that an account has. ``authenticator_since`` None: no app for codes."""

    passkeys: tuple[PasskeyLine, ...]
    authenticator_since: datetime | None
    codes_left: int
    outside: bool

    @property
    def own(self) -> bool:
        """Whether there is a second factor of the person's own."""
        return bool(self.passkeys) or self.authenticator_since is not None

    @property
    def any(self) -> bool:
        return self.own or self.outside


async def factors_of(account_id: UUID) -> Factors:
    """Four queries, for pages on logging in and for the moment of it."""
    keys = await Passkey.filter(account_id=account_id).order_by("created_at", "id")
    app = await Authenticator.get_or_none(account_id=account_id)
    return Factors(
        tuple(PasskeyLine(row.id, row.name, row.created_at, row.used_at) for row in keys),
        app.created_at if app else None,
        await RecoveryCode.filter(account_id=account_id).count(),
        await OutsideLogin.filter(account_id=account_id).exists(),
    )


async def reset_factors(account_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """The account has no second factor and no single sign-on any more, and nobody is logged in to
    it: the person begins anew with a link. Who may order that is for the caller to have checked.

    Raises ``AccountNotFound``.
    """
    async with transaction():
        if not await Account.filter(id=account_id).exists():
            raise AccountNotFound
        gone = 0
        for model in (Passkey, Authenticator, RecoveryCode, OutsideLogin):
            gone += await model.filter(account_id=account_id).delete()
        await CodeGuess.filter(account_id=account_id).delete()
        await LoginLink.filter(account_id=account_id, used_at=None).update(used_at=now)
        await Login.filter(account_id=account_id, revoked_at=None).update(revoked_at=now)
        await record(
            Act.FACTOR_REMOVED,
            now=now,
            actor_id=actor_id,
            subject_id=account_id,
            note=Note(count=gone, codes=("reset",)),
        )


def wait_after(wrong: int) -> timedelta | None:
    """How long no code is looked at after ``wrong`` ones in a row, doubling from a minute."""
    if wrong < FREE_GUESSES:
        return None
    return min(FIRST_WAIT * (1 << min(wrong - FREE_GUESSES, 16)), LONGEST_WAIT)


async def take_guess(account_id: UUID, *, now: datetime) -> None:
    """One guess is charged before the code is looked at, so that many at once are no way around.

    Raises ``TooManyGuesses`` while it is closed, right code or wrong.
    """
    # Who hammers on a closed door takes no lock from others.
    _check_open(await CodeGuess.get_or_none(account_id=account_id), now)
    async with transaction():
        await Account.filter(id=account_id).select_for_update().first()
        row = await CodeGuess.get_or_none(account_id=account_id)
        if row is None:
            row = CodeGuess(id=uuid4(), account_id=account_id, wrong=0, closed_until=None)
        _check_open(row, now)
        row.wrong += 1
        wait = wait_after(row.wrong)
        row.closed_until = now + wait if wait else None
        await row.save()


def _check_open(row: CodeGuess | None, now: datetime) -> None:
    if row is not None and row.closed_until is not None and now < row.closed_until:
        left = row.closed_until - now
        raise TooManyGuesses(minutes=1 + int(left.total_seconds() // 60))


async def forget_guesses(account_id: UUID) -> None:
    """The code was right: the count begins anew."""
    await CodeGuess.filter(account_id=account_id).delete()


async def spend(proof: bytes, *, keep_until: datetime) -> None:
    """A challenge or a state is answered, once, whatever comes of it.

    Raises ``ProofRefused`` for one that was answered before.
    """
    try:
        await SpentProof.create(id=UUID(bytes=sha256(proof).digest()[:16]), expires_at=keep_until)
    except IntegrityError:
        raise ProofRefused from None


async def drop_last(account_id: UUID) -> None:
    """Recovery codes go with the last factor that they stand in for."""
    keys = await Passkey.filter(account_id=account_id).exists()
    if not keys and not await Authenticator.filter(account_id=account_id).exists():
        await RecoveryCode.filter(account_id=account_id).delete()
