"""An organisation's colour, and what can be read on it (WCAG 2.2, 1.4.3)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

READABLE: Final = 4.5
INK: Final = (22, 25, 28)
WHITE: Final = (255, 255, 255)

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """``ink`` is the colour dark enough to be read on white; ``on`` is read on the colour itself,
    and ``on_quiet`` too. All are ``#rrggbb``."""

    accent: str
    ink: str
    on: str
    tint: str
    faint: str


@lru_cache(maxsize=64)
def palette(accent: str) -> Palette:
    """``accent`` is ``#rrggbb``."""
    colour = _read(accent)
    ink = colour
    while contrast(ink, WHITE) < READABLE:
        ink = mixed(ink, (0, 0, 0), 0.06)
    on = WHITE if contrast(WHITE, colour) >= READABLE else INK
    if contrast(on, colour) < READABLE:
        on = (0, 0, 0)
    return Palette(
        accent=accent,
        ink=_written(ink),
        on=_written(on),
        tint=_written(mixed(ink, WHITE, 0.55)),
        faint=_written(mixed(ink, WHITE, 0.92)),
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """From 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: Rgb, into: Rgb, share: float) -> Rgb:
    """``colour`` with ``share`` of it (0 to 1) replaced by ``into``."""
    red, green, blue = (
        round(part + (whole - part) * share) for part, whole in zip(colour, into, strict=True)
    )
    return red, green, blue


def strokes(colour: str, *, fill: bool = False) -> str:
    """The PDF operator that draws in ``colour``."""
    parts = " ".join(f"{part / 255:.3f}" for part in _read(colour))
    return f"{parts} {'rg' if fill else 'RG'}"


def _luminance(colour: Rgb) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _read(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _written(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
