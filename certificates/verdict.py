"""What a check of a certificate can find."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from asn1crypto import x509

from certificates.claims import Claims

if TYPE_CHECKING:
    from certificates.stamp import Stamp


class State(StrEnum):
    VALID = "valid"
    NOT_VALID = "not valid"
    UNREADABLE = "unreadable"


class Kind(StrEnum):
    """What was given to be checked, told by its content."""

    FILE = "file"
    BADGE = "badge"
    QR_CODE = "QR code"


class Reason(StrEnum):
    """Why something is not valid, or cannot be read."""

    NOT_A_CERTIFICATE = "neither a PDF, nor a badge, nor what a QR code says"
    TOO_LARGE = "too large"
    CUT_SHORT = "cut short"
    DAMAGED = "damaged"
    UNSIGNED = "not signed"
    CHANGED = "changed after it was signed"
    ADDED_TO = "something was added after it was signed"
    GLUED = "several files in one"
    REUSED = "put together from parts of different certificates"
    OTHER_SIGNER = "signed by someone else"
    DISTRUSTED = "signed with a key that is no longer trusted"
    SIGNER_NOT_CHECKED = "unchanged, but no certificate was given to check the signer"
    NO_CLAIMS = "does not say what it certifies"
    EXPIRED = "its validity has ended"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. ``claims`` hold good only if ``state`` is ``VALID``; one that is
    ``EXPIRED`` held good until then.

    ``claims`` is ``None`` for what was changed. ``signer`` is the name in the signing certificate,
    which anyone can make up; ``signed_at`` is aware, said by the signer; ``stamp`` is what a
    time-stamp service said. ``numbers``: of the certificates that a changed file is made from.
    """

    state: State
    reason: Reason | None = None
    claims: Claims | None = None
    signer: str | None = None
    signed_at: datetime | None = None
    kind: Kind = Kind.FILE
    stamp: Stamp | None = None
    numbers: tuple[str, ...] = ()


def name_of(certificate: x509.Certificate) -> str:
    """The name that a verdict tells as the signer's."""
    names = certificate.subject.native
    return str(names.get("organization_name") or names.get("common_name") or "?")
