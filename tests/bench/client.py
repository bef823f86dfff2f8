"""A small HTTP/1.1 client that costs little, so that what is measured is the server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from urllib.parse import urlencode

TOKEN = re.compile(r'name="token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One keep-alive connection with its cookies."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.cookies: dict[str, str] = {}
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        kind: str = "application/x-www-form-urlencoded",
    ) -> Answer:
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            "Accept-Language: fi",
            f"Origin: http://{self.host}:{self.port}",
        ]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        if method == "POST":
            lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        return await self._read(self._reader)

    async def _read(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        headers: dict[str, str] = {}
        for line in head[1:]:
            name, _sep, value = line.partition(": ")
            if name.lower() == "set-cookie":
                cookie, _sep, content = value.partition(";")[0].partition("=")
                self.cookies[cookie] = content
            headers[name.lower()] = value
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(await reader.readline(), 16):
                body += await reader.readexactly(size)
                await reader.readexactly(2)
            await reader.readexactly(2)
        else:
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(status, headers, body)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


@dataclass(frozen=True, slots=True)
class Load:
    """``rate`` is a second; ``p50``, ``p95`` are milliseconds."""

    rate: float
    p50: float
    p95: float
    done: int


def summed(durations: Sequence[float], seconds: float) -> Load:
    ordered = sorted(durations)
    return Load(
        len(ordered) / seconds,
        median(ordered) * 1000,
        ordered[int(len(ordered) * 0.95)] * 1000,
        len(ordered),
    )


Work = Callable[[Connection, int], Awaitable[None]]


async def drive(host: str, port: int, work: Work, *, clients: int, seconds: float) -> Load:
    """``clients`` connections do ``work`` again and again for ``seconds``."""
    durations: list[float] = []
    began = perf_counter()
    until = began + seconds
    number = iter(range(10_000_000))

    async def one() -> None:
        connection = Connection(host, port)
        while perf_counter() < until:
            start = perf_counter()
            await work(connection, next(number))
            durations.append(perf_counter() - start)
        connection.close()

    await asyncio.gather(*(one() for _each in range(clients)))
    return summed(durations, perf_counter() - began)


async def rush(host: str, port: int, work: Work, *, people: int) -> tuple[Load, float]:
    """Each of ``people`` does ``work`` once, all at the same time; says how long the last took."""
    durations: list[float] = []
    began = perf_counter()

    async def one(number: int) -> None:
        connection = Connection(host, port)
        start = perf_counter()
        await work(connection, number)
        durations.append(perf_counter() - start)
        connection.close()

    await asyncio.gather(*(one(number) for number in range(people)))
    took = perf_counter() - began
    return summed(durations, took), took


def getting(paths: Sequence[str]) -> Work:
    async def work(connection: Connection, number: int) -> None:
        answer = await connection.ask("GET", paths[number % len(paths)])
        if answer.status != 200:
            raise RuntimeError(f"{paths[number % len(paths)]}: {answer.status}")

    return work


def signing_up(page: str, form: str, mark: str, answers: list[str]) -> Work:
    """A complete sign-up as a browser makes it: the page, the form, the form sent."""

    async def work(connection: Connection, number: int) -> None:
        await connection.ask("GET", page)
        shown = await connection.ask("GET", form)
        found = TOKEN.search(shown.body.decode())
        if shown.status != 200 or found is None:
            raise RuntimeError(f"{form}: {shown.status}")
        given = {
            "token": found[1],
            "first_name": "Matti",
            "last_name": f"Meikäläinen {mark} {chr(97 + number % 26)}{number}",
            "email": f"{mark}.{number}@kuorma.example",
            "phone": "040 123 4567",
            "language": "fi",
        }
        sent = await connection.ask("POST", form, urlencode(given).encode())
        if sent.status != 200:
            raise RuntimeError(f"POST {form}: {sent.status}")
        answers.append(sent.body.decode())

    return work
