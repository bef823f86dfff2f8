"""The privacy notice, made from the data map (P19): lines for a page, a file and the command line.

It speaks by what brings a person here, so that each reads the few parts that are about them; what
several tables have in common is said once. ``notice_details`` is the same table by table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from babel import Locale

from registration.i18n import _, language, speaking
from registration.privacy.datamap import KIND_NAMES, Kind, Table, kept_words, personal
from registration.privacy.datamap.parties import (
    ACTIVITY_NAMES,
    CATEGORY_NAMES,
    OF_ALL,
    RECEIVER_NAMES,
    Activity,
    Receiver,
)
from registration.privacy.notice_words import (
    BASIS_NAMES,
    CHANGES,
    COMPLAIN,
    COOKIES,
    DECISIONS,
    HOW_TO_ASK,
    IN_SHORT,
    INSIDE,
    NEEDED,
    OUTSIDE,
    RECEIVER_SAYS,
    RIGHTS,
    SITUATIONS,
    Situation,
)
from registration.settings import Organisation


class Mark(StrEnum):
    """What a line is. A section's and a part's ``link`` is the name by which it is led to."""

    SECTION = "section"
    PART = "part"
    TEXT = "text"
    POINT = "point"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph, point, fact or heading, in one language. ``label`` stands before it; ``link``
    is where the label, or the text if there is none, leads."""

    mark: Mark
    text: str
    label: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Trainers' firms in a country outside the EEA may be given data, under ``safeguard``."""

    country: str
    safeguard: str


Tables = Mapping[str, Table]


def notice_lines(
    house: Organisation, transfers: Sequence[Transfer] = (), *, tables: Tables | None = None
) -> tuple[Line, ...]:
    """The notice in the language now spoken, made of the data map's ``tables``."""
    held = personal() if tables is None else tables
    return (
        *_in_short(),
        *_responsible(house),
        *(line for each in SITUATIONS for line in _situation(each, held, house)),
        *_receivers(held, transfers),
        *_rights(house),
        Line(Mark.SECTION, _("What you must tell us"), link="needed"),
        Line(Mark.TEXT, _(NEEDED)),
        Line(Mark.SECTION, _("What programs decide"), link="decisions"),
        Line(Mark.TEXT, _(DECISIONS)),
        Line(Mark.SECTION, _("Cookies"), link="cookies"),
        Line(Mark.TEXT, _(COOKIES)),
        Line(Mark.SECTION, _("When this changes"), link="changes"),
        Line(Mark.TEXT, _(CHANGES)),
    )


def _in_short() -> Iterable[Line]:
    yield Line(Mark.SECTION, _("In short"), link="short")
    for text in IN_SHORT:
        yield Line(Mark.POINT, _(text))


def _responsible(house: Organisation) -> Iterable[Line]:
    yield Line(Mark.SECTION, _("Who is responsible"), link="responsible")
    number = f" ({house.business_id})" if house.business_id else ""
    yield Line(Mark.FACT, house.name + number, _("Controller"))
    yield Line(Mark.FACT, house.address, _("Address"))
    yield Line(Mark.FACT, house.privacy_contact, _("Privacy contact"))
    yield Line(Mark.FACT, house.privacy_email, _("E-mail"), f"mailto:{house.privacy_email}")


def _situation(situation: Situation, held: Tables, house: Organisation) -> Iterable[Line]:
    told = [each for each in situation.activities if tables_of(each, held)]
    if not told:
        return
    yield Line(Mark.SECTION, _(situation.heading), link=situation.key)
    yield Line(Mark.TEXT, _(situation.source))
    for activity in told:
        yield from _part(activity, tables_of(activity, held), house)
    if situation is SITUATIONS[0] or situation is SITUATIONS[-1]:
        return
    beside = [each for each in _told_elsewhere(situation, held) if each not in told]
    if beside:
        yield Line(Mark.TEXT, _("This is about you too:"))
        for activity in beside:
            yield Line(Mark.POINT, _(ACTIVITY_NAMES[activity][0]), link=f"#{activity}")


def _told_elsewhere(situation: Situation, held: Tables) -> list[Activity]:
    """What is told of trainings and events though it is about people in this situation, too. The
    last part says of itself that it is about everybody."""
    return [
        activity
        for other in SITUATIONS[:2]
        for activity in other.activities
        if any(situation.categories & {*table.categories} for table in tables_of(activity, held))
    ]


def tables_of(activity: Activity, held: Tables) -> list[Table]:
    return [table for table in held.values() if table.activity is activity]


def _part(activity: Activity, tables: Sequence[Table], house: Organisation) -> Iterable[Line]:
    """One thing that we do with data: what is the same for all its tables is said once."""
    yield Line(Mark.PART, _(ACTIVITY_NAMES[activity][0]), link=activity.value)
    brief = activity is not Activity.CONTACT
    yield _fact(_("What"), *kinds_of(tables, brief=brief))
    purposes = unique(_(table.purpose) for table in tables)
    kept = unique(kept_words(table, house.retention) for table in tables)
    if len(purposes) == 1:
        yield _fact(_("What for"), *purposes)
    yield _fact(_("On what ground"), *bases_of(tables))
    if len(kept) == 1:
        yield _fact(_("How long"), *kept)
    receivers = [each for each in receivers_of(tables) if each not in OF_ALL]
    if receivers:
        yield _fact(_("Who gets it"), *(_(RECEIVER_NAMES[each]) for each in receivers))
    if len(purposes) > 1 or len(kept) > 1:
        yield from _apart(tables, house, one_purpose=len(purposes) == 1, one_end=len(kept) == 1)


def _fact(label: str, *words: str) -> Line:
    return Line(Mark.FACT, upper_first("; ".join(words)), label)


def _apart(
    tables: Sequence[Table], house: Organisation, *, one_purpose: bool, one_end: bool
) -> Iterable[Line]:
    """What differs from table to table; those that agree share a point."""
    groups: dict[tuple[str, str], list[str]] = {}
    for table in tables:
        said = (_(table.purpose), kept_words(table, house.retention))
        groups.setdefault(said, []).append(_(table.heading))
    for (purpose, kept), headings in groups.items():
        if one_purpose:
            text = kept
        elif one_end:
            text = purpose
        else:
            text = _("{purpose}. How long: {kept}.", purpose=purpose, kept=kept)
        yield Line(Mark.POINT, text, ", ".join((headings[0], *map(lower_first, headings[1:]))))


def kinds_of(tables: Iterable[Table], *, brief: bool = False) -> list[str]:
    """``brief``: what contact details are is said elsewhere."""
    found = {kind for table in tables for kind in table.columns.values()}
    return [
        _("contact details") if brief and kind is Kind.CONTACT else _(KIND_NAMES[kind])
        for kind in Kind
        if kind in found and kind in KIND_NAMES
    ]


def bases_of(tables: Iterable[Table]) -> list[str]:
    return unique(_(BASIS_NAMES[table.basis]) for table in tables if table.basis)


def receivers_of(tables: Iterable[Table]) -> list[Receiver]:
    """Those of these tables, and those who may receive any."""
    found = {each for table in tables for each in table.receivers or ()}
    return [each for each in Receiver if each in found or each in OF_ALL]


def unique(texts: Iterable[str]) -> list[str]:
    """In the order of their first."""
    return [*dict.fromkeys(text for text in texts if text)]


def lower_first(text: str) -> str:
    """Not in ``API tokens``."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _receivers(held: Tables, transfers: Sequence[Transfer]) -> Iterable[Line]:
    yield Line(Mark.SECTION, _("Who gets data"), link="receivers")
    yield Line(
        Mark.TEXT,
        _("Of our own people only those see it who need it for their work. Besides them:"),
    )
    for receiver in receivers_of(held.values()):
        label = upper_first(_(RECEIVER_NAMES[receiver]))
        yield Line(Mark.POINT, _(RECEIVER_SAYS[receiver]), label)
    yield Line(Mark.SECTION, _("Outside Europe"), link="outside")
    yield from transfer_lines(transfers)


def transfer_lines(transfers: Sequence[Transfer]) -> Iterable[Line]:
    """Whether anything goes outside the EEA, and under which safeguard (P16)."""
    if not transfers:
        yield Line(Mark.TEXT, _(INSIDE))
        return
    yield Line(Mark.TEXT, _(OUTSIDE))
    names = Locale.parse(language()).territories
    for each in transfers:
        yield Line(Mark.POINT, each.safeguard, str(names.get(each.country, each.country)))


def _rights(house: Organisation) -> Iterable[Line]:
    yield Line(Mark.SECTION, _("Your rights"), link="rights")
    for right in RIGHTS:
        link = right.link or f"mailto:{house.privacy_email}"
        yield Line(Mark.POINT, _(right.says), _(right.heading), link)
    yield Line(Mark.TEXT, _(HOW_TO_ASK))
    yield Line(Mark.TEXT, _(COMPLAIN))
    url = house.authority_url
    safe = url if url.startswith(("https://", "http://")) else ""
    yield Line(Mark.POINT, url, house.authority, safe)


def detail_lines(house: Organisation, *, tables: Tables | None = None) -> tuple[Line, ...]:
    """The whole list, table by table, in the language now spoken."""
    return tuple(_details(house, personal() if tables is None else tables))


def _details(house: Organisation, held: Tables) -> Iterable[Line]:
    for activity in Activity:
        found = tables_of(activity, held)
        if found:
            yield Line(Mark.SECTION, _(ACTIVITY_NAMES[activity][0]), link=activity.value)
        for table in found:
            yield Line(Mark.PART, _(table.heading))
            names = [_(RECEIVER_NAMES[each]) for each in table.receivers or ()]
            yield _fact(_("About whom"), *(_(CATEGORY_NAMES[each]) for each in table.categories))
            yield _fact(_("What"), *(kinds_of([table]) or [_("ids only")]))
            yield _fact(_("What for"), _(table.purpose))
            yield _fact(_("On what ground"), *bases_of([table]))
            yield _fact(_("How long"), kept_words(table, house.retention))
            yield _fact(_("Who gets it"), *(names or [_("nobody else")]))


def render_text(code: str, house: Organisation, transfers: Sequence[Transfer] = ()) -> str:
    """The notice as plain text, in the language ``code``."""
    with speaking(code):
        lines = [_("Privacy notice")]
        for line in notice_lines(house, transfers):
            lines += _plain(line)
    return "\n".join(lines) + "\n"


def _plain(line: Line) -> list[str]:
    said = f"{line.label}: {line.text}" if line.label else line.text
    match line.mark:
        case Mark.SECTION:
            return ["", said, "=" * len(said)]
        case Mark.PART:
            return ["", said, "-" * len(said)]
        case Mark.POINT:
            return [f"  - {said}"]
        case _:
            return [said]
