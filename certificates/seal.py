"""The signature at the end of a file, found and checked byte by byte before any PDF is parsed.

A PDF reader is lenient, and what it forgives is room for changes. Here there is one way to be
right: one signature, over everything but itself, written as ``cms`` writes it.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from typing import Final

from certificates.badge import read_badge
from certificates.claims import FORMAT, UnreadableClaims, read_claims
from certificates.cms import (
    BadEnvelope,
    Envelope,
    attributes_of,
    is_signed,
    number_in,
    read_envelope,
)
from certificates.jws import MAX_TOKEN, BadToken, read_token
from certificates.key import UnusableKey, public_key_of, read_certificate

_RANGE: Final = re.compile(rb"/ByteRange\s*\[\s*(\d{1,9})\s+(\d{1,9})\s+(\d{1,9})\s+(\d{1,9})\s*\]")
_HEADER: Final = b"%PDF-"
_END: Final = b"%%EOF"
_STREAM: Final = re.compile(rb"stream\r?\n")
_MOST_STREAMS: Final = 400
_MOST_RANGES: Final = 4
_MOST_DATA: Final = 64 * 1024
_FIRST: Final = 200
# How a JSON object begins in base64.
_TOKEN: Final = b"ey"


class Damage(StrEnum):
    """What happened to a file whose seal is not whole."""

    CUT_SHORT = "cut short"
    UNSIGNED = "not signed"
    CHANGED = "changed after it was signed"
    ADDED_TO = "something was added after it was signed"
    GLUED = "several files in one"
    REUSED = "put together from parts of different certificates"


@dataclass(frozen=True, slots=True)
class Seal:
    """A whole one: the signature is of the certificate's key, and of every byte around it. Whose
    key that is, is for others to judge."""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Broken:
    """``numbers`` are of the certificates that parts of the file belong to."""

    damage: Damage
    numbers: tuple[str, ...] = ()


def find_seal(content: bytes) -> Seal | Broken:
    """The file's seal, or what happened to it."""
    ranges = _ranges(content)
    whole = content.rstrip().endswith(_END)
    if not ranges:
        return _without(content, whole=whole)
    start, length, again, rest = ranges[0]
    missing = again + rest - len(content)
    if missing > 0 and not whole:
        return Broken(Damage.CUT_SHORT)
    seal = _seal(content, start, length, again, rest)
    if len(ranges) == 1 and seal is not None and not missing:
        return seal
    if _HEADER in content[1:]:
        return Broken(Damage.GLUED, _numbers(content))
    if seal is not None:
        return Broken(Damage.ADDED_TO, (seal.envelope.number,))
    numbers = _numbers(content)
    return Broken(Damage.REUSED if len(numbers) > 1 else Damage.CHANGED, numbers)


def _ranges(content: bytes) -> list[tuple[int, int, int, int]]:
    """What signatures say that they cover, in order: start and length, twice."""
    found = []
    for match in islice(_RANGE.finditer(content), _MOST_RANGES):
        start, length, again, rest = (int(number) for number in match.groups())
        found.append((start, length, again, rest))
    return found


def _without(content: bytes, *, whole: bool) -> Broken:
    """What a file without any signature is."""
    if not whole:
        return Broken(Damage.CUT_SHORT)
    numbers = _numbers(content)
    if _HEADER in content[1:]:
        return Broken(Damage.GLUED, numbers)
    return Broken(Damage.REUSED if len(numbers) > 1 else Damage.UNSIGNED, numbers)


def _seal(content: bytes, start: int, length: int, again: int, rest: int) -> Seal | None:
    """The signature of the first ``again + rest`` bytes, if it is right."""
    gap = content[length:again]
    if start != 0 or again + rest > len(content) or (gap[:1], gap[-1:]) != (b"<", b">"):
        return None
    digest = sha256(content[:length])
    digest.update(content[again : again + rest])
    encoded = _unpadded(gap[1:-1])
    if encoded is None or digest.digest() not in encoded:
        return None
    try:
        envelope = read_envelope(encoded)
        key = public_key_of(read_certificate(envelope.signer))
    except (BadEnvelope, UnusableKey):
        return None
    signed = attributes_of(
        digest.digest(), signer=envelope.signer, chain=envelope.chain, number=envelope.number
    )
    if envelope.digest != digest.digest() or not is_signed(signed, envelope.signature, key):
        return None
    return Seal(envelope)


def _unpadded(hexadecimal: bytes) -> bytes | None:
    """The bytes of the signature; None unless written as capitals and followed by zeros only."""
    try:
        content = bytes.fromhex(hexadecimal.decode("ascii"))
    except ValueError:
        return None
    if content.hex().upper().encode() != hexadecimal or len(content) < 4 or content[1] != 0x82:
        return None
    end = 4 + int.from_bytes(content[2:4], "big")
    return None if content[end:].strip(b"\0") else content[:end]


def _numbers(content: bytes) -> tuple[str, ...]:
    """The numbers that the file's parts give: its data, and its signature."""
    found = dict.fromkeys(_numbers_of_data(content))
    for _, length, again, _ in _ranges(content):
        encoded = _unpadded(content[length + 1 : again - 1])
        number = number_in(encoded) if encoded else ""
        if number:
            found[number] = None
    return tuple(found)


def _numbers_of_data(content: bytes) -> Iterator[str]:
    """Of each attached ``certificate.json`` and badge, wherever it stands and whatever points to
    it."""
    for count, match in enumerate(_STREAM.finditer(content)):
        if count == _MOST_STREAMS:
            return
        stream = zlib.decompressobj()
        try:
            data = stream.decompress(content[match.end() : match.end() + _MOST_DATA], _FIRST)
            # Nearly all of a file's streams are something else.
            if FORMAT.encode() in data:
                yield read_claims(
                    data + stream.decompress(stream.unconsumed_tail, _MOST_DATA)
                ).number
            elif data.startswith(_TOKEN):
                token = data + stream.decompress(stream.unconsumed_tail, MAX_TOKEN)
                yield read_badge(read_token(token.decode("ascii"))[1]).number
        except (zlib.error, UnreadableClaims, BadToken, UnicodeDecodeError):
            continue
