"""Both sides of an enrolment: whom a company enrols says yes, corrects, or objects (P6).

GDPR Art. 14: they hear at once where their data came from; Art. 16 and 21: they correct it, and
object, by a link in that mail, without an account.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from registration.accounts.models import Account
from registration.accounts.overview import holders
from registration.accounts.rules import Role
from registration.companies import queries as companies
from registration.companies.queries import CompanyLine
from registration.db import transaction
from registration.enrolment import queries
from registration.enrolment.links import address_mark, read_enrolled
from registration.enrolment.models import Objection, Place
from registration.enrolment.queries import PlaceLine
from registration.errors import Conflict, NotFound
from registration.i18n import N_, speaking, text_in
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue_many
from registration.people import queries as people
from registration.people.queries import SuggestionLine
from registration.people.rules import Contact
from registration.people.service import correct
from registration.settings import Settings

# A link in a mail is not for ever: afterwards one logs in.
LINK_LIFE = timedelta(days=60)
LONGEST_REASON = 1000
AGREED, OBJECTED = "agreed", "objected"
# By place: when the person agreed to it, and when they objected.
Answers = Mapping[UUID, tuple[datetime | None, datetime | None]]
UNANSWERED = (None, None)


class EnrolledLinkEnded(NotFound):
    message = N_("This link has ended, or its address is not whole. Log in to see your places.")


class AlreadyObjected(Conflict):
    message = N_("You have objected already. We and the company have been told.")


class ObjectionNotFound(NotFound):
    message = N_("There is no such objection.")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A place that a company took, as its person sees it. ``suggestions``: what this or another
    company gave that differs from what is known."""

    place: PlaceLine
    company: CompanyLine
    contact: Contact
    suggestions: tuple[SuggestionLine, ...]
    agreed_at: datetime | None
    objected_at: datetime | None

    @property
    def stands(self) -> bool:
        return self.place.ended_at is None


async def open_link(token: str, *, settings: Settings, now: datetime) -> Enrolled:
    """What the link in the mail is about. Raises ``EnrolledLinkEnded``: for what we never gave,
    when it is over, after two months, and when the person has another address."""
    read = read_enrolled(token, settings)
    row = await Place.get_or_none(id=read[0]).select_related("person") if read else None
    if read is None or row is None or row.company_id is None:
        raise EnrolledLinkEnded
    ended = now >= row.created_at + LINK_LIFE
    if ended or read[1] != address_mark(row.person.email, settings):
        raise EnrolledLinkEnded
    place = await queries.place(row.id)
    if now >= place.offering.ends_at:
        raise EnrolledLinkEnded
    return Enrolled(
        place=place,
        company=await companies.company(row.company_id),
        contact=await people.contact(row.person_id),
        suggestions=tuple(await people.suggestions(row.person_id)),
        agreed_at=row.agreed_at,
        objected_at=row.objected_at,
    )


async def agree(enrolled: Enrolled, contact: Contact, *, now: datetime) -> tuple[str, ...]:
    """The person has confirmed the place and that ``contact`` is right; says what they corrected.

    Suggestions are settled by it. Raises ``SamePerson``.
    """
    place = enrolled.place
    async with transaction():
        changed = await correct(place.person_id, contact, actor_id=place.person_id, now=now)
        if await Place.filter(id=place.id, current=True).update(agreed_at=now):
            await _record(place, AGREED, now=now)
    return changed


async def object_to(enrolled: Enrolled, reason: str, *, settings: Settings, now: datetime) -> None:
    """The objection is on record, and the company's coordinators and our privacy contact hear that
    there is one. The reason stands in no mail: it may be private. Raises ``AlreadyObjected``."""
    place = enrolled.place
    async with transaction():
        if not await Place.filter(id=place.id, objected_at=None).update(objected_at=now):
            raise AlreadyObjected
        await Objection.create(
            id=uuid4(),
            place_id=place.id,
            person_id=place.person_id,
            company_id=place.company_id,
            reason=reason[:LONGEST_REASON],
            made_at=now,
        )
        await _record(place, OBJECTED, now=now)
        await queue_many(await _letters(enrolled, settings=settings, now=now))


async def _record(place: PlaceLine, code: str, *, now: datetime) -> None:
    await record(
        Act.PLACE_CHANGED,
        now=now,
        actor_id=place.person_id,
        subject_id=place.person_id,
        object_id=place.id,
        note=Note(codes=(code,)),
    )


@dataclass(frozen=True, slots=True)
class ObjectionMail:
    """Who objects is on the page behind the login, at ``url``."""

    title: str
    company: str
    url: str


async def _letters(enrolled: Enrolled, *, settings: Settings, now: datetime) -> list[Mail]:
    company, house = enrolled.company, settings.organisation
    found = await holders(Role.COORDINATOR, scope_id=company.id, now=now)
    accounts = await Account.filter(id__in=[each.account_id for each in found if each.in_force])
    told = [
        (
            Addressee(row.email, row.name, row.language, account_id=row.id),
            "/company/answers",
        )
        for row in accounts
    ]
    desk = Addressee(house.privacy_email, house.privacy_contact, settings.languages[0])
    letters: list[Mail] = []
    for addressee, path in [*told, (desk, "/staff/ledger/objections")]:
        with speaking(addressee.language):
            title = text_in(enrolled.place.offering.title)
        page = ObjectionMail(title, company.name, settings.base_url + path)
        letters.append(
            compose(
                "objected",
                addressee,
                page,
                settings=settings,
                purpose=MailPurpose.RIGHTS,
                now=now,
            )
        )
    return letters


@dataclass(frozen=True, slots=True)
class ObjectionLine:
    """``place`` tells who objects to what; ``settled_at`` None: nobody has dealt with it yet."""

    id: UUID
    place: PlaceLine
    reason: str
    made_at: datetime
    settled_at: datetime | None


async def objections(
    *, company_ids: Collection[UUID] | None = None, settled: bool | None = None, limit: int = 200
) -> list[ObjectionLine]:
    """The newest first, of these companies (None: of any); settled, open, or (None) both."""
    found = Objection.all()
    if company_ids is not None:
        found = found.filter(company_id__in=list(company_ids))
    if settled is not None:
        found = found.filter(settled_at__isnull=not settled)
    rows: Sequence[Objection] = await found.order_by("-made_at", "id").limit(limit)
    places = await queries.places_by_id([row.place_id for row in rows])
    return [
        ObjectionLine(row.id, places[row.place_id], row.reason, row.made_at, row.settled_at)
        for row in rows
    ]


async def open_objections() -> int:
    return await Objection.filter(settled_at=None).count()


async def settle_objection(objection_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """Staff have dealt with it. Raises ``ObjectionNotFound``; a second time changes nothing."""
    async with transaction():
        row = await Objection.get_or_none(id=objection_id)
        if row is None:
            raise ObjectionNotFound
        if row.settled_at is None:
            row.settled_at, row.settled_by = now, actor_id
            await row.save(update_fields=["settled_at", "settled_by"])
            await record(
                Act.PLACE_CHANGED,
                now=now,
                actor_id=actor_id,
                subject_id=row.person_id,
                object_id=row.place_id,
                note=Note(codes=(OBJECTED, "settled")),
            )


async def answers_of(person_id: UUID) -> Answers:
    """When the person agreed and objected, by each place that a company took for them."""
    rows = await Place.filter(person_id=person_id, company_id__isnull=False).values_list(
        "id", "agreed_at", "objected_at"
    )
    return {UUID(str(made)): (agreed, objected) for made, agreed, objected in rows}
