"""The review of access: once a year somebody looks at each grant, keeps it or ends it (P14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.grants import keep_grant
from registration.accounts.overview import standing
from registration.accounts.review import administrators_end
from registration.accounts.rules import REMINDED_BEFORE
from registration.edge import (
    Endpoint,
    flash,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
)
from registration.errors import Conflict, Invalid
from registration.forms import Command, Form
from registration.i18n import _
from registration.ledger.overview import last_logins
from registration.web.staff.accounts import usual_end
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.granted import GrantRow, Part, account_rows, end_of_day, parts
from registration.web.staff.typed import Reading


class KeepGiven(Command):
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One grant of one person. ``keep`` is the address that keeps it, empty for the reader's own;
    ``soon``: it ends within a month."""

    account: UUID
    grant: GrantRow
    keep: str
    soon: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """A person with all that they may do; ``seen``: their last login."""

    id: UUID
    name: str
    email: str
    seen: datetime | None
    grants: tuple[Reviewed, ...]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """``reviewed`` of ``all`` grants were looked at within a year, or given within it.
    ``last_staff``: when the last staff access ends, if that is within a month."""

    desk: Desk
    parts: tuple[Part, ...]
    holders: tuple[Holder, ...]
    reviewed: int
    all: int
    soon: int
    last_staff: datetime | None
    until: str
    form: Form


async def show(request: Request) -> Response:
    return await _answer(request, clean(Form()))


async def keep(request: Request) -> Response:
    posted = await read_form(request)
    try:
        given = Reading(posted).command(KeepGiven, Reading(posted).some(until="until"))
        await keep_grant(
            path_id(request, "grant"),
            actor=require(request),
            until=end_of_day(given.until),
            now=clock.now(),
        )
    except (Conflict, Invalid) as refused:
        return await _answer(request, again(posted.form(), refused))
    flash(request, "good", _("The access is kept, and that you reviewed it is on record."))
    return redirect("/staff/access")


async def _answer(request: Request, shown: Again) -> Response:
    """A constant number of queries."""
    now, me = clock.now(), require(request).account_id
    rows = await account_rows(await standing(now=now), now=now)
    seen = await last_logins()
    holders = tuple(
        Holder(
            row.id,
            row.name,
            row.email,
            seen.get(row.id),
            tuple(
                Reviewed(
                    row.id,
                    each,
                    "" if row.id == me else f"/staff/access/{each.id}/keep",
                    each.until <= now + REMINDED_BEFORE,
                )
                for each in row.grants
            ),
        )
        for row in rows
    )
    every = [each for holder in holders for each in holder.grants]
    page = ReviewPage(
        desk(request, shown.trouble or _first(shown.form)),
        parts("/staff/access"),
        holders,
        sum(each.grant.reviewed_at is not None for each in every),
        len(every),
        sum(each.soon for each in every),
        await administrators_end(now=now),
        usual_end(),
        shown.form,
    )
    return page_response(request, "staff/access.html", page, status=shown.status)


def _first(form: Form) -> str:
    """What is wrong with the one field that a row has."""
    said: Sequence[str] = [text for texts in form.errors.values() for text in texts]
    return said[0] if said else ""


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/access", show, STAFF, fresh=True),
    post("/staff/access/{grant}/keep", keep, STAFF, fresh=True),
)
