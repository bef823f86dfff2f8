"""How large a text can be set, guessed before it is laid out."""

import unicodedata
from collections.abc import Sequence
from typing import Final

# Widths in ems of a plain Latin text face; what is guessed wrong only looks a little smaller.
_NARROW: Final = dict.fromkeys("iljtfrI.,:;'’!|()[]-‐ ", 0.31)
_BROAD: Final = dict.fromkeys("mwMWÆŒ@%—", 0.88)
_CAPITAL: Final = 0.64
_SMALL: Final = 0.52

# A size in points, and how many lines a text may take in it.
Setting = tuple[float, int]


def size_for(text: str, settings: Sequence[Setting], *, width: float, tighter: int = 0) -> float:
    """The size of the first of ``settings`` in which ``text`` takes no more lines of ``width``
    points than it may and no word is broken, then ``tighter`` settings further; else the last."""
    for step, (size, lines) in enumerate(settings):
        if _fits(text, width / size, lines):
            return settings[min(step + tighter, len(settings) - 1)][0]
    return settings[-1][0]


def _fits(text: str, ems: float, lines: int) -> bool:
    taken, used = 1, 0.0
    for word in text.split():
        broad = _ems(word)
        if broad > ems and not _breaks_anywhere(word):
            return False
        if used and used + _NARROW[" "] + broad > ems:
            taken, used = taken + 1, 0.0
        used += broad + (_NARROW[" "] if used else 0)
        while used > ems:
            taken, used = taken + 1, used - ems
    return taken <= lines


def _ems(text: str) -> float:
    return sum(_letter(letter) for letter in text)


def _letter(letter: str) -> float:
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1
    plain = unicodedata.normalize("NFD", letter)[0]
    known = _NARROW.get(plain) or _BROAD.get(plain)
    return known or (_CAPITAL if plain.isupper() else _SMALL)


def _breaks_anywhere(word: str) -> bool:
    """Scripts that write no spaces: Han, Kana, Thai, Lao, Khmer, Myanmar."""
    return any(
        unicodedata.east_asian_width(letter) in "WF" or "\u0e00" <= letter <= "\u109f"
        for letter in word
    )
