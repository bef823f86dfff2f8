"""Zipped workbooks (XLSX, XLSM, ODS): unpacked under a cap and measured before they are parsed.

The parser lays a sheet out as a full rectangle, so a single cell in the far corner would take
gigabytes. Each part is therefore read here first, and only the parts that were measured are
packed anew for it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat

from registration.enrolment.imports import limits
from registration.enrolment.imports.refusals import (
    DamagedFile,
    DocumentFile,
    ExpandsTooMuch,
    ProtectedFile,
    TooManyColumns,
    TooManyRows,
    UnsafeFile,
    UnsupportedFile,
)

_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_CELL_ADDRESS = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_COUNT = re.compile(r"[0-9]{1,10}")
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_ENCRYPTED = 0x1
_TRUE = frozenset({"1", "true"})
_UNSHOWN = frozenset({"collapse", "filter"})
_MAX_SPACES = 1_000


@dataclass(frozen=True, slots=True)
class Repacked:
    """``hidden``: by sheet, the numbers of the rows that the program does not show."""

    content: bytes
    hidden: Mapping[str, frozenset[int]]


def repack(content: bytes) -> Repacked:
    """The workbook with only the parts that hold cells, stored, measured and without a DOCTYPE.

    Macros, pictures and links are left behind. Raises the refusals of this package.
    """
    parts = _read_parts(content)
    if "content.xml" in parts:
        _check_opendocument(parts)
    spent = 0
    hidden: dict[str, frozenset[int]] = {}
    by_part: dict[str, frozenset[int]] = {}
    for name, part in parts.items():
        # any part can be named as a sheet, so every part is measured as one
        grid = _OpenDocumentGrid() if name == "content.xml" else _ExcelGrid(spent)
        if name.endswith((".xml", ".rels")):
            _measure(part, grid)
            spent += grid.area
        if isinstance(grid, _OpenDocumentGrid):
            hidden |= {table: frozenset(rows) for table, rows in grid.hidden.items()}
        elif grid.hidden:
            by_part[name] = frozenset(grid.hidden)
    if by_part:
        names = _sheet_names(parts)
        hidden |= {names[part]: rows for part, rows in by_part.items() if part in names}
    return Repacked(_pack(parts), hidden)


def _sheet_names(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The name of the sheet in each part of an XLSX, as far as the workbook tells."""
    targets = _Attributes("Relationship", "Id", "Target")
    sheets = _Attributes("sheet", "id", "name")
    for part, found in (("xl/_rels/workbook.xml.rels", targets), ("xl/workbook.xml", sheets)):
        if part in parts:
            _measure(parts[part], found)
    return {
        "xl/" + target.removeprefix("/").removeprefix("xl/"): sheets.found[key]
        for key, target in targets.found.items()
        if key in sheets.found
    }


class _Attributes:
    """Of each element of a name, one attribute by another."""

    def __init__(self, element: str, key: str, value: str) -> None:
        self.found: dict[str, str] = {}
        self._wanted = element, key, value

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        element, key, value = self._wanted
        if name.rpartition(":")[2] == element:
            plain = {one.rpartition(":")[2]: text for one, text in attributes.items()}
            self.found[plain.get(key, "")] = plain.get(value, "")

    def end(self, name: str) -> None:
        pass


def _read_parts(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_directory(entries, packed=len(content))
            _check_kind({_name(entry) for entry in entries})
            return _unpack(archive, [entry for entry in entries if _is_wanted(_name(entry))])
    except _BROKEN_ZIP as error:
        raise DamagedFile from error


def _name(entry: zipfile.ZipInfo) -> str:
    return entry.filename.replace("\\", "/")


def _check_directory(entries: list[zipfile.ZipInfo], *, packed: int) -> None:
    if len(entries) > limits.MAX_PARTS:
        raise DamagedFile
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise ProtectedFile
    claimed = sum(entry.file_size for entry in entries)
    too_dense = claimed > limits.RATIO_COUNTS_FROM and claimed > limits.MAX_RATIO * packed
    if claimed > limits.MAX_UNPACKED or too_dense:
        raise ExpandsTooMuch(limit=f"{limits.MAX_UNPACKED // limits.MEGABYTE} MB")


def _check_kind(names: set[str]) -> None:
    if any(name.startswith("word/") for name in names):
        raise DocumentFile(kind="Word")
    if any(name.startswith("ppt/") for name in names):
        raise DocumentFile(kind="PowerPoint")
    if not names & {"content.xml", "xl/workbook.xml"}:
        raise UnsupportedFile


def _is_wanted(name: str) -> bool:
    if name in {"mimetype", "content.xml", "META-INF/manifest.xml", "[Content_Types].xml"}:
        return True
    if name.startswith(("xl/drawings/", "xl/charts/", "xl/media/", "xl/embeddings/")):
        return False
    return name.startswith(("xl/", "_rels/")) and name.endswith((".xml", ".rels"))


def _unpack(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    left = limits.MAX_UNPACKED
    for entry in entries:
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise DamagedFile
        with archive.open(entry) as opened:
            part = opened.read(left + 1)
        left -= len(part)
        if left < 0:
            raise ExpandsTooMuch(limit=f"{limits.MAX_UNPACKED // limits.MEGABYTE} MB")
        parts[_name(entry)] = part
    return parts


def _check_opendocument(parts: Mapping[str, bytes]) -> None:
    mimetype = parts.get("mimetype", b"")
    if mimetype.startswith(b"application/vnd.oasis.opendocument.text"):
        raise DocumentFile(kind="OpenDocument")
    if not mimetype.startswith(_ODS):
        raise UnsupportedFile
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise ProtectedFile


def _pack(parts: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return packed.getvalue()


class _ExcelGrid:
    """How far the filled cells of an XLSX sheet reach, as its parser will place them."""

    def __init__(self, spent: int) -> None:
        self.area = 0
        self.hidden: set[int] = set()
        self._spent = spent
        self._row = self._column = self._cells = self._rows = 0
        self._last_row = self._last_column = 0
        self._in_cell = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self._start_cell(attributes)
        elif local == "row":
            self._rows += 1
            self._row = _count(attributes.get("r"), default=self._row + 1)
            self._column = 0
            if max(self._rows, self._row) > limits.MAX_GRID_ROWS:
                raise TooManyRows(limit=limits.MAX_EMPLOYEES)
            if attributes.get("hidden") in _TRUE and len(self.hidden) < limits.MAX_EMPLOYEES:
                self.hidden.add(self._row)
        elif self._in_cell:
            self._last_row = max(self._last_row, self._row)
            self._last_column = max(self._last_column, self._column)

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        self._in_cell = True
        self._cells += 1
        self._column += 1
        if (address := attributes.get("r")) is not None:
            if (match := _CELL_ADDRESS.fullmatch(address)) is None:
                raise DamagedFile
            self._column = _column_number(match[1].upper())
            self._row = int(match[2])
        if self._row > limits.MAX_GRID_ROWS or self._cells > limits.MAX_GRID_AREA:
            raise TooManyRows(limit=limits.MAX_EMPLOYEES)
        if self._column > limits.MAX_GRID_COLUMNS:
            raise TooManyColumns(limit=limits.MAX_COLUMNS)

    def end(self, name: str) -> None:
        if name.rpartition(":")[2] == "c":
            self._in_cell = False
            self.area = limits.check_area(self._last_row, self._last_column, spent=self._spent)


class _OpenDocumentGrid:
    """How far the filled cells of each ODS table reach, repeats included."""

    def __init__(self) -> None:
        self.area = 0
        self.hidden: dict[str, set[int]] = {}
        self._table = ""
        self._table_area = 0
        self._row = self._column = self._repeats = 0
        self._row_width = self._last_row = self._last_column = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "table-row":
            self._repeats = _count(attributes.get("table:number-rows-repeated"), default=1)
            self._column = self._row_width = 0
            if attributes.get("table:visibility") in _UNSHOWN and self._repeats == 1:
                self.hidden.setdefault(self._table, set()).add(self._row + 1)
        elif local == "table":
            self._table = attributes.get("table:name", "")
        elif local in {"table-cell", "covered-table-cell"}:
            repeats = _count(attributes.get("table:number-columns-repeated"), default=1)
            self._column += repeats
            if any(key.startswith(("office:", "table:formula")) for key in attributes):
                self._row_width = self._column
        elif local == "p":
            self._row_width = self._column
        elif local == "s" and _count(attributes.get("text:c"), default=1) > _MAX_SPACES:
            raise DamagedFile

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "table":  # the parser ends its table here too, even a nested one
            self.area += self._table_area
            self._row = self._last_row = self._last_column = self._table_area = 0
        elif local == "table-row":
            self._row += self._repeats
            if self._row_width:
                self._last_row = self._row
                self._last_column = max(self._last_column, self._row_width)
                self._table_area = limits.check_area(
                    self._last_row, self._last_column, spent=self.area
                )


def _measure(part: bytes, grid: _ExcelGrid | _OpenDocumentGrid | _Attributes) -> None:
    """Walk one XML part; a DOCTYPE is refused before any entity could be expanded."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = grid.start
    parser.EndElementHandler = grid.end
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise DamagedFile from error


def _refuse_doctype(*_declaration: str | int | None) -> None:
    raise UnsafeFile


def _count(text: str | None, *, default: int) -> int:
    if text is None:
        return default
    if not _COUNT.fullmatch(text):
        raise DamagedFile
    return int(text)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
