"""Checking a proof with a head of the chain and nothing else: what an outsider runs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from registration.errors import Invalid
from registration.i18n import N_
from registration.ledger.chain import block_digest
from registration.ledger.merkle import leaf_hash, root_by

FORMAT = 1


class HeadUnreadable(Invalid):
    message = N_("A head is written as PLACE:HASH, the hash in 64 hexadecimal digits.")


class ProofUnreadable(Invalid):
    message = N_("This is no proof of an entry in the ledger.")


@dataclass(frozen=True, slots=True)
class Head:
    """A link of the chain: its place, counted from 1, and its hash in hexadecimal."""

    position: int
    digest: str

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """``content`` is what was sealed of the entry, the leaf at ``index`` (from 0) of a tree of
    ``size`` leaves; ``path`` are the hashes beside its way to the root, the lowest first.
    ``links``: what the hash of its block is made over, and of each block after it."""

    content: str
    index: int
    size: int
    path: tuple[str, ...]
    links: tuple[str, ...]


def read_head(text: str) -> Head:
    """``PLACE:HASH``, with spaces or not. Raises ``HeadUnreadable``."""
    place, _colon, digest = text.replace(" ", "").strip().lower().partition(":")
    if not (place.isascii() and place.isdigit() and len(place) < 19 and int(place)):
        raise HeadUnreadable
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise HeadUnreadable
    return Head(int(place), digest)


def proven(proof: Inclusion, head: Head) -> bool:
    """Whether the chain whose link ``head`` is holds the entry: its leaf leads to the root of its
    block, and each block is chained to the one before, up to the one of ``head``."""
    try:
        path = [bytes.fromhex(each) for each in proof.path]
    except ValueError:
        return False
    root = root_by(leaf_hash(proof.content.encode()), index=proof.index, size=proof.size, path=path)
    if root is None or not proof.links:
        return False
    before, wanted = "", root.hex()
    for text in proof.links:
        link = _link(text)
        if link is None or (before and link.previous != before) or (wanted and link.root != wanted):
            return False
        before, wanted = block_digest(text.encode()).hex(), ""
        if link.position == head.position:
            return before == head.digest
    return False


@dataclass(frozen=True, slots=True)
class _Named:
    position: int
    previous: str
    root: str


def _link(text: str) -> _Named | None:
    """Those parts of a block that bind it to others."""
    try:
        match orjson.loads(text):
            case ["block", int(position), str(previous), str(root), *_counts]:
                return _Named(position, previous, root)
    except orjson.JSONDecodeError:
        pass
    return None


def as_file(proof: Inclusion, *, head: Head | None) -> bytes:
    """JSON to hand on."""
    newest = {"head": str(head)} if head else {}
    return orjson.dumps({"format": FORMAT, **asdict(proof), **newest}, option=orjson.OPT_INDENT_2)


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    format: int
    content: str
    index: int
    size: int
    path: list[str]
    links: list[str]


def read_file(content: bytes) -> Inclusion:
    """Raises ``ProofUnreadable``."""
    try:
        found = _File.model_validate_json(content)
    except ValidationError:
        raise ProofUnreadable from None
    if found.format != FORMAT:
        raise ProofUnreadable
    return Inclusion(found.content, found.index, found.size, tuple(found.path), tuple(found.links))


def read_heads(text: str) -> Mapping[int, str]:
    """Heads of a kept file, by place: one on each line, first on it or alone; empty lines and
    those that begin with ``#`` say nothing. Raises ``HeadUnreadable``."""
    lines = [line.split("#")[0].strip() for line in text.lstrip("\ufeff").splitlines()]
    found = [read_head(line.split()[0]) for line in lines if line]
    return {head.position: head.digest for head in found}
