"""The files that a trainer takes along, one purpose each."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.edge import Endpoint, PageNotFound, get, path_id, path_text, require, roles
from registration.i18n import N_, _
from registration.teaching import service
from registration.teaching.packs import FIELD_NAMES, PURPOSE_NAMES
from registration.teaching.rules import PACKS, PackFormat, PackPurpose

WHAT_FOR = {
    PackPurpose.ATTENDANCE: N_("To call the roll and to have it signed."),
    PackPurpose.CERTIFICATE: N_("To make out certificates for those who completed."),
    PackPurpose.PERMIT: N_("To make out permits for those who completed."),
}
FORMAT_NAMES = {PackFormat.XLSX: "Excel", PackFormat.CSV: "CSV", PackFormat.JSON: "JSON"}


@dataclass(frozen=True, slots=True)
class PackCard:
    """``fields`` are (what, why); ``files`` are (label, address)."""

    title: str
    what_for: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]


def cards(session_id: UUID) -> tuple[PackCard, ...]:
    return tuple(
        PackCard(
            _(PURPOSE_NAMES[purpose]),
            _(WHAT_FOR[purpose]),
            tuple((_(FIELD_NAMES[each.field]), _(each.reason)) for each in PACKS[purpose]),
            tuple(
                (label, f"/trainer/sessions/{session_id}/packs/{purpose}.{format}")
                for format, label in FORMAT_NAMES.items()
            ),
        )
        for purpose in PackPurpose
    )


async def download(request: Request) -> Response:
    try:
        purpose = PackPurpose(path_text(request, "purpose"))
        format = PackFormat(path_text(request, "format"))
    except ValueError:
        raise PageNotFound from None
    made = await service.make_pack(
        path_id(request), purpose, format, identity=require(request), now=clock.now()
    )
    return Response(
        made.content,
        media_type=made.media_type,
        headers={"Content-Disposition": f'attachment; filename="{made.file_name}"'},
    )


ROUTES: tuple[Endpoint, ...] = (
    get(
        "/trainer/sessions/{id}/packs/{purpose}.{format}",
        download,
        roles(Role.TRAINER),
        fresh=True,
    ),
)
