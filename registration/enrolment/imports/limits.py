"""How much a file may hold, so that a hostile one costs no more than an honest one."""

from __future__ import annotations

from registration.enrolment.imports.refusals import TooManyColumns, TooManyRows

MEGABYTE = 1024 * 1024
MAX_FILE = 10 * MEGABYTE
MAX_UNPACKED = 64 * MEGABYTE
MAX_RATIO = 300
RATIO_COUNTS_FROM = 16 * MEGABYTE
MAX_PARTS = 2_000

MAX_EMPLOYEES = 10_000
MAX_OTHER_ROWS = 100  # titles, headings and totals beside them
MAX_COLUMNS = 100
MAX_CELL = 32_767  # Excel's own limit
MAX_SHEETS = 50

MAX_GRID_ROWS = 1_048_576  # Excel's last row
MAX_GRID_COLUMNS = 16_384  # Excel's last column
MAX_GRID_AREA = 2_000_000


def check_area(rows: int, columns: int, *, spent: int = 0) -> int:
    """The area of a sheet; refused if the workbook would be laid out in memory as too many cells.

    ``rows`` and ``columns`` reach from A1 to the last filled cell, counted from 1; ``spent`` is
    the area of the sheets before it.
    """
    area = rows * columns
    if spent + area <= MAX_GRID_AREA:
        return area
    if rows > MAX_EMPLOYEES or spent:
        raise TooManyRows(limit=MAX_EMPLOYEES)
    raise TooManyColumns(limit=MAX_COLUMNS)
