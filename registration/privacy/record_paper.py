"""The record of processing on paper. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from registration.i18n import _, format_date, language
from registration.press import Block, Facts, Grid, Heading, PaperDocument, Paragraph, Points
from registration.privacy.record import Processing, Record, by_kind
from registration.settings import Organisation


def paper(record: Record, house: Organisation, *, now: datetime) -> PaperDocument:
    """In the language now spoken; all of it, with the columns as an annex."""
    return PaperDocument(
        language=language(),
        title=_("Record of processing activities"),
        sender=(house.name, house.address),
        facts=((_("Made on"), format_date(now)),),
        blocks=tuple(_blocks(record)),
        printed=_("Record of processing activities, made on {when}", when=format_date(now)),
        page=_("Page"),
        wide=True,
    )


def _blocks(record: Record) -> Iterable[Block]:
    yield Heading(_("Who is responsible"))
    yield Facts(record.house)
    yield Heading(_("Processing activities"))
    for each in record.activities:
        yield Heading(each.name, level=3)
        yield Facts(facts_of(each))
    yield Heading(_("Trainers' firms"))
    if record.firms:
        yield Grid(
            _("Trainers' firms"),
            (_("Name"), _("Country"), _("Agreement"), _("Safeguard outside the EEA")),
            tuple((f.name, f.country, f.agreement, f.safeguard) for f in record.firms),
        )
    else:
        yield Paragraph(_("No trainer organisation is on record"))
    yield Heading(_("How it is protected"))
    yield Points(record.measures)
    yield Heading(_("Annex: tables and columns"))
    yield Grid(
        _("Annex: tables and columns"),
        (_("Table"), _("What it says"), _("Columns")),
        tuple((each.table, each.kind, each.name) for each in by_kind(record.columns)),
    )


def facts_of(each: Processing) -> tuple[tuple[str, str], ...]:
    """One activity as (label, words)."""
    return (
        (_("Purposes"), "; ".join(each.purposes)),
        (_("About whom"), each.people),
        (_("What"), each.what),
        (_("Who gets it"), "; ".join(each.receivers)),
        (_("Outside the EEA"), each.outside),
        (_("How long"), "\n".join(each.kept)),
        (_("Legal basis"), each.bases),
        (_("Tables"), ", ".join(each.tables)),
    )
