"""Is this a certificate that the organisation gave, unchanged? Works offline, for the file, for the
badge, and for what a QR code says."""

from dataclasses import replace
from datetime import date
from typing import Final

from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.badge import read_badge
from certificates.claims import UnreadableClaims
from certificates.jws import COMPACT, MAX_TOKEN, BadToken, is_token_signed, read_token
from certificates.key import public_key_of
from certificates.tokens import read_claim
from certificates.trust import Trust, UnusableCertificate, read_trust
from certificates.verdict import Kind, Reason, State, Verdict, name_of

__all__ = ["Kind", "Reason", "State", "UnusableCertificate", "Verdict", "verify"]

MAX_SIZE: Final = 20 * 1024 * 1024


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
        from certificates.signed_file import verify_file  # loads a library, so only when asked

        return verify_file(content, trust)
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
            signer = name_of(x509.Certificate.load(certificate.public_bytes(Encoding.DER)))
            if not trusted:
                return Verdict(State.NOT_VALID, Reason.DISTRUSTED, claims, signer, kind=kind)
            return Verdict(State.VALID, None, claims, signer, kind=kind)
    return Verdict(State.NOT_VALID, Reason.CHANGED, kind=kind)
