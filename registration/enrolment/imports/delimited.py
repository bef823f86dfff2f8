"""Delimited text (CSV, TSV): which encoding, which delimiter, and the rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from registration.enrolment.imports import limits
from registration.enrolment.imports.refusals import (
    CellTooLong,
    TooManyRows,
    UnclosedQuote,
    UnreadableText,
    UnsupportedFile,
)

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=(.)(?:\r\n|\r|\n)", re.IGNORECASE)
_END = "\x1eend of the list\x1e"
_DELIMITERS = ";\t,|"
_SAMPLE_ROWS = 60
_SAMPLE_CHARACTERS = 40_000


def decode(content: bytes) -> tuple[str, str]:
    """The text of a delimited file and the encoding it was in.

    Raises ``UnreadableText`` for broken text and ``UnsupportedFile`` for what is no text.
    """
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableText from error
    if "\x00" in text or len(_CONTROL.findall(text)) * 200 > len(text):
        raise UnsupportedFile
    return text, encoding


def _encoding(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    sample = content[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd * 10 > len(sample) * 3 and even * 20 < len(sample):
        return "utf-16-le"
    if even * 10 > len(sample) * 3 and odd * 20 < len(sample):
        return "utf-16-be"
    if b"\x00" in content:
        raise UnsupportedFile
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def read_rows(text: str) -> tuple[tuple[str, ...], ...]:
    """The rows of delimited text, as a spreadsheet program would number them.

    A ``sep=`` line names the delimiter and is no row. Blank rows are empty tuples; trailing
    empty cells and rows are gone.
    """
    if (named := _SEPARATOR_LINE.match(text)) is not None:
        text = text[named.end() :]
    delimiter = named[1] if named is not None else _delimiter(text)
    rows: list[tuple[str, ...]] = []
    filled = 0
    for cells in _records(text, delimiter):
        row = _trimmed(cells)
        rows.append(row)
        filled += bool(row)
        if (
            filled > limits.MAX_EMPLOYEES + limits.MAX_OTHER_ROWS
            or len(rows) > limits.MAX_GRID_ROWS
        ):
            raise TooManyRows(limit=limits.MAX_EMPLOYEES)
    while rows and not rows[-1]:
        rows.pop()
    return tuple(rows)


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return tuple(cells[:width])


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """The records, each with its place; a quote that never closes swallows the end mark."""
    ended = text if text.endswith(("\n", "\r")) or not text else text + "\n"
    number = 0
    previous: list[str] | None = None
    try:
        for cells in csv.reader(io.StringIO(ended + _END, newline=""), delimiter=delimiter):
            if previous is not None:
                yield previous
            previous = cells
            number += 1
    except csv.Error as error:  # a field above the csv module's own limit
        raise _too_long(ended, number + 1) from error
    if previous != [_END]:
        raise UnclosedQuote(row=number)


def _too_long(text: str, row: int) -> UnclosedQuote | CellTooLong:
    if text.count('"') % 2:
        return UnclosedQuote(row=row)
    return CellTooLong(row=row, limit=limits.MAX_CELL)


def _delimiter(text: str) -> str:
    """The delimiter under which most cells stand in rows of one width.

    A title above the list has fewer delimiters, and an address may hold another one.
    """
    return max(_DELIMITERS, key=lambda candidate: _regularity(text, candidate))


def _regularity(text: str, delimiter: str) -> int:
    sample = io.StringIO(text[:_SAMPLE_CHARACTERS], newline="")
    try:
        records = list(islice(csv.reader(sample, delimiter=delimiter), _SAMPLE_ROWS))
    except csv.Error:
        return 0
    widths = Counter(len(cells) for cells in records if any(cells) and len(cells) > 1)
    return max((width * count for width, count in widths.items()), default=0)
