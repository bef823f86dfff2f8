"""The keys that certificates are signed with: which there were, and which of them are believed.

Before a key signs anything, its certificate stands in the register. It is published from there as
long as anybody may show what it signed: a new key, or a lost one, leaves old certificates valid.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from cryptography import x509

from certificates.badge import did_of
from certificates.document import CertificateDocument
from certificates.key import certificate_of, jwk_of, kid_of, public_key_of
from certificates.press import Press
from certificates.tokens import Tokens
from certificates.trust import write_trust
from registration import press as house
from registration.db import transaction
from registration.errors import Conflict, NotFound
from registration.i18n import N_
from registration.qualifications.models import Printed, SigningCertificate
from registration.settings import BadSetting, Settings

logger = logging.getLogger(__name__)


class KeyNotFound(NotFound):
    message = N_("There is no such key.")


class KeyUnusable(Conflict):
    message = N_("No certificate can be signed now, because the key cannot be used. Tell us of it.")


class KeyDistrusted(KeyUnusable):
    message = N_("The key that certificates are signed with is not trusted any more. Set another.")


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key by its thumbprint ``kid``. ``retired_at``: another took over, what it signed holds.
    ``distrusted_at``: nothing that it signed holds. ``signs``: it is the one in use here."""

    kid: str
    pem: str
    subject: str
    first_used_at: datetime
    retired_at: datetime | None
    distrusted_at: datetime | None
    signs: bool


async def press(settings: Settings, *, now: datetime) -> Press:
    """The press, its key on record. Raises ``KeyUnusable``."""
    await current_kid(settings, now=now)
    return await house.press_of(settings)


async def tokens(settings: Settings, *, now: datetime) -> Tokens:
    """The same key for credentials. Raises ``KeyUnusable``."""
    await current_kid(settings, now=now)
    return await house.tokens_of(settings)


async def make_badges(
    documents: Sequence[CertificateDocument], *, settings: Settings, now: datetime
) -> list[bytes]:
    """Their badges (Open Badges 3.0, compact JWT), in order. Raises as ``press`` does."""
    signing = await tokens(settings, now=now)
    return [signing.badge(document) for document in documents]


async def current_kid(settings: Settings, *, now: datetime) -> str:
    """The thumbprint of the key in use, which is on record from now on. Raises ``KeyUnusable``, and
    ``KeyDistrusted``, which is one."""
    try:
        kid = (await house.tokens_of(settings)).kid
    except BadSetting as wrong:
        logger.error("certificates cannot be signed: %s", wrong)
        raise KeyUnusable from wrong
    known = await SigningCertificate.get_or_none(kid=kid)
    if known is None:
        key = await asyncio.to_thread(house.signing_key, settings)
        await _record(certificate_of(key), now=now)
    elif known.distrusted_at is not None:
        raise KeyDistrusted
    return kid


async def _record(pem: bytes, *, now: datetime) -> None:
    """The certificate is on record; of those before it the last one is retired."""
    kid = kid_of(pem)
    async with transaction():
        # A write first: of two processes that start at once, one waits and finds it done.
        await SigningCertificate.filter(retired_at=None).exclude(kid=kid).update(retired_at=now)
        if not await SigningCertificate.exists(kid=kid):
            await SigningCertificate.create(
                id=uuid4(), kid=kid, pem=pem.decode(), first_used_at=now
            )


async def keys(settings: Settings, *, now: datetime) -> list[KeyLine]:
    """All there ever were, the newest first; the one in use is among them. What was signed can be
    checked although nothing can be signed."""
    try:
        signs = await current_kid(settings, now=now)
    except KeyUnusable:
        signs = ""
    rows = await SigningCertificate.all().order_by("-first_used_at", "kid")
    return [
        KeyLine(
            row.kid,
            row.pem,
            x509.load_pem_x509_certificate(row.pem.encode()).subject.rfc4514_string(),
            row.first_used_at,
            row.retired_at,
            row.distrusted_at,
            row.kid == signs,
        )
        for row in rows
    ]


async def rotate(settings: Settings, *, now: datetime) -> str:
    """A new key signs from now on; its thumbprint. What the old one signed stays valid, and its
    private part is gone. Raises ``KeyIsGiven``, ``KeyJustRotated``, ``BadSetting``."""
    old = (await house.tokens_of(settings)).kid
    key = await asyncio.to_thread(house.rotate_key, settings, instead_of=old)
    pem = certificate_of(key)
    await _record(pem, now=now)
    return kid_of(pem)


async def distrust(kid: str, *, settings: Settings, now: datetime) -> bool:
    """Nothing that this key signed is believed any more: it fell into wrong hands. Files kept for
    download are made anew; whoever has one downloads it again. If it is the key in use, another
    takes over first; True then. Raises ``KeyNotFound``, ``KeyIsGiven``."""
    if not await SigningCertificate.exists(kid=kid):
        raise KeyNotFound
    in_use = kid in [line.kid for line in await keys(settings, now=now) if line.signs]
    if in_use:
        await rotate(settings, now=now)
    async with transaction():
        await SigningCertificate.filter(kid=kid, distrusted_at=None).update(distrusted_at=now)
        await Printed.filter(key_id=kid).delete()
    return in_use


async def bundle(settings: Settings, *, now: datetime) -> bytes:
    """All certificates as one PEM file, those of distrusted keys marked: with it anyone checks
    files, badges and codes offline."""
    lines = await keys(settings, now=now)
    return write_trust(
        [line.pem.encode() for line in lines if line.distrusted_at is None],
        [line.pem.encode() for line in lines if line.distrusted_at is not None],
    )


async def key_set(settings: Settings, *, now: datetime) -> dict[str, object]:
    """The trusted keys as a JSON Web Key Set (RFC 7517), the one in use first."""
    return {"keys": [jwk for _kid, jwk in await _jwks(settings, now=now)]}


async def did_document(settings: Settings, *, now: datetime) -> dict[str, object] | None:
    """The same as the DID document of the organisation's ``did:web``; None without https."""
    did = did_of(settings.base_url)
    if did is None:
        return None
    methods = [
        {
            "id": f"{did}#{kid}",
            "type": "JsonWebKey",
            "controller": did,
            "publicKeyJwk": jwk,
        }
        for kid, jwk in await _jwks(settings, now=now)
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


async def _jwks(settings: Settings, *, now: datetime) -> list[tuple[str, dict[str, str]]]:
    lines = [line for line in await keys(settings, now=now) if line.distrusted_at is None]
    lines.sort(key=lambda line: not line.signs)
    found = []
    for line in lines:
        public = public_key_of(x509.load_pem_x509_certificate(line.pem.encode()))
        found.append((line.kid, {**jwk_of(public), "kid": line.kid, "use": "sig"}))
    return found
