"""Recovery codes: ten of them, each for one day on which the device is lost."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from datetime import datetime
from hashlib import scrypt
from uuid import UUID, uuid4

from registration.accounts.factors import CodeWrong, ProofRefused, factors_of
from registration.accounts.letters import News, tell
from registration.accounts.models import Account, RecoveryCode
from registration.accounts.sealing import key_for
from registration.db import transaction
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.settings import Settings

HOW_MANY = 10
# No letter or figure that is taken for another one on paper.
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, GROUP = 3, 4
SALT_BYTES = 16


def _hash(code: str, salt: bytes, settings: Settings) -> bytes:
    """Slow, salted, and under the house's secret (ASVS 5.0, 6.5.2): a stolen table tells no
    code."""
    keyed = hmac.digest(key_for(settings, "recovery"), code.encode(), "sha256")
    return scrypt(keyed, salt=salt, n=2**14, r=8, p=1, dklen=32)


def plain(code: str) -> str:
    """As it was made, however it was typed: without spaces and dashes, in capitals."""
    return "".join(each for each in code.upper() if each in LETTERS)[: GROUPS * GROUP + 1]


def looks_like_one(code: str) -> bool:
    return len(plain(code)) == GROUPS * GROUP


async def make_codes(
    account_id: UUID, *, settings: Settings, now: datetime, first: bool = False
) -> tuple[str, ...]:
    """Ten new codes, shown this once, as ``ABCD-EFGH-JKMN``; the earlier ones open nothing.

    With ``first`` nothing happens if there are some. Raises ``ProofRefused`` for an account
    without a factor that they could stand in for.
    """
    if first and await RecoveryCode.filter(account_id=account_id).exists():
        return ()
    codes = tuple(_new_code() for _each in range(HOW_MANY))
    salt = secrets.token_bytes(SALT_BYTES)
    hashes = await asyncio.to_thread(lambda: [_hash(plain(code), salt, settings) for code in codes])
    async with transaction():
        account = await Account.filter(id=account_id).select_for_update().get()
        held = await factors_of(account_id)
        if not held.own:
            raise ProofRefused
        if first and held.codes_left:
            return ()
        await RecoveryCode.filter(account_id=account_id).delete()
        await RecoveryCode.bulk_create(
            RecoveryCode(
                id=uuid4(), account_id=account_id, salt=salt, code_hash=digest, created_at=now
            )
            for digest in hashes
        )
        await record(
            Act.FACTOR_ADDED,
            now=now,
            actor_id=account_id,
            subject_id=account.person_id or account_id,
            note=Note(count=HOW_MANY, codes=("recovery",)),
        )
        if not first:
            await tell(account, News.CODES_MADE, settings=settings, now=now)
    return codes


def _new_code() -> str:
    return "-".join(
        "".join(secrets.choice(LETTERS) for _letter in range(GROUP)) for _group in range(GROUPS)
    )


async def find_code(account_id: UUID, code: str, *, settings: Settings) -> UUID:
    """Which of the account's codes this is; the slow part, outside any transaction.

    Raises ``CodeWrong``.
    """
    rows = await RecoveryCode.filter(account_id=account_id)
    if not rows or not looks_like_one(code):
        raise CodeWrong
    digest = await asyncio.to_thread(_hash, plain(code), bytes(rows[0].salt), settings)
    found = [row.id for row in rows if hmac.compare_digest(bytes(row.code_hash), digest)]
    if not found:
        raise CodeWrong
    return found[0]


async def use_code(account: Account, found: UUID, *, settings: Settings, now: datetime) -> None:
    """The code is used up, and its owner is told how many are left. To be called inside the
    transaction of what it opens. Raises ``CodeWrong`` if another one used it first."""
    if not await RecoveryCode.filter(id=found, account_id=account.id).delete():
        raise CodeWrong
    left = await RecoveryCode.filter(account_id=account.id).count()
    await record(
        Act.RECOVERY_USED,
        now=now,
        actor_id=account.id,
        subject_id=account.person_id or account.id,
        note=Note(count=left),
    )
    await tell(account, News.RECOVERY_USED, settings=settings, now=now, left=left)
