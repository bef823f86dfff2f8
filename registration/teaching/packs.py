"""What a pack is made of, in the reader's words: its fields, its rows, its watermark. Pure.

``pack_files`` writes it for spreadsheets and programs, ``pack_sheet`` for paper.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from registration.catalogue.rules import GradeScale
from registration.i18n import N_, _, format_moment
from registration.teaching.rules import PackField, PackFormat, PackPurpose

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")

PURPOSE_NAMES: Mapping[PackPurpose, str] = {
    PackPurpose.ATTENDANCE: N_("Attendance list"),
    PackPurpose.CERTIFICATE: N_("Data for certificates"),
    PackPurpose.PERMIT: N_("Data for permits"),
}
FIELD_NAMES: Mapping[PackField, str] = {
    PackField.NAME: N_("Name"),
    PackField.COMPANY: N_("Company"),
    PackField.TRAINING: N_("Training"),
    PackField.DATES: N_("Dates"),
    PackField.GRADE: N_("Grade"),
    PackField.COMPLETED: N_("Completed"),
}
# Where each comes from, as (table, column): the data map says of each for which packs it may.
COLUMNS: Mapping[PackField, tuple[tuple[str, str], ...]] = {
    PackField.NAME: (("person", "first_name"), ("person", "last_name")),
    PackField.COMPANY: (("person", "company_name"), ("company", "name")),
    PackField.TRAINING: (("training", "title"),),
    PackField.DATES: (("session_day", "starts_at"),),
    PackField.GRADE: (("outcome", "grade"),),
    PackField.COMPLETED: (("outcome", "completed"),),
}
GIVEN_FOR: Mapping[PackPurpose, str] = {
    PackPurpose.ATTENDANCE: N_("to call the roll"),
    PackPurpose.CERTIFICATE: N_("to issue certificates"),
    PackPurpose.PERMIT: N_("to issue permits"),
}
MEDIA_TYPES: Mapping[PackFormat, str] = {
    PackFormat.CSV: "text/csv; charset=utf-8",
    PackFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PackFormat.PDF: "application/pdf",
    PackFormat.JSON: "application/json",
}


@dataclass(frozen=True, slots=True)
class PackFile:
    content: bytes
    media_type: str
    file_name: str


@dataclass(frozen=True, slots=True)
class PackRow:
    """One person as any pack could show them; the purpose decides what of it is written."""

    name: str
    company: str
    grade: str
    completed: bool | None


@dataclass(frozen=True, slots=True)
class PackContent:
    """``dates`` are the days in order, where the session is held; texts are in the language of
    the reader except ``title``, which JSON gives in all. ``trainer`` took it for ``recipient``,
    and may keep it until ``ends_at``."""

    id: UUID
    purpose: PackPurpose
    session_id: UUID
    title: Mapping[str, str]
    training: str
    slug: str
    dates: tuple[date, ...]
    zone: str
    scale: GradeScale
    recipient: str
    trainer: str
    made_at: datetime
    ends_at: datetime
    rows: tuple[PackRow, ...]


def file_name(content: PackContent, format: PackFormat) -> str:
    return f"{content.purpose}-{content.dates[0].isoformat()}-{_plain(content.slug)}.{format}"


def _plain(slug: str) -> str:
    return re.sub(r"[^a-z0-9-]", "", slug)[:60]


@dataclass(frozen=True, slots=True)
class Watermark:
    """What every copy says of itself: to whom, when and for what it was given; until when it may
    be kept; which it is."""

    given: str
    kept: str
    pack: str

    @property
    def line(self) -> str:
        return f"{self.given} {self.kept} {self.pack}"


def watermark(content: PackContent) -> Watermark:
    """In the language now spoken."""
    zone = ZoneInfo(content.zone)
    return Watermark(
        _(
            "Given to {trainer}, {recipient}, on {when} {purpose}.",
            trainer=content.trainer,
            recipient=content.recipient,
            when=format_moment(content.made_at, zone=zone),
            purpose=_(GIVEN_FOR[content.purpose]),
        ),
        _("Destroy it by {when} at the latest.", when=format_moment(content.ends_at, zone=zone)),
        _("Pack {id}", id=str(content.id)),
    )


def grade_words(grade: str, scale: GradeScale) -> str:
    """A grade as people read it, in the language now spoken."""
    if scale is GradeScale.PASS_FAIL:
        return {"pass": _("Passed"), "fail": _("Failed")}.get(grade, "")
    return f"{grade} %" if grade and scale is GradeScale.PERCENT else grade


def completed_words(value: bool) -> str:
    return _("Yes") if value else _("No")


def defused(text: str) -> str:
    """A cell that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text
