"""A person whose data is deleted is on no uploaded list any more, also while it is being enrolled.

Who is meant is decided as everywhere: by address and name together, for companies share addresses.
A list under way goes on without the row, so that nobody is enrolled by an order from before.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from registration.enrolment.enrolling import LISTED, TALLY, Outcome
from registration.enrolment.imports.fields import EmployeeRow, Layout
from registration.enrolment.imports.kept import Kept, KeptSheet, pack, unpack
from registration.enrolment.known import MARKS
from registration.enrolment.models import Upload
from registration.enrolment.uploads import UploadState, packed, unpacked
from registration.enrolment.worklist import RowState, Worklist
from registration.people.rules import name_key


@dataclass(frozen=True, slots=True)
class Listed:
    """Who is taken off the lists."""

    person_id: UUID
    first_name: str
    last_name: str
    email: str

    @property
    def key(self) -> str:
        return name_key(self.first_name, self.last_name)

    def is_row(self, row: EmployeeRow) -> bool:
        own = row.email.casefold() == self.email.casefold()
        return own and name_key(row.first_name, row.last_name) == self.key

    def in_cells(self, cells: Iterable[str]) -> bool:
        """Whether the texts hold the address and both names, wherever they stand."""
        text = _plain(" ".join(cells))
        return _plain(self.email) in _ADDRESS.findall(text) and self.named_in(text)

    def named_in(self, text: str) -> bool:
        said = _plain(text)
        return all(
            re.search(rf"(?<!\w){re.escape(_plain(part))}(?!\w)", said)
            for part in (self.first_name, self.last_name)
        )

    def is_named(self, name: str) -> bool:
        return name_key(name, "") == self.key


_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


async def take_off_lists(person: Listed) -> int:
    """No list that a company uploaded says anything of the person; says how many did. First in the
    caller's transaction: a step of a list under way is waited for, and what it did is seen."""
    changed = 0
    for upload_id in await Upload.all().order_by("id").values_list("id", flat=True):
        row = await Upload.filter(id=upload_id).select_for_update().first()
        if row is not None and await _take_off(row, person):
            changed += 1
    return changed


async def _take_off(row: Upload, person: Listed) -> bool:
    new: dict[str, object] = {}
    numbers: set[int] = set()
    sheet = ""
    if row.reading and row.state == UploadState.DONE.value:
        done = LISTED.validate_json(zlib.decompress(bytes(row.reading)))
        left = _outcome_without(done, person)
        if left != done:
            new["reading"] = zlib.compress(LISTED.dump_json(left), 1)
    elif row.reading:
        work = unpacked(bytes(row.reading))
        numbers, sheet = rows_of(work, person), work.layout.sheet
        new |= _worklist_changes(row, work, person)
    if row.kept:
        kept = unpack(bytes(row.kept))
        bare = Kept(
            tuple(
                _without_in_sheet(each, person, numbers if each.name == sheet else set())
                for each in kept.sheets
            ),
            kept.without_people,
        )
        if bare != kept:
            new["kept"] = pack(bare)
    if person.named_in(row.file_name):
        new["file_name"] = "-"
    if new:
        await Upload.filter(id=row.id).update(**new)
    return bool(new)


def _worklist_changes(row: Upload, work: Worklist, person: Listed) -> dict[str, object]:
    """While it is being enrolled, how far it is counts rows: those that were before are taken off
    that number too."""
    after = without(work, person)
    if after == work:
        return {}
    if row.state != UploadState.ENROLLING.value:
        return {"reading": packed(after)}
    before = [one.row_number for one in work.in_state(RowState.READY)]
    ready = {one.row_number for one in after.in_state(RowState.READY)}
    # A question that went with the person was not answered: nobody ordered that row to be enrolled.
    after = replace(after, left_out=after.left_out | (ready - set(before)))
    left = ready & set(before)
    done = sum(number in left for number in before[: row.done])
    new: dict[str, object] = {"reading": packed(after), "total": len(left), "done": done}
    if row.tally:
        tally = TALLY.validate_json(bytes(row.tally))
        refused = {number: why for number, why in tally.refused.items() if number in left}
        new["tally"] = TALLY.dump_json(replace(tally, refused=refused))
    return new


def rows_of(work: Worklist, person: Listed) -> set[int]:
    """The numbers of the rows that are the person's, those that are no further persons too."""
    found = {
        row.row_number
        for row in work.rows
        if person.is_row(row) or person.in_cells(row.cells) or _is_same(work, row, person)
    }
    return found | {row.row_number for row in work.skipped if person.in_cells(row.cells)}


def _is_same(work: Worklist, row: EmployeeRow, person: Listed) -> bool:
    known = work.known.get(row.row_number)
    return row.row_number in work.same and known is not None and known.person_id == person.person_id


def without(work: Worklist, person: Listed) -> Worklist:
    """The list without the person's rows, and without a word that another row may mean them."""
    gone = rows_of(work, person)
    meant = {number for number, one in work.known.items() if one.person_id == person.person_id}
    if not (gone or meant) and not any(_asks_of(row, person) for row in work.rows):
        return replace(work, layout=_layout_without(work.layout, gone, person))
    return replace(
        work,
        layout=_layout_without(work.layout, gone, person),
        rows=tuple(
            _unmarked(row, meant, person) for row in work.rows if row.row_number not in gone
        ),
        skipped=tuple(row for row in work.skipped if row.row_number not in gone),
        left_out=work.left_out - gone,
        taken=work.taken - gone,
        agreed={number: codes for number, codes in work.agreed.items() if number not in gone},
        known={number: one for number, one in work.known.items() if number not in gone | meant},
        same=work.same - gone - meant,
    )


def _asks_of(row: EmployeeRow, person: Listed) -> bool:
    return any(
        one.code in MARKS and person.is_named(one.params.get("name", "")) for one in row.problems
    )


def _unmarked(row: EmployeeRow, meant: set[int], person: Listed) -> EmployeeRow:
    """Without the question whether it is the person."""
    if row.row_number not in meant and not _asks_of(row, person):
        return row
    return replace(row, problems=tuple(one for one in row.problems if one.code not in MARKS))


def _layout_without(layout: Layout, gone: set[int], person: Listed) -> Layout:
    return replace(
        layout,
        preview=tuple(_blank_cells(cells, person) for cells in layout.preview),
        top=tuple(
            (number, "" if number in gone or person.in_cells([text]) else text)
            for number, text in layout.top
        ),
    )


def _blank_cells(cells: Sequence[str], person: Listed) -> tuple[str, ...]:
    return ("",) * len(cells) if person.in_cells(cells) else tuple(cells)


def _without_in_sheet(sheet: KeptSheet, person: Listed, numbers: set[int]) -> KeptSheet:
    """Rows keep their numbers: the person's are empty."""
    rows = tuple(
        ("",) * len(cells) if number in numbers else _blank_cells(cells, person)
        for number, cells in enumerate(sheet.rows, start=1)
    )
    return replace(sheet, rows=rows)


def _outcome_without(done: Outcome, person: Listed) -> Outcome:
    return replace(done, left=tuple(row for row in done.left if not person.in_cells(row.cells)))
