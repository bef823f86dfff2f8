"""The same place for another person, or another date for the same person: nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.lines import Sought
from registration.catalogue.rules import Offering
from registration.catalogue.service import LockedSeating, lock_seating
from registration.db import transaction
from registration.enrolment.admission import lacks_of
from registration.enrolment.filling import Settled, fill, settle
from registration.enrolment.letters import News, Told, letter
from registration.enrolment.models import Place
from registration.enrolment.overlaps import Found, other_places, overlaps_of, visible
from registration.enrolment.placing import (
    answer_of,
    end_place,
    end_was_set,
    is_told,
    new_place,
    taken_entry,
)
from registration.enrolment.queries import occupancies
from registration.enrolment.rules import (
    SURE,
    AlreadySignedUp,
    Awaits,
    By,
    NotCancellable,
    NotSameTraining,
    PlaceNotFound,
    PlaceStatus,
    PrerequisitesMissing,
    SameSession,
    SeatingFull,
    ShownTo,
    Taken,
    TargetFull,
    Why,
    check_cancels,
    check_open,
    hold_end,
    place_for,
)
from registration.enrolment.service import locked_place
from registration.enrolment.sureness import sure_with
from registration.enrolment.telling import ask_approvers
from registration.enrolment.wishes import (
    SignUp,
    admitted,
    entry_of,
    found_before,
    held_before,
    mail_of,
    wished_place,
)
from registration.mail.models import Mail
from registration.mail.service import queue
from registration.people.rules import Source
from registration.people.service import know, once_more
from registration.settings import Settings

SHOWN: Mapping[By, ShownTo] = {
    By.PERSON: ShownTo.PERSON,
    By.COORDINATOR: ShownTo.COMPANY,
    By.STAFF: ShownTo.STAFF,
}
# Who came, or was missed, was there: that cannot be moved.
MOVABLE = frozenset(
    {PlaceStatus.CONFIRMED, PlaceStatus.HELD, PlaceStatus.OFFERED, PlaceStatus.WAITING}
)


@once_more
async def substitute(place_id: UUID, wish: SignUp, *, settings: Settings, now: datetime) -> Taken:
    """Another person holds the place, with the same status, turn, price, order number and end; the
    first one is told. Where the training needs others first, the heir is looked at as anybody.

    Raises ``PlaceNotFound``, ``NotCancellable``, ``AlreadySignedUp``, ``PrerequisitesMissing``.
    """
    async with transaction():
        seating, place, offering = await locked_place(place_id)
        if now >= offering.ends_at:
            raise NotCancellable
        person, _is_new = await know(
            wish.contact, source=wish.source, now=now, company_id=wish.company_id
        )
        held = await held_before([person.id], [wish.submission] if wish.submission else [])
        before, others = found_before(held, seating.id, person.id, wish)
        if before is not None:
            return await answer_of(before, repeated=True)
        known, status = is_told(place), PlaceStatus(place.status)
        wish = replace(
            wish,
            company_id=wish.company_id or place.company_id,
            order_number=wish.order_number or place.order_number,
        )
        awaits = await admitted(offering, person.id, wish, now=now)
        await end_place(place, actor_id=wish.actor_id, now=now)
        heir = _heir(place, status, offering, person.id, wish, awaits, now=now)
        await heir.save(force_create=True)
        if known:
            seated = status in SURE
            told = Told.of(place.id, place.person)
            await queue(
                letter(News.CANCELLED, offering, told, settings=settings, now=now, seated=seated)
            )
        answer = await answer_of(heir)
        found = (await overlaps_of(others, offering)).get(person.id, ())
        mail = mail_of(
            heir,
            person,
            offering,
            wish,
            found,
            position=answer.position,
            settings=settings,
            now=now,
        )
        if mail is not None:
            await queue(mail)
        await entry_of(heir, wish, now=now).save(force_create=True)
        await ask_approvers([heir], offering, settings=settings, now=now)
    seen = visible(found, wish.reader(person.id), company_id=wish.company_id)
    return replace(answer, overlaps=seen)


def _heir(
    place: Place,
    status: PlaceStatus,
    offering: Offering,
    person_id: UUID,
    wish: SignUp,
    awaits: Awaits,
    *,
    now: datetime,
) -> Place:
    """What the first one's place awaited, the heir's does too; a seat is held for either."""
    awaits = awaits or Awaits(place.awaits)
    heir = wished_place(
        offering, person_id, wish, status=status, awaits=awaits, turn=place.turn, now=now
    )
    heir.price_cents, heir.vat_basis_points = place.price_cents, place.vat_basis_points
    if status is PlaceStatus.OFFERED and awaits:
        heir.status, heir.until = PlaceStatus.HELD.value, hold_end(offering, now=now)
    elif place.until is not None:
        heir.until = place.until
    if heir.until is not None:
        end_was_set()
    return heir


@dataclass(frozen=True, slots=True)
class Target:
    """Another date of the same training, with ``left`` free seats."""

    offering: Offering
    left: int


async def targets(place_id: UUID, *, now: datetime) -> list[Target]:
    """Where the place could be moved to now, the next date first; a look without a lock, so that
    the seat may be gone a moment later. Raises ``PlaceNotFound``."""
    place = await Place.get_or_none(id=place_id)
    if place is None:
        raise PlaceNotFound
    here = (await catalogue.offerings_by_seating([place.seating_id]))[place.seating_id]
    if here.kind != "session":
        return []
    training_id = (await catalogue.session(here.id)).training.id
    lines = await catalogue.sessions(Sought(training=training_id, since=now))
    others = [line for line in lines if line.seating_id != here.seating_id]
    full = await occupancies({line.seating_id: line.seats for line in others})
    found = [
        Target(catalogue.session_offering(line), full[line.seating_id].left) for line in others
    ]
    return [each for each in found if each.left and _is_open(each.offering, now=now)]


def _is_open(offering: Offering, *, now: datetime) -> bool:
    opened = offering.opens_at is None or offering.opens_at <= now
    return opened and now < offering.closes_at


async def transfer(
    place_id: UUID,
    to: Offering,
    *,
    by: By,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
    why: Why | None = None,
) -> Taken:
    """The person has a seat on ``to``, at its price, and the old place is free; the new one says
    where it comes from. All of it or nothing: while the target is full, the old place stands.

    Both seatings are locked in the order of their ids, so that two who swap wait and do not
    deadlock. Raises ``PlaceNotFound``, ``SameSession``, ``NotSameTraining``, ``NotCancellable``,
    ``TargetFull``, ``AlreadySignedUp``, ``PrerequisitesMissing``, and what ``check_open`` and
    ``check_cancels`` raise.
    """
    async with transaction():
        place, seatings, offerings = await _lock_both(place_id, to)
        before, after = offerings[place.seating_id], offerings[to.seating_id]
        _check_move(place, before, after, by, why=why, now=now)
        if await Place.filter(
            seating_id=after.seating_id, person_id=place.person_id, current=True
        ).exists():
            raise AlreadySignedUp
        target = seatings[after.seating_id]
        settled = await settle(target, after, settings=settings, now=now)
        moved = await _on_target(place, target, settled, by, now=now)
        was, known = PlaceStatus(place.status), is_told(place)
        await end_place(place, actor_id=actor_id, now=now, why=why)
        await moved.save(force_create=True)
        after = settled.offering
        if moved.status == PlaceStatus.CONFIRMED:
            after = await sure_with(
                after,
                confirmed=settled.numbers.confirmed + 1,
                besides=[moved.id],
                settings=settings,
                now=now,
            )
        others = await other_places([place.person_id], after)
        found = (await overlaps_of(others, after)).get(place.person_id, ())
        if known and was in SURE:
            told = Told.of(place.id, place.person)
            await queue(letter(News.LEFT, before, told, settings=settings, now=now))
        if is_told(moved):
            mail = _moved_mail(moved, place, after, found, settings=settings, now=now)
            await queue(mail)
        await taken_entry(moved, actor_id, now=now, codes=("moved",)).save(force_create=True)
        await ask_approvers([moved], after, settings=settings, now=now)
        await fill(seatings[before.seating_id], before, settings=settings, now=now)
    seen = visible(found, SHOWN[by], company_id=place.company_id)
    return replace(await answer_of(moved), overlaps=seen)


async def _lock_both(
    place_id: UUID, to: Offering
) -> tuple[Place, Mapping[UUID, LockedSeating], Mapping[UUID, Offering]]:
    found = await Place.get_or_none(id=place_id)
    if found is None:
        raise PlaceNotFound
    if found.seating_id == to.seating_id:
        raise SameSession
    both = sorted((found.seating_id, to.seating_id))
    seatings = {each: await lock_seating(each) for each in both}
    place = await Place.get(id=place_id).select_related("person")
    return place, seatings, await catalogue.offerings_by_seating(both)


async def _on_target(
    place: Place, target: LockedSeating, settled: Settled, by: By, *, now: datetime
) -> Place:
    """Unsaved: the same person's place on the target. Raises ``TargetFull``."""
    try:
        status = place_for(
            target.seats,
            settled.numbers.taken,
            waiting=settled.ahead,
            waiting_open=False,
            quota_left=settled.quota_left(place.company_id),
        )
    except SeatingFull:
        raise TargetFull from None
    moved = new_place(
        settled.offering,
        place.person_id,
        status=status,
        awaits=await _fit(place, settled.offering, by, now=now),
        turn=target.turn,
        source=Source(place.source),
        company_id=place.company_id,
        actor_id=place.enrolled_by,
        order_number=place.order_number,
        now=now,
    )
    moved.moved_from, moved.agreed_at = place.id, place.agreed_at
    return moved


def _moved_mail(
    moved: Place,
    place: Place,
    after: Offering,
    found: Found,
    *,
    settings: Settings,
    now: datetime,
) -> Mail:
    seated = moved.status == PlaceStatus.CONFIRMED
    return letter(
        News.MOVED if seated else News.HELD,
        after,
        Told.of(moved.id, place.person),
        settings=settings,
        now=now,
        seated=seated,
        until=moved.until,
        overlaps=[overlap for overlap, _by in found],
    )


def _check_move(
    place: Place,
    before: Offering,
    after: Offering,
    by: By,
    *,
    why: Why | None,
    now: datetime,
) -> None:
    status = PlaceStatus(place.status)
    if not place.current or status not in MOVABLE or now >= before.ends_at:
        raise NotCancellable
    if before.kind != "session" or after.kind != "session" or before.slug != after.slug:
        raise NotSameTraining
    if status in SURE:
        check_cancels(before, by, why=why, now=now)
    check_open(after.state, opens_at=after.opens_at, closes_at=after.closes_at, now=now)


async def _fit(place: Place, after: Offering, by: By, *, now: datetime) -> Awaits:
    """What the place awaits on the new date: what it did, and a look by staff where something will
    have lapsed by then that the coordinator may not know of."""
    awaits = Awaits(place.awaits)
    if awaits is Awaits.CHECK:
        return awaits
    lacks = (await lacks_of([place.person_id], after, now=now)).get(place.person_id, ())
    if not lacks:
        return awaits
    if by is By.COORDINATOR:
        return Awaits.CHECK
    raise PrerequisitesMissing(lacks)
