"""Who and what stands behind the ledger's ids, for as long as there is somebody or something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from registration.accounts.queries import names_of
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine, SessionLine
from registration.companies import queries as companies
from registration.enrolment import queries as enrolment
from registration.i18n import format_date, text_in
from registration.people.overview import names
from registration.teaching.queries import recipient_names
from registration.web.staff.ledger import brief


@dataclass(frozen=True, slots=True)
class Named:
    """``path`` leads to it, empty where there is no page."""

    text: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """Whatever is known of some ids; any other is said by its beginning."""

    known: Mapping[UUID, Named]

    def of(self, wanted: UUID | None) -> Named:
        return self.known.get(wanted, Named(brief(wanted))) if wanted else Named("")


async def named(ids: Iterable[UUID | None]) -> Names:
    """A query for each kind of thing, however many ids."""
    wanted = list({each for each in ids if each})
    if not wanted:
        return Names({})
    known: dict[UUID, Named] = {}
    known |= {each: Named(text) for each, text in (await names(wanted)).items()}
    for each, text in (await names_of(wanted)).items():
        known[each] = Named(text, f"/staff/accounts/{each}")
    for each, text in (await companies.names(wanted)).items():
        known[each] = Named(text, f"/staff/companies/{each}")
    for each, text in (await recipient_names(wanted)).items():
        known[each] = Named(text, f"/staff/recipients/{each}")
    for each, session in (await catalogue.sessions_by_id(wanted)).items():
        known[each] = Named(_dated(session), f"/staff/sessions/{each}")
    for each, place in (await enrolment.places_by_id(wanted)).items():
        title, zone = text_in(place.offering.title), ZoneInfo(place.offering.zone)
        when = format_date(place.offering.starts_at, zone=zone)
        known[each] = Named(f"{title}, {when}", f"/staff/places/{each}")
    for each, event in (await catalogue.events_by_id(wanted)).items():
        known[each] = Named(_dated(event), f"/staff/events/{each}")
    return Names(known)


def _dated(line: SessionLine | EventLine) -> str:
    title = line.training.title if isinstance(line, SessionLine) else line.title
    return f"{text_in(title)}, {format_date(line.starts_at, zone=ZoneInfo(line.zone))}"
