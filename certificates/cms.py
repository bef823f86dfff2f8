"""The signature as bytes: a CMS envelope (RFC 5652) in the one form that we write.

It is read by writing it again: whatever is not what we would have written, down to the last byte,
is not ours. A general CMS reader leaves room for changes that no signature covers.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from certificates.document import CertificateError
from certificates.key import PrivateKey, PublicKey, UnusableKey, public_key_of, read_certificate

# What asn1crypto raises on bytes that are no such structure.
_UNREADABLE: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)

# In bytes: what DER writes with a length of one byte, and then some room.
MAX_NUMBER: Final = 120
_DIGEST: Final = hashes.SHA256()
_ORDERS: Final = {
    "secp256r1": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "secp384r1": int(
        "ffffffffffffffffffffffffffffffffffffffffffffffff"
        "c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        16,
    ),
}


class BadEnvelope(CertificateError):
    """Not a signature as we write it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """``signer`` and ``chain`` are certificates in DER; all of them are signed. ``number`` says
    which certificate was signed, so that a signature put on another one is known for what it is.
    ``token`` is a time stamp (RFC 3161) of ``signature``."""

    signer: bytes
    chain: tuple[bytes, ...]
    digest: bytes
    number: str
    signature: bytes
    token: bytes | None = None


def sign_bytes(content: bytes, key: PrivateKey, digest: hashes.HashAlgorithm = _DIGEST) -> bytes:
    """Of the two elliptic signatures that say the same it is always the lower."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(content, ec.ECDSA(digest)))
        return encode_dss_signature(r, min(s, _ORDERS[key.curve.name] - s))
    return key.sign(content, padding.PKCS1v15(), digest)


def is_signed(
    content: bytes, signature: bytes, key: PublicKey, digest: hashes.HashAlgorithm = _DIGEST
) -> bool:
    """Whether ``sign_bytes`` made ``signature`` with this key; its twin is refused."""
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            r, s = decode_dss_signature(signature)
            if s > _ORDERS[key.curve.name] // 2 or encode_dss_signature(r, s) != signature:
                return False
            key.verify(signature, content, ec.ECDSA(digest))
        else:
            key.verify(signature, content, padding.PKCS1v15(), digest)
    except (InvalidSignature, ValueError):
        return False
    return True


def attributes_of(digest: bytes, *, signer: bytes, chain: tuple[bytes, ...], number: str) -> bytes:
    """What is signed: the file's digest, the certificates (RFC 5035) and the number."""
    hashed = [_sequence(_octets(sha256(each).digest())) for each in (signer, *chain)]
    return _set_of(
        _attribute(_CONTENT_TYPE, _oid(_DATA)),
        _attribute(_MESSAGE_DIGEST, _octets(digest)),
        _attribute(_SIGNING_CERTIFICATE, _sequence(_sequence(*hashed))),
        _attribute(_NUMBER, _tlv(0x0C, number.encode())),
    )


def write_envelope(envelope: Envelope) -> bytes:
    """DER. Raises ``UnusableKey`` for a signer with another kind of key than ours."""
    attributes = attributes_of(
        envelope.digest, signer=envelope.signer, chain=envelope.chain, number=envelope.number
    )
    certificate = asn1_x509.Certificate.load(envelope.signer)
    stamp = b""
    if envelope.token is not None:
        stamp = _retag(0xA1, _set_of(_attribute(_TIME_STAMP, envelope.token)))
    key = public_key_of(read_certificate(envelope.signer))
    elliptic = isinstance(key, ec.EllipticCurvePublicKey)
    signer = _sequence(
        _ONE,
        _sequence(
            certificate.issuer.dump(), certificate["tbs_certificate"]["serial_number"].dump()
        ),
        _SHA256,
        _retag(0xA0, attributes),
        _ECDSA_SHA256 if elliptic else _RSA_SHA256,
        _octets(envelope.signature),
        stamp,
    )
    signed_data = _sequence(
        _ONE,
        _set_of(_SHA256),
        _sequence(_oid(_DATA)),
        _retag(0xA0, _set_of(envelope.signer, *envelope.chain)),
        _set_of(signer),
    )
    return _sequence(_oid(_SIGNED_DATA), _tlv(0xA0, signed_data))


def read_envelope(content: bytes) -> Envelope:
    """The inverse of ``write_envelope``. Raises ``BadEnvelope``; checks no signature."""
    try:
        envelope = _parsed(content)
        same = write_envelope(envelope) == content
    except (*_UNREADABLE, UnusableKey) as error:
        raise BadEnvelope("another structure") from error
    if not same:
        raise BadEnvelope("another encoding")
    return envelope


def _parsed(content: bytes) -> Envelope:
    signed = cms.ContentInfo.load(content, strict=True)["content"]
    (info,) = signed["signer_infos"]
    values = {each["type"].dotted: each["values"] for each in info["signed_attrs"]}
    found = {
        (each.chosen.issuer.dump(), each.chosen.serial_number): each.chosen.dump()
        for each in signed["certificates"]
    }
    by = info["sid"].chosen
    signer = found[by["issuer"].dump(), by["serial_number"].native]
    listed = _hashes(values[_SIGNING_CERTIFICATE])
    chain = sorted(
        (each for each in found.values() if each != signer),
        key=lambda each: listed.index(sha256(each).digest()),
    )
    token = None
    if info["unsigned_attrs"]:
        (stamp,) = info["unsigned_attrs"]
        token = stamp["values"][0].dump()
    return Envelope(
        signer=signer,
        chain=tuple(chain),
        digest=values[_MESSAGE_DIGEST][0].native,
        number=number_in(content),
        signature=info["signature"].native,
        token=token,
    )


def _hashes(values: object) -> list[bytes]:
    """The SHA-256 digests in a signing-certificate attribute, in order."""
    raw = values[0].dump()  # type: ignore[index]
    found, mark = [], b"\x04\x20"
    position = raw.find(mark)
    while position >= 0:
        found.append(raw[position + 2 : position + 34])
        position = raw.find(mark, position + 34)
    return found


def number_in(content: bytes) -> str:
    """The number that the envelope gives, without reading or checking more; empty if none."""
    mark = _oid(_NUMBER)
    at = content.find(mark) + len(mark)
    # A set of one text, each with its length in one byte: numbers are short.
    if at < len(mark) or content[at : at + 1] != b"\x31" or content[at + 2 : at + 3] != b"\x0c":
        return ""
    return content[at + 4 : at + 4 + content[at + 3]].decode(errors="replace")


def _tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def _sequence(*parts: bytes) -> bytes:
    return _tlv(0x30, *parts)


def _set_of(*parts: bytes) -> bytes:
    return _tlv(0x31, *sorted(parts))  # DER orders a set by its encodings


def _octets(content: bytes) -> bytes:
    return _tlv(0x04, content)


def _retag(tag: int, encoded: bytes) -> bytes:
    return bytes((tag,)) + encoded[1:]


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    return _tlv(0x06, *(_base128(arc) for arc in (first * 40 + second, *rest)))


def _base128(arc: int) -> bytes:
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(0x80 | arc & 0x7F)
    return bytes(reversed(groups))


def _attribute(kind: str, value: bytes) -> bytes:
    return _sequence(_oid(kind), _set_of(value))


_DATA: Final = "1.2.840.113549.1.7.1"
_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE: Final = "1.2.840.113549.1.9.16.2.47"
_TIME_STAMP: Final = "1.2.840.113549.1.9.16.2.14"
# Under the arc that anyone may use with a UUID of their own (ITU-T X.667).
_NUMBER: Final = "2.25.306425522730869465765555697178865743032"
_ONE: Final = _tlv(0x02, b"\x01")
_SHA256: Final = _sequence(_oid("2.16.840.1.101.3.4.2.1"))
_ECDSA_SHA256: Final = _sequence(_oid("1.2.840.10045.4.3.2"))
_RSA_SHA256: Final = _sequence(_oid("1.2.840.113549.1.1.11"), _tlv(0x05))
