"""A paper in words: a letter, a report, an extract of a register. Pure data and text."""

from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

from jinja2 import Environment, PackageLoader, StrictUndefined

MAX_ROWS: Final = 50_000


@dataclass(frozen=True, slots=True)
class Heading:
    """``level`` is 2 or 3: the paper's title is the only one of level 1."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``quiet`` stands back, as a remark does. Line breaks in ``text`` are kept."""

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """A list, each on a line of its own."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """(label, value) pairs."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of words. Each row is as long as ``columns``."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block: TypeAlias = Heading | Paragraph | Points | Facts | Grid


@dataclass(frozen=True, slots=True)
class PaperDocument:
    """``sender`` and ``recipient`` are lines of an address (a report has no recipient); ``facts``
    stand right under the title, as its date and reference do. ``signed`` are the lines below a
    letter, ``printed`` says in the foot what this is and when it was made, ``page`` is the word
    before the page's number. ``wide`` lays it across. All texts are in ``language``."""

    language: str
    title: str
    sender: tuple[str, ...]
    blocks: tuple[Block, ...]
    printed: str
    page: str
    recipient: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    signed: tuple[str, ...] = ()
    wide: bool = False


class TooLong(ValueError):
    """More rows than one paper takes."""


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("certificates", "design"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["kind"] = lambda block: type(block).__name__.lower()
    return made


def write_paper(paper: PaperDocument) -> str:
    """One HTML document; every value is escaped. Raises ``TooLong``."""
    rows = sum(len(block.rows) for block in paper.blocks if isinstance(block, Grid | Facts))
    if rows > MAX_ROWS:
        raise TooLong(f"{rows} rows, and {MAX_ROWS} are the most")
    return _templates().get_template("paper.html").render(paper=paper)
