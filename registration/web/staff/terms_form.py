"""The terms of a session or an event as fields of its form: all of them optional, folded away."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from registration.catalogue.rules import Terms
from registration.catalogue.terms import BETWEEN, FIELDS
from registration.errors import FieldError
from registration.i18n import N_, _, format_moment
from registration.web.staff.typed import Reading, moment_value

NUMBERS = ("offer_hours", "company_quota", "minimum", "remind_hours")
MOMENTS = ("decide_by", "cancels_until", "names_until")
# What stands where the form begins empty.
USUAL = {"remind_hours": "48"}


def terms_values(terms: Terms, zone: ZoneInfo) -> dict[str, str]:
    values = {name: str(getattr(terms, name) or "") for name in NUMBERS}
    return values | {name: moment_value(getattr(terms, name), zone) for name in MOMENTS}


def terms_given(read: Reading, zone: ZoneInfo) -> dict[str, object]:
    """What is filled in, for the command; what cannot be read is collected by ``read``."""
    given = read.some(**{name: name for name in NUMBERS})
    moments = {name: read.moment(name, zone) for name in MOMENTS}
    return given | {name: moment for name, moment in moments.items() if moment is not None}


def terms_place(error: FieldError) -> str | None:
    """The field that an error between fields is about, if it is one of these."""
    if error.field in FIELDS:
        return error.field
    return error.code if not error.field and error.code in BETWEEN else None


def terms_said(terms: Terms, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    """What was agreed, as (name, value), for who looks after the session or event."""
    said = [
        (_(label), format_moment(moment, zone=zone)) for label, moment in _moments(terms) if moment
    ]
    if terms.offer_hours:
        said.append((_("A freed seat is offered for"), _("{hours} h", hours=terms.offer_hours)))
    if terms.company_quota:
        said.append((_("Most seats for one company"), str(terms.company_quota)))
    if terms.remind_hours:
        said.append(
            (_("A reminder goes out before it starts"), _("{hours} h", hours=terms.remind_hours))
        )
    return tuple(said)


def _moments(terms: Terms) -> tuple[tuple[str, datetime | None], ...]:
    return (
        (N_("People cancel by themselves until"), terms.cancels_until),
        (N_("Companies name their people by"), terms.names_until),
    )
