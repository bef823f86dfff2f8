"""What a company's program may call, for the company's own people and places."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

import orjson
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.api.exchange import answer, asked, json_response, read_body
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.paging import Page, page_of
from registration.api.places import GroupPlaces, Place, RowError, RowPlace
from registration.api.records import Qualification, QualifiedPerson, QualifiedTraining
from registration.api.shapes import FieldProblem
from registration.api.wanted import (
    CancelWanted,
    CompanyQuery,
    EmployeeWanted,
    PeopleWanted,
    QualificationsQuery,
    SubstituteWanted,
)
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.catalogue.queries import session_offering
from registration.catalogue.rules import Offering
from registration.companies import queries as companies
from registration.companies.queries import CompanyLine
from registration.companies.rules import CompanyNotFound, OrderNumberNeeded
from registration.edge import language, path_id, require, roles, settings
from registration.enrolment import service as enrolment
from registration.enrolment.employees import enrol_one, substitute
from registration.enrolment.groups import Group, RowAnswer, enrol_group
from registration.enrolment.queries import PlaceLine, place
from registration.enrolment.roster import own_place
from registration.enrolment.rules import By, PlaceNotFound, PlaceStatus, Why
from registration.errors import FieldError, Invalid
from registration.forms import MESSAGES, Refused, parse
from registration.i18n import N_, _
from registration.ledger.rules import Basis
from registration.ledger.service import Shown, disclose
from registration.people.rules import Contact, PersonGiven, Purpose, Source
from registration.qualifications import queries as qualifications
from registration.qualifications.queries import Qualification as QualificationLine

__all__ = ["OPERATIONS", "CompanyQuery", "company_of", "employed", "enrol", "order_number"]

COORDINATORS = roles(Role.COORDINATOR)
OFFICE = roles(Role.COORDINATOR, Role.STAFF)
BREATH = 50
NOT_THEIRS = N_("Only the person can give this consent. Leave it out.")


async def company_of(request: Request, wish: UUID | None) -> CompanyLine:
    """The company asked for, or the first by name. Raises ``CompanyNotFound`` for one that the
    caller does not coordinate."""
    own = require(request).companies
    names = sorted((await companies.names(own)).items(), key=lambda one: (one[1], one[0]))
    wanted = wish or (names[0][0] if names else None)
    if wanted is None or wanted not in own:
        raise CompanyNotFound
    return await companies.company(wanted)


async def enrol(request: Request, line: SessionLine) -> Response:
    """One employee (``person``), or many (``people``) row by row (P6)."""
    company = await company_of(request, asked(request, CompanyQuery).company)
    given = await read_body(request)
    offering = session_offering(line)
    if "people" in given:
        people = parse(PeopleWanted, given)
        _check_consents(people.consents)
        order = await order_number(company, people.order_number)
        rows = await _read_rows(people.people, company, language=language(request))
        return await _once_for_group(request, offering, company, rows, order)
    one = parse(EmployeeWanted, given)
    _check_consents(one.consents)
    order = await order_number(company, one.order_number)
    contact = employed(one.person.contact(language=language(request)), company)
    return await once(request, partial(_enrol_one, request, offering, company, contact, order))


async def order_number(company: CompanyLine, given: str) -> str:
    """Raises ``Refused`` where the company wants an order number and none was given."""
    if not given and company.order_needed:
        raise Refused(FieldError("order_number", "missing", OrderNumberNeeded.message))
    return given


def _check_consents(consents: Sequence[Purpose]) -> None:
    if set(consents) - {Purpose.NOTICE}:
        raise Refused(FieldError("consents", "not_yours", NOT_THEIRS))


def employed(contact: Contact, company: CompanyLine) -> Contact:
    return contact if contact.company_name else replace(contact, company_name=company.name)


async def _enrol_one(
    request: Request, offering: Offering, company: CompanyLine, contact: Contact, order: str
) -> tuple[int, BaseModel]:
    made = await enrol_one(
        offering,
        contact,
        company_id=company.id,
        actor_id=require(request).account_id,
        order_number=order,
        settings=settings(request),
        now=clock.now(),
    )
    place = {"id": made.place_id, "status": made.status, "position": made.position}
    return 201, Place.model_validate(place | {"until": made.until, "awaits": made.awaits.value})


@dataclass(frozen=True, slots=True)
class Rows:
    """The people of a call: who can be enrolled, and what is wrong with the others, by row."""

    right: Mapping[int, Contact]
    wrong: Mapping[int, RowError]


async def _read_rows(people: Sequence[object], company: CompanyLine, *, language: str) -> Rows:
    right: dict[int, Contact] = {}
    wrong: dict[int, RowError] = {}
    for row, given in enumerate(people):
        if row % BREATH == BREATH - 1:
            await asyncio.sleep(0)  # others' requests go on while thousands are read
        try:
            right[row] = employed(_person(given).contact(language=language), company)
        except Invalid as refused:
            wrong[row] = _row_error(refused)
    return Rows(right, wrong)


def _person(given: object) -> PersonGiven:
    """A person, given directly or as ``{"person": …}``. Raises ``Refused``."""
    if isinstance(given, dict) and set(given) == {"person"}:
        given = given["person"]
    if not isinstance(given, dict):
        raise Refused(FieldError("", "dict_type", MESSAGES["dict_type"]))
    return parse(PersonGiven, given)


def _row_error(refused: Invalid) -> RowError:
    return RowError(
        code="invalid",
        message=_(refused.message),
        errors=tuple(
            FieldProblem(field=each.field, code=each.code, message=_(each.message, **each.params))
            for each in refused.errors
        ),
    )


async def _once_for_group(
    request: Request, offering: Offering, company: CompanyLine, rows: Rows, order: str
) -> Response:
    """The row-by-row answer. When nobody was enrolled it is a problem that holds the rows."""
    response = await once(request, partial(_enrol_rows, request, offering, company, rows, order))
    if response.status_code != 422:
        return response
    shown = GroupPlaces.model_validate_json(bytes(response.body))
    problem = {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": _("Nobody was enrolled: see the rows."),
        "code": "nobody_enrolled",
        "errors": [
            {
                "field": f"people.{row.row}" + (f".{each.field}" if each.field else ""),
                "code": each.code,
                "message": each.message,
            }
            for row in shown.results
            if row.error
            for each in (row.error.errors or (_whole(row.error),))
        ],
        **shown.model_dump(mode="json", exclude_none=True),
    }
    return _problem(problem)


def _whole(error: RowError) -> FieldProblem:
    return FieldProblem(field="", code=error.code, message=error.message)


def _problem(content: Mapping[str, object]) -> Response:
    made = json_response(orjson.dumps(content), status=422)
    made.headers["Content-Type"] = "application/problem+json"
    return made


async def _enrol_rows(
    request: Request, offering: Offering, company: CompanyLine, rows: Rows, order: str
) -> tuple[int, BaseModel]:
    answers: Sequence[RowAnswer] = ()
    if rows.right:
        group = Group(
            company.id,
            company.name,
            require(request).account_id,
            Source.COMPANY,
            tuple(rows.right.values()),
            order,
        )
        answers = await enrol_group(offering, group, settings=settings(request), now=clock.now())
    results = {row: RowPlace(row=row, error=error) for row, error in rows.wrong.items()}
    for row, made in zip(rows.right, answers, strict=True):
        results[row] = _row_place(row, made)
    enrolled = [made.status for made in answers if made.status]
    shown = GroupPlaces(
        results=tuple(results[row] for row in sorted(results)),
        confirmed=enrolled.count(PlaceStatus.CONFIRMED),
        waiting=enrolled.count(PlaceStatus.WAITING),
        refused=len(results) - len(enrolled),
    )
    return (201 if enrolled else 422), shown


def _row_place(row: int, made: RowAnswer) -> RowPlace:
    if made.refused:
        said = " ".join(lack.said() for lack in made.lacks) or _(made.message)
        return RowPlace(row=row, error=RowError(code=made.refused, message=said))
    status = made.status.value if made.status else None
    return RowPlace(row=row, id=made.place_id, status=status, position=made.position)


async def _own(request: Request) -> PlaceLine:
    """A place on a session that the caller's company took; staff: any.

    Raises ``PlaceNotFound``.
    """
    who = require(request)
    if Role.STAFF in who.roles:
        line = await place(path_id(request))
    else:
        line = await own_place(path_id(request), company_ids=who.companies)
    if line.offering.kind != "session":
        raise PlaceNotFound
    return line


async def cancel(request: Request) -> Response:
    wanted = parse(CancelWanted, await read_body(request))
    line = await _own(request)
    return await once(request, partial(_cancelled, request, line, wanted.why))


async def _cancelled(request: Request, line: PlaceLine, why: Why | None) -> tuple[int, BaseModel]:
    await enrolment.cancel(
        line.id,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
        by=By.STAFF if Role.STAFF in require(request).roles else By.COORDINATOR,
        why=why,
    )
    return 200, Place(id=line.id, status="cancelled", position=None)


async def substituted(request: Request) -> Response:
    wanted = parse(SubstituteWanted, await read_body(request))
    line = await _own(request)
    company = await companies.company(line.company_id) if line.company_id else None
    if company is None:
        raise PlaceNotFound
    contact = employed(wanted.person.contact(language=language(request)), company)
    return await once(request, partial(_substitute, request, line, company, contact))


async def _substitute(
    request: Request, line: PlaceLine, company: CompanyLine, contact: Contact
) -> tuple[int, BaseModel]:
    taken = await substitute(
        line,
        contact,
        company_id=company.id,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return 201, Place.of(taken)


async def list_qualifications(request: Request) -> Response:
    """Who of the company's people is qualified for what, until when (P8, P9); on record."""
    query = asked(request, QualificationsQuery)
    company = await company_of(request, query.company)
    now = clock.now()
    people = await companies.employees(company.id, now=now)
    found = await qualifications.qualifications_of_company(company.id, people, now=now)
    part = page_of(found, query, key=lambda line: (line.number,))
    titles = {line.id: line.title for line in await catalogue.trainings(published_only=False)}
    await disclose(
        [
            Shown(
                person_id=line.person_id,
                fields=("name", "training", "certificate"),
                purpose="qualifications",
                basis=Basis.CONTRACT,
                road="api",
                actor_id=require(request).account_id,
                recipient_id=company.id,
            )
            for line in part.items
        ],
        now=now,
    )
    items = tuple(_qualification(line, titles) for line in part.items)
    return answer(Page[Qualification](items=items, next=part.next))


def _qualification(
    line: QualificationLine, titles: Mapping[UUID, Mapping[str, str]]
) -> Qualification:
    return Qualification(
        person=QualifiedPerson(id=line.person_id, name=line.person_name),
        training=QualifiedTraining(
            id=line.training_id,
            title=titles.get(line.training_id, {"en": line.training_title}),
        ),
        number=line.number,
        issued_on=line.issued_on,
        valid_until=line.valid_until,
        status=line.state.value,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path="/enrolments/{id}/cancel",
        handler=cancel,
        access=OFFICE,
        who="company",
        summary=N_("Give up a place that the company took"),
        bodies=(CancelWanted,),
        answers=(Place,),
        conflicts=True,
    ),
    Operation(
        method="POST",
        path="/enrolments/{id}/substitute",
        handler=substituted,
        access=COORDINATORS,
        who="company",
        summary=N_("Put another employee in a place"),
        bodies=(SubstituteWanted,),
        answers=(Place,),
        status=201,
        conflicts=True,
    ),
    Operation(
        method="GET",
        path="/qualifications",
        handler=list_qualifications,
        access=COORDINATORS,
        who="company",
        summary=N_("What the company's people are qualified for, until when"),
        query=QualificationsQuery,
        answers=(Page[Qualification],),
    ),
)
