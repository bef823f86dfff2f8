"""Words that stand nowhere else, and the search for them in every byte of files."""

from __future__ import annotations

import base64
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import orjson


class Marks:
    """Words that stand nowhere else, all with one stem, so that thousands are looked for as one."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.stem = f"q{uuid4().hex[:15]}"

    def new(self) -> str:
        self.made.append(f"{self.stem}x{len(self.made):05}z")
        return self.made[-1]

    def some(self, number: int) -> str:
        return " ".join(self.new() for _each in range(number))

    def read_in(self, text: str) -> set[str]:
        return set(re.findall(rf"{self.stem}x\d{{5}}z", text))

    def wanted(self) -> re.Pattern[bytes]:
        """The stem as it is, in capitals, in UTF-16, backwards, in hexadecimal, and in Base64 at
        each of its three offsets. Web addresses and JSON leave such words as they are."""
        stem = self.stem.encode()
        forms = {stem, stem.upper(), stem[::-1], stem.hex().encode(), stem.hex().upper().encode()}
        forms |= {self.stem.encode("utf-16-le"), self.stem.encode("utf-16-be")}
        for offset in range(3):
            whole = base64.b64encode(bytes(offset) + stem)
            forms.add(whole[offset and 4 : len(whole) // 4 * 4 - 4])
        return re.compile(b"|".join(re.escape(form) for form in forms))

    def found_below(self, *folders: Path) -> list[str]:
        """Files that hold one, in plain or in a part of theirs that is zipped."""
        wanted = self.wanted()
        return [
            str(path)
            for folder in folders
            for path in (folder.rglob("*") if folder.is_dir() else [folder])
            if path.is_file() and _holds(path.read_bytes(), wanted)
        ]


def _holds(content: bytes, wanted: re.Pattern[bytes]) -> bool:
    return bool(wanted.search(content)) or any(wanted.search(part) for part in _unzipped(content))


def _unzipped(content: bytes) -> Iterator[bytes]:
    """Every stream of zlib (as in PDF), gzip or deflate (as in ZIP) that begins in ``content``."""
    for head in re.finditer(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08|PK\x03\x04", content):
        at, kind = head.start(), 47
        if content[at : at + 2] == b"PK":
            at, kind = at + 30 + sum(content[at + 26 : at + 30 : 1][::2]), -15
        with suppress(zlib.error):
            yield zlib.decompressobj(kind).decompress(content[at:], 1 << 20)


FORMS: tuple[Callable[[str], bytes], ...] = (
    lambda mark: mark.encode(),
    lambda mark: mark.upper().encode(),
    lambda mark: mark.encode("utf-16-le"),
    lambda mark: mark.encode("utf-16-be"),
    lambda mark: mark[::-1].encode(),
    lambda mark: mark.encode().hex().encode(),
    lambda mark: base64.b64encode(mark.encode()),
    lambda mark: base64.b64encode(b"1" + mark.encode()),
    lambda mark: base64.b64encode(b"22" + mark.encode()),
    lambda mark: orjson.dumps({"other": mark}),
    lambda mark: quote(f"other={mark}").encode(),
    lambda mark: zlib.compress(mark.encode() * 9),
    lambda mark: gzip.compress(mark.encode() * 9),
    lambda mark: _zip_of(mark),
)


def _zip_of(mark: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("a.txt", mark * 9)
    return out.getvalue()
