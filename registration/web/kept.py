"""Rendered public pages, kept for a moment: most visitors ask for the same few, unknown to us."""

from __future__ import annotations

import asyncio
import gzip
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Generic, TypeVar
from uuid import uuid4
from weakref import WeakValueDictionary

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import Response

from registration import db
from registration.edge import identity, language
from registration.edge.routes import Handler

LIFE_SECONDS = 1.0
MOST = 500
LONGEST_QUERY = 200
SMALLEST_ZIPPED = 1000
ZIP_LEVEL = 5
QUICK_ZIP = 1  # for what is sent once only
VARY = "Accept-Encoding, Accept-Language, Cookie"
# A visitor with any other cookie may be logged in, or be waiting for a text to be shown.
HARMLESS_COOKIES = frozenset({"language", "__Host-language"})

# Known to nobody outside this process.
_SALT = uuid4().hex
_MARK = re.compile(f"{_SALT}-([a-z_]+)-")

V = TypeVar("V")


class Moment(Generic[V]):
    """Values kept for a short while; what was asked for least recently leaves first."""

    def __init__(self, *, life_seconds: float = LIFE_SECONDS) -> None:
        self._life = life_seconds
        self._kept: OrderedDict[Hashable, tuple[float, V]] = OrderedDict()
        self._turns: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    def find(self, key: Hashable) -> V | None:
        found = self._kept.get(key)
        if found is None or found[0] <= time.monotonic():
            return None
        self._kept.move_to_end(key)
        return found[1]

    def keep(self, key: Hashable, value: V) -> V:
        self._kept[key] = time.monotonic() + self._life, value
        self._kept.move_to_end(key)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return value

    def turn(self, key: Hashable) -> asyncio.Lock:
        """To be held while the value is made: of many who ask at once one makes it."""
        return self._turns.setdefault(key, asyncio.Lock())

    async def get(self, key: Hashable, make: Callable[[], Awaitable[V]]) -> V:
        """The value that is kept, or what ``make`` gives, which is kept then."""
        found = self.find(key)
        if found is None:
            async with self.turn(key):
                found = self.find(key)
                if found is None:
                    found = self.keep(key, await make())
        return found

    def __len__(self) -> int:
        return len(self._kept)


@dataclass(frozen=True)
class Page:
    """A page as it is sent to anybody."""

    body: bytes

    @cached_property
    def tag(self) -> str:
        return f'W/"{blake2b(self.body, digest_size=12).hexdigest()}"'

    @cached_property
    def zipped(self) -> bytes:
        return gzip.compress(self.body, ZIP_LEVEL, mtime=0)

    def response(self, request: Request) -> Response:
        """Browsers may store it, and ask each time whether it still holds (RFC 9110 §13.1.2)."""
        headers = {"Cache-Control": "no-cache", "ETag": self.tag, "Vary": VARY}
        if request.headers.get("if-none-match") == self.tag:
            return Response(status_code=304, headers=headers)
        zips = "gzip" in request.headers.get("accept-encoding", "")
        if zips and len(self.body) >= SMALLEST_ZIPPED:
            headers["Content-Encoding"] = "gzip"
            return Response(self.zipped, headers=headers, media_type="text/html")
        return Response(self.body, headers=headers, media_type="text/html")


def kept(handler: Handler) -> Handler:
    """``handler``, answering visitors whom we do not know from the pages that are kept.

    A page is kept until this process changes the catalogue, and never longer than a moment: other
    processes change it too, seats are taken, and sign-up windows open and close.
    """

    async def answer(request: Request) -> Response:
        if not is_anybody(request):
            return await handler(request)
        pages = moment(request, "pages", Page)
        generation = db.generation()
        key = (request.url.path, request.url.query, language(request), generation)
        page = pages.find(key)
        if page is not None:
            return page.response(request)
        async with pages.turn(key):
            page = pages.find(key)
            if page is None:
                response = await handler(request)
                if response.status_code != 200 or db.generation() != generation:
                    return response
                page = pages.keep(key, Page(bytes(response.body)))
        return page.response(request)

    return answer


def mark(name: str) -> str:
    """What stands in a kept page for something of one visitor's own until ``fill`` puts it in."""
    return f"{_SALT}-{name}-"


def fill(page: str, own: Mapping[str, str]) -> str:
    """A kept page for one visitor. In one pass: what somebody typed is never taken for a mark."""
    return _MARK.sub(lambda found: str(escape(own[found[1]])), page)


def zipped(request: Request, response: Response) -> Response:
    """The same answer in fewer bytes, if the browser reads gzip. Only for pages that show nobody a
    secret of ours beside what was typed, or its length would tell of it."""
    response.headers["Vary"] = "Accept-Encoding"
    if "gzip" in request.headers.get("accept-encoding", ""):
        response.body = gzip.compress(bytes(response.body), QUICK_ZIP, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.body))
    return response


def is_anybody(request: Request) -> bool:
    """Whether the answer would be the same for every other visitor who reads this language."""
    return (
        identity(request) is None
        and len(request.url.query) <= LONGEST_QUERY
        and HARMLESS_COOKIES.issuperset(request.cookies)
    )


def moment(request: Request, name: str, _kind: type[V]) -> Moment[V]:
    """What this application keeps under ``name``, made at first use."""
    state = request.app.state
    if not hasattr(state, name):
        setattr(state, name, Moment[V]())
    found: Moment[V] = getattr(state, name)
    return found
