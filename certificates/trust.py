"""Whose signatures are believed: certificates in one text file (PEM).

Those of keys that fell into wrong hands stand in it too, under a name of their own that other
programs skip: so a check can say what is wrong, and not only that somebody else signed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from asn1crypto import pem
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.document import CertificateError
from certificates.key import UnusableKey, kid_of, read_certificate

DISTRUSTED: Final = "DISTRUSTED CERTIFICATE"
_TRUSTED: Final = "CERTIFICATE"


class UnusableCertificate(CertificateError):
    """The certificate to verify with is neither PEM nor DER."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Certificates in DER."""

    good: tuple[bytes, ...] = ()
    bad: tuple[bytes, ...] = ()

    def holders_of(self, kid: str) -> list[tuple[x509.Certificate, bool]]:
        """Certificates of a key by its thumbprint or the beginning of it, and whether each is
        trusted. One with another kind of key than ours signs no tokens."""
        found = []
        for encoded in (*self.good, *self.bad):
            certificate = read_certificate(encoded)
            try:
                if kid and kid_of(certificate).startswith(kid):
                    found.append((certificate, encoded in self.good))
            except UnusableKey:
                continue
        return found


def read_trust(content: bytes) -> Trust:
    """Certificates as PEM, several after each other, or one as DER. Raises
    ``UnusableCertificate``."""
    try:
        if not pem.detect(content):
            blocks = [(_TRUSTED, content)]
        else:
            blocks = [(name, der) for name, _, der in pem.unarmor(content, multiple=True)]
        certificates = [
            (name, read_certificate(der)) for name, der in blocks if name in {_TRUSTED, DISTRUSTED}
        ]
    except (ValueError, TypeError, UnusableKey) as error:
        raise UnusableCertificate("neither PEM nor DER") from error
    if not certificates:
        raise UnusableCertificate("no certificate")
    good, bad = (
        tuple(each.public_bytes(Encoding.DER) for name, each in certificates if name == wanted)
        for wanted in (_TRUSTED, DISTRUSTED)
    )
    return Trust(tuple(each for each in good if each not in bad), bad)


def write_trust(good: Sequence[bytes], bad: Sequence[bytes] = ()) -> bytes:
    """The file to publish, from certificates as PEM."""
    named = (f"-----{edge} {_TRUSTED}-----".encode() for edge in ("BEGIN", "END"))
    marked = (f"-----{edge} {DISTRUSTED}-----".encode() for edge in ("BEGIN", "END"))
    edges = list(zip(named, marked, strict=True))
    written = []
    for each in bad:
        for plain, mark in edges:
            each = each.replace(plain, mark)
        written.append(each)
    return b"".join([*good, *written])
