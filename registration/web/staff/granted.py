"""Grants as pages show them: in words, with who gave them, and when they end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from registration.accounts import queries as accounts
from registration.accounts.queries import AccountLine, GrantLine
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import at_local
from registration.companies import queries as companies
from registration.edge.answers import ROLE_NAMES
from registration.errors import FieldError
from registration.forms import MESSAGES, FieldRefused, Refused
from registration.i18n import DEFAULT_ZONE, N_, _, text_in

BY_THE_SERVER = N_("The command line")
UNREVIEWED = N_("Nobody reviewed it for a year")
# The pages on access beside each other.
PARTS = (
    (N_("Accounts"), "/staff/accounts"),
    (N_("Review of access"), "/staff/access"),
    (N_("Unusual activity"), "/staff/access/unusual"),
    (N_("Who may do what"), "/staff/access-table"),
)
Part = tuple[str, str, bool]


def parts(path: str) -> tuple[Part, ...]:
    """The pages on access, with the one at ``path`` as the current one."""
    return tuple((_(label), url, url == path) for label, url in PARTS)


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A role and what it is over, in words. ``standing``: valid, pending (no agreement), or
    closed (ended); ``until``: when it ends, or ended, if nobody does anything; ``end`` is the
    address that ends it, or empty."""

    id: UUID
    role: str
    over: str
    reason: str
    given_by: str
    since: datetime
    until: datetime
    end_reason: str
    reviewed_at: datetime | None
    reviewed_by: str
    standing: str
    end: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    id: UUID
    name: str
    email: str
    nda_on: date | None
    ended_at: datetime | None
    grants: tuple[GrantRow, ...]

    @property
    def standing_grants(self) -> tuple[GrantRow, ...]:
        return tuple(each for each in self.grants if each.standing != "closed")


@dataclass(frozen=True, slots=True)
class Bar:
    """One grant in the picture; ``left`` and ``wide`` in per cent of the time shown."""

    label: str
    left: float
    wide: float
    said: tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Span:
    """The picture of what an account may do when; ``today`` in per cent."""

    today: float
    bars: tuple[Bar, ...]


async def account_rows(lines: Sequence[AccountLine], *, now: datetime) -> list[AccountRow]:
    """Three queries more, however many accounts."""
    grants = [each for line in lines for each in line.grants]
    over = await scope_names({each.scope_id for each in grants if each.scope_id})
    people = await accounts.names_of(
        who for each in grants for who in (each.granted_by, each.reviewed_by) if who
    )
    return [
        AccountRow(
            line.id,
            line.name,
            line.email,
            line.nda_on,
            line.ended_at,
            tuple(grant_row(line, each, over, people, now=now) for each in line.grants),
        )
        for line in lines
    ]


async def scope_names(scopes: Iterable[UUID]) -> dict[UUID, str]:
    """Companies and events by name, in two queries."""
    wanted = set(scopes)
    names = dict(await companies.names(list(wanted)))
    events = await catalogue.events_by_id(list(wanted - set(names)))
    return names | {found: text_in(event.title) for found, event in events.items()}


def grant_row(
    line: AccountLine,
    each: GrantLine,
    over: Mapping[UUID, str],
    people: Mapping[UUID, str],
    *,
    now: datetime,
) -> GrantRow:
    ended = line.ended_at is not None or (each.ends_at is not None and each.ends_at <= now)
    standing = "closed" if ended else "valid" if each.in_force else "pending"
    unreviewed = each.end_reason == "unreviewed"
    return GrantRow(
        each.id,
        _(ROLE_NAMES[each.role]),
        over.get(each.scope_id, "–") if each.scope_id else "",
        each.reason,
        people.get(each.granted_by, "–") if each.granted_by else _(BY_THE_SERVER),
        each.starts_at,
        each.ends_at if ended and each.ends_at else each.closes_at,
        _(UNREVIEWED) if unreviewed else each.end_reason,
        each.reviewed_at,
        people.get(each.reviewed_by, "–") if each.reviewed_by else "",
        standing,
        "" if ended else f"/staff/accounts/{line.id}/grants/{each.id}/end",
    )


def span_of(rows: Sequence[GrantRow], *, now: datetime) -> Span | None:
    """The grants that stand, on one line of time; None: there is none."""
    standing = [row for row in rows if row.standing != "closed"]
    if not standing:
        return None
    first = min(now, *(row.since for row in standing))
    last = max(now, *(row.until for row in standing))
    whole = (last - first).total_seconds() or 1.0

    def at(moment: datetime) -> float:
        return round(100 * (moment - first).total_seconds() / whole, 1)

    return Span(
        at(now),
        tuple(
            Bar(
                f"{row.role}, {row.over}" if row.over else row.role,
                at(row.since),
                max(1.0, round(at(row.until) - at(row.since), 1)),
                (row.since, row.until),
            )
            for row in standing
        ),
    )


def end_of_day(until: date | None, *, field: str = "until") -> datetime | None:
    """Access lasts to the end of that day in Finland. Raises ``Refused`` for an impossible one."""
    if until is None:
        return None
    try:
        return at_local(until + timedelta(days=1), time(), DEFAULT_ZONE)
    except (FieldRefused, OverflowError):
        raise Refused(FieldError(field, "date", MESSAGES["date_parsing"])) from None
