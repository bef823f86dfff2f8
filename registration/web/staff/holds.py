"""Legal holds: what authorities require to be kept, by the day on which it is looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.queries import names_of
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
)
from registration.errors import DomainError, FieldError
from registration.forms import Form
from registration.i18n import DEFAULT_ZONE, N_, _
from registration.ledger.looks import look
from registration.people.finding import FoundPerson, find_people
from registration.people.overview import names
from registration.people.queries import contact
from registration.privacy import holds
from registration.privacy.held_choices import choices, held_words, parts, read_choice
from registration.privacy.holds import HoldEnded, HoldGiven, HoldLine, HoldReviewed
from registration.privacy.rules import HoldKnown
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.privacy_parts import Part
from registration.web.staff.privacy_parts import parts as ways
from registration.web.staff.typed import Reading

ADDRESS = "/staff/privacy/holds"
NO_DATE = N_("Give a date, as 2026-04-01.")
# The form's name of a field that the command calls otherwise.
TYPED = {
    "table": "held",
    "record_id": "held",
    "columns": "parts",
    "because": "lifted_why",
    "reference": "case",
}
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class HoldRow:
    """``late``: its review is due; ``whose`` is empty where nobody is behind the id any more."""

    line: HoldLine
    path: str
    whose: str
    what: str
    placed_by: str
    late: bool


@dataclass(frozen=True, slots=True)
class HoldsPage:
    desk: Desk
    parts: tuple[Part, ...]
    rows: tuple[HoldRow, ...]
    lifted: tuple[HoldRow, ...]


@dataclass(frozen=True, slots=True)
class FindPage:
    desk: Desk
    parts: tuple[Part, ...]
    words: str
    found: tuple[FoundPerson, ...]


@dataclass(frozen=True, slots=True)
class PlacePage:
    desk: Desk
    person: FoundPerson
    action: str
    form: Form
    held: tuple[Option, ...]
    sorts: tuple[Option, ...]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class HoldPage:
    desk: Desk
    row: HoldRow
    review: Form
    lift: Form
    first: date
    last: date


async def show_all(request: Request) -> Response:
    now = clock.now()
    in_force, lifted = await holds.all_holds(), await holds.lifted_holds()
    rows = await _rows((*in_force, *lifted))
    await look(require(request).account_id, None, now=now)
    page = HoldsPage(
        desk(request), ways(request), tuple(rows[: len(in_force)]), tuple(rows[len(in_force) :])
    )
    return page_response(request, "staff/holds.html", page)


async def find(request: Request) -> Response:
    """Whom it is about. The words are posted, so that no name stands in an address."""
    words = ""
    if request.method == "POST":
        words = (await read_form(request)).get("words", "")[:200]
    found = await find_people(words)
    if found:
        await look(require(request).account_id, None, now=clock.now())
    page = FindPage(desk(request), ways(request), words, tuple(found))
    return page_response(request, "staff/hold_find.html", page)


async def new(request: Request) -> Response:
    return await _place_page(request, path_id(request), clean(Form()))


async def place(request: Request) -> Response:
    person_id, posted = path_id(request), await read_form(request)
    try:
        made = await holds.place_hold(
            person_id,
            _given(posted),
            actor_id=require(request).account_id,
            today=_today(),
            now=clock.now(),
        )
    except DomainError as refused:
        shown = again(posted.form(), refused, conflicts={HoldKnown: "case"})
        return await _place_page(request, person_id, shown)
    flash(request, "good", _("The hold is in force. Nothing of it is deleted until it is lifted."))
    return redirect(f"{ADDRESS}/{made}")


async def show(request: Request) -> Response:
    return await _hold_page(request, path_id(request))


async def review(request: Request) -> Response:
    hold_id, posted = path_id(request), await read_form(request)
    read = Reading(posted)
    try:
        given = read.command(HoldReviewed, {"review_on": _day(read)})
        await holds.review_hold(
            hold_id, given, actor_id=require(request).account_id, today=_today(), now=clock.now()
        )
    except DomainError as refused:
        return await _hold_page(request, hold_id, review=again(posted.form(), refused))
    flash(request, "good", _("The review is on record."))
    return redirect(f"{ADDRESS}/{hold_id}")


async def lift(request: Request) -> Response:
    hold_id, posted = path_id(request), await read_form(request)
    read = Reading(posted)
    try:
        given = read.command(HoldEnded, {"because": read.text("lifted_why")}, place=_typed)
        await holds.lift_hold(hold_id, given, actor_id=require(request).account_id, now=clock.now())
    except DomainError as refused:
        return await _hold_page(request, hold_id, lift=again(posted.form(), refused))
    flash(request, "good", _("The hold is lifted. What is due goes with the next sweep."))
    return redirect(ADDRESS)


def _given(posted: Posted) -> HoldGiven:
    read = Reading(posted)
    held: dict[str, object] = {}
    try:
        chosen = read_choice(posted.get("held", ""), posted.many("parts"))
        held = {"table": chosen.table, "record_id": chosen.record_id, "columns": chosen.columns}
    except DomainError as refused:
        read.errors.extend(getattr(refused, "errors", ()))
    given = held | {
        "authority": read.text("authority"),
        "reference": read.text("case"),
        "reason": read.text("reason"),
        "review_on": _day(read),
        "silent": posted.get("silent", "") == "1",
    }
    return read.command(HoldGiven, given, place=_typed, rests=())


def _typed(error: FieldError) -> str:
    return TYPED.get(error.field, error.field)


def _day(read: Reading) -> date | None:
    typed = read.text("review_on")
    try:
        return date.fromisoformat(typed)
    except ValueError:
        read.wrong("review_on", NO_DATE if typed else N_("This is needed."), "date")
        return None


def _today() -> date:
    return clock.now().astimezone(DEFAULT_ZONE).date()


async def _place_page(request: Request, person_id: UUID, shown: Again) -> Response:
    known = await contact(person_id)
    person = FoundPerson(person_id, known.full_name, known.email, known.company_name)
    today = _today()
    page = PlacePage(
        desk(request, shown.trouble),
        person,
        f"{ADDRESS}/new/{person_id}",
        _named(shown.form),
        tuple(await choices(person_id)),
        tuple(parts()),
        today,
        holds.longest_review(today),
    )
    return page_response(request, "staff/hold_new.html", page, status=shown.status)


async def _hold_page(
    request: Request, hold_id: UUID, *, review: Again | None = None, lift: Again | None = None
) -> Response:
    line = await holds.hold(hold_id)
    (row,) = await _rows([line])
    shown = review or lift or clean(Form())
    today = _today()
    page = HoldPage(
        desk(request, shown.trouble),
        row,
        _named(review.form) if review else Form(),
        _named(lift.form) if lift else Form(),
        today,
        holds.longest_review(today),
    )
    return page_response(request, "staff/hold.html", page, status=shown.status)


def _named(form: Form) -> Form:
    """What services find wrong, beside the form's own fields."""
    errors = {TYPED.get(name, name): said for name, said in form.errors.items()}
    return Form(form.values, errors, form.chosen, form.token)


async def _rows(lines: Iterable[HoldLine]) -> list[HoldRow]:
    given = list(lines)
    persons = await names(line.person_id for line in given)
    actors = await names_of(line.placed_by for line in given)
    today = _today()
    return [
        HoldRow(
            line,
            f"{ADDRESS}/{line.id}",
            persons.get(line.person_id, ""),
            held_words(line),
            actors.get(line.placed_by, ""),
            line.lifted_at is None and line.review_on <= today,
        )
        for line in given
    ]


ROUTES: tuple[Endpoint, ...] = (
    get(ADDRESS, show_all, STAFF, fresh=True),
    get(f"{ADDRESS}/new", find, STAFF, fresh=True),
    post(f"{ADDRESS}/new", find, STAFF, fresh=True),
    get(f"{ADDRESS}/new/{{id}}", new, STAFF, fresh=True),
    post(f"{ADDRESS}/new/{{id}}", place, STAFF, fresh=True),
    get(f"{ADDRESS}/{{id}}", show, STAFF, fresh=True),
    post(f"{ADDRESS}/{{id}}/review", review, STAFF, fresh=True),
    post(f"{ADDRESS}/{{id}}/lift", lift, STAFF, fresh=True),
)
