"""Checking a certificate's file: its signature, that it covers every byte, and what it certifies.

Apart from ``verify``, because the library that reads signatures takes long to load, and few ask.
"""

import logging
import zlib
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Final

from asn1crypto import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from certificates.claims import ATTACHMENT, Claims, UnreadableClaims, read_claims
from certificates.seal import Broken, Seal, find_seal
from certificates.stamp import BadStamp, Stamp, read_stamp
from certificates.trust import Trust
from certificates.verdict import Reason, State, Verdict, name_of

# It logs every doubtful signature with a traceback; the verdict says it in a word.
logging.getLogger("pyhanko.sign.validation").setLevel(logging.CRITICAL)

# What the parsers raise on files that someone damaged or built on purpose; they say
# ``NotImplementedError`` of an algorithm or a structure that they do not know.
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


def verify_file(content: bytes, trust: Trust | None) -> Verdict:
    """``content`` begins as a PDF does. No content can make it fail."""
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
        signer=name_of(signer),
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
