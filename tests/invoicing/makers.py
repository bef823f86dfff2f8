"""Companies, and people of theirs on sessions that cost something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.lines import SessionLine
from registration.catalogue.rules import Day, SessionGiven, TrainingGiven
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.enrolment.models import Place
from registration.enrolment.service import SignUp, sign_up
from registration.people.models import Person
from registration.people.rules import Contact, Source
from registration.settings import Organisation, Settings

MARCH = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
BEFORE = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
AFTER = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
SELLER = Organisation(
    name="Pohjan Raide Oy",
    business_id="0112038-9",
    address="Ratakatu 1, 00100 Helsinki",
    iban="FI2112345600000785",
    bic="NDEAFIHH",
    einvoice_address="003701120389",
)
BUYER = CompanyGiven(
    name="Pohjolan Rata & Pojat <Oy>",
    business_id="1572860-0",
    street="Asemakatu 5",
    postal_code="33100",
    city="Tampere",
    einvoice_address="003715728600",
    einvoice_operator="003721291126",
    reference="Kustannuspaikka 42",
    cost_centre="4100",
)


def with_seller(settings: Settings) -> Settings:
    return settings.model_copy(update={"organisation": SELLER})


async def make_buyer(**changes: str) -> UUID:
    given = CompanyGiven.model_validate(BUYER.model_dump() | changes)
    return await add_company(given, actor_id=None, now=BEFORE)


async def make_run(
    title: Mapping[str, str] | None = None,
    *,
    starts_at: datetime = MARCH,
    price_cents: int = 29_900,
    capacity: int = 20_000,
    days: int = 1,
) -> SessionLine:
    training = TrainingGiven(
        title=dict(title or {"fi": "Rataturvallisuus", "en": "Track safety"}),
        slug=f"t-{uuid4().hex[:8]}",
        length_minutes=420,
    )
    given = SessionGiven(
        training=await catalogue_service.add_training(training, actor_id=None, now=BEFORE),
        days=tuple(
            Day(
                starts_at=starts_at + timedelta(days=number),
                ends_at=starts_at + timedelta(days=number, hours=7),
            )
            for number in range(days)
        ),
        capacity=capacity,
        price_cents=price_cents,
    )
    made = await catalogue_service.add_session(given, actor_id=None, now=BEFORE)
    return await catalogue.session(made)


@dataclass(frozen=True, slots=True)
class Seat:
    place_id: UUID
    person_id: UUID


async def seat(
    session: SessionLine,
    company_id: UUID | None,
    settings: Settings,
    *,
    first_name: str = "Eero",
    last_name: str = "Employee",
    order_number: str = "",
    now: datetime = BEFORE,
) -> Seat:
    contact = Contact(first_name, last_name, f"{uuid4().hex}@example.fi", language="en")
    wish = SignUp(contact, Source.COMPANY, company_id=company_id)
    offering = (await catalogue.offerings_by_seating([session.seating_id]))[session.seating_id]
    taken = await sign_up(offering, wish, settings=settings, now=now)
    if order_number:
        await Place.filter(id=taken.id).update(order_number=order_number)
    place = await Place.get(id=taken.id)
    return Seat(place.id, place.person_id)


async def seat_many(session: SessionLine, company_id: UUID, number: int) -> None:
    """As if so many had signed up one by one, in two statements."""
    people = [
        Person(
            id=uuid4(),
            first_name="Eero",
            last_name=f"Employee {index}",
            name_key=f"eero employee {index}",
            email=f"{uuid4().hex}@example.fi",
            language="fi",
            source=Source.COMPANY.value,
            created_at=BEFORE,
            changed_at=BEFORE,
        )
        for index in range(number)
    ]
    await Person.bulk_create(people, batch_size=500)
    await Place.bulk_create(
        [
            Place(
                id=uuid4(),
                seating_id=session.seating_id,
                person_id=person.id,
                status="confirmed",
                turn=index,
                source=Source.COMPANY.value,
                company_id=company_id,
                price_cents=session.price_cents,
                vat_basis_points=2550,
                created_at=BEFORE,
                changed_at=BEFORE,
            )
            for index, person in enumerate(people)
        ],
        batch_size=500,
    )
