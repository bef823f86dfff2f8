"""One signed message to one address of a company's, with nothing of ours at risk.

Only what the address leads to at this moment counts: its name is looked up once, each answer must
be public, and the connection goes to the very address that was looked at, so that a name which
changes between the look and the call leads nowhere. Redirects are not followed, the answer's body
is not read, and all of it ends after ten seconds.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import httpcore

from registration.webhooks.rules import TIMEOUT_SECONDS, Trouble, may_reach

Resolver = Callable[[str, int], Awaitable[list[str]]]
MOST_ADDRESSES = 4
GONE = 410


class AddressRefused(Exception):
    """The name leads to an address that is not to be called."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a message: an HTTP status, or the trouble before there was one."""

    status: int | None = None
    trouble: Trouble | None = None

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver says that it wants no more messages."""
        return self.status == GONE

    @property
    def word(self) -> str:
        return self.trouble.value if self.trouble else str(self.status)


async def looked_up(host: str, port: int) -> list[str]:
    """The numeric addresses of a name, as the system knows them now."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to looked-at addresses only."""

    def __init__(self, *, loopback: bool, resolve: Resolver) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._loopback, self._resolve = loopback, resolve
        self._made: list[httpcore.AsyncNetworkStream] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as unknown:
            raise httpcore.ConnectError from unknown
        if not all(may_reach(each, loopback=self._loopback) for each in addresses):
            raise AddressRefused
        for each in addresses[:MOST_ADDRESSES]:
            try:
                stream = await self._inner.connect_tcp(each, port, timeout, local_address)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
            self._made.append(stream)
            return self._checked(stream)
        raise httpcore.ConnectError

    def _checked(self, stream: httpcore.AsyncNetworkStream) -> httpcore.AsyncNetworkStream:
        """The stream, if its other end is one that may be called."""
        peer = stream.get_extra_info("server_addr")
        if not peer or not may_reach(str(peer[0]), loopback=self._loopback):
            raise AddressRefused
        return stream

    async def close(self) -> None:
        """No connection is left open, not even one that was given up within its handshake."""
        for stream in self._made:
            await stream.aclose()

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefused

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def send(
    url: str,
    body: bytes,
    headers: dict[str, str],
    *,
    loopback: bool,
    resolve: Resolver = looked_up,
    seconds: float = TIMEOUT_SECONDS,
) -> Answer:
    """POST ``body``; what came of it, never an exception for what the other side does."""
    guarded = _Guarded(loopback=loopback, resolve=resolve)
    pool = httpcore.AsyncConnectionPool(
        ssl_context=ssl.create_default_context(),
        network_backend=guarded,
        max_connections=1,
        retries=0,
    )
    try:
        async with (
            asyncio.timeout(seconds),
            pool,
            pool.stream("POST", url, headers=list(headers.items()), content=body) as response,
        ):
            return Answer(status=response.status)
    except AddressRefused:
        return Answer(trouble=Trouble.ADDRESS)
    except (TimeoutError, httpcore.TimeoutException):
        return Answer(trouble=Trouble.TIMEOUT)
    except (httpcore.ProtocolError, httpcore.ReadError):
        return Answer(trouble=Trouble.ANSWER)
    except (httpcore.NetworkError, httpcore.UnsupportedProtocol, OSError) as failure:
        return Answer(trouble=_kind(failure))
    finally:
        await guarded.close()


def _kind(failure: BaseException) -> Trouble:
    """Whether it was the certificate that stood in the way."""
    seen: BaseException | None = failure
    while seen is not None:
        if isinstance(seen, ssl.SSLError) or "CERTIFICATE" in str(seen).upper():
            return Trouble.CERTIFICATE
        seen = seen.__cause__ or seen.__context__
    return Trouble.UNREACHABLE
