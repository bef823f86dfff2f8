"""Whether people have what a training needs, on the day that its session begins (P8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.expressions import Subquery

from registration.catalogue.models import Session
from registration.catalogue.prerequisites import Need, needs_of
from registration.catalogue.rules import Offering
from registration.enrolment.admission import register
from registration.enrolment.rules import Lack
from registration.qualifications.models import Certificate
from registration.qualifications.rules import valid_until
from registration.teaching.models import Outcome

# By person and training: the last valid days of all that was completed, None for no end.
Earned = dict[tuple[UUID, UUID], list[date | None]]


async def needs_any(offering: Offering) -> bool:
    """Whether anything must be completed before this session."""
    return bool(await _needs(offering))


async def check(
    person_ids: Sequence[UUID],
    offering: Offering,
    _now: datetime,
    company_id: UUID | None = None,
) -> dict[UUID, tuple[Lack, ...]]:
    """What each of these lacks on the first day of the session; who lacks nothing is absent.

    A completed outcome counts, or a certificate that was not revoked; where the need is to be
    ``valid``, one that lasts to the end of that day. With ``company_id`` only those count that were
    earned on places that it took. The number of queries is the same for one
    person and for thousands.
    """
    needs = await _needs(offering)
    if not needs or not person_ids:
        return {}
    on = offering.starts_at.astimezone(ZoneInfo(offering.zone)).date()
    earned = await _earned([need.training_id for need in needs], person_ids, company_id)
    found = {
        person_id: tuple(_lacking(needs, person_id, earned, on=on)) for person_id in person_ids
    }
    return {person_id: lacks for person_id, lacks in found.items() if lacks}


def begin() -> None:
    """From now on who signs up is asked for what the training needs."""
    register(check, needs=needs_any)


async def _needs(offering: Offering) -> tuple[Need, ...]:
    if offering.kind != "session":
        return ()
    row = await Session.get_or_none(id=offering.id)
    return (await needs_of([row.training_id])).get(row.training_id, ()) if row else ()


def _lacking(needs: Iterable[Need], person_id: UUID, earned: Earned, *, on: date) -> Iterable[Lack]:
    for need in needs:
        ends = earned.get((person_id, need.training_id), [])
        if not ends:
            yield Lack(need.training_id, need.title)
        elif need.valid and None not in ends:
            last = max(end for end in ends if end is not None)
            if last < on:
                yield Lack(need.training_id, need.title, last)


async def _earned(
    trainings: Sequence[UUID], person_ids: Sequence[UUID], company_id: UUID | None
) -> Earned:
    """A certificate says itself how long it lasts; of a result that has none yet the same is
    reckoned. One whose certificate was revoked is worth nothing."""
    earned: Earned = {}
    certified: set[UUID] = set()
    took = {} if company_id is None else {"place__company_id": company_id}
    for row in await Certificate.filter(
        training_id__in=list(trainings), person_id__in=list(person_ids), **took
    ):
        certified.add(row.place_id)
        if row.current:
            earned.setdefault((row.person_id, row.training_id), []).append(row.valid_until)
    sessions = Session.filter(training_id__in=list(trainings))
    outcomes = await Outcome.filter(
        completed=True,
        place__person_id__in=list(person_ids),
        **took,
        place__seating_id__in=Subquery(sessions.values("seating_id")),
    ).select_related("place")
    fresh = [outcome for outcome in outcomes if outcome.place_id not in certified]
    lasting = await _lasting([outcome.place.seating_id for outcome in fresh])
    for outcome in fresh:
        taken, until = lasting[outcome.place.seating_id]
        earned.setdefault((outcome.place.person_id, taken), []).append(until)
    return earned


async def _lasting(seating_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, date | None]]:
    """By seating: the training of its session, and the last valid day of what it gives."""
    if not seating_ids:
        return {}
    rows = await Session.filter(seating_id__in=list(set(seating_ids))).select_related("training")
    return {
        row.seating_id: (
            row.training_id,
            valid_until(
                row.ends_at.astimezone(ZoneInfo(row.time_zone)).date(), row.training.valid_months
            ),
        )
        for row in rows
    }
