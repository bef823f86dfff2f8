"""What people restricted or objected to: it holds already, and a human decides whether it stays
so, within a month (P11; GDPR Art. 12(3), 18, 21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    Endpoint,
    Posted,
    flash,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.errors import DomainError, FieldError
from registration.forms import MESSAGES, Form, Refused
from registration.i18n import N_, _
from registration.ledger.looks import look
from registration.people.overview import names
from registration.people.rules import clean_text
from registration.privacy.objectable import GROUNDS, USES
from registration.privacy.restrictions import (
    LONGEST_REASON,
    RestrictionLine,
    decide,
    restriction,
    restrictions,
)
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.privacy_parts import Part, parts

HERE = "/staff/privacy/restrictions"
OUTCOMES = {True: N_("Stays"), False: N_("Not granted"), None: N_("Taken back")}


@dataclass(frozen=True, slots=True)
class RestrictionRow:
    """``what`` is what is restricted, ``why`` the person's ground, ``outcome`` what became of it,
    or empty while it waits."""

    id: UUID
    name: str
    what: str
    effect: str
    why: str
    because: str
    made_at: datetime
    due_at: datetime
    late: bool
    outcome: str
    decided_at: datetime | None
    decided_because: str
    url: str


@dataclass(frozen=True, slots=True)
class RestrictionsPage:
    desk: Desk
    parts: tuple[Part, ...]
    waiting: tuple[RestrictionRow, ...]
    others: tuple[RestrictionRow, ...]


@dataclass(frozen=True, slots=True)
class RestrictionPage:
    desk: Desk
    row: RestrictionRow
    form: Form


async def show(request: Request) -> Response:
    now = clock.now()
    waiting, others = await restrictions(waiting=True), await restrictions(waiting=False, limit=50)
    await look(require(request).account_id, None, now=now)
    known = await names([line.person_id for line in (*waiting, *others)])
    page = RestrictionsPage(
        desk(request), parts(request), _rows(waiting, known, now), _rows(others, known, now)
    )
    return page_response(request, "staff/restrictions.html", page)


def _rows(
    lines: Sequence[RestrictionLine], known: Mapping[UUID, str], now: datetime
) -> tuple[RestrictionRow, ...]:
    return tuple(_row(line, known, now) for line in lines)


def _row(line: RestrictionLine, known: Mapping[UUID, str], now: datetime) -> RestrictionRow:
    use = USES.get(line.scope)
    return RestrictionRow(
        id=line.id,
        name=known.get(line.person_id, _("Deleted")),
        what=_(use.what) if use else _("All of the data is only kept"),
        effect=_(use.effect) if use else "",
        why=_(GROUNDS[line.ground]) if line.ground else "",
        because=line.because,
        made_at=line.made_at,
        due_at=line.due_at,
        late=line.waits and line.due_at <= now,
        outcome="" if line.waits else _(OUTCOMES[line.upheld]),
        decided_at=line.decided_at or line.lifted_at,
        decided_because=line.decided_because,
        url=f"{HERE}/{line.id}",
    )


async def show_one(request: Request) -> Response:
    """Raises ``RestrictionNotFound``."""
    return await _page(request, await restriction(path_id(request)), clean(Form()))


async def _page(request: Request, line: RestrictionLine, shown: Again) -> Response:
    now = clock.now()
    await look(require(request).account_id, line.id, now=now)
    row = _row(line, await names([line.person_id]), now)
    page = RestrictionPage(desk(request, shown.trouble), row, shown.form)
    return page_response(request, "staff/restriction.html", page, status=shown.status)


async def do_decide(request: Request) -> Response:
    """The person hears of it by mail. Raises ``RestrictionNotFound``."""
    line, posted = await restriction(path_id(request)), await read_form(request)
    try:
        upheld, because = _given(posted)
        await decide(
            line.id,
            upheld=upheld,
            because=because,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except DomainError as refused:
        line = await restriction(line.id)
        return await _page(request, line, again(posted.form(), refused))
    flash(request, "good", _("It is decided, and the person is told by mail."))
    return redirect(HERE)


def _given(posted: Posted) -> tuple[bool, str]:
    """Raises ``Refused``: a no needs a reason, which the person reads."""
    outcome = posted.get("restrict_outcome", "")
    because = str(clean_text(posted.get("restrict_reason", "")))
    wrong = []
    if outcome not in {"stays", "ends"}:
        wrong.append(FieldError("restrict_outcome", "missing", N_("Choose one of these.")))
    if outcome == "ends" and not because:
        wrong.append(FieldError("restrict_reason", "missing", MESSAGES["missing"]))
    if len(because) > LONGEST_REASON:
        most = {"max_length": LONGEST_REASON}
        wrong.append(FieldError("restrict_reason", "too_long", MESSAGES["string_too_long"], most))
    if wrong:
        raise Refused(*wrong)
    return outcome == "stays", because


ROUTES: tuple[Endpoint, ...] = (
    get(HERE, show, STAFF),
    get(f"{HERE}/{{id}}", show_one, STAFF),
    post(f"{HERE}/{{id}}", do_decide, STAFF, fresh=True),
)
