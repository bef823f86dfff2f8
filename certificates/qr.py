"""QR codes (ISO/IEC 18004) of ASCII text, a tenth of the usual time.

All codes of one size and level put the same bits in the same places, so what they share is worked
out once: the frame with its mask, and the order of the bits. Writing a code is then a division of
polynomials in whole numbers and one shuffle. The tables and the frame are segno's, and a test
compares every code with segno's own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from itertools import chain, zip_longest
from operator import itemgetter
from typing import Any, Final

# The inner parts of segno, which have no types.
consts: Any = import_module("segno.consts")
encoder: Any = import_module("segno.encoder")


# Lit where row and column add up to a multiple of three. To try all eight masks for the evenest
# takes longer than all the rest, and a signature is as even as chance under any of them.
MASK: Final = 3
VERSIONS: Final = range(1, 41)
LEVELS: Final = (
    consts.ERROR_LEVEL_L,
    consts.ERROR_LEVEL_M,
    consts.ERROR_LEVEL_Q,
    consts.ERROR_LEVEL_H,
)
_BYTES: Final = 0b0100
_PADDING: Final = (0xEC, 0x11)
_FIRST_MARK: Final = 1_000
_BITS: Final = tuple(
    bytes(number >> place & 1 for place in range(7, -1, -1)) for number in range(256)
)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What all codes of a size and level share. ``modules`` are those of a code without data, row
    by row; ``order`` takes each module's bit from the data, or a nought after it."""

    side: int
    modules: int
    order: Callable[[bytes], tuple[int, ...]]
    bits: int


def modules_of(text: str, *, small: bool) -> list[bytes]:
    """The rows of the code, a byte for each module: 1 is dark.

    As small as can be with 7 % (``small``) or 15 % of it damaged, and with more where that costs
    no room. Raises ``ValueError`` for what is not ASCII or longer than a code can be.
    """
    content = text.encode("ascii")
    version, level = _size_for(len(content), LEVELS[0 if small else 1])
    message = _message(content, version, level)
    frame = _frame(version, level)
    bits = b"".join(map(_BITS.__getitem__, message))
    shuffled = bytes(frame.order(bits.ljust(frame.bits + 1, b"\0")))
    length = frame.side * frame.side
    mixed = (frame.modules ^ int.from_bytes(shuffled)).to_bytes(length)
    return [mixed[at : at + frame.side] for at in range(0, length, frame.side)]


def _size_for(length: int, level: int) -> tuple[int, int]:
    """The smallest version that holds so many bytes, and the highest level it holds them in."""
    for version in VERSIONS:
        needed = 4 + _counter(version) + 8 * length
        fitting = [each for each in LEVELS if consts.SYMBOL_CAPACITY[version][each] >= needed]
        if level in fitting:
            return version, fitting[-1]
    raise ValueError("too long for a QR code")


def _counter(version: int) -> int:
    return 8 if version < 10 else 16


def _message(content: bytes, version: int, level: int) -> list[int]:
    """The codewords, with those that correct errors, in the order in which they are drawn."""
    room = int(consts.SYMBOL_CAPACITY[version][level])
    counter = _counter(version)
    # Four noughts end the text, which the first four bits put half a byte out of step. The word
    # after them is a nought, as segno has it: nobody reads on.
    number = (_BYTES << counter | len(content)) << 8 * len(content) | int.from_bytes(content)
    words = [*(number << 4).to_bytes(1 + counter // 8 + len(content)), 0][: room // 8]
    missing = room // 8 - len(words)
    words += [_PADDING[place % 2] for place in range(missing)]
    plain, correcting = [], []
    rest = iter(words)
    for kind in consts.ECC[version][level]:
        many = kind.num_total - kind.num_data
        for _block in range(kind.num_blocks):
            block = [next(rest) for _word in range(kind.num_data)]
            plain.append(block)
            correcting.append(_correction(block, many))
    return [*_interleaved(plain), *_interleaved(correcting)]


def _interleaved(blocks: Sequence[Sequence[int]]) -> Iterator[int]:
    return (word for word in chain.from_iterable(zip_longest(*blocks)) if word is not None)


def _correction(block: Sequence[int], many: int) -> bytes:
    """The remainder of the block by the generator of ``many`` words (7.5.2)."""
    multiples = _multiples(many)
    top, keep = 8 * (many - 1), (1 << 8 * many) - 1
    remainder = 0
    for word in block:
        remainder = (remainder << 8 & keep) ^ multiples[remainder >> top ^ word]
    return remainder.to_bytes(many)


@lru_cache(maxsize=32)
def _multiples(many: int) -> tuple[int, ...]:
    """The generator times each byte, without its first word."""
    generator = consts.GEN_POLY[many]
    multiples = [0]
    for factor in range(1, 256):
        power = consts.GALIOS_LOG[factor]
        words = bytes(consts.GALIOS_EXP[power + each] for each in generator)
        multiples.append(int.from_bytes(words))
    return tuple(multiples)


@lru_cache(maxsize=32)
def _frame(version: int, level: int) -> _Frame:
    side = int(encoder.calc_matrix_size(version))
    marked = [list(row) for row in _empty(version, side)]
    bits = sum(row.count(2) for row in marked)
    encoder.add_codewords(marked, range(_FIRST_MARK, _FIRST_MARK + bits), version)
    places = chain.from_iterable(marked)
    order = itemgetter(*(mark - _FIRST_MARK if mark >= _FIRST_MARK else bits for mark in places))
    drawn = _empty(version, side)
    encoder.add_codewords(drawn, bytes(bits), version)
    _mask, masked = encoder.find_and_apply_best_mask(drawn, side, side, MASK)
    encoder.add_format_info(masked, version, level, MASK)
    encoder.add_version_info(masked, version)
    return _Frame(side, int.from_bytes(b"".join(bytes(row) for row in masked)), order, bits)


def _empty(version: int, side: int) -> Sequence[bytearray]:
    matrix: Sequence[bytearray] = encoder.make_matrix(side, side)
    encoder.add_finder_patterns(matrix, side, side)
    encoder.add_alignment_patterns(matrix, side, side)
    return matrix
