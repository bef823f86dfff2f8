"""The privacy notice, made from the data map (P19), for a page and for the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registration.i18n import N_, _, speaking
from registration.ledger.rules import Basis
from registration.privacy.datamap import KIND_NAMES, Kind, personal
from registration.settings import Organisation

BASIS_NAMES: Mapping[Basis, str] = {
    Basis.CONTRACT: N_("it is needed for the place that you or your company asked for"),
    Basis.LEGAL_DUTY: N_("a law or an authority's rule requires it"),
    Basis.LEGITIMATE_INTEREST: N_("we and your company have a legitimate interest in it"),
    Basis.CONSENT: N_("you consented to it"),
    Basis.EXPLICIT_CONSENT: N_("you gave your explicit consent"),
}

RIGHTS: tuple[tuple[str, str], ...] = (
    (
        N_("See and take away"),
        N_("Your own page shows all that is held on you and who saw it; you can download it."),
    ),
    (
        N_("Correct"),
        N_("Change your data on your own page. What a certificate says is corrected by our staff."),
    ),
    (
        N_("Delete"),
        N_(
            "Delete your data on your own page, or write to us. What an authority requires us to "
            "keep stays, and we tell you what and why."
        ),
    ),
    (
        N_("Say no"),
        N_(
            "Refuse newsletters, marketing and surveys at any time, free of charge. "
            "Withdraw any consent as easily as you gave it."
        ),
    ),
    (
        N_("Object and restrict"),
        N_("Write to our privacy contact if you do not want us to use your data in some way."),
    ),
)


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing that we hold, in the reader's words."""

    heading: str
    what: tuple[str, ...]
    purpose: str
    basis: str
    kept: str


@dataclass(frozen=True, slots=True)
class Notice:
    organisation: Organisation
    holdings: tuple[Holding, ...]
    rights: tuple[tuple[str, str], ...]
    recipients: tuple[str, ...]


def notice(organisation: Organisation) -> Notice:
    """The notice in the language now spoken."""
    return Notice(
        organisation=organisation,
        holdings=tuple(
            Holding(
                heading=_(table.heading),
                what=tuple(
                    _(KIND_NAMES[kind])
                    for kind in Kind
                    if kind in KIND_NAMES and kind in table.columns.values()
                ),
                purpose=_(table.purpose),
                basis=_(BASIS_NAMES[table.basis]) if table.basis else "",
                kept=_(table.kept),
            )
            for table in personal().values()
        ),
        rights=tuple((_(title), _(text)) for title, text in RIGHTS),
        recipients=(
            _(
                "Trainers from other firms get your name and company, and what a certificate or "
                "permit needs: nothing else. Each time is on record, and you can see it."
            ),
            _("The company that enrolled you sees your place, your outcome and your certificates."),
            _(
                "Food restrictions are seen by the organisers of that event only. They are kept "
                "apart from everything else, encrypted, and delete themselves after the event."
            ),
            _("Your data stays inside the EU and the EEA."),
        ),
    )


def render_text(language: str, organisation: Organisation) -> str:
    """The notice as plain text."""
    with speaking(language):
        said = notice(organisation)
        lines = [_("Privacy notice"), "", organisation.name, organisation.address]
        lines += [f"{organisation.privacy_contact}, {organisation.privacy_email}", ""]
        for holding in said.holdings:
            lines += [
                holding.heading,
                *(f"  - {what}" for what in holding.what),
                "  " + _("What for: {purpose}", purpose=holding.purpose),
                "  " + _("On what ground: {basis}", basis=holding.basis),
                "  " + _("How long: {kept}", kept=holding.kept),
                "",
            ]
        lines += [_("Who gets data"), *(f"  - {text}" for text in said.recipients), ""]
        lines += [_("Your rights"), *(f"  {title}: {text}" for title, text in said.rights), ""]
        lines.append(
            _(
                "You can complain to the authority: {authority}, {url}",
                authority=organisation.authority,
                url=organisation.authority_url,
            )
        )
    return "\n".join(lines) + "\n"
