"""The key that certificates are sealed with: making one, and its public part.

Apart from ``signature``, which loads the whole of pyHanko: who only holds a key need not.
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from certificates.document import CertificateError

# A certificate must still verify when the last person it was given to retires.
SELF_SIGNED_FOR: Final = timedelta(days=30 * 365)
# RFC 9336: the key may sign documents, and nothing else.
_DOCUMENT_SIGNING: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
SMALLEST_RSA: Final = 2048

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey: TypeAlias = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class UnusableKey(CertificateError):
    """The PKCS#12 file is damaged, has another passphrase, or lacks a key or certificate."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A PKCS#12 file as bytes with its passphrase; can be sent to a worker process.

    ``time_stamps`` is the address of an RFC 3161 service that says when each file was signed.
    """

    pkcs12: bytes
    passphrase: bytes | None = None
    time_stamps: str | None = None

    def __repr__(self) -> str:
        return "SigningKey(…)"


def make_self_signed(organisation: str, *, now: datetime, passphrase: bytes | None = None) -> bytes:
    """A new P-256 key with a certificate of its own for 30 years, as PKCS#12.

    ``now`` is aware. Whoever verifies must be given the certificate (``certificate_of``).
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            # X.520 allows 64 letters in both.
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{organisation[:50]} certificates"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    # An hour back: a verifier's clock may be slow.
    start = now.astimezone(UTC) - timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + SELF_SIGNED_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    encryption: KeySerializationEncryption = NoEncryption()
    if passphrase:
        encryption = BestAvailableEncryption(passphrase)
    return pkcs12.serialize_key_and_certificates(
        b"certificates", key, certificate, None, encryption
    )


@dataclass(frozen=True, slots=True)
class LoadedKey:
    """The key itself, its certificate, and those above it that came in the same file."""

    private: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]


def load(key: SigningKey) -> LoadedKey:
    """Raises ``UnusableKey``: also for what neither PDF readers nor JSON Web Signatures know well
    (RSA under 2048 bits, curves other than P-256 and P-384)."""
    try:
        private, certificate, chain = pkcs12.load_key_and_certificates(key.pkcs12, key.passphrase)
    except ValueError as error:
        raise UnusableKey("damaged, or another passphrase") from error
    if private is None or certificate is None:
        raise UnusableKey("no key with a certificate inside")
    public_key_of(certificate)
    assert isinstance(private, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey))  # noqa: S101 -- narrows the type for mypy
    if private.public_key() != certificate.public_key():
        raise UnusableKey("the certificate is of another key")
    return LoadedKey(private, certificate, tuple(chain))


def certificate_of(key: SigningKey) -> bytes:
    """The public certificate as PEM, to publish for verifiers. Raises ``UnusableKey``."""
    return load(key).certificate.public_bytes(Encoding.PEM)


def read_certificate(encoded: bytes) -> x509.Certificate:
    """From DER. Raises ``UnusableKey`` for anything that is not wholly one."""
    try:
        return x509.load_der_x509_certificate(encoded)
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise UnusableKey("no certificate") from error


def public_key_of(certificate: x509.Certificate) -> PublicKey:
    """Raises ``UnusableKey`` for a kind of key that no certificate of ours is signed with."""
    try:
        return _check_public(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey("another kind of key") from error


def jwk_of(key: PublicKey) -> dict[str, str]:
    """The key as a JSON Web Key (RFC 7517), with what its thumbprint is made of and no more."""
    numbers = key.public_numbers()
    if isinstance(numbers, rsa.RSAPublicNumbers):
        return {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}
    width = (numbers.curve.key_size + 7) // 8
    return {
        "crv": _CURVES[numbers.curve.name],
        "kty": "EC",
        "x": _base64url(numbers.x.to_bytes(width, "big")),
        "y": _base64url(numbers.y.to_bytes(width, "big")),
    }


def kid_of(certificate: bytes | x509.Certificate) -> str:
    """The RFC 7638 thumbprint of its key: 43 letters that no other key has. Takes PEM, too."""
    if isinstance(certificate, bytes):
        certificate = x509.load_pem_x509_certificate(certificate)
    jwk = jwk_of(public_key_of(certificate))
    canonical = json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()
    digest = hashes.Hash(hashes.SHA256())
    digest.update(canonical)
    return _base64url(digest.finalize())


_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384"}


def _check_public(key: object) -> PublicKey:
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return key
    raise UnusableKey("use an elliptic key (P-256 or P-384), or RSA of 2048 bits or more")


def _number(value: int) -> str:
    return _base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
