"""Mail that needs a yes goes to nobody who did not say it, and stops when they take it back."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

import registration
from registration import clock
from registration.db import transaction
from registration.mail import gates
from registration.mail.gates import Keeper
from registration.mail.models import Mail
from registration.mail.overview import troubled
from registration.mail.rules import LEAVE, Addressee, Leave, MailPurpose, needs_yes
from registration.mail.sending import send_due
from registration.mail.service import NotAllowed, compose, queue, queue_allowed, queue_many
from registration.mail.stopping import Stop, read_stop, stop_token
from registration.people.allowing import SENT, NoFrom
from registration.people.consents import refuse
from registration.people.models import Consent, Person, Prohibition
from registration.people.news import news_mail
from registration.people.prohibitions import forbid
from registration.people.rules import Contact, Purpose, Source
from registration.people.service import correct
from registration.privacy.erasure import erase
from registration.privacy.models import Restriction
from registration.settings import Settings
from tests.builders import NOON, make_person
from tests.conftest import Inbox
from tests.mail.makers import make_mail
from tests.people.makers import TEXTS, news, tick

HOUSE = Path(registration.__file__).parent
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def sender(store: Settings, mail_server: tuple[str, Inbox]) -> Settings:
    return store.model_copy(update={"smtp_url": mail_server[0]})


@pytest.fixture
def inbox(mail_server: tuple[str, Inbox]) -> Inbox:
    return mail_server[1]


@pytest.fixture
async def aino(sender: Settings) -> Person:
    """Somebody who said yes to everything, with an address that is proven."""
    person = await make_person()
    await tick(person, *SENT, settings=sender, proven=True)
    return person


def test_every_purpose_says_whether_it_needs_a_yes() -> None:
    assert set(LEAVE) == set(MailPurpose)
    assert {each.value for each in MailPurpose if needs_yes(each)} == {
        "newsletter",
        "marketing",
        "survey",
    }
    assert needs_yes("a purpose from a later version")


def _calls(name: str) -> list[str]:
    """Where the house calls ``name`` or a method of it."""
    found = []
    for path in HOUSE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            whose = called.value if isinstance(called, ast.Attribute) else called
            if isinstance(whose, ast.Name) and whose.id == name:
                verb = called.attr if isinstance(called, ast.Attribute) else ""
                found.append(f"{path.relative_to(HOUSE)} {verb}".strip())
    return found


@pytest.mark.promise("P10")
def test_a_mail_is_made_and_kept_in_one_place_only_and_never_without_a_purpose() -> None:
    """``compose`` makes it, and it is written where ``passing`` was asked."""
    writes = {call for call in _calls("Mail") if not call.endswith((" filter", " get", " all"))}
    assert {call for call in writes if "get_or_none" not in call} == {
        "mail/service.py",
        "mail/service.py bulk_create",
    }
    for path in HOUSE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "compose":
                assert "purpose" in {each.arg for each in node.keywords}, path


def test_without_those_who_keep_the_gate_nothing_passes() -> None:
    """In a program that knows mail and nothing of consents."""
    said = subprocess.run(
        [sys.executable, "-c", ALONE], capture_output=True, text=True, timeout=60, check=True
    )
    assert said.stdout.split() == ["1", "0"]


ALONE = """
import asyncio
from uuid import uuid4
from registration.mail.gates import passing
from registration.mail.models import Mail
mails = [Mail(id=uuid4(), purpose=each, person_id=uuid4()) for each in ("place", "newsletter")]
print(*(len(asyncio.run(passing([mail]))) for mail in mails))
"""


@pytest.mark.parametrize("missing", list(Keeper))
async def test_with_one_gate_open_and_the_other_away_nothing_passes(
    aino: Person, sender: Settings, missing: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = {keeper: gate for keeper, gate in gates._gates.items() if keeper is not missing}
    monkeypatch.setattr(gates, "_gates", left)
    with pytest.raises(NotAllowed):
        await queue(news(aino, sender))


@pytest.mark.promise("P10")
@pytest.mark.parametrize("purpose", [each for each in MailPurpose if LEAVE[each] is Leave.YES])
async def test_no_yes_no_mail(sender: Settings, inbox: Inbox, purpose: MailPurpose) -> None:
    person = await make_person()
    await tick(person, *SENT, settings=sender)  # asked for, and not confirmed
    mail = news(person, sender, purpose=purpose)
    with pytest.raises(NotAllowed):
        await queue(mail)
    with pytest.raises(NotAllowed):
        await queue_many([make_mail(sender), mail])
    assert await queue_allowed([mail]) == []
    assert await Mail.all().count() == 0
    await tick(person, *SENT, settings=sender, proven=True)
    await queue(news(person, sender, purpose=purpose))
    assert await send_due(sender) == 1
    assert len(inbox.messages) == 1


def test_a_mail_that_needs_a_yes_is_for_somebody_who_could_say_it(settings: Settings) -> None:
    with pytest.raises(NotAllowed):
        compose(
            "news",
            Addressee("aino@example.fi", "Aino", "en"),
            news_mail(TEXTS, "en", MailPurpose.NEWSLETTER),
            settings=settings,
            purpose=MailPurpose.NEWSLETTER,
            now=NOON,
        )


@pytest.mark.promise("P10")
async def test_a_yes_is_for_its_own_purpose_person_and_address(
    sender: Settings, aino: Person
) -> None:
    await Consent.filter(purpose="marketing").delete()
    with pytest.raises(NotAllowed):
        await queue(news(aino, sender, purpose=MailPurpose.MARKETING))
    other = await make_person("Olli", email=aino.email)
    with pytest.raises(NotAllowed):
        await queue(news(other, sender))
    moved = Contact("Aino", "Virtanen", "new@example.fi", language="en")
    await correct(aino.id, moved, actor_id=None, now=LATER)
    with pytest.raises(NotAllowed):
        await queue(news(await Person.get(id=aino.id), sender))


async def _takes_back(person: Person, settings: Settings) -> None:
    await refuse(person.id, SENT, secret=settings.secret, now=clock.now())


async def _link(person: Person, settings: Settings) -> None:
    await forbid(person.email, SENT, source=NoFrom.LINK, secret=settings.secret, now=clock.now())


async def _restricted(person: Person, settings: Settings) -> None:
    await Restriction.create(id=uuid4(), person_id=person.id, kind="restrict", made_at=clock.now())


async def _is_erased(person: Person, settings: Settings) -> None:
    """And the row of the mail comes back, as from a copy."""
    mail = await Mail.get(purpose="newsletter")
    await erase(person.id, actor_id=None, settings=settings, now=clock.now())
    await mail.save(force_create=True)
    await Mail.filter(template="erased").delete()  # what tells of the erasure needs no yes


@pytest.mark.promise("P10")
@pytest.mark.parametrize("how", [_takes_back, _link, _restricted, _is_erased])
async def test_a_mail_that_has_lost_its_yes_in_the_outbox_is_dropped_and_blanked(
    sender: Settings, inbox: Inbox, aino: Person, how: object
) -> None:
    await queue(news(aino, sender))
    await queue(make_mail(sender, 2))
    await how(aino, sender)  # type: ignore[operator]  # one of the four above
    assert await send_due(sender) == 1
    assert [message["To"] for message in inbox.messages] == ["aino2@example.fi"]
    dropped = await Mail.get(purpose="newsletter")
    assert (dropped.state, dropped.failure) == ("dropped", "no-yes")
    assert (dropped.address, dropped.subject, dropped.body_text, dropped.body_html) == ("",) * 4
    assert await troubled() == [], "what somebody did not want is no trouble"


@pytest.mark.promise("P10")
async def test_it_bears_the_way_to_stop_it_for_people_and_for_their_program(
    sender: Settings, inbox: Inbox, aino: Person
) -> None:
    await queue(news(aino, sender))
    await queue(make_mail(sender, 2))
    await send_due(sender)
    [mine, other] = sorted(inbox.messages, key=lambda each: str(each["To"]))[::-1]
    assert mine["To"] == aino.email
    assert mine["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = str(mine["List-Unsubscribe"]).strip("<>")
    assert link.startswith("http://testserver/unsubscribe/")
    assert aino.email not in link
    assert str(aino.id) not in link
    assert read_stop(link.rpartition("/")[2], sender) == Stop(
        MailPurpose.NEWSLETTER, (await Mail.get(person_id=aino.id)).address_hash
    )
    parts = [part for part in mine.walk() if part.get_content_maintype() == "text"]
    bodies = [part.get_payload(decode=True).decode() for part in parts]  # type: ignore[union-attr]
    assert [f"{link}?lang=en" in body for body in bodies] == [True, True]
    assert other["List-Unsubscribe"] is None


@pytest.mark.parametrize("wrong", ["", "x", "a" * 400, "WyJsb2dpbiIsImEiXQ.AAAA"])
def test_a_link_that_we_never_made_stops_nothing(settings: Settings, wrong: str) -> None:
    assert read_stop(wrong, settings) is None


def test_a_link_of_another_house_or_for_service_mail_stops_nothing(settings: Settings) -> None:
    for purpose, secret in ((MailPurpose.PLACE, settings.secret), (MailPurpose.SURVEY, "other")):
        house = settings.model_copy(update={"secret": secret})
        assert read_stop(stop_token(Stop(purpose, "ab" * 32), house), settings) is None


DEEDS = ("yes", "tick", "import", "refuse", "link", "erase", "restore")
NAMES = ("Anna", "Bo")


@pytest.mark.promise("P10")
@examples(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(deeds=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 1)), max_size=10))
async def test_after_whatever_happens_nothing_leaves_to_who_said_no_last(
    register: Settings, mail_server: tuple[str, Inbox], deeds: list[tuple[str, int]]
) -> None:
    """Two people share an address. ``book`` is what each said last, as a human would note it: a no
    closes the address for both, a yes opens it for one. After each deed newsletters to both are
    put in the outbox, and after the next one they are sent."""
    settings = register.model_copy(update={"smtp_url": mail_server[0]})
    async with transaction():
        for model in (Mail, Consent, Prohibition, Person):
            await model.filter(id__isnull=False).delete()
    book: dict[str, bool] = dict.fromkeys(NAMES, False)
    copies: list[list[Consent]] = []
    now = clock.now() - timedelta(days=1)
    for deed, number in deeds:
        now += timedelta(minutes=1)
        person = await make_person(NAMES[number], email="shared@example.fi")
        await _do(deed, person, settings, copies, number, now=now)
        if deed == "yes":
            book[NAMES[number]] = True
        elif deed in {"refuse", "link"}:
            book = dict.fromkeys(NAMES, False)
        elif deed == "erase":
            book[NAMES[number]] = False
        mail_server[1].messages.clear()
        await send_due(settings)
        arrived = {str(message["Subject"]) for message in mail_server[1].messages}
        assert arrived <= {name for name, yes in book.items() if yes}
        queued = await _queue_to_both(settings, now=now)
        assert queued == {name for name, yes in book.items() if yes}


async def _queue_to_both(settings: Settings, *, now: datetime) -> set[str]:
    mails = []
    for name in NAMES:
        person = await make_person(name, email="shared@example.fi")
        mail = news(person, settings, now=now)
        mail.subject = name
        mails.append(mail)
    return {mail.subject for mail in await queue_allowed(mails)}


async def _do(
    deed: str,
    person: Person,
    settings: Settings,
    copies: list[list[Consent]],
    number: int,
    *,
    now: datetime,
) -> None:
    secret = settings.secret
    if deed == "yes":
        await tick(person, Purpose.NEWSLETTER, settings=settings, proven=True, now=now)
        copies.append(await Consent.filter(person_id=person.id))
    elif deed == "tick":
        await tick(person, Purpose.NEWSLETTER, settings=settings, now=now)
    elif deed == "import":
        await tick(person, Purpose.NEWSLETTER, settings=settings, source=Source.IMPORT, now=now)
    elif deed == "refuse":
        await refuse(person.id, SENT, secret=secret, now=now)
    elif deed == "link":
        await forbid(person.email, SENT, source=NoFrom.LINK, secret=secret, now=now)
    elif deed == "erase":
        await erase(person.id, actor_id=None, settings=settings, now=now)
        await Mail.filter(template="erased").delete()  # what tells of it needs no yes
    else:
        await _restore(copies[-number] if copies else [])


async def _restore(copy: list[Consent]) -> None:
    """What a copy from before brings back: the yeses of those who are still there."""
    async with transaction():
        for row in copy:
            if await Person.exists(id=row.person_id):
                await Consent.filter(id=row.id).delete()
                row._saved_in_db = False
                await row.save(force_create=True)
