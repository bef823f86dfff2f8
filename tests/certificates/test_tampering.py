"""What somebody may do to a certificate's file, and the word that the check has for it."""

import re
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from certificates.badge import read_badge
from certificates.cms import Envelope, read_envelope, write_envelope
from certificates.jws import read_token
from certificates.key import SigningKey, certificate_of, make_self_signed
from certificates.pdf import Typesetter
from certificates.signature import Signer
from certificates.tokens import Tokens
from certificates.trust import write_trust
from certificates.verify import Kind, Reason, State, Verdict, verify
from tests.certificates.conftest import NOW
from tests.certificates.makers import make_document
from tests.certificates.mutations import mutations

MANY = 10_000
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture(scope="module")
def tokens(key: SigningKey) -> Tokens:
    return Tokens(key)


@pytest.fixture(scope="module")
def mine(typesetter: Typesetter, key: SigningKey, tokens: Tokens) -> bytes:
    document = tokens.complete(make_document())
    return Signer(key).sign(typesetter.render([document])[0], number=document.number)


@pytest.fixture(scope="module")
def other(typesetter: Typesetter, key: SigningKey, tokens: Tokens) -> bytes:
    document = tokens.complete(make_document(number="PR-2026-000999", person_name="Bo Öhman"))
    return Signer(key).sign(typesetter.render([document])[0], number=document.number)


@pytest.fixture(scope="module")
def pem(key: SigningKey) -> bytes:
    return certificate_of(key)


def said(verdict: Verdict) -> tuple[State, Reason | None]:
    return verdict.state, verdict.reason


def gap(pdf: bytes) -> tuple[int, int]:
    """Where the signature's hexadecimal digits stand, with their brackets."""
    (found,) = re.findall(rb"/ByteRange \[0 (\d+) (\d+) \d+", pdf)
    return int(found[0]), int(found[1])


def with_signature_of(pdf: bytes, donor: bytes) -> bytes:
    (start, end), (begin, stop) = gap(pdf), gap(donor)
    assert end - start == stop - begin
    return pdf[:start] + donor[begin:stop] + pdf[end:]


def resealed(pdf: bytes, envelope: Envelope) -> bytes:
    """The same file with a rewritten signature in the place of its own."""
    start, end = gap(pdf)
    digits = write_envelope(envelope).hex().upper().encode()
    return pdf[: start + 1] + digits.ljust(end - start - 2, b"0") + pdf[end - 1 :]


def twin_of(signature: bytes) -> bytes:
    """The other elliptic signature that says the same."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, ORDER - s)


def envelope_of(pdf: bytes) -> Envelope:
    start, end = gap(pdf)
    content = bytes.fromhex(pdf[start + 1 : end - 1].decode())
    return read_envelope(content[: 4 + int.from_bytes(content[2:4], "big")])


def with_attachment_of(pdf: bytes, donor: bytes) -> bytes:
    """Saved anew with the data of another certificate inside, its signature field as it was."""
    (claims,) = PdfReader(BytesIO(donor)).attachments["certificate.json"]
    writer = PdfWriter(clone_from=BytesIO(pdf))
    names = writer.root_object["/Names"]["/EmbeddedFiles"]["/Names"]  # type: ignore[index]
    file = names[1].get_object()["/EF"]["/F"].get_object()
    assert isinstance(file, StreamObject)
    file.set_data(claims)
    saved = BytesIO()
    writer.write(saved)
    return saved.getvalue()


def with_page_of(pdf: bytes, name: str) -> bytes:
    """An update appended in which the page shows another name."""
    changed = BytesIO()
    writer = PdfWriter(BytesIO(pdf), incremental=True)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F"): font})
    stream = StreamObject()
    stream.set_data(f"BT /F 24 Tf 90 500 Td ({name}) Tj ET".encode())
    page = writer.pages[0]
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    page[NameObject("/Contents")] = writer._add_object(stream)
    writer.write(changed)
    return changed.getvalue()


def test_a_whole_one_is_valid(mine: bytes, pem: bytes) -> None:
    verdict = verify(mine, pem)
    assert (said(verdict), verdict.kind) == ((State.VALID, None), Kind.FILE)


@pytest.mark.promise("P8")
def test_no_damage_of_ten_thousand_passes(mine: bytes, other: bytes, pem: bytes) -> None:
    damaged = list(mutations(mine, other, MANY))
    passed = [each for each in damaged if verify(each, pem).state is State.VALID]
    assert (len(damaged), passed) == (MANY, [])


def test_no_damage_inside_the_signature_passes(mine: bytes, other: bytes, pem: bytes) -> None:
    (start, end), (begin, stop) = gap(mine), gap(other)
    for digits in mutations(mine[start:end], other[begin:stop], 2000):
        assert verify(mine[:start] + digits + mine[end:], pem).state is not State.VALID


def test_every_byte_of_the_signature_counts(mine: bytes, pem: bytes) -> None:
    start, end = gap(mine)
    length = len(write_envelope(envelope_of(mine)))
    for at in range(start, start + 2 * length + 8, 2):
        flipped = mine[:at] + bytes((mine[at] ^ 1,)) + mine[at + 1 :]
        assert verify(flipped, pem).state is not State.VALID, at - start
    lower = mine[:start] + mine[start:end].lower() + mine[end:]
    assert said(verify(lower, pem)) == (State.NOT_VALID, Reason.CHANGED)


def test_a_changed_page_is_changed(mine: bytes, pem: bytes) -> None:
    at = mine.index(b"stream\n") + 60
    changed = mine[:at] + bytes((mine[at] ^ 1,)) + mine[at + 1 :]
    assert said(verify(changed, pem)) == (State.NOT_VALID, Reason.CHANGED)


@pytest.mark.parametrize("kept", [30, 1000, -1000, -40, -6])
def test_a_cut_file_is_cut_short(mine: bytes, pem: bytes, kept: int) -> None:
    assert said(verify(mine[:kept], pem)) == (State.UNREADABLE, Reason.CUT_SHORT)


def test_without_the_update_that_signs_it_is_not_signed(mine: bytes, pem: bytes) -> None:
    unsigned = mine[: mine.index(b"%%EOF") + 6]
    assert said(verify(unsigned, pem)) == (State.NOT_VALID, Reason.UNSIGNED)


def test_another_name_on_the_page_in_an_update_is_something_added(mine: bytes, pem: bytes) -> None:
    changed = with_page_of(mine, "Bo Berg")
    shown = PdfReader(BytesIO(changed)).pages[0].extract_text()
    assert (shown.strip(), changed.startswith(mine), said(verify(changed, pem))) == (
        "Bo Berg",
        True,
        (State.NOT_VALID, Reason.ADDED_TO),
    )


def test_two_in_one_file_are_several(mine: bytes, other: bytes, pem: bytes) -> None:
    verdict = verify(mine + other, pem)
    assert said(verdict) == (State.NOT_VALID, Reason.GLUED)
    assert verdict.numbers == ("PR-2026-000123", "PR-2026-000999")


def test_a_signature_from_another_certificate_is_named(
    mine: bytes, other: bytes, pem: bytes
) -> None:
    verdict = verify(with_signature_of(mine, other), pem)
    assert said(verdict) == (State.NOT_VALID, Reason.REUSED)
    assert verdict.numbers == ("PR-2026-000123", "PR-2026-000999")


def test_data_from_another_certificate_is_named(mine: bytes, other: bytes, pem: bytes) -> None:
    verdict = verify(with_attachment_of(mine, other), pem)
    assert (said(verdict), verdict.claims) == ((State.NOT_VALID, Reason.REUSED), None)
    assert verdict.numbers == ("PR-2026-000999", "PR-2026-000123")


def test_a_signature_made_anew_with_another_key_is_of_someone_else(
    mine: bytes, pem: bytes, typesetter: Typesetter
) -> None:
    forger = SigningKey(make_self_signed("Pohjolan Rata Oy", now=NOW))
    document = Tokens(forger).complete(make_document(person_name="Bo Öhman"))
    forged = Signer(forger).sign(typesetter.render([document])[0], number=document.number)
    assert said(verify(forged, pem)) == (State.NOT_VALID, Reason.OTHER_SIGNER)


def test_no_part_of_the_signature_can_be_swapped(mine: bytes, pem: bytes) -> None:
    forger = SigningKey(make_self_signed("Pohjolan Rata Oy", now=NOW))
    envelope = envelope_of(mine)
    Signer(forger)
    changed = Envelope(envelope.signer, (), envelope.digest, "PR-2026-000124", envelope.signature)
    assert said(verify(resealed(mine, envelope), pem)) == (State.VALID, None)
    assert verify(resealed(mine, changed), pem).state is State.NOT_VALID


def test_a_distrusted_key_is_named(mine: bytes, pem: bytes) -> None:
    newer = certificate_of(SigningKey(make_self_signed("Pohjolan Rata Oy", now=NOW)))
    bundle = write_trust([newer], [pem])
    badge = PdfReader(BytesIO(mine)).attachments["badge.jwt"][0]
    assert said(verify(mine, bundle)) == (State.NOT_VALID, Reason.DISTRUSTED)
    assert said(verify(badge, bundle)) == (State.NOT_VALID, Reason.DISTRUSTED)
    assert said(verify(mine, write_trust([], [pem]))) == (State.NOT_VALID, Reason.DISTRUSTED)


def test_a_key_both_trusted_and_distrusted_is_distrusted(mine: bytes, pem: bytes) -> None:
    assert verify(mine, write_trust([pem], [pem])).reason is Reason.DISTRUSTED


def test_after_a_rotation_old_files_are_valid_with_the_new_bundle(mine: bytes, pem: bytes) -> None:
    newer = certificate_of(SigningKey(make_self_signed("Pohjolan Rata Oy", now=NOW)))
    assert said(verify(mine, write_trust([newer, pem]))) == (State.VALID, None)
    assert said(verify(mine, newer)) == (State.NOT_VALID, Reason.OTHER_SIGNER)


def test_the_badge_inside_says_the_same(mine: bytes) -> None:
    badge = PdfReader(BytesIO(mine)).attachments["badge.jwt"][0]
    _header, payload = read_token(badge.decode())
    assert read_badge(payload).number == "PR-2026-000123"


def test_however_long_the_number_the_file_is_valid(
    typesetter: Typesetter, key: SigningKey, pem: bytes
) -> None:
    (plain,) = typesetter.render([make_document()])
    for number in ("", "1" * 40, "Å" * 40, "\U0001f600" * 40):
        assert said(verify(Signer(key).sign(plain, number=number), pem)) == (State.VALID, None)
