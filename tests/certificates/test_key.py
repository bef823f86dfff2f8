"""Keys as organisations have them: with a passphrase, of another kind, from an authority."""

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from certificates.key import SigningKey, UnusableKey, certificate_of, kid_of, make_self_signed
from certificates.pdf import Typesetter
from certificates.signature import Signer
from certificates.trust import DISTRUSTED, UnusableCertificate, read_trust, write_trust
from certificates.verify import Reason, State, verify
from tests.certificates.conftest import NOW
from tests.certificates.keys import curve_pkcs12, issued_pkcs12, rsa_pkcs12
from tests.certificates.makers import make_document


@pytest.fixture(scope="module")
def unsigned(typesetter: Typesetter) -> bytes:
    return typesetter.render([make_document()])[0]


def test_rsa_with_a_passphrase_signs(unsigned: bytes, tmp_path: Path) -> None:
    key = SigningKey(rsa_pkcs12(passphrase=b"salainen"), b"salainen")
    signed = Signer(key).sign(unsigned, number="1")
    assert verify(signed, certificate_of(key)).state is State.VALID
    file = tmp_path / "rsa.pdf"
    file.write_bytes(signed)
    said = subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in said


@pytest.mark.parametrize("guess", [b"arvaus", None])
def test_another_passphrase_is_refused(guess: bytes | None) -> None:
    with pytest.raises(UnusableKey, match="damaged, or another passphrase"):
        Signer(SigningKey(rsa_pkcs12(passphrase=b"salainen"), guess))


def test_keys_that_nobody_else_can_check_are_refused() -> None:
    for made in (rsa_pkcs12(1024), curve_pkcs12(ec.SECP256K1())):
        with pytest.raises(UnusableKey, match="P-256 or P-384"):
            Signer(SigningKey(made))


def test_a_key_from_an_authority_is_trusted_by_its_own_or_the_authoritys(unsigned: bytes) -> None:
    content, authority = issued_pkcs12()
    key = SigningKey(content)
    signed = Signer(key).sign(unsigned, number="1")
    assert verify(signed, certificate_of(key)).state is State.VALID
    assert verify(signed, authority).state is State.VALID
    other = certificate_of(SigningKey(make_self_signed("Muu Oy", now=NOW)))
    assert verify(signed, other).reason is Reason.OTHER_SIGNER


def test_the_thumbprint_is_the_keys_alone(key: SigningKey) -> None:
    pem = certificate_of(key)
    other = certificate_of(SigningKey(make_self_signed("Pohjolan Rata Oy", now=NOW)))
    assert (len(kid_of(pem)), kid_of(pem) == kid_of(pem), kid_of(pem) == kid_of(other)) == (
        43,
        True,
        False,
    )


def test_other_programs_skip_distrusted_certificates(key: SigningKey) -> None:
    good = certificate_of(key)
    bad = certificate_of(SigningKey(make_self_signed("Pohjolan Rata Oy", now=NOW)))
    bundle = write_trust([good], [bad])
    assert f"BEGIN {DISTRUSTED}".encode() in bundle
    assert [kid_of(each) for each in x509.load_pem_x509_certificates(bundle)] == [kid_of(good)]
    trust = read_trust(bundle)
    assert (len(trust.good), len(trust.bad), read_trust(good).good) == (1, 1, trust.good)


@pytest.mark.parametrize(
    "content",
    [b"", b"-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n", b"\x30\x03\x02\x01\x01"],
)
def test_a_bundle_without_certificates_is_refused(content: bytes) -> None:
    with pytest.raises(UnusableCertificate):
        read_trust(content)
