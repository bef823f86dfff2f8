"""The list of what is gone, as a file: one line for each erasure, an id that leads nowhere, and one
for each standing prohibition, a keyed hash. It holds no name and no address.

A line says how far the ledger was when it was written: by that a register that is older than the
list is known.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

HEAD = "registration gone 1"
LARGEST = 512 * 1024 * 1024
_TIME = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?\+00:00)"
_ID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_ERASED = re.compile(rf"erased {_TIME} (\d{{1,18}}) {_ID}( held)?")
_FORBIDDEN = re.compile(
    rf"forbidden {_TIME} (\d{{1,18}}) ([0-9a-f]{{64}}) ([a-z-]{{1,20}}) ([a-z-]{{1,10}})"
)


class GoneRefused(Exception):
    """The text is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class ErasedLine:
    """``held``: an authority kept something of it then. ``number``: how far the ledger was when
    the line was written."""

    subject_id: UUID
    erased_at: datetime
    held: bool
    number: int

    def __str__(self) -> str:
        more = " held" if self.held else ""
        return f"erased {self.erased_at.isoformat()} {self.number} {self.subject_id}{more}"


@dataclass(frozen=True, slots=True)
class ForbiddenLine:
    address_key: str
    purpose: str
    channel: str
    since: datetime
    number: int

    @property
    def key(self) -> tuple[str, str, str]:
        return self.address_key, self.purpose, self.channel

    def __str__(self) -> str:
        said = f"{self.address_key} {self.purpose} {self.channel}"
        return f"forbidden {self.since.isoformat()} {self.number} {said}"


@dataclass(frozen=True, slots=True)
class GoneList:
    erased: tuple[ErasedLine, ...] = ()
    forbidden: tuple[ForbiddenLine, ...] = ()

    def __add__(self, other: GoneList) -> GoneList:
        return GoneList(self.erased + other.erased, self.forbidden + other.forbidden)

    @property
    def number(self) -> int:
        """How far the ledger was when the last line was written."""
        erased = (line.number for line in self.erased)
        return max((*erased, *(line.number for line in self.forbidden)), default=0)


def read(path: Path, *, torn: bool = False) -> GoneList:
    """The list in a file. ``torn``: a last line without its end, as a crash leaves it, does not
    count. Raises ``GoneRefused``, which names the line."""
    try:
        if path.stat().st_size > LARGEST:
            raise GoneRefused(f"{path} is larger than 512 MB: it is no list of what is gone")
        lines = path.read_bytes().decode("ascii").split("\n")
    except OSError as refused:
        raise GoneRefused(f"{path} cannot be read: {refused.strerror}") from None
    except UnicodeDecodeError:
        raise GoneRefused(f"{path} is no list of what is gone: it is no plain text") from None
    rest = lines.pop()
    if rest and not torn:
        raise GoneRefused(f"{path} is cut short in line {len(lines) + 1}: copy it again")
    if not lines and torn:
        return GoneList()
    if not lines or lines[0] != HEAD:
        raise GoneRefused(f"{path} is no list of what is gone: it does not begin with “{HEAD}”")
    erased: list[ErasedLine] = []
    forbidden: list[ForbiddenLine] = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            found = _line(line)
        except ValueError:
            raise GoneRefused(
                f"{path} cannot be read in line {number}; nothing of it was applied"
            ) from None
        if isinstance(found, ErasedLine):
            erased.append(found)
        else:
            forbidden.append(found)
    return GoneList(tuple(erased), tuple(forbidden))


def _line(text: str) -> ErasedLine | ForbiddenLine:
    if found := _ERASED.fullmatch(text):
        at, number, subject, held = found.groups()
        return ErasedLine(UUID(subject), datetime.fromisoformat(at), bool(held), int(number))
    if found := _FORBIDDEN.fullmatch(text):
        at, number, key, purpose, channel = found.groups()
        return ForbiddenLine(key, purpose, channel, datetime.fromisoformat(at), int(number))
    raise ValueError(text)


def write(path: Path, wanted: GoneList) -> None:
    """The file holds exactly this, or what it held before; mode 0600."""
    content = "\n".join([HEAD, *map(str, wanted.erased), *map(str, wanted.forbidden), ""])
    made = path.with_name(f".{path.name}.{uuid4().hex}")
    handle = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content.encode("ascii"))
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(made, path)
    finally:
        made.unlink(missing_ok=True)
    _sync_folder(path.parent)


def append(path: Path, lines: Iterable[ErasedLine | ForbiddenLine]) -> None:
    """The lines are on the disk when this returns."""
    content = "".join(f"{line}\n" for line in lines)
    new = not path.exists()
    handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    try:
        os.write(handle, (f"{HEAD}\n{content}" if new else content).encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)
    if new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_torn(path: Path) -> bool:
    """Whether the last line lacks its end, so that the next would be glued to it."""
    with path.open("rb") as opened:
        if opened.seek(0, os.SEEK_END) == 0:
            return True
        opened.seek(-1, os.SEEK_END)
        return opened.read(1) != b"\n"
