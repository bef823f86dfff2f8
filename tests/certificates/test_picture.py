import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from certificates.document import InvalidDocument, Issuer
from certificates.picture import PNG_MAGIC, why_unusable

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inside: str, *, prolog: str = "") -> bytes:
    head = f'{prolog}<svg xmlns="http://www.w3.org/2000/svg" {XLINK} width="9" height="9">'
    return f"{head}{inside}</svg>".encode()


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(width: int, height: int, pixels: bytes, *, more: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return PNG_MAGIC + head + more + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


GOOD = png(2, 2, b"\0\xff\xff\0\xff\xff")


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(GOOD, id="png"),
        pytest.param(svg('<rect width="9" height="9"/>'), id="svg"),
        pytest.param(
            svg(
                '<defs><linearGradient id="g"><stop offset="0"/></linearGradient>'
                '<g id="s"><path d="M0 0h9"/></g></defs>'
                '<rect fill="url(#g)" width="9" height="9"/><use xlink:href="#s"/>'
            ),
            id="svg with gradient and use",
        ),
        pytest.param(
            svg(
                "<style>.a{fill:#fff}</style><rect class='a'/>",
                prolog='<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
                '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">',
            ),
            id="svg as drawing programs save it",
        ),
    ],
)
def test_plain_picture_is_taken(picture: bytes) -> None:
    assert why_unusable(picture) is None


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        pytest.param(b"GIF89a", "is neither PNG nor SVG; save it as one of them", id="gif"),
        pytest.param(
            b"\0" * 50_000_000,
            "is larger than 512 KiB; save it smaller: 1200 pixels will do",
            id="fifty megabytes",
        ),
        pytest.param(
            svg("<script>alert(1)</script>"),
            "holds a script element; save it as plain SVG or as PNG",
            id="script",
        ),
        pytest.param(
            svg("<foreignObject><p>Hi</p></foreignObject>"),
            "holds a foreignobject element; save it as plain SVG or as PNG",
            id="foreign object",
        ),
        pytest.param(
            svg('<rect onload="alert(1)"/>'),
            "holds a script; save it as plain SVG or as PNG",
            id="event handler",
        ),
        pytest.param(
            svg('<image href="file:///etc/passwd"/>'),
            "refers to something outside itself; save it as plain SVG or as PNG",
            id="file",
        ),
        pytest.param(
            svg('<use xlink:href="https://example.org/a.svg#b"/>'),
            "refers to something outside itself; save it as plain SVG or as PNG",
            id="use of another file",
        ),
        pytest.param(
            svg('<image href="data:image/png;base64,AAAA"/>'),
            "refers to something outside itself; save it as plain SVG or as PNG",
            id="picture inside",
        ),
        pytest.param(
            svg('<rect style="fill:url( &quot;http://example.org/a#b&quot; )"/>'),
            "refers to something outside itself; save it as plain SVG or as PNG",
            id="style",
        ),
        pytest.param(
            svg("<style>@import 'http://example.org/a.css';</style>"),
            "refers to something outside itself; save it as plain SVG or as PNG",
            id="style sheet",
        ),
        pytest.param(
            svg(r"<style>a{fill:\75rl(http://example.org)}</style>"),
            "refers to something outside itself; save it as plain SVG or as PNG",
            id="style in disguise",
        ),
        pytest.param(
            svg("", prolog='<?xml-stylesheet href="http://example.org/a.css"?>'),
            "holds the instruction xml-stylesheet; save it as plain SVG or as PNG",
            id="instruction",
        ),
        pytest.param(
            svg("&a;", prolog='<!DOCTYPE svg [<!ENTITY a "b">]>'),
            "declares XML entities; save it as plain SVG or as PNG",
            id="entities",
        ),
        pytest.param(
            svg("<rect>"), "is no well-formed SVG; save it as plain SVG or as PNG", id="broken"
        ),
        pytest.param(
            svg('<g id="a"><use href="#a"/></g>'),
            "draws itself inside itself; save it as plain SVG or as PNG",
            id="circle",
        ),
        pytest.param(
            svg(
                "<defs>"
                + "".join(
                    f'<g id="n{n}">' + f'<use href="#n{n + 1}"/>' * 10 + "</g>" for n in range(12)
                )
                + '</defs><use href="#n0"/>'
            ),
            "draws more than 5000 shapes; save it as plain SVG or as PNG",
            id="a thousand billion shapes",
        ),
        pytest.param(
            svg("<g>" * 100 + "</g>" * 100),
            "has more than 5000 shapes, or too deep ones; save it as plain SVG or as PNG",
            id="deep",
        ),
        pytest.param(
            png(30_000, 30_000, b"\0" * 90_000),
            "has 30000 × 30000 pixels; save it with 2000 × 2000 at most",
            id="huge png",
        ),
        pytest.param(
            png(10, 10, b"\0" * 300_000_000), "is a damaged PNG; save it again", id="png bomb"
        ),
        pytest.param(GOOD[:-20], "is a damaged PNG; save it again", id="cut short"),
        pytest.param(
            GOOD.replace(b"IDAT", b"IDAX"), "is a damaged PNG; save it again", id="wrong checksum"
        ),
        pytest.param(PNG_MAGIC, "is a damaged PNG; save it again", id="empty png"),
    ],
)
def test_picture_is_refused_with_what_to_do(picture: bytes, why: str) -> None:
    assert why_unusable(picture) == why


def test_issuer_names_the_picture_that_it_refuses() -> None:
    with pytest.raises(InvalidDocument, match=r"^logo: is neither PNG nor SVG"):
        Issuer("Rata Oy", logo=b"GIF89a")
    with pytest.raises(InvalidDocument, match=r"^signature: is neither PNG nor SVG"):
        Issuer("Rata Oy", signature=b"GIF89a")


def test_text_chunks_of_a_png_are_never_unpacked() -> None:
    bomb = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 100_000_000))
    assert why_unusable(png(2, 2, b"\0\xff\xff\0\xff\xff", more=bomb)) is None


def test_png_that_a_program_saved_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.new("RGBA", (40, 20), (1, 2, 3, 4)).save(file)
    assert why_unusable(file.read_bytes()) is None
