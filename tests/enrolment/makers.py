"""Sessions with few seats, and people who want them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from registration.accounts.rules import Role
from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.rules import Offering, SessionGiven, TrainingGiven
from registration.companies.models import CompanyApprover
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.enrolment.groups import Group
from registration.enrolment.rules import Taken
from registration.enrolment.service import SignUp, sign_up
from registration.people.rules import Contact, Source
from registration.settings import Settings
from tests.builders import NOON, make_account

STARTS = NOON + timedelta(days=10)


def session_given(training: UUID, seats: int, **more: object) -> SessionGiven:
    given = {
        "training": training,
        "capacity": seats,
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(hours=7),
        "link": "https://meet.example/room",
    }
    return SessionGiven.model_validate(given | more)


async def make_training() -> UUID:
    given = TrainingGiven(title={"en": "Track work safety", "fi": "Ratatyöturvallisuus"})
    return await catalogue_service.add_training(given, actor_id=None, now=NOON)


async def make_session(seats: int = 2, *, training: UUID | None = None, **more: object) -> Offering:
    given = session_given(training or await make_training(), seats, **more)
    session_id = await catalogue_service.add_session(given, actor_id=None, now=NOON)
    return catalogue.session_offering(await catalogue.session(session_id))


def wish(number: int, *, submission: str | None = None, **more: object) -> SignUp:
    contact = Contact(f"Guest{number}", "Nieminen", f"guest{number}@example.fi", language="en")
    return SignUp(contact, Source.SELF, submission=submission, **more)  # type: ignore[arg-type]


async def take(offering: Offering, number: int, settings: Settings) -> Taken:
    return await sign_up(offering, wish(number), settings=settings, now=NOON)


async def make_company(name: str = "Rata Oy") -> UUID:
    return await add_company(CompanyGiven(name=name), actor_id=None, now=NOON)


async def make_approver(company_id: UUID, email: str = "esimies@rata.example") -> UUID:
    """A coordinator whose yes the company's bookings need."""
    account = await make_account(
        Role.COORDINATOR, email, "Eeva Esimies", company_id=company_id, nda_on=None
    )
    await CompanyApprover.create(
        id=uuid4(), company_id=company_id, account_id=account, named_by=account, named_at=NOON
    )
    return account


def group_of(company_id: UUID, actor_id: UUID, *numbers: int) -> Group:
    people = tuple(wish(number).contact for number in numbers)
    return Group(company_id, "Rata Oy", actor_id, Source.COMPANY, people)


async def offering_of(offering: Offering) -> Offering:
    """The same, as it is now."""
    return (await catalogue.offerings_by_seating([offering.seating_id]))[offering.seating_id]
