"""Checking what somebody was shown: a certificate's file, its badge, or what its QR code says.

Nothing of it is kept. What is not ours, or is not unchanged, is only told about itself: the
register is asked for nothing but what a whole signature of ours leads to.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from certificates.claims import Claims
from certificates.verify import Kind, Reason, State, Verdict, verify
from registration.i18n import DEFAULT_ZONE
from registration.qualifications import keys, queries
from registration.qualifications.queries import CertificateLine
from registration.qualifications.rules import CertificateNotFound, CertificateState, read_token
from registration.settings import Settings

MOST = 4 * 1024 * 1024


class Finding(StrEnum):
    """In one word. ``UNKNOWN``: genuine, and no longer in the register. Of those after it none may
    be relied on, whatever the register holds."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOT_A_CERTIFICATE = "not a certificate"
    CUT_SHORT = "cut short"
    DAMAGED = "damaged"
    UNSIGNED = "unsigned"
    CHANGED = "changed"
    ADDED_TO = "added to"
    GLUED = "glued"
    REUSED = "reused"
    OTHER_SIGNER = "other signer"
    DISTRUSTED = "distrusted"


_FINDINGS = {
    Reason.NOT_A_CERTIFICATE: Finding.NOT_A_CERTIFICATE,
    Reason.NO_CLAIMS: Finding.NOT_A_CERTIFICATE,
    Reason.TOO_LARGE: Finding.NOT_A_CERTIFICATE,
    Reason.CUT_SHORT: Finding.CUT_SHORT,
    Reason.DAMAGED: Finding.DAMAGED,
    Reason.UNSIGNED: Finding.UNSIGNED,
    Reason.CHANGED: Finding.CHANGED,
    Reason.ADDED_TO: Finding.ADDED_TO,
    Reason.GLUED: Finding.GLUED,
    Reason.REUSED: Finding.REUSED,
    Reason.OTHER_SIGNER: Finding.OTHER_SIGNER,
    Reason.SIGNER_NOT_CHECKED: Finding.OTHER_SIGNER,
    Reason.DISTRUSTED: Finding.DISTRUSTED,
}


@dataclass(frozen=True, slots=True)
class Checked:
    """``claims`` are what was signed, None unless genuine; ``certificate`` is the register's row of
    the same, and ``kind`` what was given: a file, a badge or a QR code."""

    finding: Finding
    kind: Kind
    claims: Claims | None = None
    certificate: CertificateLine | None = None

    @property
    def genuine(self) -> bool:
        return self.claims is not None


async def check(content: bytes, *, settings: Settings, now: datetime) -> Checked:
    """What it is worth today. Raises ``BadSetting`` only."""
    trusted = await keys.bundle(settings, now=now)
    verdict = await asyncio.to_thread(verify, content, trusted)
    if verdict.state is not State.VALID or verdict.claims is None:
        reason = verdict.reason or Reason.NO_CLAIMS
        return Checked(_FINDINGS[reason], verdict.kind)
    return await _looked_up(verdict, verdict.claims, now=now)


async def _looked_up(verdict: Verdict, claims: Claims, *, now: datetime) -> Checked:
    try:
        found = await queries.by_token(read_token(claims.verify_url or ""), now=now)
    except CertificateNotFound:
        found = None
    if found is None or found.number != claims.number:
        today = now.astimezone(DEFAULT_ZONE).date()
        over = claims.valid_until is not None and claims.valid_until < today
        return Checked(Finding.EXPIRED if over else Finding.UNKNOWN, verdict.kind, claims)
    findings = {
        CertificateState.VALID: Finding.VALID,
        CertificateState.EXPIRED: Finding.EXPIRED,
        CertificateState.REVOKED: Finding.REVOKED,
    }
    return Checked(findings[found.state], verdict.kind, claims, found)
