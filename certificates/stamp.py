"""Time stamps (RFC 3161): asking a service for one, and reading what it answered."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from asn1crypto import cms, tsp, x509
from cryptography.hazmat.primitives import hashes
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from certificates.document import CertificateError

WAIT_SECONDS: Final = 4
# What a token needs with the certificates of a usual service; a larger one is not taken.
ROOM: Final = 12 * 1024
_UNREADABLE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    SigningError,
    TypeError,
    ValueError,
)


class NoStamp(CertificateError):
    """The service gave no time stamp that can be used; the text is the kind of failure only."""


class BadStamp(CertificateError):
    """What stands there as a time stamp is none, or of something else."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """``at`` is aware. ``authority`` is the name in its certificate, which nobody checked."""

    at: datetime
    authority: str


async def ask(address: str, signature: bytes) -> bytes:
    """A token for ``signature``, checked. Raises ``NoStamp``."""
    service = HTTPTimeStamper(address, timeout=WAIT_SECONDS)
    try:
        answer = await service.async_timestamp(sha256(signature).digest(), "sha256")
        token = bytes(answer.dump())
        read_stamp(token, signature)
    except (OSError, TimeoutError, BadStamp, *_UNREADABLE) as failure:
        raise NoStamp(type(failure.__cause__ or failure).__name__) from failure
    if len(token) > ROOM:
        raise NoStamp("too large")
    return token


def read_stamp(token: bytes, signature: bytes) -> Stamp:
    """What the token says, its signature verified with the certificate inside it, which its
    service signed for (RFC 5816). Raises ``BadStamp``."""
    try:
        return _read(token, signature)
    except _UNREADABLE as error:
        raise BadStamp("unreadable") from error


def _read(token: bytes, signature: bytes) -> Stamp:
    wrapped = cms.ContentInfo.load(token, strict=True)
    signed = wrapped["content"]
    content = signed["encap_content_info"]["content"]
    said = content.parsed
    if not isinstance(said, tsp.TSTInfo) or said["message_imprint"]["hashed_message"].native != (
        sha256(signature).digest()
    ):
        raise BadStamp("of something else")
    (info,) = signed["signer_infos"]
    certificate = _certificate(signed, info["sid"].chosen)
    hashed = hashes.Hash(get_pyca_cryptography_hash(info["digest_algorithm"]["algorithm"].native))
    hashed.update(bytes(content))
    intact, valid = validate_sig_integrity(
        info, certificate, expected_content_type="tst_info", actual_digest=hashed.finalize()
    )
    if not (intact and valid):
        raise BadStamp("not signed")
    names = certificate.subject.native
    authority = str(names.get("common_name") or names.get("organization_name") or "?")
    return Stamp(said["gen_time"].native, authority)


def _certificate(signed: cms.SignedData, by: cms.IssuerAndSerialNumber) -> x509.Certificate:
    for each in signed["certificates"]:
        one = each.chosen
        if (one.issuer.dump(), one.serial_number) == (
            by["issuer"].dump(),
            by["serial_number"].native,
        ):
            return one
    raise BadStamp("no certificate")
