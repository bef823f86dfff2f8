"""What an account did see, as the ledger says: disclosures, lists and downloads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.functions import Count, Max, Min
from tortoise.queryset import QuerySet

from registration.catalogue.models import Event, Session
from registration.enrolment.models import Place
from registration.ledger.models import Disclosure, Entry
from registration.ledger.rules import Act


@dataclass(frozen=True, slots=True)
class SeenLine:
    """What was shown or handed out ``times`` times, of ``persons`` people: field names, purpose and
    road as a disclosure has them."""

    fields: tuple[str, ...]
    purpose: str
    road: str
    persons: int
    times: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class LookLine:
    """A list, a kitchen's sheet or a person's whole data that was opened. ``about`` is the session
    or event, or the person; None: lists over several. ``persons`` is how many were on it then, None
    where that is not known."""

    act: Act
    about: UUID | None
    times: int
    first: datetime
    last: datetime
    persons: int | None


@dataclass(frozen=True, slots=True)
class Sight:
    seen: tuple[SeenLine, ...]
    looks: tuple[LookLine, ...]
    persons: frozenset[UUID]


LOOKS = (Act.LIST_SEEN, Act.DIETS_SEEN, Act.PERSON_EXPORTED)


async def sight_of(account_id: UUID, since: datetime, until: datetime) -> Sight:
    """From ``since`` up to and including ``until``."""
    shown = Disclosure.filter(actor_id=account_id, at__gte=since, at__lte=until)
    lines = await _shown(shown)
    persons = set(await persons_in(shown))
    looks, more = await _looks(account_id, since, until)
    return Sight(lines, looks, frozenset(persons | more))


async def sight_of_pack(recipient_id: UUID, session_id: UUID, made_at: datetime) -> Sight:
    """What stands in one pack."""
    shown = Disclosure.filter(recipient_id=recipient_id, object_id=session_id, at=made_at)
    return Sight(await _shown(shown), (), frozenset(await persons_in(shown)))


async def persons_in(shown: QuerySet[Disclosure]) -> list[UUID]:
    rows = await shown.distinct().values_list("person_id", flat=True)
    return [UUID(str(each)) for each in rows]


async def _shown(shown: QuerySet[Disclosure]) -> tuple[SeenLine, ...]:
    rows = (
        await shown.annotate(
            persons=Count("person_id", distinct=True),
            times=Count("id"),
            first_at=Min("at"),
            last_at=Max("at"),
        )
        .group_by("fields_shown", "purpose", "road")
        .values_list("fields_shown", "purpose", "road", "persons", "times", "first_at", "last_at")
    )
    lines = [
        SeenLine(
            tuple(each for each in str(names).split(",") if each),
            str(purpose), str(road), int(persons), int(times), _moment(first), _moment(last),
        )
        for names, purpose, road, persons, times, first, last in rows
    ]  # fmt: skip
    return tuple(sorted(lines, key=lambda line: (-line.persons, line.purpose, line.road)))


async def _looks(
    account_id: UUID, since: datetime, until: datetime
) -> tuple[tuple[LookLine, ...], set[UUID]]:
    rows = await Entry.filter(
        actor_id=account_id,
        act__in=[act.value for act in LOOKS],
        at__gte=since,
        at__lte=until,
    ).values_list("act", "at", "object_id", "subject_id")
    times: Counter[tuple[Act, UUID | None]] = Counter()
    moments: dict[tuple[Act, UUID | None], list[datetime]] = {}
    for act, at, object_id, subject_id in rows:
        key = Act(act), subject_id if act == Act.PERSON_EXPORTED else object_id
        times[key] += 1
        moments.setdefault(key, []).append(at)
    seatings = await seatings_of(about for act, about in times if act is not Act.PERSON_EXPORTED)
    persons: set[UUID] = set()
    lines: list[LookLine] = []
    for (act, about), number in times.items():
        first, last = min(moments[act, about]), max(moments[act, about])
        own: set[UUID] | None = None
        if act is Act.PERSON_EXPORTED and about:
            own = {about}
        elif about in seatings:
            own = await on_seatings([seatings[about]], first, last)
        persons |= own or set()
        lines.append(LookLine(act, about, number, first, last, None if own is None else len(own)))
    return tuple(sorted(lines, key=lambda line: line.first)), persons


async def seatings_of(ids: Iterable[UUID | None]) -> Mapping[UUID | None, UUID]:
    """The seatings of these sessions and events."""
    wanted = [each for each in set(ids) if each]
    found: dict[UUID | None, UUID] = {}
    for model in (Session, Event):
        rows = await model.filter(id__in=wanted).values_list("id", "seating_id")
        found |= {UUID(str(each)): UUID(str(seating)) for each, seating in rows}
    return found


async def on_seatings(seatings: Iterable[UUID], since: datetime, until: datetime) -> set[UUID]:
    """Who held or waited for a place on one of these at some moment of that time."""
    rows = (
        await Place.filter(seating_id__in=list(seatings), created_at__lte=until)
        .filter(Q(ended_at=None) | Q(ended_at__gt=since))
        .distinct()
        .values_list("person_id", flat=True)
    )
    return {UUID(str(each)) for each in rows}


def _moment(given: datetime | str) -> datetime:
    """SQLite gives what it computes as text."""
    found = datetime.fromisoformat(given) if isinstance(given, str) else given
    return found if found.tzinfo else found.replace(tzinfo=UTC)
