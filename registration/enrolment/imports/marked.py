"""Tables in marked-up text, which many systems write and call ``.xls``: HTML and Excel 2003's XML.

Only the texts of cells are taken. Nothing is loaded, run or expanded.
"""

from __future__ import annotations

from html.parser import HTMLParser

from registration.enrolment.imports import limits
from registration.enrolment.imports.refusals import TooManyColumns, TooManyRows

_ROWS = frozenset({"tr", "row"})
_CELLS = frozenset({"td", "th", "cell"})
_TABLES = frozenset({"table", "worksheet"})
_BREAKS = frozenset({"br", "p", "div"})
_MAX_ROWS = limits.MAX_EMPLOYEES * 10
_UNSEEN = frozenset({"script", "style", "title", "comment"})


def read_tables(text: str) -> list[tuple[str, tuple[tuple[str, ...], ...]]]:
    """The tables with something in them, each with its name (often empty) and its rows."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.end_table()
    return [(name, tuple(rows)) for name, rows in reader.tables if any(rows)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[str, list[tuple[str, ...]]]] = []
        self._name = ""
        self._rows: list[tuple[str, ...]] = []
        self._cells: list[str] | None = None
        self._text: list[str] | None = None
        self._span = 1
        self._unseen = 0
        self._laid_out = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name.rpartition(":")[2]: value or "" for name, value in attrs}
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _TABLES:
            self.end_table()
            self._name = given.get("name", self._name)
        elif tag in _ROWS:
            self._end_row()
            missing = max(0, _number(given.get("index")) - 1 - len(self._rows))
            self._count(missing)
            self._rows += [()] * missing
            self._cells = []
        elif tag in _CELLS and self._cells is not None:
            self._end_cell()
            self._cells += [""] * (_number(given.get("index")) - 1 - len(self._cells))
            self._text = []
            self._span = max(
                1, _number(given.get("colspan")), _number(given.get("mergeacross")) + 1
            )
        elif tag in _BREAKS and self._text:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _CELLS:
            self._end_cell()
        elif tag in _ROWS:
            self._end_row()
        elif tag in _TABLES:
            self.end_table()

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._unseen:
            self._text.append(data)

    def _end_cell(self) -> None:
        if self._text is None or self._cells is None:
            return
        self._cells += ["".join(self._text).strip(), *[""] * (self._span - 1)]
        self._text = None
        if len(self._cells) > limits.MAX_GRID_COLUMNS:
            raise TooManyColumns(limit=limits.MAX_COLUMNS)

    def _end_row(self) -> None:
        self._end_cell()
        if self._cells is None:
            return
        while self._cells and not self._cells[-1]:
            self._cells.pop()
        self._rows.append(tuple(self._cells))
        self._cells = None
        self._count(1)

    def _count(self, rows: int) -> None:
        """Rows of all tables together, blank ones too, have a limit before they are laid out."""
        self._laid_out += rows
        if self._laid_out > _MAX_ROWS:
            raise TooManyRows(limit=limits.MAX_EMPLOYEES)

    def end_table(self) -> None:
        self._end_row()
        while self._rows and not self._rows[-1]:
            self._rows.pop()
        if self._rows:
            self.tables.append((self._name, self._rows))
            self._rows = []


def _number(text: str | None) -> int:
    """Small whole numbers; anything else counts as none, so that no index makes a file large."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 5 else 0
