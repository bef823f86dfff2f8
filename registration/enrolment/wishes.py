"""What somebody wishes who signs up, and the steps from there to a place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from registration.catalogue.rules import Offering
from registration.enrolment.admission import lacks_of, needed
from registration.enrolment.letters import NEWS_OF, Told, letter
from registration.enrolment.models import Place
from registration.enrolment.overlaps import Found
from registration.enrolment.placing import is_told, new_place, taken_entry
from registration.enrolment.rules import (
    AlreadySignedUp,
    Awaits,
    PlaceStatus,
    PrerequisitesMissing,
    ShownTo,
    SubmissionReused,
    Why,
)
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people.models import Person
from registration.people.rules import Contact, Purpose, Source
from registration.settings import Settings


@dataclass(frozen=True, slots=True)
class SignUp:
    """One person's wish for a place. ``submission`` is the form's own id: sent twice, it is
    answered twice and done once. ``diet_token`` holds a diet that is stored already.

    ``shown_to`` reads the answer, which tells no more than that reader may know; it is ``PERSON``
    only while the person turns out to be the one ``logged_in``, and ``proven`` says that this login
    shows the address to be theirs. ``waived``: staff take them though they lack what the training
    needs first, for this reason. ``read_in``: the language in which the words of the consents were
    read, if not the contact's.
    """

    contact: Contact
    source: Source
    consents: tuple[Purpose, ...] = ()
    submission: str | None = None
    diet_token: str | None = None
    company_id: UUID | None = None
    company_name: str = ""
    actor_id: UUID | None = None
    shown_to: ShownTo = ShownTo.NOBODY
    logged_in: UUID | None = None
    proven: bool = False
    order_number: str = ""
    waived: Why | None = None
    read_in: str = ""

    def reader(self, person_id: UUID) -> ShownTo:
        """Who reads the answer, now that it is known of whom it tells."""
        if self.shown_to is ShownTo.PERSON and self.logged_in != person_id:
            return ShownTo.NOBODY
        return self.shown_to


async def held_before(person_ids: Iterable[UUID], submissions: Iterable[str]) -> list[Place]:
    """The current places of these persons, and what was taken by these submissions."""
    same = Q(person_id__in=list(person_ids), current=True)
    sent = list(submissions)
    return await Place.filter(same | Q(submission__in=sent) if sent else same)


def found_before(
    held: Iterable[Place], seating_id: UUID, person_id: UUID, wish: SignUp
) -> tuple[Place | None, list[Place]]:
    """Of what was ``held_before``: the place that the same submission took, if one did, and the
    person's places on other seatings. Raises ``AlreadySignedUp`` when the person holds this one by
    another submission, ``SubmissionReused`` when the submission took something else."""
    others: list[Place] = []
    for place in held:
        if wish.submission is None or place.submission != wish.submission:
            if place.person_id != person_id:
                continue
            if place.seating_id == seating_id:
                raise AlreadySignedUp
            others.append(place)
            continue
        if place.person_id != person_id or place.seating_id != seating_id:
            raise SubmissionReused
        return place, []
    return None, others


async def admitted(offering: Offering, person_id: UUID, wish: SignUp, *, now: datetime) -> Awaits:
    """What the place awaits. Raises ``PrerequisitesMissing`` to who may know that."""
    if wish.waived is not None or not await needed(offering):
        return Awaits.NOTHING
    if wish.reader(person_id) in (ShownTo.NOBODY, ShownTo.COMPANY):
        return Awaits.CHECK
    lacks = (await lacks_of([person_id], offering, now=now)).get(person_id, ())
    if lacks:
        raise PrerequisitesMissing(lacks)
    return Awaits.NOTHING


def wished_place(
    offering: Offering,
    person_id: UUID,
    wish: SignUp,
    *,
    status: PlaceStatus,
    awaits: Awaits,
    turn: int,
    now: datetime,
) -> Place:
    place = new_place(
        offering,
        person_id,
        status=status,
        awaits=awaits,
        turn=turn,
        source=wish.source,
        company_id=wish.company_id,
        actor_id=wish.actor_id,
        order_number=wish.order_number,
        now=now,
    )
    place.submission, place.diet_token = wish.submission, wish.diet_token
    return place


def mail_of(
    place: Place,
    person: Person,
    offering: Offering,
    wish: SignUp,
    found: Found,
    *,
    position: int | None,
    settings: Settings,
    now: datetime,
) -> Mail | None:
    """The person's mail, unsaved, which may say all that is theirs; None: they are not told yet."""
    if not is_told(place):
        return None
    status = PlaceStatus(place.status)
    return letter(
        NEWS_OF[status],
        offering,
        Told.of(place.id, person),
        settings=settings,
        now=now,
        position=position,
        enrolled_by=wish.company_name,
        seated=status is PlaceStatus.CONFIRMED,
        until=place.until,
        overlaps=[overlap for overlap, _by in found],
        source=wish.source,
    )


def entry_of(place: Place, wish: SignUp, *, now: datetime) -> Entry:
    """What the ledger says of it, unsaved."""
    codes = (wish.waived.value,) if wish.waived else ()
    return taken_entry(place, wish.actor_id, now=now, codes=codes)
