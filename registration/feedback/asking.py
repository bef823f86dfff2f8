"""The mail that asks for feedback: a day after the end, once, to those who said yes to surveys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from registration.catalogue import queries as catalogue
from registration.catalogue.models import Event, Session
from registration.catalogue.rules import Offering, State
from registration.db import one_at_a_time, transaction
from registration.enrolment.models import Place
from registration.feedback import tickets
from registration.feedback.models import Survey
from registration.feedback.queries import answered
from registration.feedback.rules import ASKED_AFTER, ASKED_WITHIN, WAS_THERE, closes_at
from registration.feedback.tickets import Leads, Ticket
from registration.i18n import speaking, text_in
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, own, queue_allowed
from registration.people.models import Consent
from registration.people.rules import Purpose
from registration.settings import Settings


@dataclass(frozen=True, slots=True)
class FeedbackMail:
    """``url`` leads to the form; it is the addressee's own."""

    title: str
    url: str
    until: datetime
    privacy_url: str


async def ask_due(settings: Settings, *, now: datetime) -> int:
    """Whoever was there and wants surveys has one mail with a link to the form; says how many.

    One session or event at a time, so that nothing waits long; each is asked about once, whatever
    it comes to.
    """
    done = 0
    for seating_id in await _over(now):
        (offering,) = (await catalogue.offerings_by_seating([seating_id])).values()
        done += await _ask(offering, settings=settings, now=now)
    return done


async def _over(now: datetime) -> list[UUID]:
    """Seatings of what ended lately, and about which nobody was asked."""
    found: list[UUID] = []
    for model in (Session, Event):
        rows = await model.filter(
            state=State.PUBLISHED.value,
            ends_at__lte=now - ASKED_AFTER,
            ends_at__gt=now - ASKED_WITHIN,
        ).values_list("id", "seating_id")
        done = await Survey.filter(
            offering_id__in=[row[0] for row in rows], asked_at__not_isnull=True
        ).values_list("offering_id", flat=True)
        asked = {UUID(str(each)) for each in done}
        found += [UUID(str(seat)) for made, seat in rows if UUID(str(made)) not in asked]
    return found


async def _ask(offering: Offering, *, settings: Settings, now: datetime) -> int:
    async with transaction():
        await one_at_a_time(f"survey {offering.id}")
        survey, _is_new = await Survey.get_or_create(
            offering_id=offering.id, defaults={"id": uuid4(), "kind": offering.kind}
        )
        if survey.asked_at is not None:
            return 0
        survey.asked_at = now
        await survey.save(update_fields=["asked_at"])
        if survey.closed_at is not None:
            return 0
        places = await _willing(offering, settings=settings)
        queued = await queue_allowed(
            [_letter(offering, place, settings=settings, now=now) for place in places]
        )
    return len(queued)


async def _willing(offering: Offering, *, settings: Settings) -> Sequence[Place]:
    """Those who were there, want surveys and have not answered. The gate of the mail has the last
    word on each."""
    places = await Place.filter(
        seating_id=offering.seating_id, status__in=[status.value for status in WAS_THERE]
    ).select_related("person")
    yes = Consent.filter(
        person_id__in=[place.person_id for place in places],
        purpose=Purpose.SURVEYS.value,
        withdrawn_at=None,
    ).exclude(confirmed_at=None)
    ids = await yes.values_list("person_id", flat=True)
    willing = {UUID(str(each)) for each in ids}
    done = await answered([place.id for place in places], secret=settings.secret)
    return [
        place
        for place in places
        if place.person_id in willing and place.person.email and place.id not in done
    ]


def _letter(offering: Offering, place: Place, *, settings: Settings, now: datetime) -> Mail:
    person, until = place.person, closes_at(offering)
    token = tickets.write(Ticket(Leads.PLACE, place.id), settings.secret)
    with speaking(person.language):
        title = text_in(offering.title)
    return compose(
        "feedback",
        Addressee(
            person.email, f"{person.first_name} {person.last_name}", person.language, person.id
        ),
        FeedbackMail(title, own("url"), until, f"{settings.base_url}/privacy"),
        settings=settings,
        purpose=MailPurpose.SURVEY,
        now=now,
        drop_at=until,
        filled={"url": f"{settings.base_url}/feedback/{token}"},
    )
