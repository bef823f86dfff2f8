"""What arrives over a real socket: shapes that two servers may read in two ways, heads without
end, and who somebody else says is asking."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from uvicorn import Config, Server

from registration.app import create_app
from registration.edge.wire import MAX_HEAD, BoundedProtocol, Gathered
from registration.settings import Settings
from tests.conftest import STORES, settings_in

HOST = b"Host: 127.0.0.1\r\n"


@contextmanager
def served(settings: Settings) -> Iterator[int]:
    """The application behind the server's own protocol, in a thread; says its port."""
    config = Config(
        create_app(settings, run_jobs=False),
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        proxy_headers=False,
        server_header=False,
    )
    server = Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture
def installation(tmp_path: Path, migrated: Path) -> Settings:
    made = settings_in(tmp_path / "var", rate_limit="on")
    for name in STORES:
        (made.data / name).write_bytes((migrated / name).read_bytes())
    return made


@pytest.fixture
def port(installation: Settings) -> Iterator[int]:
    with served(installation) as found:
        yield found


def say(port: int, *parts: bytes, patience: float = 30.0) -> bytes:
    """All that is answered before the connection ends; nothing if it is cut."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=patience)) as opened:
        try:
            for part in parts:
                opened.sendall(part)
        except OSError:
            pass  # it was cut while we spoke; what was answered can still be read
        answer = b""
        try:
            while part := opened.recv(65536):
                answer += part
        except OSError:
            pass
        return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def request(*lines: bytes, body: bytes = b"", first: bytes = b"POST /login HTTP/1.1") -> bytes:
    close = b"Connection: close\r\n"
    return (
        first
        + b"\r\n"
        + HOST
        + close
        + b"".join(b"%s\r\n" % line for line in lines)
        + (b"\r\n" + body)
    )


CHUNKED = b"Transfer-Encoding: chunked"
SMUGGLED = b"0\r\n\r\nGET /staff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.mark.parametrize(
    "shape",
    [
        request(b"Content-Length: 5", CHUNKED, body=SMUGGLED),
        request(CHUNKED, b"Content-Length: 5", body=SMUGGLED),
        request(b"Content-Length: 5", b"Content-Length: 50", body=SMUGGLED),
        request(b"Content-Length: 5, 50", body=SMUGGLED),
        request(b"Content-Length: +5", body=SMUGGLED),
        request(b"Content-Length: -5", body=SMUGGLED),
        request(b"Content-Length : 5", body=SMUGGLED),
        request(b"Transfer-Encoding: chunked, identity", body=SMUGGLED),
        request(b"X: a\r\n Content-Length: 5\nTransfer-Encoding: chunked\r", body=SMUGGLED),
        request(CHUNKED, body=b"5;\r\nx=1\r\nzz\r\nhello\r\n0\r\n\r\n"),
        request(b"X\0Y: 1"),
        request(first=b"GET /%zz\x01 HTTP/1.1"),
        request(first=b"GET /sta\xffff HTTP/1.1"),
        b"GET /login HTTP/1.1\r\n\r\n",
        b"GET http://evil.example/login HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
    ids=lambda shape: repr(shape.partition(HOST + b"Connection: close\r\n")[2][:32]),
)
def test_shapes_that_can_be_read_in_two_ways_are_refused(port: int, shape: bytes) -> None:
    answer = say(port, shape, patience=3.0)
    assert status(answer) in {0, 400}
    assert answer.count(b"HTTP/1.1 ") <= 1


def test_a_plain_request_is_answered(port: int) -> None:
    """The control of the test above."""
    form = b"Content-Type: application/x-www-form-urlencoded"
    asked = request(form, b"Content-Length: 16", body=b"email=a%40b.fi12")
    assert status(say(port, asked)) in {200, 422}
    assert status(say(port, request(first=b"GET /login HTTP/1.1"))) == 200


def test_heads_without_end_are_refused(port: int) -> None:
    line = b"X-Long: " + b"a" * 1000 + b"\r\n"
    head = b"GET /login HTTP/1.1\r\n" + HOST
    assert status(say(port, head, line * 12, b"\r\n")) == 431
    endless = [line] * (4 * MAX_HEAD // len(line))
    assert status(say(port, head, *endless)) in {0, 431}
    one = [b"a" * 4096] * (8 * MAX_HEAD // 4096)
    assert status(say(port, head, b"X-One: ", *one)) in {0, 431}
    assert status(say(port, b"GET /", *one)) in {0, 431}
    assert status(say(port, request(first=b"GET /login HTTP/1.1"))) == 200


def _asks(port: int, count: int) -> list[int]:
    """Each says that it was forwarded for another."""
    return [
        status(
            say(
                port,
                request(
                    b"X-Forwarded-For: 192.0.2.%d" % (number % 250),
                    b"X-Forwarded-Proto: https",
                    b"Content-Length: 0",
                    first=b"POST /no-such-page HTTP/1.1",
                ),
            )
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("trusted", "refused"),
    [((), 1), (("192.0.2.0/24", "10.1.2.3"), 1), (("127.0.0.1",), 0), (("127.0.0.0/8",), 0)],
)
def test_only_our_own_proxies_say_who_asks(
    installation: Settings, trusted: tuple[str, ...], refused: int
) -> None:
    """From elsewhere it changes nothing: all are counted as the one that they are."""
    given = installation.model_copy(update={"trusted_proxies": trusted})
    with served(given) as port:
        assert _asks(port, 121) == [404] * (121 - refused) + [429] * refused


async def test_what_is_written_in_one_turn_is_sent_together_and_nothing_is_lost() -> None:
    """The peer reads without a pause between, so that each read is one sending."""
    ours, peer = socket.socketpair()
    peer.setblocking(False)
    loop = asyncio.get_running_loop()
    inner, _protocol = await loop.create_connection(asyncio.Protocol, sock=ours)
    wire = Gathered(inner, loop)
    wire.write(b"head ")
    wire.write(b"body")
    with pytest.raises(BlockingIOError):
        peer.recv(100)
    assert await loop.sock_recv(peer, 100) == b"head body"
    wire.writelines([b"last ", b"words"])
    wire.close()
    assert await loop.sock_recv(peer, 100) == b"last words"
    assert (await loop.sock_recv(peer, 100), wire.is_closing()) == (b"", True)
    wire.write(b"too late")
    await asyncio.sleep(0)
    peer.close()
