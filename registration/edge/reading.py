"""What a handler may read from a request, with limits on all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from registration.edge.refusals import PageNotFound, Unreadable, not_json, too_large
from registration.edge.routes import UPLOAD_BODY
from registration.errors import FieldError
from registration.forms import Form
from registration.i18n import N_

MAX_FIELDS = 200
MAX_FORM = 64 * 1024
MAX_UPLOAD = 10 * 1024 * 1024
_FILES = "registration.files"
_POSTED = "registration.posted"


class Posted(Mapping[str, str]):
    """What a form sent: the last value of each name; ``many`` gives all of one."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._last = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def many(self, name: str) -> tuple[str, ...]:
        """All values sent under ``name``, in order; boxes that share a name."""
        return tuple(value for key, value in self._pairs if key == name)

    def form(self) -> Form:
        """As a page shows it again: what was typed, without errors."""
        names = dict.fromkeys(key for key, _value in self._pairs)
        return Form(
            values={name: ",".join(self.many(name)) for name in names},
            chosen={name: self.many(name) for name in names},
        )


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent; ``filename`` is only what the sender calls it."""

    filename: str
    content: bytes


class _InMemoryParser(MultiPartParser):
    """Keeps files in memory, within the route's body limit: people's data touch no temporary
    file."""

    spool_max_size = UPLOAD_BODY


async def read_form(
    request: Request, *, max_fields: int = MAX_FIELDS, max_bytes: int = MAX_FORM
) -> Posted:
    """The form of a POST. Raises ``Unreadable`` (400) or ``Stop`` (413).

    NUL bytes, which no store takes, are left out. Beside files of a multipart form its other
    fields count.
    """
    if _is_multipart(request):
        await _read_parts(request, max_fields=max_fields)
        posted = request.scope[_POSTED]
        assert isinstance(posted, Posted)  # noqa: S101 -- narrows the type for mypy
        return posted
    body = await _body(request)
    if len(body) > max_bytes:
        raise too_large()
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=max_fields,
            errors="strict",
        )
    except ValueError:
        raise Unreadable from None
    return Posted([(name, value.replace("\0", "")) for name, value in pairs])


async def read_upload(request: Request, field: str, *, max_bytes: int = MAX_UPLOAD) -> Upload:
    """The file sent in ``field``; the route needs ``max_body=UPLOAD_BODY``.

    Raises ``Unreadable`` when there is none, ``Stop`` (413) when it is larger.
    """
    if not _is_multipart(request):
        raise Unreadable
    await _read_parts(request, max_fields=MAX_FIELDS)
    found = request.scope[_FILES].get(field)
    if not isinstance(found, Upload) or not found.filename:
        raise Unreadable(FieldError(field, "missing", N_("Choose a file.")))
    if len(found.content) > max_bytes:
        raise too_large()
    return found


def _is_multipart(request: Request) -> bool:
    kind = request.headers.get("content-type", "")
    return kind.partition(";")[0].strip().lower() == "multipart/form-data"


async def _read_parts(request: Request, *, max_fields: int) -> None:
    if _POSTED in request.scope:
        return
    parser = _InMemoryParser(request.headers, request.stream(), max_files=4, max_fields=max_fields)
    try:
        parts = await parser.parse()
    except (MultiPartException, ClientDisconnect, ValueError):
        raise Unreadable from None
    files: dict[str, Upload] = {}
    pairs: list[tuple[str, str]] = []
    for name, part in parts.multi_items():
        if isinstance(part, UploadFile):
            files[name] = Upload((part.filename or "")[:200], await part.read())
            await part.close()
        else:
            pairs.append((name, part.replace("\0", "")))
    request.scope[_FILES] = files
    request.scope[_POSTED] = Posted(pairs)


async def _body(request: Request) -> bytes:
    try:
        return await request.body()
    except ClientDisconnect:
        raise Unreadable from None


async def read_json(request: Request) -> dict[str, object]:
    """The JSON object that was sent. Raises ``Unreadable`` (400), ``Stop`` (413)."""
    body = await _body(request)
    if b"\\u0000" in body:
        raise not_json(N_("The character U+0000 cannot be used."))
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise not_json() from None
    if not isinstance(given, dict):
        raise not_json(N_("Give an object."))
    return given


def path_id(request: Request, name: str = "id") -> UUID:
    """The id in the path. Raises ``PageNotFound`` for what is none."""
    try:
        return UUID(str(request.path_params[name]))
    except ValueError:
        raise PageNotFound from None


def path_text(request: Request, name: str) -> str:
    return str(request.path_params[name])
