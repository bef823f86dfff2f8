"""Erasing a person: everything but what a duty keeps, with the reason why it stays (P11, P13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration import i18n
from registration.catering.service import withdraw_all
from registration.db import scrub, transaction
from registration.enrolment import queries as enrolment
from registration.enrolment import service as enrolment_service
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceStatus
from registration.errors import Conflict
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.people.models import Person
from registration.people.rules import PersonNotFound
from registration.privacy.datamap import DATA_MAP, Erasure
from registration.privacy.export import model_of
from registration.qualifications.models import Certificate
from registration.settings import Settings
from registration.teaching.models import Outcome

# Rows that point to others go before what they point to.
ORDER = (
    "passkey", "authenticator", "recovery_code", "outside_login", "code_guess",
    "api_token", "login", "login_link", "account_grant", "account",
    "mail", "dead_address", "objection", "suggestion", "consent", "employment", "printed",
    "named_feedback",
)  # fmt: skip


class StillRunning(Conflict):
    message = N_(
        "A training that you take part in is under way. Ask again when it has ended, "
        "or write to the privacy contact."
    )


@dataclass(frozen=True, slots=True)
class Erased:
    """``kept``: how many training records stay, because somebody must be able to prove them."""

    kept: int


async def what_stays(person_id: UUID) -> int:
    """How many completed trainings a duty keeps."""
    return await Outcome.filter(place__person_id=person_id, completed=True).count()


async def erase(
    person_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> Erased:
    """Nothing is held on the person but completed trainings, and for those the name and company.

    Places to come are cancelled first, so that their diets go and their seats are free. A second
    call changes nothing. Raises ``PersonNotFound``, ``StillRunning``.
    """
    if not await Person.filter(id=person_id).exists():
        raise PersonNotFound
    for place in await enrolment.places_of_person(person_id):
        if place.status is PlaceStatus.CANCELLED or place.offering.ends_at <= now:
            continue
        if place.offering.starts_at <= now and place.offering.kind == "session":
            raise StillRunning
        await enrolment_service.cancel(place.id, actor_id=actor_id, settings=settings, now=now)
    await withdraw_all(person_id, settings=settings, now=now)
    async with transaction():
        kept = await _kept_places(person_id)
        for name in ORDER:
            table = DATA_MAP[name]
            if table.erasure is Erasure.DELETE:
                await model_of(name).filter(**{table.subject: person_id}).delete()
        gone = Place.filter(person_id=person_id)
        if kept:
            await gone.exclude(id__in=list(kept)).delete()
            await _blank(person_id, now=now)
        else:
            await gone.delete()
            await Person.filter(id=person_id).delete()
        await record(
            Act.PERSON_ERASED,
            now=now,
            actor_id=actor_id,
            subject_id=person_id,
            note=Note(count=len(kept)),
        )
    await scrub()
    return Erased(len(kept))


async def _kept_places(person_id: UUID) -> set[UUID]:
    completed = await Outcome.filter(place__person_id=person_id, completed=True).values_list(
        "place_id", flat=True
    )
    certified = await Certificate.filter(person_id=person_id).values_list("place_id", flat=True)
    return {UUID(str(found)) for found in (*completed, *certified)}


async def _blank(person_id: UUID, *, now: datetime) -> None:
    """Name and company stay, to say whose certificates these are; the rest goes."""
    await Person.filter(id=person_id).update(
        email="",
        name_key=str(person_id),
        phone="",
        street="",
        postal_code="",
        city="",
        country="",
        language=i18n.LANGUAGES[0],
        changed_at=now,
    )
