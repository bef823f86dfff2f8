"""Which places are paid for by whose company, and on which invoicing basis they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Subquery
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from registration.catalogue.models import Session
from registration.catalogue.rules import State
from registration.db import transaction
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceStatus

PAID_FOR = (PlaceStatus.CONFIRMED, PlaceStatus.ATTENDED, PlaceStatus.NO_SHOW)
GROUP = ("company_id", "seating_id", "order_number", "price_cents", "vat_basis_points")


@dataclass(frozen=True, slots=True)
class Charge:
    """``people`` of one company on one session at one price, in cents without VAT."""

    company_id: UUID
    seating_id: UUID
    order_number: str
    price_cents: int
    vat_basis_points: int
    people: int


@dataclass(frozen=True, slots=True)
class Charged:
    """One person on an invoicing basis."""

    person_id: UUID
    name: str
    seating_id: UUID
    order_number: str


async def open_charges(*, until: datetime) -> list[Charge]:
    """What companies owe for sessions that began before ``until`` and that stands on no invoicing
    basis; one query. Without a price, a company, or a seat that was kept, nothing is owed."""
    return await _charges(_open(since=None, until=until))


async def claim(company_id: UUID, *, since: datetime, until: datetime, invoice_id: UUID) -> None:
    """What the company owes for sessions that began from ``since`` until before ``until`` stands on
    this basis, unless it stands on another one: one statement, so that of two who ask at once one
    has each place. Inside the caller's transaction."""
    found = _open(since=since, until=until).filter(company_id=company_id)
    await found.update(invoice_id=invoice_id)


async def release(invoice_id: UUID) -> int:
    """The places of this basis stand on none again; says how many there were."""
    async with transaction():
        return await Place.filter(invoice_id=invoice_id).update(invoice_id=None)


async def charges_on(invoice_id: UUID) -> list[Charge]:
    return await _charges(Place.filter(invoice_id=invoice_id))


async def people_on(invoice_id: UUID) -> list[Charged]:
    rows: Sequence[tuple[UUID, str, str, UUID, str]] = await Place.filter(
        invoice_id=invoice_id
    ).values_list(
        "person_id", "person__first_name", "person__last_name", "seating_id", "order_number"
    )
    return [
        Charged(UUID(str(person)), f"{first} {last}", UUID(str(seating)), order)
        for person, first, last, seating, order in rows
    ]


def _open(*, since: datetime | None, until: datetime) -> QuerySet[Place]:
    held = Session.filter(starts_at__lt=until, state=State.PUBLISHED.value)
    if since is not None:
        held = held.filter(starts_at__gte=since)
    return Place.filter(
        company_id__not_isnull=True,
        invoice_id=None,
        price_cents__gt=0,
        status__in=[status.value for status in PAID_FOR],
        seating_id__in=Subquery(held.values("seating_id")),
    )


async def _charges(found: QuerySet[Place]) -> list[Charge]:
    rows = await found.annotate(people=Count("id")).group_by(*GROUP).values(*GROUP, "people")
    return [
        Charge(
            UUID(str(row["company_id"])),
            UUID(str(row["seating_id"])),
            str(row["order_number"]),
            int(row["price_cents"]),
            int(row["vat_basis_points"]),
            int(row["people"]),
        )
        for row in rows
    ]
