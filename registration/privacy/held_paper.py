"""What is held on a person, as a paper to read: from the same words as the page (P11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from registration.i18n import _, format_moment, format_number, language, ngettext
from registration.press import Block, Facts, Grid, Heading, PaperDocument, Paragraph
from registration.privacy.held import Held, HeldRow, HeldTable
from registration.settings import Organisation

# Of each table the newest so many; a paper of thousands of pages helps nobody to read.
ROWS = 100
FEW_COLUMNS = 5
LONG = 300


def paper_of(held: Held, *, name: str, house: Organisation, now: datetime) -> PaperDocument:
    """In the language now spoken. ``name`` is whose data it is."""
    return PaperDocument(
        language=language(),
        title=_("Everything that we hold on you"),
        sender=tuple(line for line in (house.name, *house.address.splitlines()) if line),
        facts=((_("Person"), name), (_("As it was on"), format_moment(now))),
        blocks=tuple(_blocks(held)),
        printed=_("Printed on {when}", when=format_moment(now)),
        page=_("Page"),
    )


def _blocks(held: Held) -> Iterator[Block]:
    yield Paragraph(
        _(
            "Food restrictions are part of no file. Those that you gave for an event are shown "
            "on your own pages until they delete themselves."
        )
    )
    for table in held.tables:
        yield from _table(table)


def _table(table: HeldTable) -> Iterator[Block]:
    yield Heading(table.heading)
    if about := about_table(table):
        yield Paragraph("\n".join(about), quiet=True)
    if table.more:
        yield Paragraph(more_than_printed(table))
    columns = tuple(dict.fromkeys(label for row in table.rows for label, _value in row.facts))
    if len(table.rows) > 1 and len(columns) <= FEW_COLUMNS:
        rows = tuple(_cells(row, columns) for row in table.rows)
        yield Grid(caption=table.heading, columns=columns, rows=rows)
        return
    for number, row in enumerate(table.rows, start=1):
        if len(table.rows) > 1:
            yield Heading(f"{number}. {row.facts[0][1][:120]}", level=3)
        short = tuple(fact for fact in row.facts if not _is_long(fact[1]))
        yield Facts(short)
        for label, text in row.facts:
            if _is_long(text):
                yield Paragraph(f"{label}:\n{text}")


def _is_long(text: str) -> bool:
    """A letter does not fit beside its label, nor on what is left of a page."""
    return len(text) > LONG or "\n" in text


def about_table(table: HeldTable) -> list[str]:
    """What it is for, on what ground and how long, a line each."""
    lines = []
    if table.purpose:
        lines.append(_("What for: {purpose}", purpose=table.purpose))
    if table.ground:
        lines.append(_("On what ground: {basis}", basis=table.ground))
    if table.kept:
        lines.append(_("How long: {kept}", kept=table.kept))
    return lines


def more_than_printed(table: HeldTable) -> str:
    said = ngettext(
        "The newest of {total} are here; {num} more is in the file that programs read (JSON).",
        "The newest of {total} are here; {num} more are in the file that programs read (JSON).",
        table.more,
    )
    return said.format(total=format_number(table.total), num=format_number(table.more))


def _cells(row: HeldRow, columns: tuple[str, ...]) -> tuple[str, ...]:
    held = dict(row.facts)
    return tuple(held.get(column, "–") for column in columns)
