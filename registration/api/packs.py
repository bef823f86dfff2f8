"""The files that a trainer's program takes along, and what became of them (P7)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.api.exchange import answer, asked, read_nothing
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.paging import Page, PageQuery, page_of
from registration.api.shapes import Made, Shape
from registration.api.wanted import PackQuery
from registration.edge import Of, PageNotFound, path_id, path_text, require, roles, settings
from registration.i18n import N_
from registration.teaching import returning
from registration.teaching.handing import make_pack
from registration.teaching.keeping import PackState
from registration.teaching.pack_lines import PackLine, packs_of_trainer
from registration.teaching.packs import MEDIA_TYPES
from registration.teaching.rules import PackFormat, PackPurpose

TRAINERS = roles(Role.TRAINER)


class PackTaken(Shape):
    """``people``: how many are in it. ``state``: "kept", "ended" (to be destroyed), "overdue" or
    "destroyed"."""

    id: UUID
    session: UUID
    recipient: str
    purpose: PackPurpose
    format: PackFormat
    people: int
    made_at: datetime
    keep_until: datetime
    destroyed_at: datetime | None
    state: PackState

    @classmethod
    def of(cls, line: PackLine) -> PackTaken:
        return cls(
            id=line.id,
            session=line.session.id,
            recipient=line.recipient,
            purpose=line.purpose,
            format=line.format,
            people=line.people,
            made_at=line.made_at,
            keep_until=line.ends_at,
            destroyed_at=line.destroyed_at,
            state=line.state,
        )


async def download(request: Request) -> Response:
    try:
        purpose = PackPurpose(path_text(request, "purpose"))
    except ValueError:
        raise PageNotFound from None
    made = await make_pack(
        path_id(request),
        purpose,
        PackFormat(asked(request, PackQuery).format),
        identity=require(request),
        settings=settings(request),
        now=clock.now(),
    )
    return Response(
        made.content,
        media_type=made.media_type,
        headers={"Content-Disposition": f'attachment; filename="{made.file_name}"'},
    )


async def list_packs(request: Request) -> Response:
    query = asked(request, PageQuery)
    taken = await packs_of_trainer(require(request).account_id, now=clock.now())
    part = page_of(taken, query, key=lambda each: (each.made_at.isoformat(), str(each.id)))
    items = tuple(PackTaken.of(each) for each in part.items)
    return answer(Page[PackTaken](items=items, next=part.next))


async def confirm(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_confirmed, request, path_id(request)))


async def _confirmed(request: Request, pack_id: UUID) -> tuple[int, BaseModel]:
    await returning.confirm_destroyed(pack_id, identity=require(request), now=clock.now())
    return 200, Made(id=pack_id)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/teaching/sessions/{id}/packs/{purpose}",
        handler=download,
        access=TRAINERS,
        who="trainer",
        summary=N_("Download the data for one purpose: attendance, certificate or permit"),
        text=N_(
            "The fields are fixed by the purpose, and the download is on record. Each copy has an "
            "id of its own, says until when it may be kept, and is to be destroyed then."
        ),
        query=PackQuery,
        files=tuple(MEDIA_TYPES[each].partition(";")[0] for each in PackFormat),
        conflicts=True,
    ),
    Operation(
        method="GET",
        path="/teaching/packs",
        handler=list_packs,
        access=TRAINERS,
        who="trainer",
        summary=N_("The packs that you took, and until when you may keep them"),
        query=PageQuery,
        answers=(Page[PackTaken],),
        whose=Of.ACCOUNT,
    ),
    Operation(
        method="POST",
        path="/teaching/packs/{id}/destroyed",
        handler=confirm,
        access=TRAINERS,
        who="trainer",
        summary=N_("Confirm that you have destroyed a pack and all copies of it"),
        text=N_("It works also when nothing of its session is shown to you any more."),
        answers=(Made,),
        whose=Of.ACCOUNT,
    ),
)
