"""What anyone finds out about a file, a badge or a code that they were shown."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from certificates.jws import read_token
from certificates.key import SigningKey, make_self_signed
from certificates.pdf import Typesetter
from certificates.signature import Signer
from certificates.tokens import Tokens
from certificates.verify import State, verify
from registration import clock
from registration.app import create_app
from registration.press import close_press, signing_key
from registration.qualifications import keys, printed
from registration.qualifications.documents import document_of
from registration.qualifications.models import Certificate, Printed
from registration.qualifications.queries import CertificateLine, certificates_of
from registration.qualifications.rules import CORRECTED
from registration.qualifications.service import issue, revoke
from registration.settings import Settings
from registration.web.verify import CHECKED_FILES
from tests.conftest import browser
from tests.teaching.makers import enrol, record
from tests.web.trainer.conftest import Desk

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*sRGB2014.*:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a holder shows: the three forms of one certificate."""

    line: CertificateLine
    pdf: bytes
    badge: bytes
    code: str


@cache
def typesetter() -> Typesetter:
    return Typesetter()


async def show(desk: Desk, settings: Settings, name: str = "Aino Virtanen") -> Shown:
    taken = await enrol(desk.school, name, company_name="Rata & <Oy>")
    now = clock.now()
    await record(desk.school, {"place_id": taken.id, "grade": "4", "completed": True}, now=now)
    await issue(taken.id, actor_id=None, settings=settings, now=now)
    (line,) = await certificates_of(taken.person_id, now=now)
    await keys.current_kid(settings, now=now)
    key = signing_key(settings)
    return await made(line, settings, key)


async def made(line: CertificateLine, settings: Settings, key: SigningKey) -> Shown:
    document = Tokens(key).complete(document_of(await Certificate.get(id=line.id), settings))
    (plain,) = typesetter().render([document])
    signed = Signer(key).sign(plain, number=document.number)
    assert document.badge is not None
    assert document.qr_text is not None
    return Shown(line, signed, document.badge, document.qr_text)


async def check(client: httpx.AsyncClient, content: bytes, name: str = "x.pdf") -> httpx.Response:
    return await client.post("/verify/check", files={"file": (name, content)})


def text(page: httpx.Response, selector: str) -> str:
    node = HTMLParser(page.text).css_first(selector)
    return " ".join(node.text().split()) if node else ""


GENUINE = "This is genuine, and the certificate is valid"


@pytest.mark.promise("P8")
async def test_the_file_the_badge_and_the_code_are_genuine(desk: Desk, settings: Settings) -> None:
    shown = await show(desk, settings)
    for content in (shown.pdf, shown.badge, shown.code.encode()):
        page = await check(desk.client, content)
        assert (page.status_code, text(page, "h1")) == (200, GENUINE)
        assert text(page, ".verdict-name") == "Aino Virtanen"
        assert shown.line.number in text(page, ".facts")
        assert "<Oy>" not in page.text
        assert page.headers["x-robots-tag"] == "noindex, nofollow"
        assert page.headers["cache-control"] == "private, no-store"


async def test_revoked_and_expired_are_said_with_reason_and_date(
    desk: Desk, settings: Settings
) -> None:
    shown = await show(desk, settings)
    ended = clock.now().date() - timedelta(days=2)
    await Certificate.filter(id=shown.line.id).update(valid_until=ended)
    page = await check(desk.client, shown.pdf)
    assert text(page, "h1") == "This is genuine, but the certificate has expired"
    await revoke(shown.line.id, CORRECTED, actor_id=None, settings=settings, now=clock.now())
    page = await check(desk.client, shown.badge)
    assert text(page, "h1") == "This is genuine, but the certificate has been revoked"
    said = text(page, ".verdict-head p")
    assert said.startswith("It was revoked on ")
    assert said.endswith("Reason: The recorded result was corrected.")


async def test_one_that_the_register_does_not_know_is_not_called_valid(
    desk: Desk, settings: Settings
) -> None:
    shown = await show(desk, settings)
    await Certificate.filter(id=shown.line.id).delete()
    page = await check(desk.client, shown.pdf)
    assert text(page, "h1") == "This is genuine, but the certificate is no longer in our register"


async def test_what_is_wrong_is_named_and_nothing_of_it_shown(
    desk: Desk, settings: Settings
) -> None:
    shown, other = await show(desk, settings), await show(desk, settings, "Bo Öhman")
    forged = await made(
        shown.line, settings, SigningKey(make_self_signed("Pohjan Raide Oy", now=clock.now()))
    )
    cases = {
        "It was changed": shown.pdf.replace(b"/Lang (fi)", b"/Lang (sv)", 1)
        if b"/Lang (fi)" in shown.pdf
        else shown.pdf[:2000] + b"\0" + shown.pdf[2001:],
        "The file ends too early": shown.pdf[:-300],
        "Something was added": shown.pdf + b"\n% more\n%%EOF\n",
        "Several files": shown.pdf + other.pdf,
        "It is signed, but not by us": forged.pdf,
        "The file bears no signature": shown.pdf[: shown.pdf.index(b"%%EOF") + 6],
        "It is no certificate of ours": b"%PNG not",
        "It is damaged": b"a.b.c",
    }
    for said, content in cases.items():
        page = await check(desk.client, content)
        assert (page.status_code, text(page, "h1")) == (200, "Do not rely on this"), said
        assert text(page, ".verdict-head p").startswith(said)
        assert "Virtanen" not in page.text
        assert shown.line.number not in page.text


async def test_after_a_rotation_old_and_new_are_genuine(desk: Desk, settings: Settings) -> None:
    old = await show(desk, settings)
    await keys.rotate(settings, now=clock.now())
    new = await made(old.line, settings, signing_key(settings))
    bundle = (await desk.client.get("/verify/key.pem")).content
    for content in (old.pdf, old.badge, old.code.encode(), new.pdf, new.badge):
        assert text(await check(desk.client, content), "h1") == GENUINE
        assert (await asyncio.to_thread(verify, content, bundle)).state is State.VALID


async def test_what_a_distrusted_key_signed_is_named(desk: Desk, settings: Settings) -> None:
    old = await show(desk, settings)
    kid = await keys.current_kid(settings, now=clock.now())
    assert await keys.distrust(kid, settings=settings, now=clock.now())
    page = await check(desk.client, old.pdf)
    assert text(page, ".verdict-head p").startswith("It is signed with a key of ours that is not")
    assert text(await desk.client.get(old.line.path), "h1") == "This certificate is valid"
    again = await made(old.line, settings, signing_key(settings))
    assert text(await check(desk.client, again.pdf), "h1") == GENUINE
    published = (await desk.client.get("/.well-known/jwks.json")).json()["keys"]
    assert [each["kid"] for each in published] == [
        await keys.current_kid(settings, now=clock.now())
    ]


def parts(name: str, content: bytes, edge: str = "edge") -> bytes:
    head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="x.pdf"\r\n\r\n'
    return head.encode() + content + f"\r\n--{edge}--\r\n".encode()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "multipart/form-data; boundary=edge", 422),
        (b"--edge", "multipart/form-data; boundary=edge", 422),
        (b"code=1", "application/x-www-form-urlencoded", 422),
        (b"{}", "application/json", 422),
        (parts("other", b"x"), "multipart/form-data; boundary=edge", 422),
        (parts("file", b"x"), "multipart/form-data", 422),
        (parts("file", b"x", "other"), "multipart/form-data; boundary=edge", 422),
        (parts("file", b"x" * 100)[:-40], "multipart/form-data; boundary=edge", 422),
        (parts("file", b""), "multipart/form-data; boundary=edge", 200),
        (parts("file", b"\0" * 5000), "multipart/form-data; boundary=edge", 200),
        (parts("file", b"x" * (4 * 1024 * 1024 + 1)), "multipart/form-data; boundary=edge", 413),
        (parts("file", b"x" * (5 * 1024 * 1024)), "multipart/form-data; boundary=edge", 413),
        (
            b"".join(parts(f"f{n}", b"x")[:-10] + b"\r\n" for n in range(50)),
            "multipart/form-data; boundary=edge",
            422,
        ),
    ],
    ids=[
        "empty", "edge only", "form", "json", "other field", "no boundary", "other boundary",
        "cut", "empty file", "zeros", "a byte too much", "far too much", "many files",
    ],
)  # fmt: skip
async def test_hostile_uploads_have_a_clear_answer(
    desk: Desk, body: bytes, kind: str, status: int
) -> None:
    answer = await desk.client.post("/verify/check", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    if status == 200:
        assert text(answer, "h1") == "Do not rely on this"
    else:
        assert text(answer, "h1") == "Check a certificate"
        assert text(answer, ".error-summary") != ""


async def test_what_is_larger_than_any_upload_is_not_read(desk: Desk) -> None:
    assert (await check(desk.client, bytes(13 * 1024 * 1024))).status_code == 413


async def test_a_file_that_would_unpack_without_end_is_refused_quickly(desk: Desk) -> None:
    bomb = zlib.compress(bytes(200 * 1024 * 1024), 9)
    content = b"%PDF-1.7\n" + b"stream\n" + bomb + b"\nendstream\n" * 3000 + b"%%EOF\n"
    ranges = b"/ByteRange [0 10 20 30]\n" * 50_000
    for each in (content, b"%PDF-1.7\n" + ranges + b"%%EOF\n"):
        page = await check(desk.client, each)
        assert text(page, "h1") == "Do not rely on this"


async def test_only_so_many_files_of_one_address_are_read(settings: Settings, desk: Desk) -> None:
    limited = settings.model_copy(update={"rate_limit": "on"})
    async with browser(create_app(limited, run_jobs=False)) as client:
        statuses = [(await check(client, b"x")).status_code for _ in range(CHECKED_FILES.most + 1)]
    assert statuses == [200] * CHECKED_FILES.most + [429]


@pytest.mark.promise("P8")
async def test_the_status_list_tells_another_library_what_was_revoked(
    desk: Desk, settings: Settings
) -> None:
    shown, other = await show(desk, settings), await show(desk, settings, "Bo Öhman")
    public = await public_key(desk)
    lists: dict[str, bytes] = {}

    async def fetch() -> None:
        answer = await desk.client.get("/verify/status/0")
        lists[f"{settings.base_url}/verify/status/0"] = answer.content

    def download(url: str) -> bytes:
        return lists[url]

    verifier = OB3Verifier(public)
    await fetch()
    for each in (shown, other):
        verifier.verify(each.badge.decode(), check_status=True, download=download)
    await revoke(shown.line.id, CORRECTED, actor_id=None, settings=settings, now=clock.now())
    await fetch()
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        verifier.verify(shown.badge.decode(), check_status=True, download=download)
    verifier.verify(other.badge.decode(), check_status=True, download=download)


async def public_key(desk: Desk) -> bytes:
    pem = (await desk.client.get("/verify/key.pem")).content
    key = load_pem_x509_certificate(pem).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


async def test_the_list_is_signed_and_says_nobodys_name(desk: Desk, settings: Settings) -> None:
    shown = await show(desk, settings)
    answer = await desk.client.get("/verify/status/0")
    header, payload = read_token(answer.text)
    assert answer.headers["content-type"] == "application/vc+jwt"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert str(header["kid"]).endswith(await keys.current_kid(settings, now=clock.now()))
    assert "Virtanen" not in json.dumps(payload)
    assert shown.line.token not in json.dumps(payload)


@pytest.mark.parametrize("number", ["1", "9999", "12345", "-1", "x", "0x0", "٣"])
async def test_there_are_no_other_lists(desk: Desk, number: str) -> None:
    assert (await desk.client.get(f"/verify/status/{number}")).status_code == 404


async def test_the_keys_are_published(desk: Desk, settings: Settings) -> None:
    first = await keys.current_kid(settings, now=clock.now())
    second = await keys.rotate(settings, now=clock.now())
    answer = await desk.client.get("/.well-known/jwks.json")
    published = answer.json()["keys"]
    assert [each["kid"] for each in published] == [second, first]
    assert {name for each in published for name in each} == {"crv", "kty", "x", "y", "kid", "use"}
    assert (await desk.client.get("/.well-known/did.json")).status_code == 404


async def test_with_https_the_did_leads_to_the_keys_of_then_and_now(
    settings: Settings, desk: Desk
) -> None:
    house = settings.model_copy(update={"base_url": "https://koulutus.example.fi"})
    old = await show(desk, house)
    await keys.rotate(house, now=clock.now())
    new = await made(old.line, house, signing_key(house))
    paths = ("/.well-known/did.json", "/verify/status/0")
    async with browser(create_app(house, run_jobs=False)) as client:
        found = {
            f"{house.base_url}{path}": (await client.get(f"{house.base_url}{path}")).content
            for path in paths
        }
    verifier = OB3Verifier.for_issuer_did("did:web:koulutus.example.fi", download=found.__getitem__)
    for badge in (old.badge, new.badge):
        credential = verifier.verify(badge.decode(), check_status=True, download=found.__getitem__)
        assert credential.achievement.name == "Track safety"


async def test_files_that_a_distrusted_key_signed_are_not_kept(
    desk: Desk, settings: Settings
) -> None:
    shown = await show(desk, settings)
    now = clock.now()
    kid = await keys.current_kid(settings, now=now)
    await printed.keep(shown.line.id, shown.pdf, key_id=kid, now=now)
    assert await Printed.all().count() == 1
    await keys.distrust(kid, settings=settings, now=now)
    assert await Printed.all().count() == 0


async def test_a_whole_code_pasted_leads_to_the_page(desk: Desk, settings: Settings) -> None:
    shown = await show(desk, settings)
    answer = await desk.client.get("/verify", params={"code": shown.code})
    assert (answer.status_code, answer.headers["location"]) == (303, shown.line.path)


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await close_press()
