"""Is this logo or signature a picture that is safe and small enough to print?"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from xml.parsers import expat
from zlib import crc32

MAX_PICTURE: Final = 512 * 1024
# 2 000 × 2 000: twice what a printer resolves at the size that a logo has on the page.
MAX_PIXELS: Final = 4_000_000
MAX_SHAPES: Final = 5_000
MAX_DEPTH: Final = 60
_PIXELS: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"

_TOO_LARGE: Final = (
    f"is larger than {MAX_PICTURE // 1024} KiB; save it smaller: 1200 pixels will do"
)
_PLAIN: Final = "save it as plain SVG or as PNG"
_DAMAGED: Final = "is a damaged PNG; save it again"
_LINK: Final = re.compile(r"url\(\s*['\"]?\s*([^'\")\s]*)", re.IGNORECASE)
_ACTIVE: Final = frozenset({"script", "foreignobject", "iframe", "audio", "video", "handler"})
_OUTSIDE: Final = "refers to something outside itself"


def why_unusable(picture: bytes) -> str | None:
    """What is wrong with the picture and what to do about it; None for a good one."""
    return _TOO_LARGE if len(picture) > MAX_PICTURE else _wrong(picture)


# An issuer is made anew for every certificate, always with the same pictures.
@lru_cache(maxsize=4)
def _wrong(picture: bytes) -> str | None:
    if picture.startswith(PNG_MAGIC):
        return _wrong_png(picture)
    if b"<svg" not in picture[:4096]:
        return "is neither PNG nor SVG; save it as one of them"
    try:
        _read_svg(picture)
    except _Refused as refused:
        return f"{refused}; {_PLAIN}"
    except expat.ExpatError:
        return f"is no well-formed SVG; {_PLAIN}"
    return None


def plain_png(png: bytes) -> bytes:
    """The pixels alone, without the texts and profiles that a PNG may carry, packed as it likes."""
    kept = (
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc32(kind + content))
        for kind, content in _chunks(png)
        if kind in _PIXELS
    )
    return PNG_MAGIC + b"".join(kept)


def _wrong_png(picture: bytes) -> str | None:
    """Reads every chunk and unpacks the pixels in small pieces, so that no bomb goes off."""
    unpacking = zlib.decompressobj()
    size = limit = 0
    ended = False
    try:
        for kind, content in _chunks(picture):
            if kind == b"IHDR" and not limit:
                width, height, depth = struct.unpack(">IIB", content[:9])
                if not 0 < width * height <= MAX_PIXELS:
                    return f"has {width} × {height} pixels; save it with 2000 × 2000 at most"
                # Four channels, and a byte per line for each of the seven interlaced passes.
                limit = width * height * 4 * max(depth, 8) // 8 + 8 * (height + 8)
            elif kind == b"IDAT" and limit:
                while content and size <= limit and not unpacking.eof:
                    size += len(unpacking.decompress(content, 65_536))
                    content = unpacking.unconsumed_tail
            ended = kind == b"IEND"
    except (struct.error, zlib.error):
        return _DAMAGED
    if not (ended and size and unpacking.eof) or size > limit:
        return _DAMAGED
    return None


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG_MAGIC)
    while at < len(picture):
        length, kind = struct.unpack_from(">I4s", picture, at)
        content = picture[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", picture, at + 8 + length)
        if crc32(kind + content) != checksum:
            raise zlib.error("checksum")
        yield kind, content
        at += length + 12


class _Refused(Exception):
    """Says why an SVG is not taken."""


@dataclass(slots=True)
class _Shape:
    """An element: what is inside it, and the ids of what it draws besides."""

    inside: list["_Shape"] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)


class _SvgReader:
    """Collects the elements and refuses what moves, runs or reaches outside."""

    def __init__(self) -> None:
        self.root = _Shape()
        self.by_id: dict[str, _Shape] = {}
        self.many = 0
        self._open = [self.root]
        self._style = 0
        self._styles: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2].lower()
        if local in _ACTIVE:
            raise _Refused(f"holds a {local} element")
        self.many += 1
        if self.many > MAX_SHAPES or len(self._open) > MAX_DEPTH:
            raise _Refused(f"has more than {MAX_SHAPES} shapes, or too deep ones")
        shape = _Shape()
        for key, value in attributes.items():
            self._attribute(shape, key.lower(), value)
        self._style += local == "style"
        self._open[-1].inside.append(shape)
        self._open.append(shape)

    def end(self, name: str) -> None:
        self._open.pop()
        if name.rpartition(":")[2].lower() == "style":
            self._style -= 1

    def text(self, content: str) -> None:
        if self._style:
            self._styles.append(content)

    def finish(self) -> None:
        """The styles at last, which may reach outside as attributes do."""
        style = "".join(self._styles)
        if "@import" in style.lower() or "\\" in style:
            raise _Refused(_OUTSIDE)
        self.root.drawn += _inner(style) * self.many

    def _attribute(self, shape: _Shape, name: str, value: str) -> None:
        if name.startswith("on") or value.strip().lower().startswith("javascript:"):
            raise _Refused("holds a script")
        if name.rpartition(":")[2] in {"href", "src", "base"}:
            if not value.startswith("#"):
                raise _Refused(_OUTSIDE)
            shape.drawn.append(value[1:])
        elif name == "id":
            self.by_id[value] = shape
        elif "\\" in value and "url" in value.lower():
            raise _Refused(_OUTSIDE)
        else:
            shape.drawn += _inner(value)


def _inner(style: str) -> list[str]:
    targets = _LINK.findall(style)
    if any(not target.startswith("#") for target in targets):
        raise _Refused(_OUTSIDE)
    return [target[1:] for target in targets]


def _read_svg(picture: bytes) -> None:
    reader = _SvgReader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = _refuse_entity
    parser.ProcessingInstructionHandler = _refuse_instruction
    parser.Parse(picture, True)
    reader.finish()
    try:
        _weigh(reader.root, reader.by_id, {})
    except RecursionError:
        raise _Refused("draws by too long a chain of references") from None


def _refuse_entity(*_declared: object) -> None:
    raise _Refused("declares XML entities")


def _refuse_instruction(target: str, _content: str) -> None:
    raise _Refused(f"holds the instruction {target[:40]}")


def _weigh(shape: _Shape, by_id: dict[str, _Shape], known: dict[int, int]) -> int:
    """How many shapes are drawn, with those drawn again by reference; more than allowed, or in a
    circle, are refused."""
    key = id(shape)
    if key in known:
        if not known[key]:
            raise _Refused("draws itself inside itself")
        return known[key]
    known[key] = 0
    again = [by_id[name] for name in shape.drawn if name in by_id]
    weight = 1 + sum(_weigh(each, by_id, known) for each in [*shape.inside, *again])
    if weight > MAX_SHAPES:
        raise _Refused(f"draws more than {MAX_SHAPES} shapes")
    known[key] = weight
    return weight
