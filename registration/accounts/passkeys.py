"""Passkeys (Web Authentication, level 3): keys in people's own devices, opened by a finger, a face
or a PIN there. The server holds public keys only.

Keys are asked for without saying whose (discoverable credentials), so that nobody learns from the
question who has an account.
"""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import webauthn
from cryptography.exceptions import UnsupportedAlgorithm
from tortoise.exceptions import IntegrityError
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, generate_challenge
from webauthn.helpers import parse_authentication_credential_json as read_credential
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from registration.accounts.factors import ProofRefused, drop_last
from registration.accounts.letters import News, tell
from registration.accounts.models import Account, Passkey
from registration.db import transaction
from registration.errors import Conflict, NotFound
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.settings import Settings

LONGEST_ANSWER = 16 * 1024
LONGEST_NAME = 60
MOST_KEYS = 10
# What the library and its parts raise at what no browser sends.
BROKEN = (
    WebAuthnException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OverflowError,
    RecursionError,
    UnsupportedAlgorithm,
)


class PasskeyNotFound(NotFound):
    message = N_("There is no such passkey, or it was removed.")


class PasskeyThere(Conflict):
    message = N_("This passkey has been added already.")


class EnoughPasskeys(Conflict):
    message = N_("You have ten passkeys already. Remove one that you do not use any more.")


@dataclass(frozen=True, slots=True)
class Question:
    """What the browser is asked, as JSON, and the challenge that its answer must hold."""

    options: str
    challenge: bytes


def possible(settings: Settings) -> bool:
    """Whether browsers know passkeys at this service's address: a name with HTTPS, or localhost
    (an address in figures has no passkeys)."""
    parts = urlsplit(settings.base_url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return parts.scheme == "https" or host == "localhost"
    return False


def _host(settings: Settings) -> str:
    return urlsplit(settings.base_url).hostname or ""


def _origin(settings: Settings) -> str:
    parts = urlsplit(settings.base_url)
    return f"{parts.scheme}://{parts.netloc}"


async def ask_to_add(account_id: UUID, *, settings: Settings) -> Question:
    """To make a key for this account, on a device that has none yet.

    Raises ``EnoughPasskeys``.
    """
    account = await Account.get(id=account_id)
    known = await Passkey.filter(account_id=account_id)
    if len(known) >= MOST_KEYS:
        raise EnoughPasskeys
    challenge = generate_challenge()
    options = webauthn.generate_registration_options(
        rp_id=_host(settings),
        rp_name=settings.organisation.name,
        user_id=account_id.bytes,
        user_name=account.email or account.name,
        user_display_name=account.name,
        challenge=challenge,
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential)) for row in known
        ],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return Question(webauthn.options_to_json(options), challenge)


def ask_who(*, settings: Settings) -> Question:
    """Any key for this service; the same question to everybody."""
    challenge = generate_challenge()
    options = webauthn.generate_authentication_options(
        rp_id=_host(settings),
        challenge=challenge,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Question(webauthn.options_to_json(options), challenge)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _read(answer: str) -> dict[str, object]:
    """Raises ``ProofRefused`` for what is no JSON object, or says a name twice, or is too long."""
    try:
        if len(answer) > LONGEST_ANSWER:
            raise ProofRefused
        given = json.loads(answer, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise ProofRefused from None
    if not isinstance(given, dict):
        raise ProofRefused
    return given


async def add_key(
    account_id: UUID,
    answer: str,
    *,
    challenge: bytes,
    name: str,
    settings: Settings,
    now: datetime,
) -> None:
    """The key that was made is the account's, and its owner is told.

    Raises ``ProofRefused``, ``PasskeyThere``.
    """
    try:
        made = webauthn.verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=_host(settings),
            expected_origin=_origin(settings),
            require_user_verification=True,
        )
    except BROKEN:
        raise ProofRefused from None
    row = Passkey(
        id=uuid4(),
        account_id=account_id,
        credential=bytes_to_base64url(made.credential_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name.strip()[:LONGEST_NAME],
        created_at=now,
    )
    try:
        async with transaction():
            account = await Account.filter(id=account_id).select_for_update().get()
            await row.save(force_create=True)
            await _noted(account, Act.FACTOR_ADDED, row.id, now=now)
            await tell(account, News.PASSKEY_ADDED, settings=settings, now=now, device=row.name)
    except IntegrityError:
        raise PasskeyThere from None


async def check(answer: str, *, challenge: bytes, settings: Settings, now: datetime) -> Account:
    """Whose key has answered the challenge, with the person verified by the device. It is noted as
    used; a key whose count falls back is a copy: refused, recorded, and its owner told.

    Raises ``ProofRefused``.
    """
    given = _read(answer)
    row = await Passkey.filter(credential=str(given.get("id", ""))).first()
    if row is None:
        raise ProofRefused
    account = await Account.get(id=row.account_id)
    verified = _verified(given, row, challenge=challenge, settings=settings)
    if verified is None or account.ended_at is not None:
        raise ProofRefused
    count, before = verified.new_sign_count, row.sign_count
    rises = count > before or count == before == 0
    async with transaction():
        await Account.filter(id=account.id).select_for_update().get()
        won = rises and await Passkey.filter(id=row.id, sign_count=before).update(
            sign_count=count, used_at=now
        )
        act = Act.FACTOR_USED if won else Act.FACTOR_REFUSED
        await _noted(account, act, row.id, *(() if won else ("copied",)), now=now)
        if not won:
            await tell(account, News.PASSKEY_COPIED, settings=settings, now=now, device=row.name)
    if not won:
        raise ProofRefused
    return account


def _verified(
    given: dict[str, object], row: Passkey, *, challenge: bytes, settings: Settings
) -> VerifiedAuthentication | None:
    try:
        credential = read_credential(given)
        if credential.response.user_handle not in (None, UUID(str(row.account_id)).bytes):
            return None
        return webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(settings),
            expected_origin=_origin(settings),
            credential_public_key=bytes(row.public_key),
            credential_current_sign_count=0,  # a count that falls back is ours to record
            require_user_verification=True,
        )
    except BROKEN:
        return None


async def rename_key(key_id: UUID, name: str, *, account_id: UUID) -> None:
    """Raises ``PasskeyNotFound``, also for other people's."""
    if not await Passkey.filter(id=key_id, account_id=account_id).update(
        name=name.strip()[:LONGEST_NAME]
    ):
        raise PasskeyNotFound


async def remove_key(key_id: UUID, *, account_id: UUID, settings: Settings, now: datetime) -> None:
    """The key opens nothing any more, and its owner is told. Raises ``PasskeyNotFound``."""
    async with transaction():
        account = await Account.filter(id=account_id).select_for_update().get()
        row = await Passkey.get_or_none(id=key_id, account_id=account_id)
        if row is None:
            raise PasskeyNotFound
        await row.delete()
        await drop_last(account_id)
        await _noted(account, Act.FACTOR_REMOVED, key_id, now=now)
        await tell(account, News.PASSKEY_REMOVED, settings=settings, now=now, device=row.name)


async def _noted(account: Account, act: Act, key_id: UUID, *codes: str, now: datetime) -> None:
    await record(
        act,
        now=now,
        actor_id=account.id,
        subject_id=account.person_id or account.id,
        object_id=key_id,
        note=Note(codes=("passkey", *codes)),
    )
