"""Pictures in the PDF's own words, made once and drawn in every file of a batch.

WeasyPrint takes them from its cache of images in place of what it would load and convert anew for
each file: a QR code is then a few strokes, and a logo the bytes that were packed the first time.
"""

import re
import zlib
from hashlib import sha256
from io import BytesIO
from typing import Final, Protocol

import pydyf
from PIL import Image

from certificates.picture import plain_png
from certificates.qr import modules_of

# Sixty millimetres at 500 dots an inch.
MAX_SIDE: Final = 1200
_DARK: Final = re.compile(b"\x01+")


class _Canvas(Protocol):
    """The part of WeasyPrint's page stream that drawing an image takes."""

    def add_image(self, image: object, interpolate: bool, ratio: float) -> str: ...
    def transform(self, a: float, b: float, c: float, d: float, e: float, f: float) -> None: ...
    def draw_x_object(self, name: str) -> None: ...


class Drawing:
    """Strokes and fills on a sheet of ``width`` by ``height``, from its upper left corner down."""

    def __init__(self, width: float, height: float, strokes: bytes) -> None:
        self.width, self.height = width, height
        self.id = sha256(strokes).hexdigest()[:20]
        self._packed = zlib.compress(strokes)

    def get_intrinsic_size(self, _resolution: float, _font: float) -> tuple[float, float, float]:
        return self.width, self.height, self.width / self.height

    def draw(self, canvas: _Canvas, width: float, height: float, _style: object) -> None:
        name = canvas.add_image(self, interpolate=False, ratio=1)
        canvas.transform(width / self.width, 0, 0, height / self.height, 0, 0)
        canvas.draw_x_object(name)

    def get_x_object(self, _interpolate: bool, _ratio: float) -> pydyf.Stream:
        """A new object each time: it gets its number in the file that it is written to."""
        return pydyf.Stream(
            [self._packed],
            {
                "Type": "/XObject",
                "Subtype": "/Form",
                "BBox": pydyf.Array([0, 0, self.width, self.height]),
                "Filter": "/FlateDecode",
            },
        )


class Raster:
    """A PNG as the PDF holds it: colours, and the transparency as a mask of its own."""

    def __init__(self, png: bytes) -> None:
        with Image.open(BytesIO(plain_png(png))) as opened:
            image = opened.convert("RGBA")
        image.thumbnail((MAX_SIDE, MAX_SIDE))
        self.width, self.height = image.size
        self.id = sha256(png).hexdigest()[:20]
        alpha = image.getchannel("A")
        self._colours = zlib.compress(image.convert("RGB").tobytes(), 9)
        opaque = alpha.getextrema() == (255, 255)
        self._mask = None if opaque else zlib.compress(alpha.tobytes(), 9)

    def get_intrinsic_size(self, resolution: float, _font: float) -> tuple[float, float, float]:
        return self.width / resolution, self.height / resolution, self.width / self.height

    def draw(self, canvas: _Canvas, width: float, height: float, _style: object) -> None:
        name = canvas.add_image(self, interpolate=True, ratio=1)
        canvas.transform(width, 0, 0, -height, 0, height)
        canvas.draw_x_object(name)

    def get_x_object(self, _interpolate: bool, _ratio: float) -> pydyf.Stream:
        extra = self._dictionary("/DeviceRGB")
        if self._mask is not None:
            extra["SMask"] = pydyf.Stream([self._mask], self._dictionary("/DeviceGray"))
        return pydyf.Stream([self._colours], extra)

    def _dictionary(self, colours: str) -> dict[str, object]:
        return {
            "Type": "/XObject",
            "Subtype": "/Image",
            "Width": self.width,
            "Height": self.height,
            "ColorSpace": colours,
            "BitsPerComponent": 8,
            "Filter": "/FlateDecode",
        }


def qr_code(text: str, *, small: bool) -> Drawing:
    """The QR code without a quiet zone: the design leaves white around it. ``small`` gives the
    fewest modules, of which fewer may be damaged."""
    rows = modules_of(text, small=small)
    strokes = [b"0.04 g"]
    # Two hundredths taller than a module, else viewers show hairlines between the rows.
    for place, row in enumerate(rows):
        strokes += [
            b"%d %d %d 1.02 re" % (run.start(), place, run.end() - run.start())
            for run in _DARK.finditer(row)
        ]
    strokes.append(b"f")
    return Drawing(len(rows), len(rows), b"\n".join(strokes))
