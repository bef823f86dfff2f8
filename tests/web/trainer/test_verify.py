"""What anyone finds out about a certificate, and what only its holder can fetch."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from registration import clock
from registration.accounts.service import participant_account
from registration.press import close_press
from registration.qualifications import keys
from registration.qualifications.models import Certificate
from registration.qualifications.queries import CertificateLine, certificates_of
from registration.qualifications.rules import CORRECTED
from registration.qualifications.service import issue, revoke
from registration.settings import Settings
from tests.builders import log_in
from tests.conftest import browser
from tests.teaching.makers import enrol, record
from tests.web.trainer.conftest import Desk


async def make_certificate(desk: Desk, settings: Settings) -> CertificateLine:
    taken = await enrol(desk.school, "Aino Virtanen", company_name="Rata & <Oy>")
    now = clock.now()
    await record(desk.school, {"place_id": taken.id, "grade": "4", "completed": True}, now=now)
    await issue(taken.id, actor_id=None, settings=settings, now=now)
    (line,) = await certificates_of(taken.person_id, now=now)
    return line


def text(page: httpx.Response, selector: str) -> str:
    node = HTMLParser(page.text).css_first(selector)
    return " ".join(node.text().split()) if node else ""


@pytest.mark.promise("P8")
async def test_the_page_shows_what_is_certified(desk: Desk, settings: Settings) -> None:
    line = await make_certificate(desk, settings)
    page = await desk.client.get(line.path)
    assert page.status_code == 200
    assert text(page, "h1") == "This certificate is valid"
    assert text(page, ".verdict-name") == "Aino Virtanen"
    assert text(page, ".verdict-training") == "Track safety"
    assert line.number in text(page, ".facts")
    assert "<Oy>" not in page.text
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["referrer-policy"] == "strict-origin"
    assert page.headers["cache-control"] == "private, no-store"
    assert "aino.virtanen@" not in page.text.lower()


async def test_expired_and_revoked_are_said_first(desk: Desk, settings: Settings) -> None:
    line = await make_certificate(desk, settings)
    yesterday = clock.now().date() - timedelta(days=2)
    await Certificate.filter(id=line.id).update(valid_until=yesterday)
    page = await desk.client.get(line.path)
    assert text(page, "h1") == "This certificate has expired"
    await revoke(line.id, CORRECTED, actor_id=None, settings=settings, now=clock.now())
    page = await desk.client.get(line.path)
    assert text(page, "h1") == "This certificate has been revoked"
    assert text(page, ".verdict-head p").endswith("Reason: The recorded result was corrected.")
    assert text(page, ".verdict-name") == "Aino Virtanen"


async def test_however_the_code_is_typed_it_leads_to_one_page(
    desk: Desk, settings: Settings
) -> None:
    line = await make_certificate(desk, settings)
    for typed in (line.token.upper(), line.token.replace("-", " "), f"http://x.fi{line.path}"):
        answer = await desk.client.get("/verify", params={"code": typed})
        assert (answer.status_code, answer.headers["location"]) == (303, line.path)
    bare = line.token.replace("-", "")
    answer = await desk.client.get(f"/verify/{bare}")
    assert (answer.status_code, answer.headers["location"]) == (303, line.path)


@pytest.mark.parametrize(
    "path",
    [
        "/verify/0000-0000-0000-0000-0000-0000",
        "/verify/2027-000001",
        "/verify/%3Cscript%3E",
        "/verify/" + "a" * 500,
        "/verify?code=2027-000001",
        "/verify?code=%22%3E%3Cscript%3E",
    ],
)
async def test_unknown_codes_are_404_and_say_how_to_check(desk: Desk, path: str) -> None:
    page = await desk.client.get(path)
    assert page.status_code == 404
    assert text(page, "h1") == "No certificate has this code"
    assert "<script>" not in page.text
    assert page.headers["x-robots-tag"] == "noindex, nofollow"


async def test_the_form_asks_for_the_code(desk: Desk) -> None:
    for path in ("/verify", "/verify?code=", "/verify?code=%20"):
        page = await desk.client.get(path)
        assert (page.status_code, text(page, "h1")) == (200, "Check a certificate")


async def test_anyone_gets_the_public_key(desk: Desk, settings: Settings) -> None:
    answer = await desk.client.get("/verify/key.pem")
    assert answer.status_code == 200
    assert answer.content == await keys.bundle(settings, now=clock.now())
    assert b"PRIVATE" not in answer.content


@pytest.mark.slow
@pytest.mark.promise("P11")
async def test_a_certificates_file_is_its_holders_alone(desk: Desk, settings: Settings) -> None:
    line = await make_certificate(desk, settings)
    other = await enrol(desk.school, "Bo Öhman")
    path = f"/me/certificates/{line.id}.pdf"
    now = clock.now()
    holder, stranger = [
        await participant_account(person, f"{person}@example.fi", "Somebody", "en", now)
        for person in (line.person_id, other.person_id)
    ]
    async with browser(desk.app) as mine:
        await log_in(mine, holder)
        try:
            file = await mine.get(path)
        finally:
            await close_press()
        assert (file.status_code, file.headers["content-type"]) == (200, "application/pdf")
        assert file.headers["content-disposition"] == f'inline; filename="{line.number}.pdf"'
        assert file.content.startswith(b"%PDF-1.7")
        assert (await mine.get(f"/me/certificates/{uuid4()}.pdf")).status_code == 404
        assert (await mine.get("/me/certificates/x.pdf")).status_code == 404
        await revoke(line.id, "Wrong", actor_id=None, settings=settings, now=now)
        assert (await mine.get(path)).status_code == 409
    async with browser(desk.app) as theirs:
        await log_in(theirs, stranger)
        assert (await theirs.get(path)).status_code == 404
    assert (await desk.trainer.get(path)).status_code == 403
    assert (await desk.client.get(path)).status_code == 303
