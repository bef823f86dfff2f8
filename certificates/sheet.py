"""A sheet of counts for paper: a title, what it is about, tables of numbers. Pure data and text."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

MAX_ROWS: Final = 2_000


@dataclass(frozen=True, slots=True)
class SheetRow:
    """``numbers`` stand under the table's columns after the first two; ``strong`` stands out."""

    label: str
    mark: str
    numbers: tuple[int, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class SheetTable:
    """``columns`` head the numbers; ``first`` and ``mark`` the label and its short mark (empty: the
    table has no marks)."""

    caption: str
    first: str
    mark: str
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]


@dataclass(frozen=True, slots=True)
class SheetDocument:
    """``facts`` are (label, value); ``notes`` stand below; ``printed`` says when and by whom, and
    ``page`` is the word before the page's number. All texts are in ``language``."""

    language: str
    heading: str
    title: str
    version: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[SheetTable, ...]
    notes: tuple[str, ...]
    printed: str
    page: str


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("certificates", "design"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write_sheet(sheet: SheetDocument) -> str:
    """One HTML document; every value is escaped."""
    return _templates().get_template("sheet.html").render(sheet=sheet)
