"""The engraved lines of the formal design: a woven border, as on share certificates, and a rosette.

A pattern is written once and repeated by moving the paper under it, so that it packs well.
"""

from functools import lru_cache
from math import cos, pi, radians, sin
from typing import Final

from certificates.colour import palette, strokes
from certificates.drawing import Drawing

_MM: Final = 72 / 25.4
_WIDTH: Final = 210 * _MM
_HEIGHT: Final = 297 * _MM
# From the paper's edge: the outer rule, the middle of the weave, the inner rule; and a corner.
_OUTER: Final = 9 * _MM
_MIDDLE: Final = 12.5 * _MM
_INNER: Final = 16 * _MM
_CORNER: Final = _INNER - _OUTER
_STRANDS: Final = 6
_PERIODS: Final = {"short": 22, "long": 33}

Point = tuple[float, float]


@lru_cache(maxsize=8)
def frame(accent: str) -> Drawing:
    """The border and the rosette of an A4 page; ``accent`` is ``#rrggbb``."""
    colours = palette(accent)
    parts = [
        f"{strokes(colours.faint)} 0.5 w",
        *_rosette(_WIDTH / 2, 128 * _MM),
        f"{strokes(colours.tint)} 0.32 w",
        *_weaves(),
        *_corners(),
        f"{strokes(colours.ink)} 1.1 w",
        _rectangle(_OUTER),
        "0.45 w",
        _rectangle(_OUTER + 1.7),
        _rectangle(_INNER),
    ]
    return Drawing(_WIDTH, _HEIGHT, "\n".join(parts).encode())


def _rectangle(inset: float) -> str:
    return f"{inset:.2f} {inset:.2f} {_WIDTH - 2 * inset:.2f} {_HEIGHT - 2 * inset:.2f} re S"


def _weaves() -> list[str]:
    """Between the corners of each side, waves that cross each other."""
    parts = []
    across, down = _WIDTH - 2 * _INNER, _HEIGHT - 2 * _INNER
    for length, periods, turns in (
        (across, _PERIODS["short"], (f"1 0 0 1 {_INNER:.2f} {_MIDDLE:.2f}",)),
        (across, _PERIODS["short"], (f"1 0 0 1 {_INNER:.2f} {_HEIGHT - _MIDDLE:.2f}",)),
        (down, _PERIODS["long"], (f"0 1 -1 0 {_MIDDLE:.2f} {_INNER:.2f}",)),
        (down, _PERIODS["long"], (f"0 1 -1 0 {_WIDTH - _MIDDLE:.2f} {_INNER:.2f}",)),
    ):
        period = length / periods
        wave = _wave(period, amplitude=2.3 * _MM)
        step = f"1 0 0 1 {period:.4f} 0 cm"
        parts += ["q", f"{turns[0]} cm", *[wave, step] * periods, "Q"]
    return parts


def _wave(period: float, *, amplitude: float) -> str:
    """One period of each strand, from x = 0."""
    curves = []
    for strand in range(_STRANDS):
        phase = pi * strand / _STRANDS
        height = amplitude * (1 if strand % 2 else 0.72)
        steps = 8
        points = [
            (
                period * at / steps,
                height * sin(2 * pi * at / steps + phase),
                height * cos(2 * pi * at / steps + phase) * 2 * pi / period,
            )
            for at in range(steps + 1)
        ]
        (x, y, slope), *rest = points
        curves.append(f"{x:.2f} {y:.2f} m")
        for next_x, next_y, next_slope in rest:
            third = (next_x - x) / 3
            curves.append(
                f"{x + third:.2f} {y + slope * third:.2f} {next_x - third:.2f} "
                f"{next_y - next_slope * third:.2f} {next_x:.2f} {next_y:.2f} c"
            )
            x, y, slope = next_x, next_y, next_slope
    return "\n".join([*curves, "S"])


def _corners() -> list[str]:
    """A small rosette in each corner."""
    parts = []
    for x in (_MIDDLE, _WIDTH - _MIDDLE):
        for y in (_MIDDLE, _HEIGHT - _MIDDLE):
            parts += _turned(x, y, _petal(2.9 * _MM, 0.8 * _MM, width=42), times=16)
    return parts


def _rosette(x: float, y: float) -> list[str]:
    """A large one behind the text, hardly seen."""
    parts = []
    for reach, core, width in ((62 * _MM, 16 * _MM, 26), (44 * _MM, 10 * _MM, 34)):
        parts += _turned(x, y, _petal(reach, core, width=width), times=72)
    return parts


def _turned(x: float, y: float, path: str, *, times: int) -> list[str]:
    turn = 2 * pi / times
    step = f"{cos(turn):.6f} {sin(turn):.6f} {-sin(turn):.6f} {cos(turn):.6f} 0 0 cm"
    return ["q", f"1 0 0 1 {x:.2f} {y:.2f} cm", *[path, step] * times, "Q"]


def _petal(reach: float, core: float, *, width: float) -> str:
    """A loop from ``core`` out to ``reach`` and back; ``width`` in degrees."""
    out, back = radians(-width), radians(width)
    return (
        f"{core:.2f} 0 m "
        f"{reach * 0.55 * cos(out):.2f} {reach * 0.55 * sin(out):.2f} "
        f"{reach * cos(out * 0.55):.2f} {reach * sin(out * 0.55):.2f} {reach:.2f} 0 c "
        f"{reach * cos(back * 0.55):.2f} {reach * sin(back * 0.55):.2f} "
        f"{reach * 0.55 * cos(back):.2f} {reach * 0.55 * sin(back):.2f} {core:.2f} 0 c S"
    )
