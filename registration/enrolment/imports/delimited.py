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
_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff]+[A-Za-z]*")
_WRAPPED = re.compile(r'"(?:[^"]|"")*[;,\t](?:[^"]|"")*"')
_NORDIC = "åäöÅÄÖéüøæ"
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
        return _one_byte(content)
    return "utf-8"


def _one_byte(content: bytes) -> str:
    """Which letters the bytes above ASCII are: those that make nearly all of them Nordic.

    Windows-1252 unless an old Macintosh or DOS program tells otherwise.
    """
    sample = b" ".join(_WORD.findall(content)[:2_000])
    high = sum(byte > 127 for byte in sample)
    for encoding in ("cp1252", "mac_roman", "cp850"):
        text = sample.decode(encoding, "replace")
        if sum(map(text.count, _NORDIC)) * 10 >= high * 8:
            return encoding
    return "cp1252"


def read_rows(text: str) -> tuple[tuple[str, ...], ...]:
    """The rows of delimited text, as a spreadsheet program would number them.

    A ``sep=`` line names the delimiter and is no row. Blank rows are empty tuples; trailing
    empty cells and rows are gone.
    """
    if (named := _SEPARATOR_LINE.match(text)) is not None:
        text = text[named.end() :]
    if named is None:
        text = _unwrapped(text)
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


def _unwrapped(text: str) -> str:
    """The text without the quotes that some programs put around each whole line."""
    lines = text.splitlines()
    wrapped = [line for line in lines if _WRAPPED.fullmatch(line)]
    if len(wrapped) < 2 or len(wrapped) * 10 < sum(map(bool, lines)) * 9:
        return text
    return "\n".join(
        line[1:-1].replace('""', '"') if _WRAPPED.fullmatch(line) else line for line in lines
    )


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
        for cells in _reader(ended + _END, delimiter):
            if previous is not None:
                yield previous
            previous = cells
            number += 1
    except csv.Error as error:  # a field above the csv module's own limit
        raise _too_long(ended, number + 1) from error
    if previous != [_END]:
        raise UnclosedQuote(row=number)


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    """A blank before an opening quote is no part of the cell."""
    lines = io.StringIO(text, newline="")
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True)


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
    try:
        records = list(islice(_reader(text[:_SAMPLE_CHARACTERS], delimiter), _SAMPLE_ROWS))
    except csv.Error:
        return 0
    widths = Counter(len(cells) for cells in records if any(cells) and len(cells) > 1)
    return max((width * count for width, count in widths.items()), default=0)
