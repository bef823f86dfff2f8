"""Requests as a server hands them on, however odd: no client in between makes them proper."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.types import Message

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str


async def ask(
    app: Starlette,
    address: str,
    *,
    method: str = "GET",
    headers: Headers = (),
    body: bytes = b"",
    host: str = "testserver",
) -> Answer:
    """``address`` is what stands in the request line; the path is decoded once, as uvicorn does."""
    path, _mark, query = address.partition("?")
    status, said, sent = 0, b"", False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()  # the caller stays until it is answered
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, said
        status = message.get("status", status)
        said += message.get("body", b"")

    given = (("host", host), ("accept-language", "en"), *headers)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in given],
        "client": ("127.0.0.1", 4000),
        "server": ("testserver", 80),
    }
    await app(scope, receive, send)
    return Answer(status, said.decode("utf-8", "replace"))
