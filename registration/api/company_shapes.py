"""What the API answers a company of its seats without names and of its people."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from registration.api.places import Offered
from registration.api.shapes import Shape
from registration.enrolment.holds import HeldLine
from registration.qualifications.workforce import Worker


class Seat(Shape):
    """A seat without a name, until ``until``."""

    id: UUID
    session: Offered
    until: datetime
    order_number: str

    @classmethod
    def of(cls, line: HeldLine) -> Seat:
        zone, offering = ZoneInfo(line.offering.zone), line.offering
        return cls(
            id=line.id,
            session=Offered(
                id=offering.id,
                title=offering.title,
                starts_at=offering.starts_at.astimezone(zone),
                ends_at=offering.ends_at.astimezone(zone),
            ),
            until=line.until.astimezone(zone),
            order_number=line.order_number,
        )


class Seats(Shape):
    items: tuple[Seat, ...]


class GivenBack(Shape):
    id: UUID
    status: Literal["given_back"] = "given_back"


class Earned(Shape):
    """``valid_until``: the last valid day, null: no end."""

    training: UUID
    number: str
    valid_until: date | None
    status: Literal["valid", "expired", "revoked"]


class Coming(Shape):
    """A place ahead that the company took."""

    id: UUID
    session: UUID
    starts_at: datetime
    status: str


class Employee(Shape):
    id: UUID
    first_name: str
    last_name: str
    email: str
    leaves_at: datetime | None
    qualifications: tuple[Earned, ...]
    places: tuple[Coming, ...]

    @classmethod
    def of(cls, one: Worker) -> Employee:
        return cls(
            id=one.name.person_id,
            first_name=one.name.first_name,
            last_name=one.name.last_name,
            email=one.name.email,
            leaves_at=one.leaves_at,
            qualifications=tuple(
                Earned(
                    training=each.training_id,
                    number=each.number,
                    valid_until=each.valid_until,
                    status=each.state.value,
                )
                for each in one.qualifications
            ),
            places=tuple(
                Coming(
                    id=each.id,
                    session=each.offering.id,
                    starts_at=each.offering.starts_at.astimezone(ZoneInfo(each.offering.zone)),
                    status=each.status.value,
                )
                for each in one.places
                if each.offering.kind == "session"
            ),
        )
