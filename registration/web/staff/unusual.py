"""What the privacy officer should look at: the ledger's last month, with names for its ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.queries import names_of
from registration.catalogue import queries as catalogue
from registration.edge import Endpoint, get, page_response
from registration.i18n import N_, _, text_in
from registration.ledger.unusual import Finding, Why, activity
from registration.web.staff.desk import STAFF, Desk, desk
from registration.web.staff.granted import Part, parts
from registration.web.staff.ledger import brief

REASONS: Mapping[Why, str] = {
    Why.REFUSED: N_("Many logins were refused in one day: somebody may be trying doors."),
    Why.NIGHT_DOWNLOAD: N_("A download between 22 and 6: rarely part of the work."),
    Why.MANY_DOWNLOADS: N_("Many downloads in one day: somebody may be collecting data."),
    Why.MANY_LISTS: N_("Many lists of people opened in one day."),
    Why.DIETS: N_("Food restrictions were looked at: was each look needed?"),
    Why.WAY_IN: N_("A way to log in changed: a second factor or an address."),
    Why.GRANT_AT_ODD_TIME: N_("Access was given outside office hours."),
    Why.GRANT_WITHOUT_PERSON: N_("Access was given on the server itself, not by an account."),
    Why.TOKEN: N_("A program was let in with a new token."),
}
SERIOUS = frozenset({Why.REFUSED, Why.NIGHT_DOWNLOAD, Why.MANY_DOWNLOADS})
Bar = tuple[str, int]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """``who`` did it and whom or what it was ``about``, by name where somebody is behind the id;
    ``path`` leads to the account."""

    at: datetime
    number: int
    who: str
    path: str
    about: str
    reason: str
    serious: bool


@dataclass(frozen=True, slots=True)
class UnusualPage:
    """``hours``: refused logins by two hours of the day, in the last 30 days."""

    desk: Desk
    parts: tuple[Part, ...]
    since: datetime
    refused: int
    hours: tuple[Bar, ...]
    rows: tuple[FindingRow, ...]
    whole: bool


async def show(request: Request) -> Response:
    """Three queries, however much happened."""
    found = await activity(now=clock.now())
    ids = {each for one in found.findings for each in (one.actor_id, one.about_id) if each}
    names = await names_of(ids)
    events = await catalogue.events_by_id(
        [one.about_id for one in found.findings if one.about_id and one.why is Why.DIETS]
    )
    titles = {each: text_in(event.title) for each, event in events.items()}
    by_hour = found.refused_by_hour
    page = UnusualPage(
        desk(request),
        parts("/staff/access/unusual"),
        found.since,
        sum(by_hour),
        tuple((f"{hour}–{hour + 2}", by_hour[hour] + by_hour[hour + 1]) for hour in range(0, 24, 2))
        if any(by_hour)
        else (),
        tuple(_row(one, names, titles) for one in found.findings),
        found.whole,
    )
    return page_response(request, "staff/unusual.html", page)


def _row(one: Finding, names: Mapping[UUID, str], titles: Mapping[UUID, str]) -> FindingRow:
    about = (
        "" if one.about_id in {None, one.actor_id} else _named(one.about_id, {**titles, **names})
    )
    return FindingRow(
        one.at,
        one.number,
        _named(one.actor_id, names),
        f"/staff/accounts/{one.actor_id}" if one.actor_id in names else "",
        about,
        _(REASONS[one.why]),
        one.why in SERIOUS,
    )


def _named(wanted: UUID | None, known: Mapping[UUID, str]) -> str:
    return known.get(wanted, brief(wanted)) if wanted else ""


ROUTES: tuple[Endpoint, ...] = (get("/staff/access/unusual", show, STAFF),)
