"""Keys for tests that are not as we make them: RSA, other curves, from an authority."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from certificates.key import PrivateKey

NOW = datetime(2026, 4, 3, 9, tzinfo=UTC)


def certificate(
    key: PrivateKey, name: str, *, by: PrivateKey | None = None, by_name: str = "", ca: bool = False
) -> x509.Certificate:
    """Self-signed, or given by another."""
    subject, issuer = (
        x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, each)])
        for each in (name, by_name or name)
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=not ca,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=ca,
                crl_sign=ca,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(by or key, hashes.SHA256())
    )


def rsa_pkcs12(bits: int = 2048, *, passphrase: bytes | None = None) -> bytes:
    key = rsa.generate_private_key(65537, bits)
    locked = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return pkcs12.serialize_key_and_certificates(
        b"rsa", key, certificate(key, "Rata Oy"), None, locked
    )


def curve_pkcs12(curve: ec.EllipticCurve) -> bytes:
    key = ec.generate_private_key(curve)
    return pkcs12.serialize_key_and_certificates(
        b"ec", key, certificate(key, "Rata Oy"), None, NoEncryption()
    )


def issued_pkcs12() -> tuple[bytes, bytes]:
    """A key whose certificate an authority gave, and the authority's certificate as PEM."""
    top, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificate(top, "Varmentaja Oy", ca=True)
    own = certificate(key, "Rata Oy", by=top, by_name="Varmentaja Oy")
    content = pkcs12.serialize_key_and_certificates(b"own", key, own, [authority], NoEncryption())
    return content, authority.public_bytes(Encoding.PEM)
