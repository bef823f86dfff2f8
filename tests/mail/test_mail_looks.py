"""What mails look like: in the organisation's colour, legible, on a phone and in the dark."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.async_api import Browser, async_playwright

from registration.accounts.helping import HelpMail
from registration.accounts.letters import SecurityMail
from registration.accounts.logins import LoginMail
from registration.accounts.review import EndingMail, ReviewMail
from registration.accounts.service import AddressMail, InvitedMail
from registration.companies.applications import AnswerMail
from registration.enrolment.agreeing import ObjectionMail
from registration.enrolment.company_letters import CompanyMail, CompanyNews
from registration.enrolment.interests import InterestMail
from registration.enrolment.letters import News, PlaceMail
from registration.feedback.asking import FeedbackMail
from registration.i18n import LANGUAGES
from registration.mail.models import Mail
from registration.mail.rules import DARK_PAPER, Addressee, MailPurpose, brand_of, contrast
from registration.mail.service import compose
from registration.people.asking import ConsentMail
from registration.people.news import news_mail
from registration.people.wording import CURRENT
from registration.privacy.erasure import ErasedMail
from registration.privacy.letters import MailBlock, RequestMail
from registration.privacy.notice_telling import NoticeMail
from registration.privacy.restrictions import DecidedMail
from registration.privacy.rules import Why
from registration.privacy.stays import StayLine, Stays
from registration.qualifications.telling import CertificateMail, RevokedMail
from registration.settings import Organisation
from registration.teaching.letters import TrainerInvitedMail
from registration.teaching.returning import EndedPack, PacksEndedMail
from registration.templating import TEMPLATES
from registration.webhooks.delivery import WebhookEndedMail
from tests.builders import NOON
from tests.conftest import settings_in

LONG = "Rataturvallisuusperehdytyskoulutus" * 6
URL = f"https://registration.example/sessions/{uuid4()}/{'a' * 80}"

PLACE = PlaceMail(
    title=LONG,
    whens=("1.4.2026 9.00–16.00", "2.4.2026 9.00–16.00"),
    where=f"Koulutuskeskus, {LONG[:60]}, Tampere",
    link=URL,
    url=URL,
    me_url="https://registration.example/me",
    privacy_url="https://registration.example/privacy",
    position="7",
    enrolled_by=f"{LONG[:90]} Oy",
    catered=True,
    kind="event",
    until="1.4.2026 9.00",
    act_url=URL,
    reason=LONG,
    tentative=True,
    decide_by="1.4.2026 9.00",
    overlaps=(f"{LONG}, 1.4.2026 9.00–16.00",),
    offer_hours=24,
    source="import",
    confirm_url=URL,
)
COMPANY = CompanyMail(LONG, ("1.4.2026 9.00–16.00",), 7, "1.4.2026 9.00", LONG, False, URL)
INTEREST = InterestMail(LONG, ("1.4.2026 9.00–16.00",), LONG[:60], URL, URL, URL)
CERTIFICATE = CertificateMail(LONG, "RK-2026-004711", date(2031, 4, 1), URL, URL, URL)
NEWS = news_mail(
    {"en": {"subject": LONG, "body": f"{LONG}\n\n- {LONG}\n- {URL}\n\n{URL}"}},
    "en",
    MailPurpose.MARKETING,
)
LOGIN = LoginMail((("Aino Virtanen", URL), (LONG, URL)), 15)
PAGES: dict[str, object] = {
    "news": NEWS,
    "consent-asked": ConsentMail(tuple(words.text("fi") for words in CURRENT.values()), URL, 7),
    **{f"place-{news.value}": PLACE for news in News},
    **{f"company-{news.value}": COMPANY for news in CompanyNews},
    "interest-noted": replace(INTEREST, whens=(), where=""),
    "interest-open": INTEREST,
    "certificate-issued": CERTIFICATE,
    "certificate-replaced": replace(CERTIFICATE, replaces="RK-2026-004710"),
    "certificate-revoked": RevokedMail(LONG, "RK-2026-004711", LONG, URL, URL),
    "request": RequestMail(
        LONG,
        "TP-2026-0042",
        (
            MailBlock("text", (LONG, URL)),
            MailBlock("points", (LONG, f"{LONG} {URL}")),
            MailBlock("quiet", (LONG,)),
        ),
    ),
    "restriction-decided": DecidedMail("object", LONG, False, LONG, URL),
    "feedback": FeedbackMail(LONG, URL, NOON, URL),
    "objected": ObjectionMail(LONG, f"{LONG[:90]} Oy", URL),
    "login": LOGIN,
    "login-changed": SecurityMail("passkey-copied", 9, LONG[:60], URL),
    "login-help": HelpMail(LONG, URL),
    "invited": InvitedMail(LONG, f"{LONG[:90]} Oy", LONG, URL),
    "address-changed": AddressMail(LONG, True),
    "customer-accepted": AnswerMail(LONG, f"{LONG[:90]} Oy", "", URL, 24),
    "customer-refused": AnswerMail(LONG, f"{LONG[:90]} Oy", LONG, URL, 0),
    "access-ending": EndingMail(LONG, (("staff", NOON), ("organiser", NOON))),
    "access-review": ReviewMail(7, URL),
    "trainer-invited": TrainerInvitedMail(
        LONG, ("1.4.2026 9.00–16.00",), LONG, f"{LONG[:90]} Oy", URL
    ),
    "notice-changed": NoticeMail(7, "", (LONG, LONG), URL, URL),
    "packs-ended": PacksEndedMail((EndedPack(LONG, "permit", 7, NOON, NOON),) * 2, True, URL),
    "erased": ErasedMail(
        Stays(
            (
                StayLine(LONG, 1, Why.DUTY, LONG, NOON.date()),
                StayLine(LONG, 2, Why.HOLD, LONG, NOON.date()),
            )
        )
    ),
    "webhook-ended": WebhookEndedMail(f"{LONG[:90]} Oy", f"{LONG[:60]}.example", "failing", URL),
}


def mail(name: str, folder: Path, *, brand: str = "#17594a", language: str = "en") -> Mail:
    house = Organisation(name="Pohjan Raide- ja Teollisuuskoulutus Oy", brand=brand)
    return compose(
        name,
        Addressee("aino@example.fi", LONG, language),
        PAGES[name],
        settings=settings_in(folder, organisation=house),
        purpose=MailPurpose.PLACE,
        now=NOON,
    )


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield browser
        await browser.close()


def test_every_mail_there_is_looked_at_here() -> None:
    assert set(PAGES) == {found.parent.name for found in (TEMPLATES / "mail").glob("*/body.html")}


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_mail_scrolls_sideways_on_a_small_phone(
    chromium: Browser, tmp_path: Path, scheme: str
) -> None:
    context = await chromium.new_context(viewport={"width": 320, "height": 640})
    page = await context.new_page()
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    widths: dict[str, int] = {}
    for name in PAGES:
        for language in LANGUAGES:
            await page.set_content(mail(name, tmp_path, language=language).body_html)
            wide = await page.evaluate("document.documentElement.scrollWidth")
            widths[f"{name} {language}"] = wide
    assert {name: wide for name, wide in widths.items() if wide != 320} == {}


@pytest.mark.browser
async def test_mail_in_the_dark_has_light_words_on_dark_paper(
    chromium: Browser, tmp_path: Path
) -> None:
    page = await chromium.new_page(color_scheme="dark")
    await page.set_content(mail("place-confirmed", tmp_path).body_html)
    look = "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    assert await page.locator(".sheet").evaluate(look) == ["rgb(236, 234, 227)", "rgb(26, 34, 32)"]


def test_mail_bears_the_organisations_colour(tmp_path: Path) -> None:
    html = mail("place-confirmed", tmp_path, brand="#7a1fa2").body_html
    brand = brand_of("#7a1fa2")
    assert brand.accent == "#7a1fa2"
    assert [colour in html for colour in (brand.band, brand.accent, brand.light)] == [True] * 3


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_any_colour_is_made_legible(colour: str) -> None:
    brand = brand_of(colour)
    assert contrast(brand.band, "#ffffff") >= 7
    assert contrast(brand.accent, "#ffffff") >= 4.5
    assert contrast(brand.light, DARK_PAPER) >= 4.5
    assert contrast(brand.light, "#000000") >= 4.5


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ffffff", "#ffffff", 1.0)],
)
def test_contrast_is_as_the_standard_counts_it(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == ratio
