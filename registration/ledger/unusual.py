"""What of the last month the privacy officer should look at, and why. It accuses nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from registration.i18n import DEFAULT_ZONE
from registration.ledger.models import Entry
from registration.ledger.rules import Act

LOOK_BACK = timedelta(days=30)
MOST_ENTRIES = 20_000
MOST_FINDINGS = 100
NIGHT = (22, 6)
OFFICE = (7, 18)
SATURDAY = 5
MANY_DOWNLOADS = 10
MANY_LISTS = 40
MANY_REFUSED = 10

REFUSALS = frozenset({Act.LOGIN_REFUSED, Act.FACTOR_REFUSED})
DOWNLOADS = frozenset({Act.DISCLOSED, Act.PERSON_EXPORTED})
WAYS_IN = frozenset({Act.FACTOR_ADDED, Act.FACTOR_REMOVED, Act.RECOVERY_USED, Act.ACCOUNT_CHANGED})
WATCHED = (
    *REFUSALS, *DOWNLOADS, *WAYS_IN, Act.GRANT_GIVEN, Act.TOKEN_ADDED, Act.DIETS_SEEN,
    Act.LIST_SEEN,
)  # fmt: skip


class Why(StrEnum):
    """Why something is listed."""

    REFUSED = "refused"
    NIGHT_DOWNLOAD = "night-download"
    MANY_DOWNLOADS = "many-downloads"
    MANY_LISTS = "many-lists"
    DIETS = "diets"
    WAY_IN = "way-in"
    GRANT_AT_ODD_TIME = "grant-at-odd-time"
    GRANT_WITHOUT_PERSON = "grant-without-person"
    TOKEN = "token"  # noqa: S105 -- why a line is listed, no secret


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry, as far as it is looked at here."""

    at: datetime
    act: Act
    actor_id: UUID | None
    subject_id: UUID | None
    object_id: UUID | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth a look: ``number`` times, last at ``at``. ``actor_id`` did it, None where
    nobody was known; ``about_id`` is whose account, or which event, it was about."""

    why: Why
    at: datetime
    number: int
    actor_id: UUID | None = None
    about_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """``refused_by_hour``: refused logins by the hour of the day, 24 numbers. ``whole`` False:
    there was more than is read at once."""

    since: datetime
    refused_by_hour: tuple[int, ...]
    findings: tuple[Finding, ...]
    whole: bool


async def activity(*, now: datetime, zone: ZoneInfo = DEFAULT_ZONE) -> Activity:
    """The last 30 days in one query, however much happened."""
    since = now - LOOK_BACK
    rows = (
        await Entry.filter(at__gte=since, act__in=[act.value for act in WATCHED])
        .order_by("-number")
        .limit(MOST_ENTRIES)
        .values_list("at", "act", "actor_id", "subject_id", "object_id")
    )
    entries = [Happened(at, Act(act), *ids) for at, act, *ids in rows]
    hours = Counter(each.at.astimezone(zone).hour for each in entries if each.act in REFUSALS)
    found = findings(entries, zone=zone)
    return Activity(
        since,
        tuple(hours[hour] for hour in range(24)),
        tuple(islice(found, MOST_FINDINGS)),
        len(rows) < MOST_ENTRIES and len(found) <= MOST_FINDINGS,
    )


def findings(entries: Sequence[Happened], *, zone: ZoneInfo = DEFAULT_ZONE) -> list[Finding]:
    """What stands out, the newest first. Hours and days are local in ``zone``."""
    found = [
        *_by_day(entries, REFUSALS, Why.REFUSED, MANY_REFUSED, zone=zone),
        *_by_day(entries, DOWNLOADS, Why.MANY_DOWNLOADS, MANY_DOWNLOADS, zone=zone),
        *_by_day(entries, frozenset({Act.LIST_SEEN}), Why.MANY_LISTS, MANY_LISTS, zone=zone),
        *_by_day(
            (each for each in entries if is_night(each.at, zone=zone)),
            DOWNLOADS,
            Why.NIGHT_DOWNLOAD,
            1,
            zone=zone,
        ),
        *_diets(entries),
    ]
    for each in entries:
        why = _alone(each, zone=zone)
        if why is not None:
            found.append(Finding(why, each.at, 1, each.actor_id, each.subject_id))
    return sorted(found, key=lambda one: one.at, reverse=True)


def _alone(each: Happened, *, zone: ZoneInfo) -> Why | None:
    """Why a single entry is listed, if it is."""
    if each.act in WAYS_IN:
        return Why.WAY_IN
    if each.act is Act.TOKEN_ADDED:
        return Why.TOKEN
    if each.act is Act.GRANT_GIVEN:
        if each.actor_id is None:
            return Why.GRANT_WITHOUT_PERSON
        if not is_office_time(each.at, zone=zone):
            return Why.GRANT_AT_ODD_TIME
    return None


def _by_day(
    entries: Iterable[Happened], acts: frozenset[Act], why: Why, least: int, *, zone: ZoneInfo
) -> list[Finding]:
    """One finding for each actor and day with at least ``least`` of the acts."""
    by: dict[tuple[UUID | None, date], list[Happened]] = {}
    for each in entries:
        if each.act in acts:
            by.setdefault((each.actor_id, each.at.astimezone(zone).date()), []).append(each)
    return [
        Finding(why, max(each.at for each in group), len(group), actor)
        for (actor, _day), group in by.items()
        if len(group) >= least
    ]


def _diets(entries: Sequence[Happened]) -> list[Finding]:
    """Every look at food restrictions, summed by who and at which event (P3)."""
    groups: dict[tuple[UUID | None, UUID | None], list[Happened]] = {}
    for each in entries:
        if each.act is Act.DIETS_SEEN:
            groups.setdefault((each.actor_id, each.object_id), []).append(each)
    return [
        Finding(Why.DIETS, max(each.at for each in group), len(group), actor, event)
        for (actor, event), group in groups.items()
    ]


def is_night(at: datetime, *, zone: ZoneInfo = DEFAULT_ZONE) -> bool:
    """From 22 to 6, local."""
    hour = at.astimezone(zone).hour
    return hour >= NIGHT[0] or hour < NIGHT[1]


def is_office_time(at: datetime, *, zone: ZoneInfo = DEFAULT_ZONE) -> bool:
    """From Monday to Friday, 7 to 18, local."""
    local = at.astimezone(zone)
    return local.weekday() < SATURDAY and OFFICE[0] <= local.hour < OFFICE[1]
