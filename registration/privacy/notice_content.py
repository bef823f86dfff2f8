"""The whole of the notice as it stands at one moment, and how two such differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

import orjson
from pydantic import TypeAdapter

from registration.i18n import LANGUAGES, N_, _, language, speaking
from registration.privacy.datamap import Kind, Table, personal
from registration.privacy.datamap.parties import Category
from registration.privacy.notice import Line, Mark, Tables, Transfer, detail_lines, notice_lines
from registration.privacy.notice_words import SITUATIONS
from registration.settings import Organisation


@dataclass(frozen=True, slots=True)
class Texts:
    """The notice and the whole list, in one language."""

    notice: tuple[Line, ...]
    details: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class TableMark:
    """By this a table's change is seen, whatever words are used of it. ``headings`` are by
    language, ``aspects`` say what it holds, what for, and so on."""

    headings: Mapping[str, str]
    categories: tuple[str, ...]
    aspects: Mapping[str, str]


@dataclass(frozen=True)
class Content:
    """``texts`` by language, ``tables`` by their names."""

    texts: Mapping[str, Texts]
    tables: Mapping[str, TableMark]

    @cached_property
    def as_json(self) -> bytes:
        return orjson.dumps({"texts": self.texts, "tables": self.tables})

    @cached_property
    def digest(self) -> str:
        return sha256(self.as_json).hexdigest()

    def in_language(self, code: str) -> Texts:
        """In the first language there is, where this one was not offered then."""
        found = next((each for each in (code, *LANGUAGES) if each in self.texts), "")
        return self.texts.get(found, Texts((), ()))


_READER = TypeAdapter(Content)


def read_content(stored: str) -> Content:
    """What ``as_json`` wrote."""
    return _READER.validate_json(stored)


def content_of(
    house: Organisation, transfers: Sequence[Transfer] = (), *, tables: Tables | None = None
) -> Content:
    """What the data map, the organisation and the register of recipients say now."""
    held = personal() if tables is None else tables
    texts: dict[str, Texts] = {}
    headings: dict[str, dict[str, str]] = {name: {} for name in held}
    for code in LANGUAGES:
        with speaking(code):
            texts[code] = Texts(
                notice_lines(house, transfers, tables=held), detail_lines(house, tables=held)
            )
            for name, table in held.items():
                headings[name][code] = _(table.heading)
    marks = {name: _mark(table, headings[name], house) for name, table in held.items()}
    return Content(texts, marks)


def _mark(table: Table, headings: Mapping[str, str], house: Organisation) -> TableMark:
    told = sorted(
        f"{kind}:{name}"
        for name, kind in table.columns.items()
        if kind not in {Kind.LINK, Kind.NONE}
    )
    periods = [f"{name}={getattr(house.retention, name)}" for name in table.keep.periods]
    return TableMark(
        headings,
        tuple(table.categories),
        {
            "people": " ".join(table.categories),
            "what": " ".join(told),
            "purpose": table.purpose,
            "basis": table.basis or "",
            "kept": " ".join((table.keep.said, *periods)),
            "receivers": " ".join(table.receivers or ()),
        },
    )


# As they stand after "Your places:".
ASPECT_NAMES: Mapping[str, str] = {
    "people": N_("about whom"),
    "what": N_("what we hold"),
    "purpose": N_("what for"),
    "basis": N_("on what ground"),
    "kept": N_("how long"),
    "receivers": N_("who gets it"),
}
_OF_TABLES = frozenset({*(each.key for each in SITUATIONS), "receivers"})


def changes(before: Content, after: Content) -> list[str]:
    """What is another than before, a sentence each, in the language now spoken."""
    code = language()
    old, new = before.tables, after.tables
    said = [_("New: {what}", what=_named(new[name], code)) for name in new if name not in old]
    for name in new:
        aspects = _differing(old.get(name), new[name])
        if aspects:
            words = ", ".join(_(ASPECT_NAMES[each]) for each in aspects)
            said.append(_("{what}: {aspects}", what=_named(new[name], code), aspects=words))
    said += [
        _("We no longer hold this: {what}", what=_named(old[name], code))
        for name in old
        if name not in new
    ]
    said += [
        _("The words under “{part}”", part=heading)
        for heading in _reworded(before, after, code, tables_changed=bool(said))
    ]
    return said


def _named(table: TableMark, code: str) -> str:
    return table.headings.get(code) or next(iter(table.headings.values()), "")


def _differing(old: TableMark | None, new: TableMark) -> list[str]:
    if old is None:
        return []
    return [name for name in new.aspects if new.aspects[name] != old.aspects.get(name)]


def _reworded(before: Content, after: Content, code: str, *, tables_changed: bool) -> list[str]:
    """Headings of the sections whose words differ. Those that are made of tables differ where a
    table does, and are not told of a second time."""
    old = dict(_by_section(before.in_language(code).notice))
    new = dict(_by_section(after.in_language(code).notice))
    return [
        found[0].text
        for key, found in {**old, **new}.items()
        if old.get(key) != new.get(key) and not (tables_changed and key in _OF_TABLES)
    ]


def _by_section(lines: Sequence[Line]) -> Iterator[tuple[str, list[Line]]]:
    starts = [at for at, line in enumerate(lines) if line.mark is Mark.SECTION]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start].link, list(lines[start:end])


def concerned(before: Content, after: Content) -> tuple[Category, ...]:
    """Whom the change is about: the people of the tables that differ, and everybody when words
    differ that are said to all."""
    old, new = before.tables, after.tables
    found: set[str] = set()
    for name in {*old, *new}:
        was, stands = old.get(name), new.get(name)
        if was is None or stands is None or _differing(was, stands):
            found.update(*(each.categories for each in (was, stands) if each))
    if any(_reworded(before, after, code, tables_changed=bool(found)) for code in LANGUAGES):
        return tuple(Category)
    return tuple(each for each in Category if each in found)


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    GONE = "gone"


def compared(before: Sequence[Line], after: Sequence[Line]) -> list[tuple[Change, Line]]:
    """Every line of both, in order, and what became of it."""
    said: list[tuple[Change, Line]] = []
    for _tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if before[a:b] == after[c:d]:
            said += [(Change.SAME, line) for line in after[c:d]]
        else:
            said += [(Change.GONE, line) for line in before[a:b]]
            said += [(Change.ADDED, line) for line in after[c:d]]
    return said
