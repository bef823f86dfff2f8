"""What staff's programs may call on certificates: the list, issuing, revoking, issuing anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.api.exchange import answer, asked, read_body, read_nothing
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.paging import Page, PageQuery, bad_cursor, page, read
from registration.api.shapes import Made, Shape
from registration.api.staff import STAFF
from registration.edge import path_id, require, settings
from registration.forms import Command, parse
from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.ledger.service import Shown, disclose
from registration.people.rules import Line
from registration.qualifications import queries, reissuing, service, telling
from registration.qualifications.handing_out import FIELDS, PURPOSE
from registration.qualifications.holders import Sought, find
from registration.qualifications.queries import CertificateLine
from registration.qualifications.rules import REASON_LIMIT, Standing

Stands = Literal["valid", "ending", "expired", "revoked", "replaced"]


class CertificateShown(Shape):
    """``valid_until`` is the last valid day, null: no end. ``state``: ``ending`` is still valid;
    ``replaced`` was revoked for the one whose number is ``replaced_by``."""

    id: UUID
    number: str
    enrolment: UUID
    person: UUID
    name: str
    company: str
    training: UUID
    title: str
    language: str
    design: str
    grade: str
    issued_on: date
    valid_until: date | None
    state: Stands
    revoked_at: datetime | None
    revoked_because: str
    replaces: UUID | None
    replaced_by: str | None

    @classmethod
    def of(cls, line: CertificateLine) -> CertificateShown:
        return cls(
            id=line.id,
            number=line.number,
            enrolment=line.place_id,
            person=line.person_id,
            name=line.person_name,
            company=line.company_name,
            training=line.training_id,
            title=line.training_title,
            language=line.language,
            design=line.design,
            grade=line.grade,
            issued_on=line.issued_on,
            valid_until=line.valid_until,
            state=line.standing.value,
            revoked_at=line.revoked_at,
            revoked_because=line.revoked_because,
            replaces=line.replaces_id,
            replaced_by=line.replaced_by or None,
        )


class CertificatesQuery(PageQuery):
    """``q``: words of the number, the name or the training."""

    session: UUID | None = None
    state: Stands | None = None
    q: Annotated[str, Field(max_length=100)] = ""


class WhyWanted(Command):
    """``reason``: of what is revoked anyone who checks it reads it; of what is issued anew, staff
    and the holder do."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The name was wrong."}]})

    reason: Annotated[Line, Field(min_length=1, max_length=REASON_LIMIT)]


class IssuedShown(Shape):
    """Ids of certificates: those that are new, and those whose result was corrected since."""

    issued: tuple[UUID, ...]
    revoked: tuple[UUID, ...]


async def list_certificates(request: Request) -> Response:
    query = asked(request, CertificatesQuery)
    before = read(query.cursor, 1)[0] if query.cursor else ""
    if len(before) > 30:
        raise bad_cursor()
    state = Standing(query.state) if query.state else None
    sought = Sought(query.q, state, query.session, before)
    lines = await find(sought, limit=query.limit + 1, now=clock.now())
    part = page(lines, query.limit, key=lambda line: (line.number,))
    await _on_record(request, part.items)
    items = tuple(CertificateShown.of(line) for line in part.items)
    return answer(Page[CertificateShown](items=items, next=part.next))


async def show_certificate(request: Request) -> Response:
    line = await queries.certificate(path_id(request), now=clock.now())
    await _on_record(request, [line])
    return answer(CertificateShown.of(line))


async def _on_record(request: Request, lines: Sequence[CertificateLine]) -> None:
    await disclose(
        [
            Shown(
                person_id=line.person_id,
                fields=FIELDS,
                purpose=PURPOSE,
                basis=Basis.LEGAL_DUTY,
                road="api",
                actor_id=require(request).account_id,
                object_id=line.id,
            )
            for line in lines
        ],
        now=clock.now(),
    )


async def issue_missing(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_issued, request, path_id(request)))


async def _issued(request: Request, session_id: UUID) -> tuple[int, BaseModel]:
    done = await service.issue_for_session(
        session_id,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return 200, IssuedShown(issued=done.issued, revoked=done.revoked)


async def revoke(request: Request) -> Response:
    given = parse(WhyWanted, await read_body(request))
    return await once(request, partial(_revoked, request, path_id(request), given.reason))


async def _revoked(request: Request, certificate_id: UUID, reason: str) -> tuple[int, BaseModel]:
    await service.revoke(
        certificate_id,
        reason,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return 200, Made(id=certificate_id)


async def reissue(request: Request) -> Response:
    given = parse(WhyWanted, await read_body(request))
    return await once(request, partial(_reissued, request, path_id(request), given.reason))


async def _reissued(request: Request, certificate_id: UUID, reason: str) -> tuple[int, BaseModel]:
    made = await reissuing.reissue(
        certificate_id,
        reason,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return 201, Made(id=made)


async def resend(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_resent, request, path_id(request)))


async def _resent(request: Request, certificate_id: UUID) -> tuple[int, BaseModel]:
    await telling.resend(
        certificate_id,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return 200, Made(id=certificate_id)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/certificates",
        handler=list_certificates,
        access=STAFF,
        who="staff",
        summary=N_("Certificates, the newest number first"),
        text=N_("Whose are shown can read that."),
        query=CertificatesQuery,
        answers=(Page[CertificateShown],),
    ),
    Operation(
        method="GET",
        path="/certificates/{id}",
        handler=show_certificate,
        access=STAFF,
        who="staff",
        summary=N_("One certificate"),
        answers=(CertificateShown,),
    ),
    Operation(
        method="POST",
        path="/sessions/{id}/certificates",
        handler=issue_missing,
        access=STAFF,
        who="staff",
        summary=N_("Issue what is missing of a session"),
        text=N_("Holders are told by mail. Again: nothing more happens."),
        answers=(IssuedShown,),
    ),
    Operation(
        method="POST",
        path="/certificates/{id}/revoke",
        handler=revoke,
        access=STAFF,
        who="staff",
        summary=N_("Revoke a certificate"),
        bodies=(WhyWanted,),
        answers=(Made,),
        conflicts=True,
    ),
    Operation(
        method="POST",
        path="/certificates/{id}/reissue",
        handler=reissue,
        access=STAFF,
        who="staff",
        summary=N_("Issue a certificate anew, as its holder is on record now"),
        text=N_("The old one is revoked, and says that a newer one took its place."),
        bodies=(WhyWanted,),
        answers=(Made,),
        status=201,
        conflicts=True,
    ),
    Operation(
        method="POST",
        path="/certificates/{id}/resend",
        handler=resend,
        access=STAFF,
        who="staff",
        summary=N_("Send the mail of a certificate again"),
        answers=(Made,),
        conflicts=True,
    ),
)
