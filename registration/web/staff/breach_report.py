"""What an account saw and could have seen, in words: the same for the page and for the paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from registration.edge.answers import ROLE_NAMES
from registration.i18n import N_, _, format_moment, format_number, language
from registration.ledger.rules import Act
from registration.ledger.words import said
from registration.press import Block, Grid, Heading, PaperDocument, Points
from registration.privacy.breach import Exposure, Source
from registration.privacy.datamap.columns import Kind
from registration.privacy.seen import FIELDS, PURPOSES, ROADS
from registration.settings import Organisation
from registration.web.staff.ledger_names import Names, named

SOURCES: Mapping[Source, str] = {
    Source.ACCOUNT: N_("An account"),
    Source.LOGIN: N_("One login of an account"),
    Source.TOKEN: N_("A token for a program"),
    Source.PACK: N_("A file that a trainer downloaded"),
}


# Of people who are written about: the notice says the same to the person.
CATEGORIES: Mapping[Kind, str] = {
    Kind.NAME: N_("names"),
    Kind.CONTACT: N_("contact data"),
    Kind.COMPANY: N_("employers"),
    Kind.PARTICIPATION: N_("trainings and events with their dates"),
    Kind.OUTCOME: N_("attendance, grades and certificates"),
    Kind.DIET: N_("food restrictions"),
    Kind.CHOICE: N_("consents and prohibitions"),
    Kind.ACCESS: N_("accounts and logins, without their secrets"),
    Kind.TRACE: N_("what was done with the data, and by whom"),
    Kind.LETTER: N_("mails"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """``lead`` and ``points`` stand above the table; without ``rows`` there is none."""

    title: str
    lead: str = ""
    points: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    made: str


async def report_of(found: Exposure, house: Organisation) -> Report:
    """In the language now spoken; a constant number of queries."""
    names = await named(
        [
            found.suspect.account_id,
            *(line.about for line in found.looks),
            *(line.scope_id for line in found.reaches),
            *(line.event_id for line in found.diets),
        ]
    )
    return Report(
        title=found.suspect.name,
        facts=_facts(found),
        sections=tuple(
            section
            for section in (_seen(found), _looks(found, names), _reaches(found, names),
                            _diets(found, names), _notification(house))
            if section.rows or section.points
        ),
        made=_("Made on {when}", when=format_moment(found.made_at)),
    )  # fmt: skip


def _facts(found: Exposure) -> tuple[tuple[str, str], ...]:
    facts = [
        (_("What it is about"), _(SOURCES[found.suspect.source])),
        (_("Time"), _time(found.since, found.until)),
        (_("People whose data it did see"), format_number(found.persons_seen)),
        (_("People whose data it saw or could have seen"), format_number(found.persons_reached)),
        (_("Sign-ups among that"), format_number(found.sign_ups)),
        (
            _("Categories of data"),
            ", ".join(_(CATEGORIES[kind]) for kind in found.kinds if kind in CATEGORIES)
            or _("none by access; see what was handed out"),
        ),
        (
            _("Food restrictions (health data)"),
            format_number(sum(line.held + line.deleted for line in found.diets)),
        ),
    ]
    if found.erased:
        facts.append((_("People erased since then"), format_number(found.erased)))
    return tuple(facts)


def _time(since: datetime, until: datetime) -> str:
    return f"{format_moment(since)} – {format_moment(until)}"


def _seen(found: Exposure) -> Section:
    return Section(
        _("What it did see"),
        _("From the ledger: data that was shown or handed out to this account, person by person."),
        columns=(_("What"), _("Purpose"), _("Way"), _("People"), _("First"), _("Last")),
        rows=tuple(
            (
                ", ".join(_(FIELDS.get(each, each)) for each in line.fields),
                _(PURPOSES.get(line.purpose, line.purpose)),
                _(ROADS.get(line.road, line.road)),
                format_number(line.persons),
                format_moment(line.first),
                format_moment(line.last),
            )
            for line in found.seen
        ),
    )


def _looks(found: Exposure, names: Names) -> Section:
    return Section(
        _("Lists that it opened"),
        columns=(_("What happened"), _("Of"), _("Times"), _("People on it"), _("First"), _("Last")),
        rows=tuple(
            (
                said(line.act),
                names.of(line.about).text if line.about else _several(line.act),
                format_number(line.times),
                "–" if line.persons is None else format_number(line.persons),
                format_moment(line.first),
                format_moment(line.last),
            )
            for line in found.looks
        ),
    )


def _several(act: Act) -> str:
    return _("several sessions or companies") if act is Act.LIST_SEEN else "–"


def _reaches(found: Exposure, names: Names) -> Section:
    lead = _("By the access that it held in that time, whether it was used or not.")
    if found.everybody:
        lead += " " + _(
            "Staff access opens the whole register: everybody who was known counts, "
            "food restrictions excepted."
        )
    return Section(
        _("What it could have seen"),
        lead,
        columns=(_("Access"), _("What it opened"), _("From"), _("Until"), _("People")),
        rows=tuple(
            (
                _(ROLE_NAMES[line.role]),
                names.of(line.scope_id).text if line.scope_id else _("The organisation"),
                format_moment(line.since),
                format_moment(line.until),
                format_number(line.persons),
            )
            for line in found.reaches
        ),
    )


def _diets(found: Exposure, names: Names) -> Section:
    return Section(
        _("Food restrictions"),
        _("Of events that the account organised in that time. They tell of health."),
        columns=(_("Event"), _("From"), _("Until"), _("Held now"), _("Deleted since, by receipt")),
        rows=tuple(
            (
                names.of(line.event_id).text,
                format_moment(line.since),
                format_moment(line.until),
                format_number(line.held),
                format_number(line.deleted),
            )
            for line in found.diets
        ),
    )


def _notification(house: Organisation) -> Section:
    """What GDPR Art. 33(3) asks for, and this does not know."""
    return Section(
        _("For the notification to the authority"),
        points=(
            _("It is due within 72 hours of the moment when the breach became known."),
            _(
                "Contact for more information: {name}, {email}",
                name=house.privacy_contact,
                email=house.privacy_email,
            ),
            _("Still to be said by you: what happened, what may come of it, and what was done."),
            _(
                "Those at a high risk are told themselves: the list of people says whom, and whose "
                "data was seen for certain."
            ),
        ),
    )


def paper_of(report: Report, house: Organisation) -> PaperDocument:
    short = Grid(_("In short"), (_("What"), _("How many, or which")), report.facts)
    blocks: list[Block] = [short]
    for section in report.sections:
        blocks.append(Heading(section.title))
        if section.points:
            blocks.append(Points(section.points))
        if section.rows:
            caption = section.lead or section.title
            blocks.append(Grid(caption, section.columns, section.rows))
    return PaperDocument(
        language=language(),
        title=_("Whose data could be seen: {who}", who=report.title),
        sender=(house.name,),
        blocks=tuple(blocks),
        printed=report.made,
        page=_("Page"),
        wide=True,
    )
