"""Food restrictions: given with a registration, changed, withdrawn, and seen by the organisers.

The diet is written first and the registration that holds its token after it, so that an
acknowledged registration always has its diet; what has no registration is swept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from registration.accounts.rules import Identity
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine
from registration.catalogue.rules import Offering
from registration.catering import store
from registration.catering.rules import (
    ALLERGEN_CODES,
    FOLD_BELOW,
    NEED_CODES,
    Diet,
    DietsClosed,
    DietsDeleted,
    KitchenClosed,
    NotCatered,
    NotYourEvent,
    Reason,
    asks,
    kitchen_closes_at,
    may_give,
    reveal,
)
from registration.catering.sealing import deletion_id, new_token
from registration.db import transaction
from registration.enrolment import queries as enrolment
from registration.enrolment import service as enrolment_service
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import SEATED, Taken
from registration.enrolment.service import SignUp
from registration.errors import DomainError
from registration.i18n import format_moment
from registration.ledger.rules import Act, Basis, Note
from registration.ledger.service import Shown, disclose, give_receipt, record
from registration.settings import Settings

PURPOSE = "catering"


async def register_guest(
    offering: Offering, wish: SignUp, diet: Diet | None, *, settings: Settings, now: datetime
) -> Taken:
    """The person holds a place at the event, and the diet, if one was given, is kept for it.

    Raises ``NotCatered``, ``DietsDeleted``, ``DietsClosed``, and what ``enrolment.sign_up`` raises;
    then no diet is kept. A repeated submission keeps the first one's diet.
    """
    if diet is None:
        return await enrolment_service.sign_up(offering, wish, settings=settings, now=now)
    _check_form(offering, now=now)
    token = new_token()
    await store.put(offering, token, diet, settings=settings, now=now)
    try:
        taken = await enrolment_service.sign_up(
            offering, replace(wish, diet_token=token), settings=settings, now=now
        )
    except DomainError:
        # Refused for certain. After any other failure the place may stand: the sweep finds out.
        await _take_back(offering.id, token)
        raise
    if taken.repeated:
        await _take_back(offering.id, token)
    elif not await store.holds(token):
        # It took so long that the diet was swept as one without a registration.
        await store.put(offering, token, diet, settings=settings, now=now)
    return taken


async def _take_back(event_id: UUID, token: str) -> int:
    """The diet is gone, or the event's deletion has begun and takes it along."""
    try:
        return await store.remove(event_id, [token])
    except DietsClosed:
        return 0


def _check_form(offering: Offering, *, now: datetime) -> None:
    if offering.kind != "event" or not offering.catered:
        raise NotCatered
    if offering.diets_deleted_at is not None:
        raise DietsDeleted(
            date=format_moment(offering.diets_deleted_at, zone=ZoneInfo(offering.zone))
        )
    if not asks(offering, now=now):
        raise DietsClosed
    if not may_give(offering, now=now):
        raise KitchenClosed(
            date=format_moment(kitchen_closes_at(offering), zone=ZoneInfo(offering.zone))
        )


async def change_diet(
    place_id: UUID, diet: Diet | None, *, settings: Settings, now: datetime
) -> None:
    """The place's diet is as given, or withdrawn and gone (None), with a receipt for that.

    The caller has checked that the place is the guest's own. Withdrawing is possible for as long
    as there is a diet. Raises ``PlaceNotFound``, ``NotCatered``, ``DietsDeleted``, ``DietsClosed``.
    """
    place = await enrolment.place(place_id)
    if diet is None:
        if place.diet_token is not None:
            await enrolment_service.drop_diet_tokens([place.id])
            await take_back([place], settings=settings, now=now)
        return
    _check_form(place.offering, now=now)
    if place.ended_at is not None:
        raise DietsClosed
    if place.diet_token is None:
        token = new_token()
        await store.put(place.offering, token, diet, settings=settings, now=now)
        if await enrolment_service.hold_diet(place_id, token):
            return
        await _take_back(place.offering.id, token)
        place = await enrolment.place(place_id)
        if place.diet_token is None:
            raise DietsClosed
    await store.put(place.offering, place.diet_token, diet, settings=settings, now=now)
    await store.scrub()


async def let_go_of_diets(person_id: UUID) -> list[PlaceLine]:
    """The register says of no place of this person any more that it holds a diet; gives those that
    did. To be called in a transaction, and then ``take_back`` when it has committed (P11)."""
    places = [each for each in await enrolment.places_of_person(person_id) if each.diet_token]
    await enrolment_service.drop_diet_tokens([place.id for place in places])
    return places


async def take_back(places: Sequence[PlaceLine], *, settings: Settings, now: datetime) -> int:
    """The diets that these places held are gone, each with a receipt; says how many. The register
    has let go of them before: should this process die between, they are swept."""
    done = 0
    for place in places:
        token = place.diet_token or ""
        gone = await _take_back(place.offering.id, token)
        done += gone
        if gone:
            await give_receipt(
                event_id=place.offering.id,
                reason=Reason.WITHDRAWN.value,
                diets=1,
                due_at=now,
                done_at=now,
                deletion_id=deletion_id(token, secret=settings.secret),
            )
    return done


async def diet_of(place_id: UUID, *, settings: Settings) -> Diet | None:
    """What the guest has said, for the guest; None also when it cannot be read any more.

    The caller has checked that the place is the guest's own. Raises ``PlaceNotFound``.
    """
    place = await enrolment.place(place_id)
    if place.diet_token is None:
        return None
    found = await store.opened(place.offering.id, settings=settings, token=place.diet_token)
    return found.get(place.diet_token)


@dataclass(frozen=True, slots=True)
class GuestDiet:
    """A seated guest who gave food restrictions; ``diet`` None: they were lost (the guest can give
    them again)."""

    place_id: UUID
    person_id: UUID
    name: str
    company: str
    diet: Diet | None


async def diets_of_event(
    event_id: UUID, *, identity: Identity, road: str, settings: Settings, now: datetime
) -> list[GuestDiet]:
    """By name; the look is on record before it is answered, person by person (P3, P15).

    ``road`` is ``page`` or ``api``. Raises ``NotYourEvent`` for whoever does not organise this
    very event, ``EventNotFound``, ``DietsDeleted``.
    """
    guests = [
        guest
        for guest in await seated_guests(event_id, identity=identity, settings=settings)
        if guest.diet is None or reveal(guest.diet).restricts
    ]
    async with transaction():
        await record(
            Act.DIETS_SEEN,
            now=now,
            actor_id=identity.account_id,
            object_id=event_id,
            note=Note(fields=("name", "diet"), count=len(guests), purpose=PURPOSE),
        )
        await disclose(
            [
                Shown(
                    person_id=guest.person_id,
                    fields=("name", "diet"),
                    purpose=PURPOSE,
                    basis=Basis.EXPLICIT_CONSENT,
                    road=road,
                    actor_id=identity.account_id,
                    object_id=event_id,
                )
                for guest in guests
            ],
            now=now,
        )
    return guests


async def seated_guests(
    event_id: UUID, *, identity: Identity, settings: Settings
) -> list[GuestDiet]:
    """Seated guests of whom something is kept, by name; for the organisers of the event alone.

    Raises ``NotYourEvent``, ``EventNotFound``, ``DietsDeleted``.
    """
    if not identity.organises(event_id):
        raise NotYourEvent
    return await kept_of(await catalogue.event(event_id), settings=settings)


async def kept_of(event: EventLine, *, settings: Settings) -> list[GuestDiet]:
    """As ``seated_guests``, for callers who have checked who asks: nothing here is for a reader
    before it was counted and folded. Raises ``DietsDeleted``."""
    if event.diets_deleted_at is not None:
        raise DietsDeleted(date=format_moment(event.diets_deleted_at, zone=ZoneInfo(event.zone)))
    held = await enrolment.diet_tokens(event.seating_id)
    diets = await store.opened(event.id, settings=settings)
    lines = [
        GuestDiet(place.id, place.person_id, place.name, place.company_name, diets.get(token))
        for token, place in held.items()
        if place.status in SEATED
    ]
    return sorted(lines, key=lambda line: (line.name.casefold(), line.place_id))


@dataclass(frozen=True, slots=True)
class Counted:
    """How many seated guests have all of ``codes`` (one code, or a combination)."""

    codes: tuple[str, ...]
    guests: int


@dataclass(frozen=True, slots=True)
class KitchenCounts:
    """What the kitchen cooks by: numbers, no names.

    ``guests``: all who are seated; ``with_diet``: of them, those with restrictions. ``needs`` and
    ``allergies`` count each code, in the order of the lists. ``combinations`` are what belongs on
    one plate, the most frequent first; those of fewer than three guests are only counted, in
    ``other_combinations``, so that nobody is singled out. ``other``: guests with free text;
    ``lost``: diets that cannot be read any more.
    """

    event_id: UUID
    guests: int
    with_diet: int
    needs: tuple[Counted, ...]
    allergies: tuple[Counted, ...]
    combinations: tuple[Counted, ...]
    other_combinations: int
    other: int
    serious: int
    lost: int


async def kitchen_counts(
    event_id: UUID, *, identity: Identity, settings: Settings, now: datetime
) -> KitchenCounts:
    """For the organisers of the event, on record. Raises what ``diets_of_event`` raises."""
    held = await seated_guests(event_id, identity=identity, settings=settings)
    event = await catalogue.event(event_id)
    taken, _waiting = (await enrolment.counts([event.seating_id])).get(event.seating_id, (0, 0))
    async with transaction():
        await record(
            Act.DIETS_SEEN,
            now=now,
            actor_id=identity.account_id,
            object_id=event_id,
            note=Note(fields=("counts",), count=len(held), purpose="kitchen"),
        )
    return _counted(event_id, [guest.diet for guest in held], guests=taken)


def _counted(event_id: UUID, diets: Sequence[Diet | None], *, guests: int) -> KitchenCounts:
    readable = [reveal(diet) for diet in diets if diet is not None]
    shown = [each for each in readable if each.restricts]
    lost = len(diets) - len(readable)
    needs = Counter(code for each in shown for code in each.needs)
    allergies = Counter(code for each in shown for code in each.allergies)
    plates = Counter(
        (*each.needs, *each.allergies) for each in shown if each.needs or each.allergies
    )
    frequent = sorted(
        (Counted(codes, count) for codes, count in plates.items() if count >= FOLD_BELOW),
        key=lambda plate: (-plate.guests, plate.codes),
    )
    return KitchenCounts(
        event_id=event_id,
        guests=guests,
        with_diet=len(shown) + lost,
        needs=tuple(Counted((code,), needs[code]) for code in NEED_CODES if needs[code]),
        allergies=tuple(
            Counted((code,), allergies[code]) for code in ALLERGEN_CODES if allergies[code]
        ),
        combinations=tuple(frequent),
        other_combinations=sum(plates.values()) - sum(plate.guests for plate in frequent),
        other=sum(bool(each.other) for each in shown),
        serious=sum(each.serious for each in shown),
        lost=lost,
    )
