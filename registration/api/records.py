"""What the API answers of results, of accounts, and of what is on record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ConfigDict

from registration.accounts.queries import AccountLine, GrantLine
from registration.api.shapes import AN_ID, Session, Shape, Texts, in_zone
from registration.catering.rules import reveal
from registration.catering.service import Counted, GuestDiet, KitchenCounts
from registration.catering.sheets import Sheet
from registration.ledger.queries import DisclosureLine, ReceiptLine
from registration.teaching.queries import AssignmentLine, RecipientLine
from registration.teaching.rules import DayOf
from registration.teaching.service import Participant as Taught


class Diet(Shape):
    """``contact_consent``: a serious allergy may be asked about. ``skipped_meals``: ids of
    the event's meals that the guest does not take."""

    needs: tuple[str, ...]
    allergies: tuple[str, ...]
    other: str
    serious: bool
    contact_consent: bool
    skipped_meals: tuple[UUID, ...]


class GuestWithDiet(Shape):
    """``id`` is the registration's. ``diet`` null: it was lost, the guest can give it again."""

    id: UUID
    name: str
    company: str
    diet: Diet | None

    @classmethod
    def of(cls, guest: GuestDiet) -> GuestWithDiet:
        shown = reveal(guest.diet) if guest.diet else None
        return cls(
            id=guest.place_id,
            name=guest.name,
            company=guest.company,
            diet=Diet(
                needs=shown.needs,
                allergies=shown.allergies,
                other=shown.other,
                serious=shown.serious,
                contact_consent=shown.contact,
                skipped_meals=shown.skipped,
            )
            if shown
            else None,
        )


class Plate(Shape):
    codes: tuple[str, ...]
    guests: int


class SheetPlate(Shape):
    """A line of the kitchen sheet. ``apart``: not even traces; ``alone``: of guests who agreed to a
    line of their own. ``guests`` by the meals' ids."""

    codes: tuple[str, ...]
    apart: bool
    alone: bool
    guests: Mapping[str, int]


class KitchenSheet(Shape):
    """What may be handed on: rare wishes share a plate that suits them all, so that no line and no
    difference of lines is about fewer than three guests, but for those who agreed to it. An event
    that names no meals has one, under the event's own id."""

    guests: Mapping[str, int]
    plates: tuple[SheetPlate, ...]

    @classmethod
    def of(cls, sheet: Sheet) -> KitchenSheet:
        ids = [str(meal.id) for meal in sheet.meals]
        return cls(
            guests=dict(zip(ids, sheet.guests, strict=True)),
            plates=tuple(
                SheetPlate(
                    codes=plate.codes,
                    apart=plate.apart,
                    alone=plate.alone,
                    guests=dict(zip(ids, plate.guests, strict=True)),
                )
                for plate in sheet.plates
            ),
        )


class Kitchen(Shape):
    """Numbers without names. ``combinations`` are what belongs on one plate; those of fewer than
    three guests are only counted, in ``other_combinations``. ``other``: guests with free text.
    These are for the organisers, who may see the diets themselves; ``sheet`` is for the kitchen."""

    guests: int
    with_diet: int
    needs: Mapping[str, int]
    allergies: Mapping[str, int]
    combinations: tuple[Plate, ...]
    other_combinations: int
    other: int
    serious: int
    lost: int
    sheet: KitchenSheet

    @classmethod
    def of(cls, counts: KitchenCounts, sheet: Sheet) -> Kitchen:
        return cls(
            sheet=KitchenSheet.of(sheet),
            guests=counts.guests,
            with_diet=counts.with_diet,
            needs=_by_code(counts.needs),
            allergies=_by_code(counts.allergies),
            combinations=tuple(
                Plate(codes=each.codes, guests=each.guests) for each in counts.combinations
            ),
            other_combinations=counts.other_combinations,
            other=counts.other,
            serious=counts.serious,
            lost=counts.lost,
        )


def _by_code(counts: tuple[Counted, ...]) -> dict[str, int]:
    return {each.codes[0]: each.guests for each in counts}


class TaughtSession(Session):
    """A session as anyone sees it, and ``recipient``: for which organisation the trainer teaches.

    ``closed``: why its people are not shown (any more), or empty. ``people`` and ``decided`` are
    counts. ``locked``: the results are final.
    """

    recipient: str
    access_ends_at: datetime
    people: int
    decided: int
    closed: str
    invitation: Literal["invited", "accepted", "declined"]
    locked: bool


class Participant(Shape):
    """Name and company, and nothing else; ``id`` is the enrolment's."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": AN_ID, "name": "Aino Virtanen", "company": "Rata Oy"}]
        }
    )

    id: UUID
    name: str
    company: str


class OutcomeShown(Shape):
    """What is recorded of an enrolment. ``attendance`` is by date; ``grade`` is empty when there
    is none; ``completed`` null: not decided. ``version`` counts the times it was recorded. ``rule``
    is what the training's rule says (null: it has none), ``because`` why the result is another."""

    enrolment: UUID
    attendance: Mapping[date, bool]
    grade: str
    completed: bool | None
    no_show: bool
    because: str
    rule: Literal["met", "not_met", "not_yet"] | None
    version: int

    @classmethod
    def of(cls, taught: Taught, days: tuple[DayOf, ...]) -> OutcomeShown:
        dates = {day.id: day.on for day in days}
        stands = taught.recorded
        return cls(
            enrolment=taught.place_id,
            attendance={
                dates[day]: present for day, present in stands.attendance.items() if day in dates
            },
            grade=stands.grade,
            completed=stands.completed,
            no_show=stands.no_show,
            because=stands.because,
            rule=taught.verdict.value if taught.verdict else None,
            version=taught.version,
        )


class OutcomesShown(Shape):
    """``certificates``: how many were issued by this recording, and how many revoked."""

    outcomes: tuple[OutcomeShown, ...]
    certificates_issued: int
    certificates_revoked: int


class QualifiedPerson(Shape):
    id: UUID
    name: str


class QualifiedTraining(Shape):
    id: UUID
    title: Texts


class Qualification(Shape):
    """``number`` is the certificate's; ``valid_until`` the last valid day, null: no end."""

    person: QualifiedPerson
    training: QualifiedTraining
    number: str
    issued_on: date
    valid_until: date | None
    status: Literal["valid", "expired", "revoked"]


class Receipt(Shape):
    """Proof that diets were deleted, without saying what they said."""

    id: UUID
    event: UUID
    reason: str
    diets: int
    due_at: datetime
    done_at: datetime
    lateness_seconds: float

    @classmethod
    def of(cls, line: ReceiptLine, zone: ZoneInfo) -> Receipt:
        return cls(
            id=line.id,
            event=line.event_id,
            reason=line.reason,
            diets=line.diets,
            due_at=line.due_at.astimezone(zone),
            done_at=line.done_at.astimezone(zone),
            lateness_seconds=line.lateness_seconds,
        )


class Disclosure(Shape):
    """That data of a person was shown or sent. Ids only: ``actor`` is an account, ``recipient`` a
    trainer organisation or a company."""

    id: UUID
    at: datetime
    person: UUID
    actor: UUID | None
    recipient: UUID | None
    object: UUID | None
    purpose: str
    basis: str
    road: str
    fields: tuple[str, ...]

    @classmethod
    def of(cls, line: DisclosureLine, zone: ZoneInfo) -> Disclosure:
        return cls(
            id=line.id,
            at=line.at.astimezone(zone),
            person=line.person_id,
            actor=line.actor_id,
            recipient=line.recipient_id,
            object=line.object_id,
            purpose=line.purpose,
            basis=line.basis,
            road=line.road,
            fields=line.fields,
        )


class Grant(Shape):
    """``over``: the company or the event; null: the organisation. ``given_by`` null: on the server
    itself. ``until``: when it ends if nobody reviews it."""

    id: UUID
    role: str
    over: UUID | None
    reason: str
    given_by: UUID | None
    since: datetime
    until: datetime
    reviewed_at: datetime | None
    in_force: bool

    @classmethod
    def of(cls, line: GrantLine, zone: ZoneInfo) -> Grant:
        return cls(
            id=line.id,
            role=line.role.value,
            over=line.scope_id,
            reason=line.reason,
            given_by=line.granted_by,
            since=line.starts_at.astimezone(zone),
            until=line.closes_at.astimezone(zone),
            reviewed_at=in_zone(line.reviewed_at, zone),
            in_force=line.in_force,
        )


class Account(Shape):
    id: UUID
    email: str
    name: str
    language: str
    nda_on: date | None
    ended_at: datetime | None
    roles: tuple[Grant, ...]

    @classmethod
    def of(cls, line: AccountLine, zone: ZoneInfo) -> Account:
        return cls(
            id=line.id,
            email=line.email,
            name=line.name,
            language=line.language,
            nda_on=line.nda_on,
            ended_at=in_zone(line.ended_at, zone),
            roles=tuple(Grant.of(each, zone) for each in line.grants),
        )


class Recipient(Shape):
    id: UUID
    name: str
    country: str
    agreement_on: date | None
    agreement_until: date | None
    safeguard: str

    @classmethod
    def of(cls, line: RecipientLine) -> Recipient:
        return cls.model_validate(line, from_attributes=True)


class Assignment(Shape):
    """Who teaches a session, for which organisation, and until when; what they said to being asked,
    and why they declined."""

    id: UUID
    account: UUID
    trainer: str
    recipient: UUID
    recipient_name: str
    ends_at: datetime
    invitation: Literal["invited", "accepted", "declined"]
    declined_because: str

    @classmethod
    def of(cls, line: AssignmentLine, zone: ZoneInfo) -> Assignment:
        return cls(
            id=line.id,
            account=line.account_id,
            trainer=line.trainer,
            recipient=line.recipient_id,
            recipient_name=line.recipient,
            ends_at=line.ends_at.astimezone(zone),
            invitation=line.invitation.value,
            declined_because=line.declined_because,
        )
