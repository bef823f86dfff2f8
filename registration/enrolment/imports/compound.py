"""Compound files (XLS, and workbooks with a password): what is inside, and how large.

Layout after MS-CFB (header, FAT, directory) and MS-XLS (records of 2-byte type and length).
Only enough is read to tell the kinds apart and to measure a sheet before it is parsed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from registration.enrolment.imports import limits
from registration.enrolment.imports.refusals import (
    DamagedFile,
    DocumentFile,
    ProtectedFile,
    TooManyColumns,
    UnsupportedFile,
)

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_LAST_SECTOR = 0xFFFFFFFA  # larger numbers are marks, not sectors
_DIFAT_IN_HEADER = 109
_ENTRY = 128

_FILE_PASSWORD = 0x002F
_SHEET = 0x0085
_END = 0x000A
_DIMENSIONS = 0x0200
_SEVERAL_NUMBERS = 0x00BD
_CELLS = frozenset({0x0006, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E, _SEVERAL_NUMBERS})
_MAX_XLS_COLUMNS = 256


def check_compound(content: bytes) -> None:
    """Return if this is an XLS workbook of bearable size. Raises the refusals of this package."""
    try:
        names, workbook = _open(content)
        if "EncryptedPackage" in names:
            raise ProtectedFile
        if "WordDocument" in names:
            raise DocumentFile(kind="Word")
        if "PowerPoint Document" in names:
            raise DocumentFile(kind="PowerPoint")
        if workbook is None:
            raise UnsupportedFile
        _check_records(workbook)
    except (struct.error, IndexError) as error:
        raise DamagedFile from error


def _open(content: bytes) -> tuple[set[str], bytes | None]:
    sector_shift = struct.unpack_from("<H", content, 30)[0]
    if sector_shift not in {9, 12}:
        raise DamagedFile
    size = 1 << sector_shift
    table = _allocation_table(content, size)
    first_directory, cutoff, first_mini = (
        struct.unpack_from("<I", content, offset)[0] for offset in (48, 56, 60)
    )
    directory = _chain(content, table, first_directory, size)
    names: set[str] = set()
    found: tuple[int, int] | None = None
    root_start = 0
    for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        start, stream_size = struct.unpack_from("<II", directory, at + 116)
        if directory[at + 66] == 5:
            root_start = start
        names.add(name)
        if name in {"Workbook", "Book"}:
            found = start, stream_size
    if found is None:
        return names, None
    start, stream_size = found
    if stream_size >= cutoff:
        return names, _chain(content, table, start, size)[:stream_size]
    mini_sectors = _chain(content, table, root_start, size)
    mini_table = _numbers(_chain(content, table, first_mini, size))
    return names, _chain(mini_sectors, mini_table, start, 64, header=0)[:stream_size]


def _allocation_table(content: bytes, size: int) -> tuple[int, ...]:
    sectors = [
        number
        for number in struct.unpack_from(f"<{_DIFAT_IN_HEADER}I", content, 76)
        if number < _LAST_SECTOR
    ]
    following = struct.unpack_from("<I", content, 68)[0]
    for _ in range(len(content) // size):
        if following >= _LAST_SECTOR:
            break
        numbers = _numbers(content[(following + 1) * size : (following + 2) * size])
        sectors += [number for number in numbers[:-1] if number < _LAST_SECTOR]
        following = numbers[-1]
    joined = b"".join(content[(sector + 1) * size : (sector + 2) * size] for sector in sectors)
    return _numbers(joined[: 4 * (len(content) // size + 1)])


def _numbers(raw: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4])


def _chain(
    content: bytes, table: tuple[int, ...], start: int, size: int, *, header: int = 1
) -> bytes:
    """The sectors of one stream, in order; a loop in the chain is a damaged file."""
    pieces: list[bytes] = []
    while start < _LAST_SECTOR:
        if len(pieces) > len(table):
            raise DamagedFile
        at = (start + header) * size
        pieces.append(content[at : at + size])
        start = table[start]
    return b"".join(pieces)


def _records(stream: bytes, at: int = 0) -> Iterator[tuple[int, int, int]]:
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, length
        at += 4 + length


def _check_records(stream: bytes) -> None:
    """Measure each sheet from where the workbook says it begins, as its parser will read it."""
    sheets: list[int] = []
    for kind, at, _ in _records(stream):
        if kind == _FILE_PASSWORD:
            raise ProtectedFile
        if kind == _SHEET:
            sheets.append(struct.unpack_from("<I", stream, at)[0])
        elif kind == _END:
            break
    spent = 0
    for begins in sheets:
        spent += _area(stream, begins, spent=spent)
        if len(sheets) > limits.MAX_SHEETS * 5 or spent > limits.MAX_GRID_AREA:
            raise DamagedFile


def _area(stream: bytes, begins: int, *, spent: int) -> int:
    """The area of one sheet, at least its number of records, so that none is walked for free."""
    last_row = last_column = records = 0
    for kind, at, length in _records(stream, begins):
        records += 1
        if kind == _END:
            break
        if kind == _DIMENSIONS:
            _check_dimensions(stream, at, length)
        elif kind in _CELLS:
            row, column = struct.unpack_from("<HH", stream, at)
            if kind == _SEVERAL_NUMBERS:
                column = max(column, struct.unpack_from("<H", stream, at + length - 2)[0])
            last_row, last_column = max(last_row, row + 1), max(last_column, column + 1)
            if last_column > _MAX_XLS_COLUMNS:
                raise TooManyColumns(limit=limits.MAX_COLUMNS)
            limits.check_area(last_row, last_column, spent=spent)
    return max(records, last_row * last_column)


def _check_dimensions(stream: bytes, at: int, length: int) -> None:
    """A claim larger than any XLS sheet is made up, and the parser would reserve room for it."""
    layout = "<IIHH" if length == 14 else "<HHHH"
    first_row, end_row, first_column, end_column = struct.unpack_from(layout, stream, at)
    if max(first_row, end_row) > 65_536 or max(first_column, end_column) > _MAX_XLS_COLUMNS:
        raise DamagedFile
