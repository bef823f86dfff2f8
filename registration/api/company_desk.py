"""What a company's own system does besides enrolling: seats without names, people, approvals."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.api.company import COORDINATORS, company_of, employed, order_number
from registration.api.company_shapes import Employee, GivenBack, Seat, Seats
from registration.api.exchange import answer, asked, read_body, read_nothing
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.paging import Page, PageQuery, page_of
from registration.api.places import Place
from registration.api.wanted import A_PERSON, CompanyQuery
from registration.catalogue import queries as catalogue
from registration.catalogue.queries import session_offering
from registration.catalogue.rules import Offering, SessionNotFound, State
from registration.companies import queries as companies
from registration.companies.queries import CompanyLine
from registration.companies.rules import OrderNumber
from registration.edge import language, path_id, require, settings
from registration.edge.routes import Handler
from registration.enrolment import queries as enrolment
from registration.enrolment.approvals import approve, refuse
from registration.enrolment.company_lines import own_seat
from registration.enrolment.holds import give_back, held_of_company, hold_seats, name_seat
from registration.enrolment.queries import PlaceLine
from registration.enrolment.roster import own_place
from registration.forms import Command, parse
from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.ledger.service import Shown, disclose
from registration.people.rules import Contact, Line, PersonGiven
from registration.qualifications import workforce
from registration.qualifications.workforce import Qualified, Wanted

MOST_SEATS = 500


class SeatsWanted(Command):
    """``number`` seats, until ``until`` or the last moment to name people."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"number": 3, "order_number": "PO-2027-118"}]}
    )

    number: Annotated[int, Field(ge=1, le=MOST_SEATS)]
    until: AwareDatetime | None = None
    order_number: OrderNumber = ""


class NameWanted(Command):
    model_config = ConfigDict(json_schema_extra={"examples": [{"person": A_PERSON}]})

    person: PersonGiven


class ReasonWanted(Command):
    """``reason``: whoever booked it reads it in the mail; it is kept nowhere else."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "No budget left."}]})

    reason: Annotated[Line, Field(min_length=1, max_length=200)]


class EmployeesQuery(PageQuery):
    """``qualified``: who has a valid qualification, one that ends ``within_days``, or none; with
    ``training`` only its qualifications count. ``q``: words of the name or the address."""

    company: UUID | None = None
    q: Annotated[str, Field(max_length=80)] = ""
    training: UUID | None = None
    qualified: Literal["", "valid", "expiring", "none"] = ""
    within_days: Annotated[int, Field(ge=0, le=workforce.LONGEST_DAYS)] = 90


async def hold(request: Request) -> Response:
    company = await company_of(request, asked(request, CompanyQuery).company)
    wanted = parse(SeatsWanted, await read_body(request))
    line = await catalogue.session(path_id(request))
    if line.state is State.DRAFT or not line.training.published:
        raise SessionNotFound
    order = await order_number(company, wanted.order_number)
    work = partial(_hold, request, session_offering(line), company, wanted, order)
    return await once(request, work)


async def _hold(
    request: Request, offering: Offering, company: CompanyLine, wanted: SeatsWanted, order: str
) -> tuple[int, BaseModel]:
    held = await hold_seats(
        offering,
        company_id=company.id,
        actor_id=require(request).account_id,
        number=wanted.number,
        until=wanted.until,
        order_number=order,
        settings=settings(request),
        now=clock.now(),
    )
    return 201, Seats(items=tuple(Seat.of(line) for line in held))


class SeatsQuery(PageQuery):
    company: UUID | None = None


async def list_seats(request: Request) -> Response:
    query = asked(request, SeatsQuery)
    company = await company_of(request, query.company)
    lines = await held_of_company(company.id)
    part = page_of(lines, query, key=lambda line: (str(line.id),))
    items = tuple(Seat.of(line) for line in part.items)
    return answer(Page[Seat](items=items, next=part.next))


async def name(request: Request) -> Response:
    wanted = parse(NameWanted, await read_body(request))
    held_id = path_id(request)
    _offering, company_id = await own_seat(held_id, company_ids=require(request).companies)
    company = await companies.company(company_id)
    contact = employed(wanted.person.contact(language=language(request)), company)
    return await once(request, partial(_name, request, held_id, company_id, contact))


async def _name(
    request: Request, held_id: UUID, company_id: UUID, contact: Contact
) -> tuple[int, BaseModel]:
    made = await name_seat(
        held_id,
        contact,
        company_id=company_id,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    place = {"id": made.place_id, "status": made.status, "position": made.position}
    return 201, Place.model_validate(place | {"until": made.until, "awaits": made.awaits.value})


async def give(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_give, request, path_id(request)))


async def _give(request: Request, held_id: UUID) -> tuple[int, BaseModel]:
    who = require(request)
    _offering, company_id = await own_seat(held_id, company_ids=who.companies)
    await give_back(
        [held_id],
        company_id=company_id,
        actor_id=who.account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return 200, GivenBack(id=held_id)


async def _own(request: Request) -> PlaceLine:
    return await own_place(path_id(request), company_ids=require(request).companies)


async def approved(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_approved, request, await _own(request)))


async def _approved(request: Request, line: PlaceLine) -> tuple[int, BaseModel]:
    await approve(
        [line.id],
        actor_id=require(request).account_id,
        company_id=line.company_id,
        settings=settings(request),
        now=clock.now(),
    )
    return 200, await _place(line.id)


async def disapproved(request: Request) -> Response:
    wanted = parse(ReasonWanted, await read_body(request))
    return await once(request, partial(_disapproved, request, await _own(request), wanted.reason))


async def _disapproved(request: Request, line: PlaceLine, reason: str) -> tuple[int, BaseModel]:
    await refuse(
        [line.id],
        actor_id=require(request).account_id,
        company_id=line.company_id,
        reason=reason,
        settings=settings(request),
        now=clock.now(),
    )
    return 200, await _place(line.id)


async def _place(place_id: UUID) -> Place:
    """The place as it is now."""
    line = await enrolment.place(place_id)
    shown = {"id": line.id, "status": line.status, "position": line.position}
    return Place.model_validate(shown | {"until": line.until, "awaits": line.awaits.value})


async def list_employees(request: Request) -> Response:
    """Who works for the company, what they have earned (P8, P9) and where they go; on record."""
    query, now = asked(request, EmployeesQuery), clock.now()
    company = await company_of(request, query.company)
    qualified = Qualified(query.qualified or ("valid" if query.training else ""))
    wanted = Wanted(query.q, query.training, qualified, query.within_days)
    found = await workforce.names(company.id, wanted, now=now)
    part = page_of(found, query, key=lambda each: (str(each.person_id),))
    people = await workforce.workers_of(company.id, part.items, now=now)
    await disclose(
        [
            Shown(
                person_id=one.name.person_id,
                fields=("name", "training", "certificate"),
                purpose="qualifications",
                basis=Basis.CONTRACT,
                road="api",
                actor_id=require(request).account_id,
                recipient_id=company.id,
            )
            for one in people
            if one.qualifications
        ],
        now=now,
    )
    items = tuple(Employee.of(one) for one in people)
    return answer(Page[Employee](items=items, next=part.next))


def _posted(
    path: str,
    handler: Handler,
    summary: str,
    shown: type[BaseModel],
    *,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    status: int = 200,
) -> Operation:
    return Operation(
        method="POST",
        path=path,
        handler=handler,
        access=COORDINATORS,
        who="company",
        summary=summary,
        query=query,
        bodies=(body,) if body else (),
        answers=(shown,),
        status=status,
        conflicts=True,
    )


def _got(
    path: str, handler: Handler, summary: str, shown: type[BaseModel], query: type[BaseModel]
) -> Operation:
    return Operation(
        method="GET",
        path=path,
        handler=handler,
        access=COORDINATORS,
        who="company",
        summary=summary,
        query=query,
        answers=(shown,),
    )


OPERATIONS: tuple[Operation, ...] = (
    _posted(
        "/sessions/{id}/seats",
        hold,
        N_("Keep seats without names"),
        Seats,
        body=SeatsWanted,
        query=CompanyQuery,
        status=201,
    ),
    _got(
        "/seats",
        list_seats,
        N_("Seats that a company keeps without names"),
        Page[Seat],
        SeatsQuery,
    ),
    _posted("/seats/{id}/name", name, N_("Say who has a seat"), Place, body=NameWanted, status=201),
    _posted("/seats/{id}/give-back", give, N_("Give a seat back"), GivenBack),
    _posted(
        "/enrolments/{id}/approve",
        approved,
        N_("Approve what a colleague booked; only for those who approve"),
        Place,
    ),
    _posted(
        "/enrolments/{id}/disapprove",
        disapproved,
        N_("Refuse what a colleague booked; only for those who approve"),
        Place,
        body=ReasonWanted,
    ),
    _got(
        "/employees",
        list_employees,
        N_("The company's people: what they have earned, and their places ahead"),
        Page[Employee],
        EmployeesQuery,
    ),
)
