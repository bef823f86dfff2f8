"""Who may open and do what, of whose data: every route as the program itself declares it (P14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration.accounts.rules import Role
from registration.edge import Endpoint, Of, get, page_response
from registration.edge.answers import ROLE_NAMES
from registration.edge.call import API
from registration.edge.routes import TableRow
from registration.i18n import N_, _
from registration.web.staff.desk import STAFF, Desk, desk
from registration.web.staff.granted import Part, parts

ANYBODY = "anyone"
WHOSE: Mapping[Of, str] = {
    Of.PUBLIC: N_("what is public"),
    Of.SECRET: N_("what the secret in the address opens"),
    Of.ACCOUNT: N_("their own account"),
    Of.PERSON: N_("their own data"),
    Of.COMPANY: N_("their company's employees"),
    Of.SESSION: N_("sessions they are assigned to"),
    Of.EVENT: N_("events they organise"),
    Of.ALL: N_("the whole organisation"),
}
# The first that fits.
AREAS: Sequence[tuple[str, str]] = (
    (API, N_("Programs (API)")),
    ("/staff", N_("Staff pages")),
    ("/company", N_("Company pages")),
    ("/trainer", N_("Trainers' pages")),
    ("/me", N_("A participant's own pages")),
    ("/", N_("Public pages")),
)


@dataclass(frozen=True, slots=True)
class AccessRow:
    """``changes``: it does something, beside showing. ``grants``: who, and whose data; ``fresh``:
    only who has just confirmed to be themselves."""

    path: str
    changes: bool
    fresh: bool
    grants: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Area:
    name: str
    rows: tuple[AccessRow, ...]


@dataclass(frozen=True, slots=True)
class AccessTablePage:
    """``roles``: value and name of what can be chosen; ``role`` is chosen, or empty."""

    desk: Desk
    parts: tuple[Part, ...]
    roles: tuple[tuple[str, str], ...]
    role: str
    areas: tuple[Area, ...]
    count: int


async def show(request: Request) -> Response:
    names = {ANYBODY: _("Anyone, without a login")} | {
        role.value: _(name) for role, name in ROLE_NAMES.items()
    }
    asked = request.query_params.get("role", "")
    role = asked if asked in names else ""
    table: Sequence[TableRow] = request.app.state.route_table
    rows = [(_area(row.path), _row(row, role, names)) for row in table]
    areas = tuple(
        Area(_(area), found)
        for _start, area in AREAS
        if (found := tuple(row for name, row in rows if name == area and row.grants))
    )
    page = AccessTablePage(
        desk(request),
        parts("/staff/access-table"),
        tuple(names.items()),
        role,
        areas,
        sum(len(area.rows) for area in areas),
    )
    return page_response(request, "staff/access_table.html", page)


def _area(path: str) -> str:
    return next(
        name
        for start, name in AREAS
        if start == "/" or path == start or path.startswith(f"{start}/")
    )


def _row(row: TableRow, role: str, names: Mapping[str, str]) -> AccessRow:
    """Without a role all who may; with one that role's own, or none."""
    return AccessRow(
        path=row.path,
        changes=row.methods != ("GET",),
        fresh=row.fresh,
        grants=tuple(
            (names[who], _(WHOSE[whose]))
            for who, whose in _granted(row)
            if not role or who == role or (row.access.anyone and who == ANYBODY)
        ),
    )


def _granted(row: TableRow) -> list[tuple[str, Of]]:
    if row.access.anyone:
        return [(ANYBODY, row.whose or Of.PUBLIC)]
    found = [(role.value, row.granted(role)) for role in Role]
    return [(who, whose) for who, whose in found if whose is not None]


ROUTES: tuple[Endpoint, ...] = (get("/staff/access-table", show, STAFF),)
