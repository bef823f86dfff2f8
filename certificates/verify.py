"""Is this file a certificate that the organisation gave, unchanged? Works offline."""

import logging
import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from typing import Final

from asn1crypto import pem, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from certificates.claims import ATTACHMENT, Claims, UnreadableClaims, read_claims
from certificates.document import CertificateError

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


class UnusableCertificate(CertificateError):
    """The certificate to verify with is neither PEM nor DER."""


class State(StrEnum):
    VALID = "valid"
    NOT_VALID = "not valid"
    UNREADABLE = "unreadable"


class Reason(StrEnum):
    """Why a file is not valid, or cannot be read."""

    NOT_A_PDF = "not a PDF"
    TOO_LARGE = "too large"
    DAMAGED = "damaged or cut short"
    UNSIGNED = "not signed"
    CHANGED = "changed after it was signed"
    OTHER_SIGNER = "signed by someone else"
    SIGNER_NOT_CHECKED = "unchanged, but no certificate was given to check the signer"
    NO_CLAIMS = "does not say what it certifies"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. ``claims`` hold good only if ``state`` is ``VALID``.

    ``claims`` is ``None`` for a file that was changed. ``signer`` is the name in the
    signing certificate, which anyone can make up; ``signed_at`` is aware, said by the signer.
    """

    state: State
    reason: Reason | None = None
    claims: Claims | None = None
    signer: str | None = None
    signed_at: datetime | None = None


def verify(pdf: bytes, trusted: bytes | None) -> Verdict:
    """Checks the signature, that it covers every byte, who made it, and what it certifies.

    ``trusted`` is the issuer's certificate, PEM (several may follow each other) or DER;
    without it nothing is ever ``VALID``. The signing certificate must have been valid at the
    signing time that its owner states. Raises ``UnusableCertificate`` only: no file can make
    it fail. Starts an event loop of its own, so call it in a thread from asynchronous code.
    """
    roots = _certificates(trusted) if trusted is not None else []
    if len(pdf) > MAX_SIZE:
        return Verdict(State.UNREADABLE, Reason.TOO_LARGE)
    if not pdf.startswith(b"%PDF-"):
        return Verdict(State.UNREADABLE, Reason.NOT_A_PDF)
    try:
        reader = PdfFileReader(BytesIO(pdf))
        signatures = list(reader.embedded_signatures)
        if not signatures:
            return Verdict(State.NOT_VALID, Reason.UNSIGNED)
        if len(signatures) > 1:
            return Verdict(State.NOT_VALID, Reason.CHANGED)
        return _judge(reader, signatures[0], roots)
    except _DAMAGE:
        return Verdict(State.UNREADABLE, Reason.DAMAGED)


def _judge(
    reader: PdfFileReader, signature: EmbeddedPdfSignature, roots: list[x509.Certificate]
) -> Verdict:
    signer = signature.signer_cert
    status = _check(signature, roots or [signer])
    unchanged = (
        status.intact and status.valid and status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    )
    if not unchanged:
        return Verdict(State.NOT_VALID, Reason.CHANGED)
    claims = _claims_in(reader)
    reason: Reason | None = None
    if not roots:
        reason = Reason.SIGNER_NOT_CHECKED
    elif not (status.trusted and _in_force(signer, signature.self_reported_timestamp)):
        reason = Reason.OTHER_SIGNER
    elif claims is None:
        reason = Reason.NO_CLAIMS
    return Verdict(
        State.NOT_VALID if reason else State.VALID,
        reason,
        claims,
        signer=_name_of(signer),
        signed_at=signature.self_reported_timestamp,
    )


def _check(signature: EmbeddedPdfSignature, roots: list[x509.Certificate]) -> PdfSignatureStatus:
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


def _certificates(content: bytes) -> list[x509.Certificate]:
    try:
        if not pem.detect(content):
            encoded = [content]
        else:
            encoded = [der for _, _, der in pem.unarmor(content, multiple=True)]
        certificates = [x509.Certificate.load(der, strict=True) for der in encoded]
        for certificate in certificates:
            certificate.subject.native  # noqa: B018 -- loading is lazy, this parses it
    except (ValueError, TypeError) as error:
        raise UnusableCertificate("neither PEM nor DER") from error
    return certificates


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
