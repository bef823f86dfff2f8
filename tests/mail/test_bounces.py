"""Mail that comes back: only a report about a mail of ours counts, and only what it says of it."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration import clock
from registration.mail.bounces import dead_address, dead_among, take_report, try_again
from registration.mail.models import DeadAddress, Mail
from registration.mail.reports import Report, Said, read_report
from registration.mail.rules import (
    MailPurpose,
    MailState,
    is_dead_address,
    read_return_mark,
    return_mark,
)
from registration.mail.sending import return_path, send_due
from registration.people.rules import Contact
from registration.people.service import correct
from registration.settings import Settings
from tests.builders import NOON, make_person
from tests.conftest import Inbox
from tests.mail.makers import address, queued, states


@pytest.fixture
def house(register: Settings, mail_server: tuple[str, Inbox]) -> Settings:
    """An installation that sends, and reads what comes back."""
    changes = {"smtp_url": mail_server[0], "mail_return": "bounces@firm.fi"}
    return register.model_copy(update=changes)


def report_on(to: str, *, action: str = "failed", status: str = "5.1.1", more: str = "") -> bytes:
    """A report as Postfix writes it (RFC 3464)."""
    return (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: {to}\r\n{more}"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; somebody@else.example\r\nAction: {action}\r\n"
        f"Status: {status}\r\nDiagnostic-Code: smtp; 550 5.1.1 unknown\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: what was sent\r\n\r\ntext\r\n--b--\r\n"
    ).encode()


async def sent(settings: Settings, **more: object) -> UUID:
    made = await queued(settings, 1, **more)
    assert await send_due(settings) == 1
    return made


async def test_a_report_marks_the_mail_and_the_address(house: Settings) -> None:
    person = uuid4()
    mail_id = await sent(house, person_id=person)
    report = read_report(report_on(return_path(mail_id, house)))
    assert await take_report(report, settings=house, now=NOON) is MailState.BOUNCED
    assert await states() == [("bounced", "5.1.1")]
    dead = await dead_address(address(1), settings=house)
    assert dead is not None
    assert (dead.person_id, dead.code, dead.bounced_at, dead.again) == (
        person,
        "5.1.1",
        NOON,
        False,
    )
    assert list(await dead_among([address(1), address(2)], settings=house)) == [address(1)]
    assert address(1) not in str(await DeadAddress.all().values())


async def test_mail_to_a_dead_address_stops_but_login_links(
    house: Settings, mail_server: tuple[str, Inbox]
) -> None:
    """Who asks for a login link is there, and will see whether it comes."""
    mail_id = await sent(house)
    await take_report(read_report(report_on(return_path(mail_id, house))), settings=house, now=NOON)
    await queued(house, 1)
    await queued(house, 2)
    await queued(house, 1, purpose=MailPurpose.LOGIN)
    assert await send_due(house) == 2
    assert [state for state, _why in await states()] == ["bounced", "stopped", "sent", "sent"]
    assert (await Mail.get(state="stopped")).body_text == ""
    assert await dead_address(address(1), settings=house) is not None


async def test_an_address_that_is_said_to_work_is_tried_and_cleared(house: Settings) -> None:
    mail_id = await sent(house)
    await take_report(read_report(report_on(return_path(mail_id, house))), settings=house, now=NOON)
    assert await try_again(address(1), settings=house, now=NOON)
    dead = await dead_address(address(1), settings=house)
    assert dead is not None
    assert dead.again
    await sent(house)
    assert await dead_address(address(1), settings=house) is None
    assert not await try_again(address(1), settings=house, now=NOON)


async def test_another_address_clears_the_mark(house: Settings) -> None:
    person = await make_person(email=address(1))
    mail_id = await sent(house, person_id=person.id)
    await take_report(read_report(report_on(return_path(mail_id, house))), settings=house, now=NOON)
    contact = Contact("Aino", "Virtanen", "right@example.fi", language="en")
    await correct(person.id, contact, actor_id=None, now=NOON)
    assert await DeadAddress.all().count() == 0


@pytest.mark.parametrize(
    ("action", "status", "state", "dead"),
    [
        ("failed", "5.1.1", "bounced", True),
        ("failed", "5.2.1", "bounced", True),
        ("Failed ; really", "5.1.10", "bounced", True),
        ("failed", "not a status", "bounced", True),
        ("failed", "5.2.2", "bounced", False),
        ("failed", "5.7.1", "bounced", False),
        ("failed", "4.4.7", "bounced", False),
        ("delayed", "4.4.1", "sent", False),
        ("delivered", "2.0.0", "sent", False),
        ("relayed", "2.0.0", "sent", False),
        ("nonsense", "5.1.1", "sent", False),
    ],
)
async def test_what_a_report_says(
    house: Settings, action: str, status: str, state: str, dead: bool
) -> None:
    mail_id = await sent(house)
    report = read_report(report_on(return_path(mail_id, house), action=action, status=status))
    await take_report(report, settings=house, now=NOON)
    assert [kept for kept, _why in await states()] == [state]
    assert (await dead_address(address(1), settings=house) is not None) == dead


async def test_a_report_about_no_mail_of_ours_changes_nothing(house: Settings) -> None:
    mail_id = await sent(house)
    mine = return_path(mail_id, house)
    other = house.model_copy(update={"secret": "t" * 43})
    forged = [
        return_path(mail_id, other),
        return_path(uuid4(), house),
        mine.replace(mine[8:20], "a" * 12),
        mine[:-9] + "a@firm.fi",
        "bounces@firm.fi",
        f"bounces+{mail_id}@firm.fi",
        "bounces+" + "a" * 5000 + "@firm.fi",
    ]
    for to in forged:
        assert await take_report(read_report(report_on(to)), settings=house, now=NOON) is None
    assert await states() == [("sent", "")]
    upper = read_report(report_on(mine.upper()))
    assert await take_report(upper, settings=house, now=NOON) is MailState.BOUNCED


async def test_a_report_on_a_mail_that_waits_stops_nothing(house: Settings) -> None:
    mail_id = await queued(house)
    report = read_report(report_on(return_path(mail_id, house)))
    assert await take_report(report, settings=house, now=NOON) is None
    assert await send_due(house) == 1


MARK = return_mark("s" * 43, UUID(int=7))
TO = f"bounces+{MARK}@firm.fi"
OUT_OF_OFFICE = (
    f"From: aino@example.fi\r\nTo: {TO}\r\nAuto-Submitted: auto-replied\r\n"
    "Subject: I am away\r\n\r\nBack on Monday. Status: 5.1.1 Action: failed\r\n"
).encode()
NESTED = b"".join(
    b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (depth, depth)
    for depth in range(5000)
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\xff\xfe" * 1000,
        b"no mail at all",
        b"\r\n" * 100_000,
        OUT_OF_OFFICE,
        NESTED,
        b"Content-Type: multipart/report\r\n\r\nno boundary",
        b'Content-Type: multipart/report; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: message/delivery-status; charset=nonsense\r\n\r\nAction\r\n--b--",
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n",
    ],
)
def test_what_is_no_report_says_nothing(content: bytes) -> None:
    assert read_report(content, sent_to=TO).said is Said.NOTHING


@given(st.binary(max_size=2000))
def test_nothing_that_is_sent_breaks_the_reading(content: bytes) -> None:
    assert isinstance(read_report(content), Report)
    assert isinstance(read_report(report_on(TO) + content), Report)
    assert isinstance(read_report(content + report_on(TO)), Report)


@given(st.text(max_size=60))
def test_only_marks_of_ours_are_read(text: str) -> None:
    assert read_return_mark("s" * 43, text) is None


@given(st.uuids())
def test_a_mark_is_read_as_it_was_made(mail_id: UUID) -> None:
    mark = return_mark("s" * 43, mail_id)
    assert (read_return_mark("s" * 43, mark), read_return_mark("t" * 43, mark)) == (mail_id, None)
    assert re.fullmatch(r"[a-z2-7]{42}", mark)


def test_which_codes_speak_of_the_address() -> None:
    dead = [code for code in ("5.1.1", "5.1.2", "5.0.0", "5.2.1") if not is_dead_address(code)]
    alive = [
        code for code in ("5.2.2", "5.3.4", "5.7.1", "4.1.1", "554", "") if is_dead_address(code)
    ]
    assert (dead, alive) == ([], [])


def _command(
    content: bytes, folder: Path, *more: str, **environ: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "registration", "bounce", *more],
        input=content,
        capture_output=True,
        check=False,
        timeout=60,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": ":".join(sys.path),
            "REGISTRATION_DATA": str(folder),
            "REGISTRATION_SECRET": "s" * 43,
            "REGISTRATION_MAIL_RETURN": "bounces@firm.fi",
            **environ,
        },
    )


async def test_the_command_takes_what_a_mail_server_pipes(house: Settings) -> None:
    """Postfix gives the address as an argument; what is no bounce is taken and thrown away, for a
    mail server that is refused would send a bounce for the bounce."""
    mail_id = await sent(house)
    to = return_path(mail_id, house)
    large = report_on(to) + b"x" * 50_000_000
    for content, argument, said in (
        (b"", "", b"no report"),
        (OUT_OF_OFFICE, to, b"no report"),
        (report_on(to, action="delayed"), "", b"delayed"),
        (report_on("bounces@firm.fi"), "", b"no mail of ours"),
        (large, "", b"came back"),
    ):
        answer = _command(content, house.data, *([argument] if argument else []))
        assert (answer.returncode, answer.stderr) == (0, b"")
        assert said in answer.stdout
    assert await states() == [("bounced", "5.1.1")]


async def test_the_command_asks_to_try_later_when_the_register_is_away(house: Settings) -> None:
    away = {"REGISTRATION_DATABASE_URL": "postgres://nobody@127.0.0.1:9/none"}
    answer = _command(report_on(TO), house.data, **away)
    assert (answer.returncode, answer.stdout) == (75, b"")
    assert answer.stderr.count(b"\n") == 1
    assert b"Traceback" not in answer.stderr


async def test_marks_are_forgotten_after_13_months(house: Settings) -> None:
    from registration.mail.service import sweep

    mail_id = await sent(house)
    now = clock.now()
    await take_report(read_report(report_on(return_path(mail_id, house))), settings=house, now=now)
    await sweep(now=now + timedelta(days=395))
    assert (await DeadAddress.all().count(), await Mail.all().count()) == (0, 0)
