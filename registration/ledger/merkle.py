"""Merkle trees as Certificate Transparency has them (RFC 9162, section 2.1), over SHA-256. Pure.

A leaf and a node are hashed with another first byte, so that no node can pass for a leaf. Whoever
holds a tree's root can be shown that one leaf is in it by a handful of hashes, without the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

LEAF, NODE = b"\x00", b"\x01"


def leaf_hash(content: bytes) -> bytes:
    return sha256(LEAF + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(NODE + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes; of none, the hash of nothing. Keeps one hash for each
    level of the tree, however many leaves there are."""
    peaks: list[tuple[int, bytes]] = []
    for leaf in leaves:
        size, top = 1, leaf
        while peaks and peaks[-1][0] == size:
            _size, left = peaks.pop()
            size, top = size * 2, node_hash(left, top)
        peaks.append((size, top))
    if not peaks:
        return sha256().digest()
    _size, root = peaks.pop()
    while peaks:
        _size, left = peaks.pop()
        root = node_hash(left, root)
    return root


def path_of(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The hashes beside the way from the leaf at ``index`` (from 0) up to the root, the lowest
    first (section 2.1.3.1)."""
    if len(leaves) < 2:
        return ()
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    left, right = leaves[:half], leaves[half:]
    if index < half:
        return (*path_of(left, index), root_of(right))
    return (*path_of(right, index - half), root_of(left))


def root_by(leaf: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root of a tree of ``size`` leaves in which ``leaf`` stands at ``index`` with these hashes
    beside its way; None where the path is too long or too short (section 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    at, last, found = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return None
        if at % 2 or at == last:
            found = node_hash(beside, found)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            found = node_hash(found, beside)
        at, last = at // 2, last // 2
    return found if last == 0 else None
