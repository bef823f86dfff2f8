"""One click stops it: from a mail program, from a browser, and never from a scanner."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from registration.app import endpoints
from registration.edge.routes import sent_from_anywhere
from registration.mail.rules import MailPurpose, address_hash
from registration.mail.stopping import Stop, stop_token
from registration.people import queries as people
from registration.people.allowing import SENT
from registration.people.models import Consent, Person, Prohibition
from registration.privacy.erasure import erase
from registration.settings import Settings
from tests.builders import NOON, log_in, make_participant, make_person
from tests.conftest import browser
from tests.people.makers import log_in_by_mail, tick

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
ELSEWHERE = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}


def path(
    settings: Settings,
    purpose: MailPurpose = MailPurpose.NEWSLETTER,
    address: str = "aino@example.fi",
) -> str:
    stop = Stop(purpose, address_hash(settings.secret, address))
    return f"/unsubscribe/{stop_token(stop, settings)}"


async def aino(settings: Settings) -> Person:
    person = await make_person()
    await tick(person, *SENT, settings=settings, proven=True)
    return person


async def yeses(person: Person) -> set[str]:
    return {line.purpose.value for line in await people.consents(person.id) if line.counts}


@pytest.mark.promise("P10")
async def test_a_mail_program_stops_it_with_one_request(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    """RFC 8058: no login, no cookie, no page of ours before it, no redirect; as often as it is
    sent."""
    person = await aino(settings)
    for _each in range(3):
        answer = await client.post(path(settings), data=ONE_CLICK, headers=ELSEWHERE)
        assert answer.status_code == 200
    assert await yeses(person) == {"marketing", "surveys"}
    assert [(row.purpose, row.source) for row in await Prohibition.all()] == [
        ("newsletter", "link")
    ]


@pytest.mark.promise("P10")
@pytest.mark.parametrize(
    "sent",
    [
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b"\xff\xfe no form at all"},
        {"content": b"", "headers": {"Content-Type": "text/plain"}},
        {"data": {"also": "no such thing"}},
    ],
    ids=["multipart", "not a form", "nothing", "unknown"],
)
async def test_whatever_is_sent_to_the_link_stops_that_and_no_more(
    client: httpx.AsyncClient, settings: Settings, sent: dict[str, object]
) -> None:
    person = await aino(settings)
    answer = await client.post(path(settings), **sent)  # type: ignore[arg-type]  # by kind
    assert answer.status_code == 200
    assert await yeses(person) == {"marketing", "surveys"}


@pytest.mark.promise("P10")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_following_the_link_stops_nothing(
    client: httpx.AsyncClient, settings: Settings, method: str
) -> None:
    person = await aino(settings)
    answer = await client.request(method, path(settings))
    assert answer.status_code == 200
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert await yeses(person) == {"marketing", "newsletter", "surveys"}
    if method == "GET":
        assert "Stop the newsletters?" in answer.text
        assert answer.text.count('<form method="post" action="/unsubscribe/') == 1


async def test_the_page_tells_what_else_comes_and_stops_that_too(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person = await aino(settings)
    page = await client.post(f"{path(settings)}?lang=sv")
    assert '<html lang="sv">' in page.text
    page = await client.post(f"{path(settings)}?lang=en", data={"also": "surveys"})
    assert "You get no more newsletters, surveys" in page.text
    assert await yeses(person) == {"marketing"}


@pytest.mark.promise("P10")
async def test_the_link_works_for_ever_also_when_nothing_else_is_known_of_the_address(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person = await aino(settings)
    await erase(person.id, actor_id=None, settings=settings, now=NOON)
    link = path(settings, MailPurpose.MARKETING)
    assert (await client.post(link, data=ONE_CLICK)).status_code == 200
    assert [row.purpose for row in await Prohibition.all()] == ["marketing"]
    stranger = path(settings, MailPurpose.SURVEY, "never@example.fi")
    assert (await client.post(stranger, data=ONE_CLICK)).status_code == 200
    assert await Prohibition.all().count() == 2, "said beforehand, it holds beforehand"


async def test_a_link_that_is_not_ours_stops_nothing_and_says_so(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person = await aino(settings)
    ours = path(settings)
    other = settings.model_copy(update={"secret": "x" * 43})
    for wrong in (ours[:-1], f"{ours}x", ours[:40], path(other), path(settings, MailPurpose.LOGIN)):
        for answer in (await client.get(wrong), await client.post(wrong, data=ONE_CLICK)):
            assert answer.status_code == 404
            assert "This link stops nothing" in answer.text
    assert len(await yeses(person)) == 3


async def test_whoever_is_logged_in_the_address_of_the_link_counts(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person = await aino(settings)
    olli, account_id = await make_participant("olli@example.fi")
    await tick(olli, *SENT, settings=settings, proven=True)
    await log_in_by_mail(client, account_id)
    await client.post(path(settings), data=ONE_CLICK)
    assert await yeses(person) == {"marketing", "surveys"}
    assert len(await yeses(olli)) == 3


def test_no_other_route_takes_what_another_site_sends() -> None:
    opened = [each for each in endpoints() if each.from_anywhere]
    assert [(each.methods, each.path) for each in opened] == [(("POST",), "/unsubscribe/{token}")]
    [pattern] = sent_from_anywhere(endpoints())
    for no in ("/unsubscribe/", "/unsubscribe/a/b", "/me/unsubscribe/a", "/me"):
        assert pattern.match(no) is None
    assert pattern.match("/unsubscribe/a.b-c_d")


async def test_what_another_site_sends_elsewhere_is_refused_as_before(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    for other in ("/newsletter", "/me/consents", "/consent/x", "/unsubscribe/", "/login"):
        answer = await client.post(other, data=ONE_CLICK, headers=ELSEWHERE)
        assert (answer.status_code, other) == (403, other)


async def test_a_mailbox_provider_that_sends_for_many_is_not_held_back(
    app: Starlette, settings: Settings
) -> None:
    limited = settings.model_copy(update={"rate_limit": "on"})
    app.state.limiter.off = False
    async with app.router.lifespan_context(app), browser(app) as client:
        codes = {
            (await client.post(path(limited, address=f"guest{n}@example.fi"))).status_code
            for n in range(130)
        }
    assert codes == {200}


@pytest.mark.promise("P10")
async def test_own_page_shows_what_was_said_and_stops_each_with_one_button(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person, account_id = await make_participant()
    await log_in_by_mail(client, account_id)
    await client.post("/me/consents", data={"purpose": "newsletter", "do": "yes"})
    page = (await client.get("/me/consents")).text
    assert "Send me newsletters on trainings and events by e-mail." in page
    assert "A sign-up form" in page
    assert await yeses(person) == {"newsletter"}
    await client.post("/me/consents", data={"purpose": "newsletter", "do": "no"})
    assert await yeses(person) == set()
    assert "Stopped by you on this page" in (await client.get("/me/consents")).text
    await client.post("/me/consents/none")
    closed = {(row.purpose, row.channel) for row in await Prohibition.all()}
    assert closed == {(purpose.value, "email") for purpose in SENT}
    page = (await client.get("/me/consents")).text
    assert "Say no to everything" not in page
    await client.post("/me/consents", data={"purpose": "surveys", "do": "yes"})
    assert await yeses(person) == {"surveys"}
    for bad in ({"purpose": "notice"}, {"purpose": "x"}, {}):
        assert (await client.post("/me/consents", data=bad)).status_code == 400
    assert (await client.post("/me/consents/channel", data={"channel": "email"})).status_code == 400


@pytest.mark.promise("P10")
async def test_a_printed_login_shows_nothing_of_the_mailbox(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person, account_id = await make_participant()
    await log_in(client, account_id)
    await client.post("/me/consents", data={"purpose": "newsletter", "do": "yes"})
    assert await yeses(person) == set()
    assert [row.confirmed_at for row in await Consent.all()] == [None]
    assert "Waits for your confirmation" in (await client.get("/me/consents")).text


async def test_after_the_address_was_changed_it_is_proven_anew(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person, account_id = await make_participant()
    await log_in_by_mail(client, account_id)
    await client.post("/me/consents", data={"purpose": "surveys", "do": "yes"})
    moved = {
        "first_name": "Aino",
        "last_name": "Virtanen",
        "email": "victim@example.fi",
        "language": "en",
    }
    assert (await client.post("/me/data", data=moved)).status_code == 303
    assert "For an earlier address" in (await client.get("/me/consents")).text
    await client.post("/me/consents", data={"purpose": "newsletter", "do": "yes"})
    assert await yeses(person) == {"surveys"}
    rows = {row.purpose: row.confirmed_at is None for row in await Consent.all()}
    assert rows == {"surveys": False, "newsletter": True}
