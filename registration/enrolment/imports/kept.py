"""What is kept of a file while its coordinator works on it: the cells of sheets with people.

Never the file itself, and never what ``withheld`` takes out.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from registration.enrolment.imports.columns import find_columns, holds_address
from registration.enrolment.imports.fields import Withheld
from registration.enrolment.imports.sheets import check_sheet, read_sheets
from registration.enrolment.imports.withheld import strip


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """``rows`` as in ``Sheet``; ``people`` counts rows with an e-mail address, ``hidden`` holds
    the numbers of rows that the program hides."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    people: int
    withheld: tuple[Withheld, ...]
    blanked: int
    hidden: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Kept:
    """The sheets to choose from, never none, and the names of those without people."""

    sheets: tuple[KeptSheet, ...]
    without_people: tuple[str, ...]


_KEPT: TypeAdapter[Kept] = TypeAdapter(Kept)


def open_file(content: bytes, filename: str) -> Kept:
    """What may be kept of the file. Raises the refusals of this package."""
    sheets = read_sheets(content, filename)
    told = [(sheet, sum(map(holds_address, sheet.rows))) for sheet in sheets]
    found = [(sheet, people, find_columns(sheet.rows)) for sheet, people in told]
    peopled = [one for one in found if one[1] or one[2].score]
    if not peopled:  # somebody has to say what is what: the fullest is shown
        peopled = [max(found, key=lambda one: sum(map(len, one[0].rows)))]
    for sheet, _people, _columns in peopled:
        if len(peopled) == 1:
            check_sheet(sheet)
    kept: list[KeptSheet] = []
    for sheet, people, columns in peopled:
        clean = strip(sheet.rows, columns)
        kept.append(
            KeptSheet(sheet.name, clean.rows, people, clean.withheld, clean.blanked, sheet.hidden)
        )
    names = {sheet.name for sheet in kept}
    return Kept(tuple(kept), tuple(one.name for one in sheets if one.name not in names))


def pack(kept: Kept) -> bytes:
    return zlib.compress(_KEPT.dump_json(kept), 1)


def unpack(packed: bytes) -> Kept:
    return _KEPT.validate_json(zlib.decompress(packed))


def cells_of(kept: Kept, sheet: str) -> Sequence[tuple[str, ...]]:
    """The rows of a sheet; row 1 is the first."""
    return next((one.rows for one in kept.sheets if one.name == sheet), ())
