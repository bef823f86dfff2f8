"""The badge and the QR code's claim, read by ourselves and by a library that is not ours."""

import base64
import hmac
import json
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier
from pypdf import PdfReader

from certificates.badge import did_of, issuer_id, key_address, read_badge
from certificates.claims import UnreadableClaims, claims_of
from certificates.document import CertificateDocument, Issuer
from certificates.jws import BadToken, Json, is_token_signed, read_token, write_token
from certificates.key import SigningKey, certificate_of, jwk_of, load, make_self_signed
from certificates.pdf import Typesetter
from certificates.signature import Signer
from certificates.tokens import MAX_QR, Tokens, read_claim
from certificates.trust import write_trust
from certificates.verify import Kind, Reason, State, verify
from tests.certificates.conftest import NOW
from tests.certificates.keys import curve_pkcs12, rsa_pkcs12
from tests.certificates.makers import ISSUER, make_document
from tests.certificates.mutations import mutations

HOUSE = "https://koulutus.example.fi"
MANY = 10_000


def issued(url: str | None = HOUSE, **changes: object) -> CertificateDocument:
    issuer = Issuer(ISSUER.name, ISSUER.address, url=url)
    return make_document(issuer=issuer, status_entry=f"{HOUSE}/verify/status/0#7", **changes)  # type: ignore[arg-type]


def public(key: SigningKey) -> bytes:
    return (
        load(key)
        .certificate.public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )


def parts(token: bytes) -> tuple[dict[str, Json], dict[str, Json]]:
    return read_token(token.decode())


@pytest.fixture(scope="module")
def tokens(key: SigningKey) -> Tokens:
    return Tokens(key)


@pytest.fixture(scope="module", params=["rsa", "p384"])
def other_key(request: pytest.FixtureRequest) -> SigningKey:
    made = rsa_pkcs12() if request.param == "rsa" else curve_pkcs12(ec.SECP384R1())
    return SigningKey(made)


@pytest.mark.promise("P8")
def test_another_library_verifies_the_badge(key: SigningKey, tokens: Tokens) -> None:
    credential = OB3Verifier(public(key)).verify(tokens.badge(issued()).decode())
    assert (credential.issuer.name, credential.achievement.name) == (
        "Pohjolan Rata Oy",
        "Ratatyön turvallisuus",
    )
    assert [each.identity_hash for each in credential.identifiers] == ["Aino Virtanen"]
    assert credential.achievement.achievement_type == "Certificate"
    assert [each.value for each in credential.results] == ["Hyväksytty"]
    assert credential.expiration_date == datetime(2031, 4, 2, 21, 59, 59, tzinfo=UTC)


def test_another_library_finds_the_key_by_the_issuers_did(key: SigningKey, tokens: Tokens) -> None:
    did = "did:web:koulutus.example.fi"
    older = jwk_of(ec.generate_private_key(ec.SECP256R1()).public_key())
    methods = [
        {"id": f"{did}#old", "publicKeyJwk": older},
        {"id": f"{did}#{tokens.kid}", "publicKeyJwk": jwk_of(load(key).private.public_key())},
    ]
    asked: list[str] = []

    def download(url: str) -> bytes:
        asked.append(url)
        return json.dumps({"id": did, "verificationMethod": methods}).encode()

    credential = OB3Verifier.for_issuer_did(did, download=download).verify(
        tokens.badge(issued()).decode()
    )
    assert (credential.issuer.id, asked) == (did, [f"{HOUSE}/.well-known/did.json"])


def test_another_library_refuses_a_changed_and_an_expired_badge(
    key: SigningKey, tokens: Tokens
) -> None:
    verifier = OB3Verifier(public(key))
    badge = tokens.badge(issued()).decode()
    head, body, signature = badge.split(".")
    with pytest.raises(OB3VerificationError, match="Invalid signature"):
        verifier.verify(f"{head}.{body[:-4]}AAAA.{signature}")
    old = issued(days=(date(2019, 4, 1),), issued_on=date(2019, 4, 2), valid_until=date(2020, 4, 1))
    with pytest.raises(OB3VerificationError, match="expired"):
        verifier.verify(tokens.badge(old).decode())


def test_the_badge_has_the_claims_that_the_standard_asks_for(tokens: Tokens) -> None:
    header, payload = parts(tokens.badge(issued()))
    did = "did:web:koulutus.example.fi"
    assert (header["typ"], header["alg"], header["kid"]) == ("JWT", "ES256", f"{did}#{tokens.kid}")
    assert set(header) == {"typ", "alg", "kid", "jwk"}
    jwk = header["jwk"]
    assert isinstance(jwk, dict)
    assert set(jwk) == {"crv", "kty", "x", "y"}
    subject = payload["credentialSubject"]
    assert isinstance(subject, dict)
    assert (payload["iss"], payload["jti"], payload["sub"]) == (did, payload["id"], subject["id"])
    begins = datetime.fromisoformat(str(payload["validFrom"]))
    ends = datetime.fromisoformat(str(payload["validUntil"]))
    assert (payload["nbf"], payload["exp"]) == (begins.timestamp(), ends.timestamp())
    assert payload["credentialStatus"] == {
        "id": f"{HOUSE}/verify/status/0#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": f"{HOUSE}/verify/status/0",
    }


def test_nothing_in_the_badge_leads_to_its_holder_but_the_name(tokens: Tokens) -> None:
    _header, payload = parts(tokens.badge(issued()))
    text = json.dumps(payload, ensure_ascii=False)
    assert ("@virtanen" in text, "mailto:" in text, text.count("Aino Virtanen")) == (
        False,
        False,
        1,
    )


@pytest.mark.parametrize(
    ("url", "did"),
    [
        ("https://a.fi", "did:web:a.fi"),
        ("https://a.fi:8443", "did:web:a.fi%3A8443"),
        ("https://a.fi/school/x", "did:web:a.fi:school:x"),
        ("http://127.0.0.1:8000", None),
        ("https://user@a.fi", None),
    ],
)
def test_the_issuer_is_a_did_where_there_is_https(url: str, did: str | None) -> None:
    assert (did_of(url), issuer_id(Issuer("Rata Oy", url=url))) == (did, did or url)


def test_without_https_the_key_has_a_plain_address() -> None:
    issuer = Issuer("Rata Oy", url="http://127.0.0.1:8000")
    assert key_address(issuer, "k") == "http://127.0.0.1:8000/.well-known/jwks.json#k"
    assert key_address(Issuer("Rata Oy"), "k") == "k"


def test_the_badge_certifies_what_the_file_does(key: SigningKey, tokens: Tokens) -> None:
    document = issued()
    verdict = verify(tokens.badge(document), certificate_of(key))
    file = claims_of(document)
    assert (verdict.state, verdict.kind, verdict.signer) == (
        State.VALID,
        Kind.BADGE,
        "Pohjolan Rata Oy",
    )
    assert verdict.claims is not None
    for field in ("number", "person_name", "training_title", "days", "issued_on", "valid_until"):
        assert getattr(verdict.claims, field) == getattr(file, field), field
    assert (verdict.claims.grade, verdict.claims.verify_url) == (file.grade, file.verify_url)


@pytest.mark.promise("P8")
def test_the_qr_code_certifies_without_a_network(key: SigningKey, tokens: Tokens) -> None:
    text = tokens.qr_text(issued())
    verdict = verify(f"{text}\n".encode(), certificate_of(key))
    assert (verdict.state, verdict.kind) == (State.VALID, Kind.QR_CODE)
    assert verdict.claims is not None
    assert (verdict.claims.person_name, verdict.claims.days, verdict.claims.valid_until) == (
        "Aino Virtanen",
        (date(2026, 4, 2),),
        date(2031, 4, 2),
    )
    assert (text.partition("#")[0], len(text) < 420) == (issued().verify_url, True)


def test_the_claim_belongs_to_its_address(key: SigningKey, tokens: Tokens) -> None:
    claim = tokens.qr_text(issued()).partition("#")[2]
    moved = f"https://koulutus.example.org/verify/9f3kq7Xw2LmZ#{claim}".encode()
    verdict = verify(moved, certificate_of(key))
    assert (verdict.state, verdict.reason) == (State.NOT_VALID, Reason.REUSED)
    alone = verify(claim.encode(), certificate_of(key))
    assert (alone.state, alone.reason) == (State.NOT_VALID, Reason.NO_CLAIMS)


@pytest.mark.parametrize("kind", ["badge", "qr"])
def test_no_damage_of_ten_thousand_passes(key: SigningKey, tokens: Tokens, kind: str) -> None:
    mine, other = issued(), issued(number="PR-2026-000999", person_name="Bo Öhman")
    if kind == "badge":
        whole, donor = tokens.badge(mine), tokens.badge(other)
    else:
        whole, donor = tokens.qr_text(mine).encode(), tokens.qr_text(other).encode()
    pem = certificate_of(key)
    damaged = [each for each in mutations(whole, donor, MANY) if each.strip() != whole]
    passed = [each for each in damaged if verify(each, pem).state is State.VALID]
    assert (len(damaged) > MANY - 20, passed) == (True, [])


def test_a_token_can_be_written_in_one_way_only(key: SigningKey, tokens: Tokens) -> None:
    badge = tokens.badge(issued()).decode()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    pem = certificate_of(key)
    passed = [each for each in alphabet if verify((badge[:-1] + each).encode(), pem).claims]
    assert passed == [badge[-1]]
    assert verify(f"{badge}==".encode(), pem).state is State.UNREADABLE


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_no_token_chooses_how_it_is_checked(key: SigningKey, tokens: Tokens, alg: str) -> None:
    _header, payload = parts(tokens.badge(issued()))
    head = encoded({"alg": alg, "kid": f"x#{tokens.kid}"})
    signed = f"{head}.{encoded(payload)}"
    mac = hmac.new(certificate_of(key), signed.encode(), "sha256").digest()
    forged = f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    verdict = verify(forged.encode(), certificate_of(key))
    assert (verdict.state, verdict.reason) == (State.NOT_VALID, Reason.CHANGED)


def encoded(content: dict[str, Json]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_the_key_inside_a_token_is_not_believed(key: SigningKey) -> None:
    forger = Tokens(SigningKey(make_self_signed("Pohjolan Rata Oy", now=NOW)))
    verdict = verify(forger.badge(issued()), certificate_of(key))
    assert (verdict.state, verdict.reason) == (State.NOT_VALID, Reason.OTHER_SIGNER)


def test_a_token_of_another_kind_certifies_nothing(key: SigningKey, tokens: Tokens) -> None:
    list_of_revoked = tokens.credential({"type": ["BitstringStatusListCredential"]}, issuer=ISSUER)
    verdict = verify(list_of_revoked, certificate_of(key))
    assert (verdict.state, verdict.reason) == (State.NOT_VALID, Reason.NO_CLAIMS)
    claim = tokens.qr_text(issued()).partition("#")[2]
    badge = tokens.badge(issued()).decode()
    crossed = verify(f"{issued().verify_url}#{badge}".encode(), certificate_of(key))
    assert (crossed.reason, verify(claim.encode(), certificate_of(key)).reason) == (
        Reason.NO_CLAIMS,
        Reason.NO_CLAIMS,
    )


def test_other_kinds_of_keys_sign_all_three(typesetter: Typesetter, other_key: SigningKey) -> None:
    tokens = Tokens(other_key)
    document = tokens.complete(issued())
    file = Signer(other_key).sign(typesetter.render([document])[0], number=document.number)
    pem = certificate_of(other_key)
    assert document.badge is not None
    for content in (file, document.badge, tokens.qr_text(issued()).encode()):
        assert verify(content, pem).state is State.VALID
    OB3Verifier(public(other_key)).verify(document.badge.decode())
    (inside,) = PdfReader(BytesIO(file)).attachments["badge.jwt"]
    assert inside == document.badge


def test_a_code_that_would_not_scan_is_the_address_alone() -> None:
    tokens = Tokens(SigningKey(rsa_pkcs12(4096)))
    assert tokens.qr_text(issued()) == issued().verify_url


@settings(max_examples=50, deadline=None)
@given(
    name=st.text(st.characters(categories=("L", "M", "N", "P", "S")), min_size=1, max_size=160),
    title=st.text(st.characters(categories=("L", "M", "N", "P", "S")), min_size=1, max_size=200),
)
def test_whatever_the_name_code_and_badge_agree(key: SigningKey, name: str, title: str) -> None:
    tokens = Tokens(key)
    document = issued(person_name=name, training_title=title)
    badge, text = tokens.badge(document), tokens.qr_text(document)
    pem = certificate_of(key)
    found, said = verify(badge, pem), verify(text.encode(), pem)
    assert (found.state, said.state, len(text) <= MAX_QR) == (State.VALID, State.VALID, True)
    assert found.claims is not None
    assert said.claims is not None
    assert (found.claims.person_name, found.claims.training_title) == (name, title)
    assert name.startswith(said.claims.person_name.removesuffix("…"))


def test_an_ended_one_is_expired_when_the_day_is_known(key: SigningKey, tokens: Tokens) -> None:
    pem = certificate_of(key)
    for content in (tokens.badge(issued()), tokens.qr_text(issued()).encode()):
        last = verify(content, pem, today=date(2031, 4, 2))
        after = verify(content, pem, today=date(2031, 4, 3))
        assert (last.state, after.state, after.reason) == (
            State.VALID,
            State.NOT_VALID,
            Reason.EXPIRED,
        )
        assert after.claims == last.claims


def test_old_badges_verify_with_the_bundle_of_all_keys(key: SigningKey, tokens: Tokens) -> None:
    newer = certificate_of(SigningKey(make_self_signed("Pohjolan Rata Oy", now=NOW)))
    bundle = write_trust([newer, certificate_of(key)])
    assert verify(tokens.badge(issued()), bundle).state is State.VALID
    assert verify(tokens.badge(issued()), newer).reason is Reason.OTHER_SIGNER


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"n": 1, "p": "", "t": "", "d": "", "i": "", "a": ""},
        {"n": "1", "p": "", "t": "", "d": "2026-13-01", "i": "", "a": "100680ad546ce6a5"},
    ],
)
def test_claims_of_another_shape_are_refused(payload: dict[str, Json]) -> None:
    with pytest.raises(UnreadableClaims):
        read_claim(payload, url="https://example.com")


@pytest.mark.parametrize(
    "changes",
    [
        {"credentialSubject": []},
        {"credentialSubject": {"achievement": {}, "identifier": []}},
        {"validFrom": "yesterday"},
        {"issuer": "did:web:a.fi"},
        {"validUntil": 7},
    ],
)
def test_badges_of_another_shape_are_refused(tokens: Tokens, changes: dict[str, Json]) -> None:
    _header, payload = parts(tokens.badge(issued()))
    with pytest.raises(UnreadableClaims):
        read_badge({**payload, **changes})


@pytest.mark.parametrize(
    "token", ["", "a.b", "a.b.c", "e30.e30.e30xx", "W10.W10.AAAA", "e31.e30.AA"]
)
def test_what_is_no_token_is_refused(token: str, key: SigningKey) -> None:
    with pytest.raises(BadToken):
        is_token_signed(token, load(key).private.public_key())


def test_critical_headers_are_refused(key: SigningKey) -> None:
    private = load(key).private
    token = write_token({"crit": ["exp"]}, {}, private)
    assert not is_token_signed(token, private.public_key())
