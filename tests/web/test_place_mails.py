"""What people are told of their places: the words, the calendar file, and what is never said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import vobject

from registration.catalogue.rules import Offering, State
from registration.enrolment.letters import News, Told, letter
from registration.mail.mime import message_of
from registration.mail.models import Mail
from registration.people.rules import Source
from tests.conftest import settings_in
from tests.enrolment import ics

STARTS = datetime(2027, 4, 1, 6, 0, tzinfo=UTC)
NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
LANGUAGES = ("fi", "sv", "en")
CANCELS = {News.CANCELLED, News.CALLED_OFF, News.LEFT}
REQUESTS = {News.CONFIRMED, News.MOVED_UP, News.CHANGED, News.MOVED}
# Of these a guest of a catered event hears again when the seat is theirs, or no more.
BETWEEN = {
    News.HELD,
    News.OFFERED,
    News.OFFER_ENDED,
    News.REFUSED,
    News.MOVED,
    News.LEFT,
    News.RUNS,
}


def offering(*, catered: bool = False, title: str = "Track safety") -> Offering:
    days = tuple(
        (STARTS + timedelta(days=day), STARTS + timedelta(days=day, hours=7)) for day in range(2)
    )
    return Offering(
        kind="event" if catered else "session",
        id=UUID(int=1),
        slug="track-safety",
        seating_id=uuid4(),
        revision=3,
        title={"en": title, "fi": f"{title} fi", "sv": f"{title} sv"},
        days=days,
        zone="Europe/Helsinki",
        venue="Depot, Asemakatu 5, Tampere",
        venue_city="Tampere",
        link="",
        opens_at=None,
        closes_at=STARTS,
        price_cents=0,
        language="fi",
        state=State.PUBLISHED,
        catered=catered,
        erase_at=days[-1][1] + timedelta(days=1) if catered else None,
    )


def make(
    folder: Path,
    news: News,
    *,
    language: str = "en",
    name: str = "Aino Virtanen",
    catered: bool = False,
    title: str = "Track safety",
    position: int | None = None,
    enrolled_by: str = "",
) -> tuple[Mail, EmailMessage]:
    settings = settings_in(folder)
    told = Told(uuid4(), uuid4(), name, "aino@example.fi", language)
    mail = letter(
        news,
        offering(catered=catered, title=title),
        told,
        settings=settings,
        now=NOW,
        position=position,
        enrolled_by=enrolled_by,
        source=Source.IMPORT if enrolled_by else None,
        until=STARTS if news is News.OFFERED else None,
    )
    sent = BytesParser(policy=policy.default).parsebytes(bytes(message_of(mail, settings)))
    assert isinstance(sent, EmailMessage)
    return mail, sent


def parts(message: EmailMessage) -> dict[str, str]:
    return {
        part.get_content_type(): str(part.get_content())
        for part in message.walk()
        if part.get_content_maintype() == "text" and not part.get_filename()
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("news", list(News))
def test_each_mail_says_what_when_and_where(tmp_path: Path, news: News, language: str) -> None:
    mail, message = make(tmp_path, news, language=language)
    said = parts(message)
    title = "Track safety" if language == "en" else f"Track safety {language}"
    clocks = "9:00–16:00" if language == "en" else "9.00–16.00"
    assert title in mail.subject
    assert f'<html lang="{language}">' in said["text/html"]
    for kind in ("text/plain", "text/html"):
        for words in (
            title,
            f"1.4.2027 {clocks}",
            f"2.4.2027 {clocks}",
            "Depot, Asemakatu 5, Tampere",
            "http://testserver/offers/" if news is News.OFFERED else "http://testserver/me",
            "http://testserver/privacy",
            "Aino Virtanen",
        ):
            assert (words in said[kind], words, kind) == (True, words, kind)


@pytest.mark.parametrize("news", sorted(CANCELS | REQUESTS))
def test_calendar_in_the_mail(tmp_path: Path, news: News) -> None:
    _mail, message = make(tmp_path, news)
    method = "CANCEL" if news in CANCELS else "REQUEST"
    [part] = [
        each
        for each in message.walk()
        if each.get_content_type() == "text/calendar" and not each.get_filename()
    ]
    [file] = [each for each in message.walk() if each.get_filename()]
    assert (file.get_filename(), file.get_content_type()) == ("invite.ics", "application/ics")
    text = str(part.get_content()).replace("\n", "\r\n")
    attached = file.get_payload(decode=True)
    assert isinstance(attached, bytes)
    assert attached.decode().replace("\r\n", "\n") == str(part.get_content())
    assert (part.get_param("method"), ics.read(text).get("METHOD")) == (method, method)
    assert [each.summary.value for each in vobject.readOne(text).vevent_list] == ["Track safety"]
    [entry] = ics.entries(text)
    assert entry.summary == "Track safety"
    assert [start.astimezone(ZoneInfo("Europe/Helsinki")) for start, _end in entry.times] == [
        datetime(2027, 4, day, 9, 0, tzinfo=ZoneInfo("Europe/Helsinki")) for day in (1, 2)
    ]


@pytest.mark.parametrize("news", sorted(set(News) - CANCELS - REQUESTS))
def test_no_calendar_in_what_changes_no_entry(tmp_path: Path, news: News) -> None:
    _mail, message = make(tmp_path, news)
    assert "text/calendar" not in parts(message)


def test_waiting_mail_has_the_position_and_no_calendar(tmp_path: Path) -> None:
    _mail, message = make(tmp_path, News.WAITING, position=7)
    said = parts(message)
    for kind in ("text/plain", "text/html"):
        assert "You are number 7 in the queue." in said[kind]
        assert "This is not a place yet." in said[kind]
    assert "text/calendar" not in said


def test_waiting_mail_without_a_position_does_not_name_one(tmp_path: Path) -> None:
    _mail, message = make(tmp_path, News.WAITING)
    assert "number" not in parts(message)["text/plain"]


@pytest.mark.promise("P6")
@pytest.mark.parametrize("news", [News.CONFIRMED, News.WAITING])
def test_enrolled_person_is_told_by_whom_what_and_how_to_object(tmp_path: Path, news: News) -> None:
    """GDPR Art. 14: source, kinds of data, purpose, the right to object, where the rest stands."""
    mail, message = make(tmp_path, news, enrolled_by="Rata & Silta Oy")
    said = parts(message)
    assert "Rata & Silta Oy" in mail.subject
    for kind, company in (("text/plain", "Rata & Silta Oy"), ("text/html", "Rata &amp; Silta Oy")):
        for words in (
            f"{company} enrolled you and gave us your name and e-mail address",
            "phone number, postal address and language",
            "to record what you complete",
            "by a list that it sent us",
            "have a legitimate interest in that",
            "trainers your name and company",
            "We keep your data until",
            "without logging in:",
            "have it deleted, restrict its use or take it away:",
            "Tietosuojavastaava, tietosuoja@pohjanraide.example",
            "You can complain to the authority: Tietosuojavaltuutetun toimisto",
            "http://testserver/enrolled/",
        ):
            assert (words in said[kind], words, kind) == (True, words, kind)


def test_own_sign_up_says_nothing_of_companies(tmp_path: Path) -> None:
    _mail, message = make(tmp_path, News.CONFIRMED)
    assert "enrolled you" not in parts(message)["text/plain"]


@pytest.mark.promise("P5")
@pytest.mark.parametrize("news", sorted(set(News) - BETWEEN - {News.DIET_AGAIN}))
def test_catered_mail_says_that_food_restrictions_go(tmp_path: Path, news: News) -> None:
    _mail, catered = make(tmp_path, news, catered=True)
    _mail, plain = make(tmp_path, news)
    for kind in ("text/plain", "text/html"):
        assert parts(catered)[kind].count("deleted automatically") == 1
        assert "Food" not in parts(plain)[kind]


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "{{ 7*7 }}", "Åke \u202eevil", "🎉 " + "x" * 190]
)
def test_names_and_titles_are_text(tmp_path: Path, name: str) -> None:
    mail, message = make(tmp_path, News.CONFIRMED, name=name, title=f"A\r\nBcc: x@y.fi {name}")
    html = parts(message)["text/html"]
    assert "<script>alert" not in html
    assert (message["Bcc"], "\n" in mail.subject) == (None, False)


def test_html_loads_nothing_and_is_light_and_dark(tmp_path: Path) -> None:
    _mail, message = make(tmp_path, News.CONFIRMED)
    html = parts(message)["text/html"]
    assert [word for word in ("<img", "<script", "<link", "url(", "<table") if word in html] == []
    assert "prefers-color-scheme: dark" in html
