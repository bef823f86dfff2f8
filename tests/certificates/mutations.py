"""Ten thousand ways to damage something, the same in every run."""

import random
from collections.abc import Iterator

_SEED = 20261122


def mutations(content: bytes, other: bytes, many: int, *, seed: int = _SEED) -> Iterator[bytes]:
    """Flipped bits, replaced, inserted, removed and swapped bytes, pieces of ``other`` put in its
    place, ends cut off: ``many`` of them, each different from both."""
    draw = random.Random(seed)
    made = 0
    while made < many:
        mutated = _KINDS[made % len(_KINDS)](content, other, draw)
        if mutated not in (content, other):
            made += 1
            yield mutated


def _flip(content: bytes, _other: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    return content[:at] + bytes((content[at] ^ 1 << draw.randrange(8),)) + content[at + 1 :]


def _replace(content: bytes, _other: bytes, draw: random.Random) -> bytes:
    at, size = draw.randrange(len(content)), draw.choice((1, 1, 2, 8, 64))
    return content[:at] + draw.randbytes(size) + content[at + size :]


def _insert(content: bytes, _other: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(content) + 1)
    return content[:at] + draw.randbytes(draw.choice((1, 2, 16))) + content[at:]


def _delete(content: bytes, _other: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    return content[:at] + content[at + draw.choice((1, 2, 16)) :]


def _cut(content: bytes, _other: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    return draw.choice((content[:at], content[at:]))


def _swap(content: bytes, _other: bytes, draw: random.Random) -> bytes:
    size = draw.choice((1, 4, 32))
    first, second = sorted(draw.sample(range(len(content) - size), 2))
    if second - first < size:
        return content
    return b"".join(
        (
            content[:first],
            content[second : second + size],
            content[first + size : second],
            content[first : first + size],
            content[second + size :],
        )
    )


def _graft(content: bytes, other: bytes, draw: random.Random) -> bytes:
    at, size = draw.randrange(min(len(content), len(other))), draw.choice((1, 16, 400))
    return content[:at] + other[at : at + size] + content[at + size :]


def _double(content: bytes, _other: bytes, draw: random.Random) -> bytes:
    at, size = draw.randrange(len(content)), draw.choice((1, 8, 64))
    return content[: at + size] + content[at:]


_KINDS = (_flip, _replace, _insert, _delete, _cut, _swap, _graft, _double)
