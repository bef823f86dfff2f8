"""Bytes to sheets of text cells: what the file is, told from its content and not its name."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TypeVar

from python_calamine import (
    CalamineError,
    CalamineSheet,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from registration.enrolment.imports import compound, limits, packages
from registration.enrolment.imports.delimited import decode, read_rows
from registration.enrolment.imports.marked import read_tables
from registration.enrolment.imports.refusals import (
    CellTooLong,
    DamagedFile,
    DocumentFile,
    EmptyFile,
    FileTooLarge,
    PictureFile,
    ProtectedFile,
    TooManyColumns,
    UnsupportedFile,
)

Cell = str | int | float | bool | date | time | datetime | timedelta
Parsed = TypeVar("Parsed")

_MARKED = ("<!doctype", "<html", "<?xml", "<table", "<workbook", "<head", "<meta", "<style")
_EXACT = 1e15  # whole numbers below it are exact in a cell
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")
_UNSUPPORTED = (b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x7fELF", b"%!PS")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as text. ``rows[0]`` is the program's row 1; a blank row is an empty tuple.
    ``hidden`` holds the numbers of rows that the program does not show."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    hidden: frozenset[int] = frozenset()


def read_sheets(content: bytes, filename: str) -> tuple[Sheet, ...]:
    """The visible sheets with something in them, in the file's order; never none.

    ``filename`` only names the sheet of a delimited file. Raises the refusals of this package.
    """
    if not content.strip():
        raise EmptyFile
    if len(content) > limits.MAX_FILE:
        raise FileTooLarge(limit=f"{limits.MAX_FILE // limits.MEGABYTE} MB")
    _refuse_other_kinds(content)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        packed = packages.repack(content)
        return _read_workbook(packed.content, packed.hidden)
    if content.startswith(compound.SIGNATURE):
        compound.check_compound(content)
        return _read_workbook(content, {})
    name = filename.replace("\\", "/").rpartition("/")[2]
    name = name.rpartition(".")[0] or name
    text, _encoding = decode(content)
    if text.lstrip("\ufeff \r\n\t")[:200].lower().startswith(_MARKED):
        return _read_marked(text, name)
    rows = read_rows(text)
    if not rows:
        raise EmptyFile
    return (Sheet(name=name, rows=rows),)


def _read_marked(text: str, name: str) -> tuple[Sheet, ...]:
    tables = read_tables(text)
    if not tables:
        raise UnsupportedFile
    return tuple(
        Sheet(name=named or (name if at == 1 else f"{name} {at}"), rows=rows)
        for at, (named, rows) in enumerate(tables[: limits.MAX_SHEETS], start=1)
    )


def check_sheet(sheet: Sheet) -> None:
    """Refuse the sheet that was chosen if it is wider than a list of people, or holds a book.

    Only this one: the other sheets of a workbook may be as large as they like.
    """
    for number, row in enumerate(sheet.rows, start=1):
        if len(row) > limits.MAX_COLUMNS:
            raise TooManyColumns(limit=limits.MAX_COLUMNS)
        if any(len(cell) > limits.MAX_CELL for cell in row):
            raise CellTooLong(row=number, limit=limits.MAX_CELL)


def _refuse_other_kinds(content: bytes) -> None:
    start = content[:1024]
    if start.startswith(_PICTURES) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP"):
        raise PictureFile
    if start.lstrip().startswith(b"%PDF-"):
        raise DocumentFile(kind="PDF")
    if start.startswith(b"{\\rtf"):
        raise DocumentFile(kind="RTF")
    if start.startswith(_UNSUPPORTED):
        raise UnsupportedFile


def _read_workbook(content: bytes, hidden: Mapping[str, frozenset[int]]) -> tuple[Sheet, ...]:
    workbook = _parse(partial(load_workbook, io.BytesIO(content)))
    worksheets = [s for s in workbook.sheets_metadata if s.typ is SheetTypeEnum.WorkSheet]
    visible = [s for s in worksheets if s.visible is SheetVisibleEnum.Visible] or worksheets
    sheets: list[Sheet] = []
    spent = 0
    for one in visible[: limits.MAX_SHEETS]:
        opened = _parse(partial(workbook.get_sheet_by_name, one.name))
        spent += limits.check_area(opened.total_height, opened.total_width, spent=spent)
        sheets.append(_read_sheet(opened, hidden.get(one.name, frozenset())))
    filled = tuple(sheet for sheet in sheets if sheet.rows)
    if not filled:
        raise EmptyFile
    return filled


def _read_sheet(opened: CalamineSheet, hidden: frozenset[int]) -> Sheet:
    cells = _parse(partial(opened.to_python, skip_empty_area=False))
    rows = [_text_row(row) for row in cells]
    while rows and not rows[-1]:
        rows.pop()
    return Sheet(name=opened.name, rows=tuple(rows), hidden=hidden)


def _parse(action: Callable[[], Parsed]) -> Parsed:
    """Run the parser; its panics derive from ``BaseException`` and are damage like any other."""
    try:
        return action()
    except PasswordError as error:
        raise ProtectedFile from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise DamagedFile from error
    except BaseException as error:  # a panic of the Rust reader is no Exception; all else goes on
        if type(error).__name__ == "PanicException":
            raise DamagedFile from error
        raise


def _text_row(cells: list[Cell]) -> tuple[str, ...]:
    texts = [cell if type(cell) is str else _text(cell) for cell in cells]
    width = len(texts)
    while width and not texts[width - 1].strip():
        width -= 1
    return tuple(texts[:width])


def _text(cell: Cell) -> str:
    """What a person would have typed: ``2734.0`` is ``2734``, midnight is only a date."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
