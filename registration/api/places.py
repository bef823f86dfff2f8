"""What the API answers of places: one that was given, many at once, and lists of them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ConfigDict

from registration.api.shapes import AN_ID, FieldProblem, Shape, Texts, in_zone
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import Taken
from registration.i18n import N_, _

PlaceWord = Literal["held", "offered", "confirmed", "waiting", "cancelled", "attended", "no_show"]

FORBIDDEN = N_(
    "This address said no to it before. Only the person can allow it again, on their own page or "
    "by the form for the newsletter."
)

AwaitsWord = Literal["", "approval", "check"]


class ConsentRefused(Shape):
    """A consent that was not noted, and why. Only staff are told."""

    consent: str
    message: str


class Place(Shape):
    """``position`` counts from 1 on the waiting list, else it is null. ``until``: when an offer or
    a hold ends. ``awaits``: what the place still needs: a company's approval, a check by staff.
    ``consents_refused``: those whose address said no before, which nobody else can undo."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": AN_ID,
                    "status": "confirmed",
                    "position": None,
                    "until": None,
                    "awaits": "",
                    "consents_refused": [],
                }
            ]
        }
    )

    id: UUID
    status: PlaceWord
    position: int | None
    until: datetime | None = None
    awaits: AwaitsWord = ""
    consents_refused: tuple[ConsentRefused, ...] = ()

    @classmethod
    def of(cls, taken: Taken) -> Place:
        return cls(
            id=taken.id,
            status=taken.status.value,
            position=taken.position,
            until=taken.until,
            awaits=taken.awaits.value,
            consents_refused=tuple(
                ConsentRefused(consent=purpose.value, message=_(FORBIDDEN))
                for purpose in taken.forbidden
            ),
        )


class RowError(Shape):
    """Why a row got no place; ``errors`` name the fields of its person."""

    code: str
    message: str
    errors: tuple[FieldProblem, ...] = ()


class RowPlace(Shape):
    """One person of ``people``: the place it got, or why not. ``row`` counts from 0."""

    row: int
    id: UUID | None = None
    status: PlaceWord | None = None
    position: int | None = None
    error: RowError | None = None


class GroupPlaces(Shape):
    results: tuple[RowPlace, ...]
    confirmed: int
    waiting: int
    refused: int


class Name(Shape):
    """``email`` is null where it is not shown."""

    first_name: str
    last_name: str
    email: str | None


class Offered(Shape):
    """What a place is on: a session (with its training's title) or an event."""

    id: UUID
    title: Texts
    starts_at: datetime
    ends_at: datetime


class CompanyName(Shape):
    id: UUID
    name: str


class Enrolment(Shape):
    """``order_number`` is the company's own, for the invoice."""

    id: UUID
    session: Offered
    person: Name
    company: CompanyName | None
    status: PlaceWord
    position: int | None
    source: str
    created_at: datetime
    ended_at: datetime | None
    order_number: str

    @classmethod
    def of(cls, line: PlaceLine, *, with_email: bool) -> Enrolment:
        zone = ZoneInfo(line.offering.zone)
        return cls(
            id=line.id,
            session=offered(line),
            person=_name(line, with_email=with_email),
            company=_company(line),
            status=line.status.value,
            position=line.position,
            source=line.source,
            created_at=line.created_at.astimezone(zone),
            ended_at=in_zone(line.ended_at, zone),
            order_number=line.order_number,
        )


class Registration(Shape):
    """Never a diet: that is for the organisers of the event alone."""

    id: UUID
    event: Offered
    person: Name
    status: PlaceWord
    position: int | None
    source: str
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, line: PlaceLine) -> Registration:
        zone = ZoneInfo(line.offering.zone)
        return cls(
            id=line.id,
            event=offered(line),
            person=_name(line, with_email=True),
            status=line.status.value,
            position=line.position,
            source=line.source,
            created_at=line.created_at.astimezone(zone),
            ended_at=in_zone(line.ended_at, zone),
        )


def offered(line: PlaceLine) -> Offered:
    zone = ZoneInfo(line.offering.zone)
    return Offered(
        id=line.offering.id,
        title=line.offering.title,
        starts_at=line.offering.starts_at.astimezone(zone),
        ends_at=line.offering.ends_at.astimezone(zone),
    )


def _name(line: PlaceLine, *, with_email: bool) -> Name:
    return Name(
        first_name=line.first_name,
        last_name=line.last_name,
        email=line.email if with_email else None,
    )


def _company(line: PlaceLine) -> CompanyName | None:
    if line.company_id is None:
        return None
    return CompanyName(id=line.company_id, name=line.company_name)
