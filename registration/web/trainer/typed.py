"""The form of outcomes: what stood in it, what was typed, and the rows that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from registration.catalogue.rules import GradeScale
from registration.edge import Posted
from registration.teaching.deciding import looks_completed
from registration.teaching.rules import DayOf, Recorded
from registration.teaching.service import Participant

PRESENT, ABSENT = "1", "0"
YES, NO, NO_SHOW = "yes", "no", "no_show"
RESULTS = {YES: True, NO: False}
LONGEST = 20
LONGEST_REASON = 300  # more than is taken, so that it is refused and not cut


@dataclass(frozen=True, slots=True)
class TypedRow:
    """One person's line as text. ``marks`` has "1", "0" or "" a day; ``result`` is "yes", "no",
    "no_show" or ""; ``was`` is the line as it was sent to the browser; ``because`` says why the
    result is against the training's rule."""

    place_id: str
    version: str
    marks: tuple[str, ...]
    grade: str
    result: str
    was: str
    because: str = ""

    @property
    def now(self) -> str:
        return "|".join((",".join(self.marks), self.grade, self.result, self.because))

    @property
    def changed(self) -> bool:
        return self.now != self.was

    def asked(self, days: Sequence[DayOf]) -> dict[str, object]:
        """The line as ``OutcomeRow`` takes it: only what differs from what stood."""
        marks, grade, result, because = (*self.was.split("|", 3), "", "", "", "")[:4]
        before = (*marks.split(","), *[""] * len(days))
        given: dict[str, object] = {"place_id": self.place_id, "version": self.version}
        given["attendance"] = {
            str(day.id): {PRESENT: True, ABSENT: False}.get(mark)
            for day, mark, stood in zip(days, self.marks, before, strict=False)
            if mark != stood
        }
        if self.grade != grade:
            given["grade"] = self.grade
        if (self.result, self.because) != (result, because):
            given["completed"] = RESULTS.get(self.result)
            given["no_show"] = self.result == NO_SHOW
            if self.because and self.result in RESULTS:
                given["because"] = self.because
        return given


def read_rows(posted: Posted, days: Sequence[DayOf]) -> list[TypedRow]:
    """The lines in their order; ends at the first that is missing."""
    rows: list[TypedRow] = []
    while f"p{len(rows)}" in posted:
        at = len(rows)
        marks = [posted.get(f"d{at}-{day}", "") for day in range(len(days))]
        result = posted.get(f"r{at}", "")
        rows.append(
            TypedRow(
                posted[f"p{at}"],
                posted.get(f"v{at}", ""),
                tuple(mark if mark in {PRESENT, ABSENT} else "" for mark in marks),
                posted.get(f"g{at}", "").strip()[:LONGEST],
                result if result in {YES, NO, NO_SHOW} else "",
                posted.get(f"w{at}", ""),
                " ".join(posted.get(f"b{at}", "").split())[:LONGEST_REASON],
            )
        )
    return rows


def row_of(person: Participant, days: Sequence[DayOf]) -> TypedRow:
    """The line of what is on record."""
    stands = person.recorded
    marks = tuple(
        {True: PRESENT, False: ABSENT, None: ""}[stands.attendance.get(day.id)] for day in days
    )
    result = {True: YES, False: NO, None: ""}[stands.completed]
    result = NO_SHOW if stands.no_show else result
    place, version = str(person.place_id), str(person.version)
    row = TypedRow(place, version, marks, stands.grade, result, "", stands.because)
    return replace(row, was=row.now)


def present_on(rows: Sequence[TypedRow], day: int) -> list[TypedRow]:
    """Everybody of whom nothing is said yet was there on that day."""
    return [
        replace(row, marks=(*row.marks[:day], PRESENT, *row.marks[day + 1 :]))
        if day < len(row.marks) and not row.marks[day] and row.result != NO_SHOW
        else row
        for row in rows
    ]


def completed(rows: Sequence[TypedRow], days: Sequence[DayOf], scale: GradeScale) -> list[TypedRow]:
    """Who was there on every day and did not fail has completed, unless it was said otherwise."""
    return [
        replace(row, result=YES)
        if not row.result and looks_completed(_recorded(row, days), days=days, scale=scale)
        else row
        for row in rows
    ]


def _recorded(row: TypedRow, days: Sequence[DayOf]) -> Recorded:
    attendance: dict[UUID, bool] = {
        day.id: mark == PRESENT for day, mark in zip(days, row.marks, strict=False) if mark
    }
    return Recorded(attendance, row.grade.lower())
