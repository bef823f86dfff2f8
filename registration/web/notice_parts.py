"""The lines of a privacy notice as a page shows them: sections, their parts, their blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from registration.privacy.notice import Line, Mark
from registration.privacy.notice_content import Change
from registration.privacy.notice_words import SITUATIONS

Told = tuple[Change, Line]
FOLDED = frozenset(each.key for each in SITUATIONS)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one kind that follow each other: ``kind`` is a ``Mark``'s value."""

    kind: str
    lines: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Part:
    head: Told
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """``folds``: it speaks to some readers only, who open it."""

    head: Told
    blocks: tuple[Block, ...]
    parts: tuple[Part, ...]
    folds: bool


def unchanged(lines: Iterable[Line]) -> list[Told]:
    return [(Change.SAME, line) for line in lines]


def sections(told: Sequence[Told]) -> tuple[Section, ...]:
    """Of a notice that begins with a section's heading, as all do."""
    return tuple(
        Section(
            group[0],
            _blocks(before),
            tuple(Part(part[0], _blocks(part[1:])) for part in parts),
            group[0][1].link in FOLDED,
        )
        for group in _split(told, Mark.SECTION)
        for before, parts in [_parts(group[1:])]
    )


def _parts(told: Sequence[Told]) -> tuple[Sequence[Told], list[Sequence[Told]]]:
    """What stands before the first part, and the parts."""
    first = next((at for at, (_c, line) in enumerate(told) if line.mark is Mark.PART), len(told))
    return told[:first], _split(told[first:], Mark.PART)


def _split(told: Sequence[Told], mark: Mark) -> list[Sequence[Told]]:
    starts = [at for at, (_change, line) in enumerate(told) if line.mark is mark]
    ends = [*starts[1:], len(told)]
    return [told[start:end] for start, end in zip(starts, ends, strict=True)] if starts else []


def _blocks(told: Sequence[Told]) -> tuple[Block, ...]:
    return tuple(
        Block(mark.value, tuple(lines)) for mark, lines in groupby(told, key=lambda t: t[1].mark)
    )
