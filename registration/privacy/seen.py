"""Who was shown or given a person's data, in sentences for that person (P15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.companies import queries as companies
from registration.i18n import N_, _, format_date, ngettext
from registration.ledger.queries import DisclosureLine
from registration.teaching import queries as teaching

# As they stand after "Your".
FIELDS: Mapping[str, str] = {
    "name": N_("name"),
    "email": N_("e-mail address"),
    "company": N_("company"),
    "diet": N_("food restrictions"),
    "training": N_("training"),
    "dates": N_("training days"),
    "grade": N_("grade"),
    "completed": N_("completion"),
    "certificate": N_("certificates"),
}
# As they stand after "were given to Raidekoulu Oy on 1.4.2026".
PURPOSES: Mapping[str, str] = {
    "teaching": N_("to teach, and to record attendance and grades"),
    "attendance": N_("to call the roll"),
    "certificate": N_("to issue a certificate"),
    "permit": N_("to issue a permit"),
    "catering": N_("to order food for an event"),
    "qualifications": N_("to see what its people are qualified for"),
    "invoicing": N_("to invoice"),
    "administration": N_("to look after sign-ups"),
}
ROADS: Mapping[str, str] = {
    "page": N_("Shown on a page"),
    "api": N_("Read by a program"),
    "pack": N_("Downloaded as a file"),
    "csv": N_("Downloaded as a file"),
    "xlsx": N_("Downloaded as a file"),
    "json": N_("Downloaded as a file"),
    "ubl": N_("Downloaded as a file"),
}
_LOOKS = ("page", "api")


@dataclass(frozen=True, slots=True)
class Seen:
    """One disclosure; ``said`` is what happened, as a sentence."""

    id: UUID
    at: datetime
    said: str
    basis: str
    road: str


async def seen(lines: Sequence[DisclosureLine], *, house: str) -> list[Seen]:
    """In the language now spoken and in the order of ``lines``. ``house`` is who it was where no
    trainer organisation and no company is named."""
    ids = [line.recipient_id for line in lines if line.recipient_id]
    names = await companies.names(ids) | await teaching.recipient_names(ids)
    return [
        Seen(line.id, line.at, _said(line, names, house), line.basis, _(ROADS.get(line.road, "")))
        for line in lines
    ]


def _said(line: DisclosureLine, names: Mapping[UUID, str], house: str) -> str:
    words = [_(FIELDS[field]) if field in FIELDS else field for field in line.fields]
    params = {
        "what": listed(words),
        "who": names.get(line.recipient_id, house) if line.recipient_id else house,
        "when": format_date(line.at),
        "purpose": _(PURPOSES[line.purpose]) if line.purpose in PURPOSES else line.purpose,
    }
    if line.road in _LOOKS:
        sentence = ngettext(
            "Your {what} was shown to {who} on {when} {purpose}.",
            "Your {what} were shown to {who} on {when} {purpose}.",
            len(words),
        )
    else:
        sentence = ngettext(
            "Your {what} was given to {who} on {when} {purpose}.",
            "Your {what} were given to {who} on {when} {purpose}.",
            len(words),
        )
    return sentence.format(**params)


def listed(words: Sequence[str]) -> str:
    """``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return _("{first} and {last}", first=", ".join(words[:-1]), last=words[-1])
