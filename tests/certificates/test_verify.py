import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.sign.general import SigningError
from pypdf import PdfWriter

from certificates.claims import UnreadableClaims, claims_of, read_claims, write_claims
from certificates.key import SigningKey, UnusableKey, certificate_of, make_self_signed
from certificates.pdf import Typesetter
from certificates.signature import Signer, sign
from certificates.verify import Reason, State, UnusableCertificate, Verdict, verify
from tests.certificates.makers import make_document

NOW = datetime(2026, 4, 3, 9, tzinfo=UTC)


def outcome(verdict: Verdict) -> tuple[State, Reason | None]:
    return verdict.state, verdict.reason


def signed_range(pdf: bytes) -> tuple[int, int, int, int]:
    found = re.findall(rb"/ByteRange ?\[(\d+) (\d+) (\d+) (\d+)", pdf)
    start, length, again, rest = (int(number) for number in found[-1])
    return start, length, again, rest


def flipped(pdf: bytes, position: int, mask: int = 1) -> bytes:
    return pdf[:position] + bytes([pdf[position] ^ mask]) + pdf[position + 1 :]


def test_signed_certificate_is_valid_and_says_what_it_certifies(
    signed: bytes, key: SigningKey
) -> None:
    verdict = verify(signed, certificate_of(key))
    assert (outcome(verdict), verdict.claims, verdict.signer) == (
        (State.VALID, None),
        claims_of(make_document()),
        "Pohjolan Rata Oy",
    )


def test_signature_covers_the_whole_file(signed: bytes) -> None:
    start, length, again, rest = signed_range(signed)
    gap = signed[length:again]
    assert (start, again + rest, gap[:1], gap[-1:]) == (0, len(signed), b"<", b">")


def test_signing_appends_and_changes_nothing_before(
    typesetter: Typesetter, key: SigningKey
) -> None:
    (pdf,) = typesetter.render([make_document()])
    signed = sign(pdf, key)
    assert (signed[: len(pdf)], b"/Version /2" in signed) == (pdf, False)


def test_unsigned_certificate_is_not_valid(typesetter: Typesetter, key: SigningKey) -> None:
    (pdf,) = typesetter.render([make_document()])
    assert outcome(verify(pdf, certificate_of(key))) == (State.NOT_VALID, Reason.UNSIGNED)


def test_changed_word_in_the_signed_file_is_not_valid(signed: bytes, key: SigningKey) -> None:
    changed = signed.replace(b"/Lang (fi)", b"/Lang (sv)", 1)
    verdict = verify(changed, certificate_of(key))
    assert (changed != signed, outcome(verdict), verdict.claims) == (
        True,
        (State.NOT_VALID, Reason.CHANGED),
        None,
    )


def test_anything_appended_makes_it_not_valid(signed: bytes, key: SigningKey) -> None:
    with_comment = verify(signed + b"\n% more\n", certificate_of(key))
    assert with_comment.state != State.VALID


def test_signed_certificate_takes_no_second_signature(signed: bytes, key: SigningKey) -> None:
    with pytest.raises(SigningError):
        sign(signed, key)


def test_rewritten_file_is_not_valid(signed: bytes, key: SigningKey) -> None:
    rewritten = BytesIO()
    PdfWriter(clone_from=BytesIO(signed)).write(rewritten)
    assert verify(rewritten.getvalue(), certificate_of(key)).state != State.VALID


def test_other_key_is_not_trusted(signed: bytes) -> None:
    other = SigningKey(make_self_signed("Pohjolan Rata Oy", now=NOW))
    verdict = verify(signed, certificate_of(other))
    assert outcome(verdict) == (State.NOT_VALID, Reason.OTHER_SIGNER)


def test_either_of_two_trusted_certificates_will_do(signed: bytes, key: SigningKey) -> None:
    other = certificate_of(SigningKey(make_self_signed("Muu Oy", now=NOW)))
    assert verify(signed, other + certificate_of(key)).state == State.VALID


def test_without_a_certificate_nothing_is_valid(signed: bytes) -> None:
    assert outcome(verify(signed, None)) == (State.NOT_VALID, Reason.SIGNER_NOT_CHECKED)


def test_signature_on_another_document_certifies_nothing(key: SigningKey) -> None:
    blank = BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(blank)
    verdict = verify(sign(blank.getvalue(), key), certificate_of(key))
    assert outcome(verdict) == (State.NOT_VALID, Reason.NO_CLAIMS)


def test_key_that_expired_before_it_signed_is_not_trusted(typesetter: Typesetter) -> None:
    old = SigningKey(make_self_signed("Rata Oy", now=datetime(1990, 1, 1, tzinfo=UTC)))
    signed = sign(typesetter.render([make_document()])[0], old)
    assert outcome(verify(signed, certificate_of(old))) == (State.NOT_VALID, Reason.OTHER_SIGNER)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.NOT_A_CERTIFICATE),
        (b"hello", Reason.NOT_A_CERTIFICATE),
        (b"\xff\xfe", Reason.NOT_A_CERTIFICATE),
        (b"javascript:alert(1)#a.b.c", Reason.NOT_A_CERTIFICATE),
        (b"#a.b.c", Reason.NOT_A_CERTIFICATE),
        (b"a" * 200_000, Reason.NOT_A_CERTIFICATE),
        (b"a.b.c", Reason.DAMAGED),
        (b"https://example.fi/#a.b.c", Reason.DAMAGED),
        (b"%PDF-1.7\n", Reason.CUT_SHORT),
        (b"%PDF-1.7\n" + b"\xff" * 500, Reason.CUT_SHORT),
        (b"%PDF-1.7" + b" " * (20 * 1024 * 1024), Reason.TOO_LARGE),
    ],
)
def test_what_is_no_certificate_is_unreadable(content: bytes, reason: Reason) -> None:
    assert outcome(verify(content, None)) == (State.UNREADABLE, reason)


def test_a_file_of_nonsense_is_not_signed() -> None:
    content = b"%PDF-1.7\n" + b"\xff" * 500 + b"\n%%EOF\n"
    assert outcome(verify(content, None)) == (State.NOT_VALID, Reason.UNSIGNED)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_truncated_certificate_is_unreadable(signed: bytes, key: SigningKey, kept: float) -> None:
    cut = signed[: int(len(signed) * kept)]
    assert outcome(verify(cut, certificate_of(key))) == (State.UNREADABLE, Reason.CUT_SHORT)


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 2**31), mask=st.integers(1, 255))
def test_any_flipped_byte_that_is_signed_is_found(
    signed: bytes, key: SigningKey, place: int, mask: int
) -> None:
    _, length, again, rest = signed_range(signed)
    position = place % (length + rest)
    if position >= length:
        position += again - length
    verdict = verify(flipped(signed, position, mask), certificate_of(key))
    assert (verdict.state == State.VALID, verdict.claims) == (False, None)


@settings(max_examples=40, deadline=None)
@given(place=st.integers(0, 2**31), mask=st.integers(1, 255))
def test_any_flipped_byte_of_the_signature_itself_is_found(
    signed: bytes, key: SigningKey, place: int, mask: int
) -> None:
    _, length, again, _ = signed_range(signed)
    damaged = flipped(signed, length + place % (again - length), mask)
    assert verify(damaged, certificate_of(key)).state != State.VALID


@settings(max_examples=40, deadline=None)
@given(place=st.integers(0, 2**31))
def test_cut_anywhere_it_is_never_valid(signed: bytes, key: SigningKey, place: int) -> None:
    assert verify(signed[: place % len(signed)], certificate_of(key)).state != State.VALID


@settings(max_examples=5, deadline=None)
@given(
    name=st.text(
        st.characters(categories=("L", "Nd"), max_codepoint=0x24F), min_size=1, max_size=60
    )
)
def test_whatever_the_name_sign_and_verify_agree(
    typesetter: Typesetter, key: SigningKey, name: str
) -> None:
    document = make_document(person_name=name)
    verdict = verify(sign(typesetter.render([document])[0], key), certificate_of(key))
    assert (verdict.state, verdict.claims) == (State.VALID, claims_of(document))


def test_certificate_to_verify_with_must_be_one() -> None:
    for wrong in (
        b"",
        b"nonsense",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ):
        with pytest.raises(UnusableCertificate):
            verify(b"", wrong)


def test_key_with_a_passphrase_opens_only_with_it(typesetter: Typesetter) -> None:
    sealed = make_self_signed("Rata Oy", now=NOW, passphrase=b"salainen")
    with pytest.raises(UnusableKey):
        Signer(SigningKey(sealed, b"arvaus"))
    with pytest.raises(UnusableKey):
        Signer(SigningKey(b"not a key"))
    key = SigningKey(sealed, b"salainen")
    signed = Signer(key).sign(typesetter.render([make_document()])[0])
    assert verify(signed, certificate_of(key)).state == State.VALID


def test_key_does_not_show_itself(key: SigningKey) -> None:
    assert repr(key) == "SigningKey(…)"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"format": "other"}',
        b"[" * 100_000,
        write_claims(claims_of(make_document())).replace(b'"2026-04-03"', b"3"),
        write_claims(claims_of(make_document())).replace(b'"2026-04-03"', b'"3.4.2026"'),
        write_claims(claims_of(make_document())).replace(b'"PR-2026-000123"', b"null"),
    ],
)
def test_claims_of_another_shape_are_refused(content: bytes) -> None:
    with pytest.raises(UnreadableClaims):
        read_claims(content)
