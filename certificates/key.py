"""The key that certificates are sealed with: making one, and its public part.

Apart from ``signature``, which loads the whole of pyHanko: who only holds a key need not.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
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


class UnusableKey(CertificateError):
    """The PKCS#12 file is damaged, has another passphrase, or lacks a key or certificate."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A PKCS#12 file as bytes with its passphrase; can be sent to a worker process."""

    pkcs12: bytes
    passphrase: bytes | None = None

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


def certificate_of(key: SigningKey) -> bytes:
    """The public certificate as PEM, to publish for verifiers. Raises ``UnusableKey``."""
    try:
        private, certificate, _ = pkcs12.load_key_and_certificates(key.pkcs12, key.passphrase)
    except ValueError as error:
        raise UnusableKey("damaged, or another passphrase") from error
    if private is None or certificate is None:
        raise UnusableKey("no key with a certificate inside")
    return certificate.public_bytes(Encoding.PEM)
