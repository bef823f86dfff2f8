"""Nothing of ours is reached, whatever the other side answers or its name leads to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from registration.webhooks.rules import Trouble
from registration.webhooks.sending import Answer, Resolver, send
from tests.webhooks.receiver import ENDLESS, answer, receiving, tls_for

HEADERS = {"Content-Type": "application/json"}


def leading_to(*rounds: Sequence[str]) -> tuple[Resolver, list[str]]:
    """A name server that answers each question differently, and the names it was asked for."""
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return list(rounds[min(len(asked), len(rounds)) - 1])

    return resolve, asked


async def test_a_redirect_is_not_followed() -> None:
    async with receiving() as inside, receiving(answer(307, Location=inside.url)) as outside:
        found = await send(outside.url, b"{}", HEADERS, loopback=True)
    assert (found, len(outside.got), inside.got) == (Answer(status=307), 1, [])
    assert not found.taken


async def test_a_name_that_leads_inside_is_not_called() -> None:
    async with receiving() as inside:
        resolve, _asked = leading_to(["127.0.0.1"])
        url = f"http://hr.example.fi:{inside.port}/"
        found = await send(url, b"{}", HEADERS, loopback=False, resolve=resolve)
    assert (found, inside.got) == (Answer(trouble=Trouble.ADDRESS), [])


@pytest.mark.parametrize(
    "inside", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.1.2.3", "fd00::1"]
)
async def test_one_inside_address_among_public_ones_is_enough_to_refuse(inside: str) -> None:
    resolve, _asked = leading_to(["192.0.43.8", inside])
    found = await send("http://hr.example.fi/", b"{}", HEADERS, loopback=False, resolve=resolve)
    assert found == Answer(trouble=Trouble.ADDRESS)


async def test_a_name_that_changes_between_look_and_call_leads_nowhere() -> None:
    """The name is asked for once, and what is connected to is what was looked at: here 127.0.0.1,
    which the same name would leave for another address in the next answer."""
    async with receiving() as first:
        resolve, asked = leading_to(["127.0.0.1"], ["192.0.2.1"])
        url = f"http://rebinding.example:{first.port}/"
        found = await send(url, b"{}", HEADERS, loopback=True, resolve=resolve)
    assert (found.status, asked, len(first.got)) == (204, ["rebinding.example"], 1)
    assert first.got[0].headers["host"] == f"rebinding.example:{first.port}"


async def test_a_name_nobody_knows_cannot_be_reached() -> None:
    found = await send("https://nowhere.invalid/", b"{}", HEADERS, loopback=False, seconds=5)
    assert found.trouble in {Trouble.UNREACHABLE, Trouble.TIMEOUT}


async def test_nobody_listening_cannot_be_reached() -> None:
    async with receiving() as closed:
        port = closed.port
    found = await send(f"http://127.0.0.1:{port}/", b"{}", HEADERS, loopback=True)
    assert found == Answer(trouble=Trouble.UNREACHABLE)


async def test_an_endless_answer_is_not_read() -> None:
    async with receiving(ENDLESS) as receiver:
        found = await send(receiver.url, b"{}", HEADERS, loopback=True, seconds=5)
    assert found == Answer(status=200)


@pytest.mark.parametrize(
    "given", [b"", b"no http at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000]
)
async def test_an_answer_that_is_none_is_trouble(given: bytes) -> None:
    async with receiving(given) as receiver:
        found = await send(receiver.url, b"{}", HEADERS, loopback=True, seconds=5)
    assert found == Answer(trouble=Trouble.ANSWER)


async def test_no_answer_in_time_is_trouble() -> None:
    async with receiving(pause=30) as receiver:
        found = await send(receiver.url, b"{}", HEADERS, loopback=True, seconds=0.2)
    assert found == Answer(trouble=Trouble.TIMEOUT)


async def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    server, _file = tls_for(tmp_path, "127.0.0.1")
    async with receiving(tls=server) as receiver:
        url = f"https://127.0.0.1:{receiver.port}/"
        found = await send(url, b"{}", HEADERS, loopback=True, seconds=5)
    assert (found, receiver.got) == (Answer(trouble=Trouble.CERTIFICATE), [])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hr.example.fi", Answer(status=204)),
        ("pay.example.fi", Answer(trouble=Trouble.CERTIFICATE)),
    ],
)
async def test_the_certificate_must_be_for_the_name_that_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, expected: Answer
) -> None:
    server, trusted = tls_for(tmp_path, "hr.example.fi")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    resolve, _asked = leading_to(["127.0.0.1"])
    async with receiving(tls=server) as receiver:
        url = f"https://{name}:{receiver.port}/"
        found = await send(url, b"{}", HEADERS, loopback=True, resolve=resolve, seconds=5)
    assert found == expected


async def test_plain_http_where_tls_was_meant_is_refused() -> None:
    async with receiving() as receiver:
        url = f"https://127.0.0.1:{receiver.port}/"
        found = await send(url, b"{}", HEADERS, loopback=True, seconds=5)
    assert (found.taken, receiver.got) == (False, [])
