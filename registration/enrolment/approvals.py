"""Places that somebody must look at before they are confirmed: a company's approver, or staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.catalogue.service import LockedSeating, lock_seating
from registration.companies import queries as companies
from registration.db import transaction
from registration.enrolment.admission import lacks_of
from registration.enrolment.ending import write_ended
from registration.enrolment.filling import fill
from registration.enrolment.letters import NEWS_OF, News, Told, letter
from registration.enrolment.models import Place
from registration.enrolment.placing import changed_entry, end_was_set, is_told, mark_ended
from registration.enrolment.queries import PlaceLine, lines_of
from registration.enrolment.rules import (
    Awaits,
    Lack,
    NotAnApprover,
    NothingToApprove,
    PlaceNotFound,
    PlaceStatus,
    PrerequisitesMissing,
    Why,
    hold_end,
)
from registration.enrolment.seats import numbers_of
from registration.enrolment.sureness import sure_with
from registration.enrolment.telling import ask_approvers, tell_refused
from registration.ledger.service import record_many
from registration.mail.models import Mail
from registration.mail.service import queue_many
from registration.settings import Settings


async def needs_approval(company_id: UUID, actor_id: UUID, *, now: datetime) -> bool:
    """Whether what this coordinator books waits for another one's yes."""
    approvers = await companies.approvers(company_id, now=now)
    return bool(approvers) and actor_id not in approvers


async def approve(
    place_ids: Sequence[UUID],
    *,
    actor_id: UUID,
    company_id: UUID | None,
    settings: Settings,
    now: datetime,
    why: Why | None = None,
) -> int:
    """These places need nothing more: those with a seat are confirmed, those that wait go on
    waiting, and each person is told. Says how many; all of it happens or none.

    With ``company_id`` its approvers decide what awaits approval; without, staff what awaits their
    look. Staff say ``why`` they take somebody who still lacks something; what a company's approver
    must see too is theirs next. Places that are settled or over already are left as they are.
    Raises ``PlaceNotFound`` for others' places, ``NotAnApprover``, ``PrerequisitesMissing``,
    ``NothingToApprove`` when none is left.
    """
    async with transaction():
        approved = 0
        for batch in await _batches(place_ids, actor_id=actor_id, company_id=company_id, now=now):
            await _approve_batch(batch, actor_id=actor_id, why=why, settings=settings, now=now)
            approved += len(batch.places)
        if not approved:
            raise NothingToApprove
    return approved


async def refuse(
    place_ids: Sequence[UUID],
    *,
    actor_id: UUID,
    company_id: UUID | None,
    reason: str,
    settings: Settings,
    now: datetime,
) -> int:
    """These places are over and their seats free. Who booked them hears the ``reason``, which is
    kept nowhere but in the mail. Whose places, and what is raised: as ``approve``."""
    async with transaction():
        refused = 0
        for batch in await _batches(place_ids, actor_id=actor_id, company_id=company_id, now=now):
            for place in batch.places:
                mark_ended(place, now=now)
            await write_ended(batch.places, now=now)
            entries = [changed_entry(each, actor_id=actor_id, now=now) for each in batch.places]
            await record_many(entries)
            await queue_many(
                [
                    letter(
                        News.REFUSED,
                        batch.offering,
                        Told.of(place.id, place.person),
                        settings=settings,
                        now=now,
                        seated=False,
                        reason=reason,
                    )
                    for place in batch.places
                    if is_told(place)
                ]
            )
            await tell_refused(
                [place for place in batch.places if not is_told(place)],
                batch.offering,
                reason=reason,
                besides=actor_id,
                settings=settings,
                now=now,
            )
            await fill(batch.seating, batch.offering, settings=settings, now=now)
            refused += len(batch.places)
        if not refused:
            raise NothingToApprove
    return refused


@dataclass(slots=True)
class _Batch:
    """The places on one locked seating that can be decided."""

    seating: LockedSeating
    offering: Offering
    places: list[Place] = field(default_factory=list)


async def _batches(
    place_ids: Sequence[UUID], *, actor_id: UUID, company_id: UUID | None, now: datetime
) -> list[_Batch]:
    """By seating, locked in the order of their ids, what still awaits this actor's word."""
    if company_id is not None and actor_id not in await companies.approvers(company_id, now=now):
        raise NotAnApprover
    ids = list(dict.fromkeys(place_ids))
    found = await Place.filter(id__in=ids)
    if len(found) < len(ids) or any(
        company_id is not None and place.company_id != company_id for place in found
    ):
        raise PlaceNotFound
    wanted = Awaits.CHECK if company_id is None else Awaits.APPROVAL
    batches: list[_Batch] = []
    for seating_id in sorted({place.seating_id for place in found}):
        seating = await lock_seating(seating_id)
        offering = (await catalogue.offerings_by_seating([seating_id]))[seating_id]
        places = await Place.filter(
            id__in=ids, seating_id=seating_id, current=True, awaits=wanted.value
        ).select_related("person")
        open_still = [each for each in places if each.until is None or now < each.until]
        if open_still:
            batches.append(_Batch(seating, offering, open_still))
    return batches


async def _approve_batch(
    batch: _Batch, *, actor_id: UUID, why: Why | None, settings: Settings, now: datetime
) -> None:
    offering = batch.offering
    if batch.places[0].awaits == Awaits.CHECK and why is None:
        people = [place.person_id for place in batch.places]
        for lacks in (await lacks_of(people, offering, now=now)).values():
            raise PrerequisitesMissing(lacks)
    for place in batch.places:
        await _move_on(place, offering, now=now)
        await place.save()
    numbers = await numbers_of(batch.seating.id, now=now)
    confirmed = [place.id for place in batch.places if place.status == PlaceStatus.CONFIRMED]
    offering = await sure_with(
        offering, confirmed=numbers.confirmed, besides=confirmed, settings=settings, now=now
    )
    names = await companies.names([each.company_id for each in batch.places if each.company_id])
    mails: list[Mail] = []
    for place in filter(is_told, batch.places):
        seated = place.status == PlaceStatus.CONFIRMED
        mails.append(
            letter(
                NEWS_OF[PlaceStatus(place.status)],
                offering,
                Told.of(place.id, place.person),
                settings=settings,
                now=now,
                seated=seated,
                enrolled_by=names.get(place.company_id, "") if place.company_id else "",
            )
        )
    await queue_many(mails)
    await record_many(
        [changed_entry(place, actor_id=actor_id, now=now, why=why) for place in batch.places]
    )
    await ask_approvers(batch.places, offering, settings=settings, now=now)


async def _move_on(place: Place, offering: Offering, *, now: datetime) -> None:
    """Unsaved: the place as it is after a yes. A company's approval comes after staff's look."""
    next_yes = (
        place.awaits == Awaits.CHECK
        and place.company_id is not None
        and place.enrolled_by is not None
        and await needs_approval(place.company_id, place.enrolled_by, now=now)
    )
    place.awaits = Awaits.APPROVAL.value if next_yes else Awaits.NOTHING.value
    place.changed_at = now
    if place.status != PlaceStatus.HELD:
        return
    if next_yes:
        place.until = hold_end(offering, now=now)
        end_was_set()
    else:
        place.status, place.until = PlaceStatus.CONFIRMED.value, None


async def waiting_for_approval(company_id: UUID) -> list[PlaceLine]:
    """The company's places that its approvers have not seen: what ends first comes first, then
    those on a waiting list."""
    rows = (
        await Place.filter(company_id=company_id, current=True, awaits=Awaits.APPROVAL.value)
        .order_by("turn", "id")
        .select_related("person")
    )
    return _by_end(await lines_of(rows))


@dataclass(frozen=True, slots=True)
class Checked:
    """A place that staff look at, and what its person lacks now by our records."""

    line: PlaceLine
    lacks: tuple[Lack, ...]


async def to_check(*, now: datetime) -> list[Checked]:
    """What staff look at: people of whom it is not known that they have what the training needs.
    What ends first comes first."""
    rows = (
        await Place.filter(current=True, awaits=Awaits.CHECK.value)
        .order_by("turn", "id")
        .select_related("person")
    )
    lines = _by_end(await lines_of(rows))
    offerings = {line.offering.seating_id: line.offering for line in lines}
    lacks: dict[UUID, dict[UUID, tuple[Lack, ...]]] = {}
    for seating_id, offering in offerings.items():
        people = [line.person_id for line in lines if line.offering.seating_id == seating_id]
        lacks[seating_id] = await lacks_of(people, offering, now=now)
    return [
        Checked(line, lacks[line.offering.seating_id].get(line.person_id, ())) for line in lines
    ]


def _by_end(lines: Sequence[PlaceLine]) -> list[PlaceLine]:
    """In the order given where their ends are the same."""
    return sorted(
        lines,
        key=lambda line: (
            line.until is None,
            line.until or line.offering.starts_at,
            line.position or 0,
        ),
    )
