"""Is this a certificate that the organisation gave, unchanged? Works offline, for the file, for the
badge, and for what a QR code says."""

import logging
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from io import BytesIO
from typing import Final

from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from certificates.badge import read_badge
from certificates.claims import ATTACHMENT, Claims, UnreadableClaims, read_claims
from certificates.jws import COMPACT, MAX_TOKEN, BadToken, is_token_signed, read_token
from certificates.key import public_key_of
from certificates.seal import Broken, Seal, find_seal
from certificates.stamp import BadStamp, Stamp, read_stamp
from certificates.tokens import read_claim
from certificates.trust import Trust, UnusableCertificate, read_trust

__all__ = ["Kind", "Reason", "State", "UnusableCertificate", "Verdict", "verify"]

MAX_SIZE: Final = 20 * 1024 * 1024

# It logs every doubtful signature with a traceback; the verdict says it in a word.
logging.getLogger("pyhanko.sign.validation").setLevel(logging.CRITICAL)

# What the parsers raise on files that someone damaged or built on purpose.
_DAMAGE: Final = (
    PdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    zlib.error,
)


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


def verify(content: bytes, trusted: bytes | None, *, today: date | None = None) -> Verdict:
    """Checks the signature, that it covers every byte, who made it, and what it certifies.

    ``content`` is a PDF, a badge (compact JWT) or the whole text of a QR code. ``trusted`` are the
    issuer's certificates, PEM or DER; without them nothing is ever ``VALID``. The signing
    certificate must have been valid at the signing time that its owner states. With ``today`` one
    whose last valid day is over is ``EXPIRED``. Whether it was revoked is not known here. Raises
    ``UnusableCertificate`` only: no content can make it fail. Starts an event loop of its own, so
    call it in a thread from asynchronous code.
    """
    trust = read_trust(trusted) if trusted is not None else None
    verdict = _verify(content, trust)
    until = verdict.claims.valid_until if verdict.claims else None
    if verdict.state is State.VALID and today and until and until < today:
        return replace(verdict, state=State.NOT_VALID, reason=Reason.EXPIRED)
    return verdict


def _verify(content: bytes, trust: Trust | None) -> Verdict:
    if len(content) > MAX_SIZE:
        return Verdict(State.UNREADABLE, Reason.TOO_LARGE)
    if content.startswith(b"%PDF-"):
        return _verify_file(content, trust)
    if len(content) > 2 * MAX_TOKEN:
        return Verdict(State.UNREADABLE, Reason.NOT_A_CERTIFICATE)
    try:
        text = content.decode("ascii").strip()
    except UnicodeDecodeError:
        return Verdict(State.UNREADABLE, Reason.NOT_A_CERTIFICATE)
    address, mark, token = text.rpartition("#")
    if not COMPACT.fullmatch(token) or (mark and not address.startswith(("https://", "http://"))):
        return Verdict(State.UNREADABLE, Reason.NOT_A_CERTIFICATE)
    return _verify_token(token, address, trust)


def _verify_file(content: bytes, trust: Trust | None) -> Verdict:
    seal = find_seal(content)
    if isinstance(seal, Broken):
        reason = Reason(seal.damage.value)
        state = State.UNREADABLE if reason is Reason.CUT_SHORT else State.NOT_VALID
        return Verdict(state, reason, numbers=seal.numbers)
    # Nobody's PDF is parsed but of whom a signature may be believed.
    if trust is not None and not _may_be_trusted(seal, trust):
        bad = seal.envelope.signer in trust.bad
        return Verdict(State.NOT_VALID, Reason.DISTRUSTED if bad else Reason.OTHER_SIGNER)
    try:
        reader = PdfFileReader(BytesIO(content))
        (signature,) = reader.embedded_signatures
        return _judge(reader, signature, seal, trust)
    except _DAMAGE:
        return Verdict(State.UNREADABLE, Reason.DAMAGED)


def _may_be_trusted(seal: Seal, trust: Trust) -> bool:
    """By a certificate of its own, or through an authority."""
    signer = seal.envelope.signer
    if signer in trust.bad:
        return False
    return signer in trust.good or any(x509.Certificate.load(each).ca for each in trust.good)


def _judge(
    reader: PdfFileReader, signature: EmbeddedPdfSignature, seal: Seal, trust: Trust | None
) -> Verdict:
    signer = signature.signer_cert
    good = trust.good if trust else ()
    roots = [x509.Certificate.load(each) for each in good]
    status = _check(signature, roots or [signer])
    unchanged = (
        status.intact and status.valid and status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    )
    stamp: Stamp | None = None
    if seal.envelope.token is not None:
        try:
            stamp = read_stamp(seal.envelope.token, seal.envelope.signature)
        except BadStamp:
            unchanged = False
    if not unchanged:
        return Verdict(State.NOT_VALID, Reason.CHANGED)
    claims = _claims_in(reader)
    reason: Reason | None = None
    if trust is None:
        reason = Reason.SIGNER_NOT_CHECKED
    elif not (good and status.trusted and _in_force(signer, signature.self_reported_timestamp)):
        reason = Reason.OTHER_SIGNER
    elif claims is None:
        reason = Reason.NO_CLAIMS
    return Verdict(
        State.NOT_VALID if reason else State.VALID,
        reason,
        claims,
        signer=_name_of(signer),
        signed_at=signature.self_reported_timestamp,
        stamp=stamp,
    )


def _check(
    signature: EmbeddedPdfSignature, roots: Sequence[x509.Certificate]
) -> PdfSignatureStatus:
    # At the time of signing: a certificate must outlive the key that sealed it.
    context = ValidationContext(
        trust_roots=roots, moment=signature.self_reported_timestamp, allow_fetching=False
    )
    return validate_pdf_signature(signature, context)


def _in_force(certificate: x509.Certificate, moment: datetime | None) -> bool:
    # pyHanko asks this of issued certificates, but not of one that is trusted by itself.
    if moment is None:
        return False
    begin, end = certificate.not_valid_before, certificate.not_valid_after
    return bool(begin <= moment <= end)


def _name_of(certificate: x509.Certificate) -> str:
    names = certificate.subject.native
    return str(names.get("organization_name") or names.get("common_name") or "?")


def _claims_in(reader: PdfFileReader) -> Claims | None:
    try:
        names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
        for position in range(1, len(names), 2):
            file = names[position]
            if file["/UF"] == ATTACHMENT:
                return read_claims(file["/EF"]["/F"].data)
    except (KeyError, IndexError, UnreadableClaims):
        return None
    return None


def _verify_token(token: str, address: str, trust: Trust | None) -> Verdict:
    kind = Kind.QR_CODE if address else Kind.BADGE
    try:
        header, payload = read_token(token)
        claims = read_claim(payload, url=address) if address else read_badge(payload)
    except BadToken:
        return Verdict(State.UNREADABLE, Reason.DAMAGED, kind=kind)
    except UnreadableClaims as unreadable:
        reused = address and str(unreadable) == "another address"
        reason = Reason.REUSED if reused else Reason.NO_CLAIMS
        return Verdict(State.NOT_VALID, reason, kind=kind)
    if trust is None:
        return Verdict(State.NOT_VALID, Reason.SIGNER_NOT_CHECKED, claims, kind=kind)
    kid = str(header.get("kid", "")).rpartition("#")[2]
    holders = trust.holders_of(kid)
    if not holders:
        return Verdict(State.NOT_VALID, Reason.OTHER_SIGNER, claims, kind=kind)
    for certificate, trusted in holders:
        if is_token_signed(token, public_key_of(certificate)):
            signer = _name_of(x509.Certificate.load(certificate.public_bytes(Encoding.DER)))
            if not trusted:
                return Verdict(State.NOT_VALID, Reason.DISTRUSTED, claims, signer, kind=kind)
            return Verdict(State.VALID, None, claims, signer, kind=kind)
    return Verdict(State.NOT_VALID, Reason.CHANGED, kind=kind)
