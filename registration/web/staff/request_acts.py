"""What staff do about a request: each act leads back to its page, where the next one waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    Endpoint,
    flash,
    path_id,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.edge.reading import Posted
from registration.errors import DomainError, FieldError, Invalid, NotFound
from registration.forms import Command, Refused
from registration.i18n import N_, _
from registration.privacy import answering, copies, requests
from registration.privacy.objectable import Ground as RestrictionGround
from registration.privacy.request_given import DecisionGiven, IdentityGiven, Seen, Short
from registration.privacy.request_lines import request as find
from registration.privacy.request_rules import Channel, Fee, RequestKind
from registration.web.staff.desk import STAFF, again
from registration.web.staff.request_page import PARTS, one_page
from registration.web.staff.requests import UNDER
from registration.web.staff.typed import Reading

NO_DAY = N_("Give a date, as 2026-04-01.")
POSTED = N_("Done. There is no e-mail address: print the letter and post it.")


class MandateGiven(Command):
    mandate: Seen


class ExtensionGiven(Command):
    until: date
    longer_because: Short


class FeeGiven(Command):
    fee: Fee
    fee_because: Short = ""


class AnswerGiven(Command):
    answer_how: Channel


class LeftOutGiven(Command):
    table: Short
    row: UUID
    column: Short
    reason: Short = ""


Act = Callable[[Request, UUID, Posted, UUID], Awaitable[str]]


def act(name: str, do: Act, *, because: str = "reason") -> Callable[[Request], Awaitable[Response]]:
    """``do`` is done, says what it did, and leads back; what refuses it stands on the page, where
    ``because`` is what the form calls the reason."""

    async def handler(request: Request) -> Response:
        request_id, posted = path_id(request), await read_form(request)
        try:
            done = await do(request, request_id, posted, require(request).account_id)
        except NotFound:
            raise
        except DomainError as refused:
            shown = again(posted.form(), _renamed(refused, because))
            return await one_page(
                request, form=shown.form, sent=name, trouble=shown.trouble, status=shown.status
            )
        flash(request, "good", done)
        return redirect(f"{UNDER}/{request_id}")

    return handler


def _renamed(refused: DomainError, because: str) -> DomainError:
    if not isinstance(refused, Invalid):
        return refused
    return Refused(*(replace(error, field=_field(error, because)) for error in refused.errors))


def _field(error: FieldError, because: str = "reason") -> str:
    """``parts.1.what`` is ``part_what_1`` on the form."""
    name = error.field
    if name.startswith("parts."):
        _parts, at, *rest = name.split(".")
        return f"part_{rest[0]}_{at}" if rest else "part_what_0"
    return {"": "decision", "because": because}.get(name, name)


async def _match(_request: Request, request_id: UUID, posted: Posted, me: UUID) -> str:
    person = posted.get("person", "")
    try:
        person_id = UUID(person) if person != "nobody" else None
    except ValueError:
        raise Refused(FieldError("person", "missing", N_("Choose a person."))) from None
    await requests.match(request_id, person_id, actor_id=me, now=clock.now())
    return _("It is noted whose data it is about.")


async def _ask_identity(request: Request, request_id: UUID, _posted: Posted, me: UUID) -> str:
    mailed = await answering.question(
        request_id, actor_id=me, settings=settings(request), now=clock.now()
    )
    return _("The question is on its way by mail.") if mailed else _(POSTED)


async def _identify(_request: Request, request_id: UUID, posted: Posted, me: UUID) -> str:
    read = Reading(posted)
    given = read.command(IdentityGiven, read.some(how="how", seen="seen"))
    await requests.identify(request_id, given, actor_id=me, now=clock.now())
    return _("It is noted who asks.")


async def _mandate(_request: Request, request_id: UUID, posted: Posted, me: UUID) -> str:
    read = Reading(posted)
    given = read.command(MandateGiven, read.some(mandate="mandate"))
    await requests.show_mandate(request_id, given.mandate, actor_id=me, now=clock.now())
    return _("It is noted what shows that they may ask for another.")


async def _extend(request: Request, request_id: UUID, posted: Posted, me: UUID) -> str:
    read = Reading(posted)
    given = read.command(ExtensionGiven, read.some(until="until", longer_because="longer_because"))
    mailed = await answering.prolong(
        request_id,
        given.until,
        given.longer_because,
        actor_id=me,
        settings=settings(request),
        now=clock.now(),
    )
    return _("They are told by mail that it takes longer, and why.") if mailed else _(POSTED)


async def _fee(_request: Request, request_id: UUID, posted: Posted, me: UUID) -> str:
    read = Reading(posted)
    cents = read.cents("amount")
    given = read.command(FeeGiven, read.some(fee="fee", fee_because="fee_because"))
    await requests.set_fee(
        request_id,
        given.fee,
        cents=cents or 0,
        because=given.fee_because,
        actor_id=me,
        now=clock.now(),
    )
    return _("The fee is decided.")


async def _decide(_request: Request, request_id: UUID, posted: Posted, me: UUID) -> str:
    await requests.decide(request_id, decision_given(posted), actor_id=me, now=clock.now())
    return _("The decision is on record.")


def decision_given(posted: Posted) -> DecisionGiven:
    """Raises ``Refused``."""
    read = Reading(posted)
    parts = [
        {
            "what": read.text(f"part_what_{at}"),
            "decision": read.text(f"part_decision_{at}"),
            "because": read.text(f"part_because_{at}"),
        }
        for at in range(PARTS)
        if read.text(f"part_what_{at}") or read.text(f"part_decision_{at}")
    ]
    given = read.some(decision="decision", ground="ground")
    given |= {"because": posted.get("reason", ""), "parts": parts}
    return read.command(DecisionGiven, given)


async def _carry_out(request: Request, request_id: UUID, posted: Posted, me: UUID) -> str:
    detail = await find(request_id)
    erases = detail.line.kind is RequestKind.ERASURE and detail.line.person_id is not None
    if erases and posted.get("sure") != "1":
        raise Refused(FieldError("sure", "missing", N_("Tick this if you are sure.")))
    given = posted.get("why_restricted", "")
    await answering.carry_out(
        request_id,
        ground=RestrictionGround(given) if given in set(RestrictionGround) else None,
        scope=posted.get("use", ""),
        actor_id=me,
        settings=settings(request),
        now=clock.now(),
    )
    return _("It is done, and on record. Now answer.")


async def _by_login(_request: Request, request_id: UUID, _posted: Posted, me: UUID) -> str:
    await copies.handed_out(request_id, actor_id=me, now=clock.now())
    return _("The copy waits on their own page. Now answer.")


async def _answer(request: Request, request_id: UUID, posted: Posted, me: UUID) -> str:
    read = Reading(posted)
    given = read.command(AnswerGiven, read.some(answer_how="answer_how"))
    await answering.answer(
        request_id, given.answer_how, actor_id=me, settings=settings(request), now=clock.now()
    )
    return _("The request is answered.")


async def _withdraw(_request: Request, request_id: UUID, _posted: Posted, me: UUID) -> str:
    await requests.withdraw(request_id, actor_id=me, now=clock.now())
    return _("The request is closed: they no longer ask.")


def _text_key(posted: Posted) -> tuple[LeftOutGiven, tuple[str, UUID, str]]:
    read = Reading(posted)
    given = read.command(
        LeftOutGiven, read.some(table="table", row="row", column="column", reason="reason")
    )
    return given, (given.table, given.row, given.column)


async def _leave_out(_request: Request, request_id: UUID, posted: Posted, me: UUID) -> str:
    given, key = _text_key(posted)
    await copies.leave_out(request_id, key, given.reason, actor_id=me, now=clock.now())
    return _("It is left out of the copy, and the answer says why.")


async def _put_back(_request: Request, request_id: UUID, posted: Posted, _me: UUID) -> str:
    _given, key = _text_key(posted)
    await copies.put_back(request_id, key)
    return _("It is in the copy again.")


async def make_copy(request: Request) -> Response:
    """The copy as a file, to print or to read by programs; that it was made is on record."""
    request_id, me, posted = path_id(request), require(request).account_id, await read_form(request)
    name = (await find(request_id)).line.reference
    try:
        if posted.get("format") == "json":
            held = await copies.copy_of(
                request_id, actor_id=me, settings=settings(request), now=clock.now()
            )
            content = orjson.dumps(held, option=orjson.OPT_INDENT_2)
            return _file(content, "application/json", f"{name}.json")
        content = await copies.paper_copy(
            request_id, actor_id=me, settings=settings(request), now=clock.now()
        )
    except NotFound:
        raise
    except DomainError as refused:
        shown = again(posted.form(), refused)
        return await one_page(request, trouble=shown.trouble, status=shown.status)
    return _file(content, "application/pdf", f"{name}.pdf")


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


ROUTES: tuple[Endpoint, ...] = (
    post(f"{UNDER}/{{id}}/match", act("match", _match), STAFF),
    post(f"{UNDER}/{{id}}/ask-identity", act("ask-identity", _ask_identity), STAFF),
    post(f"{UNDER}/{{id}}/identity", act("identity", _identify), STAFF),
    post(f"{UNDER}/{{id}}/mandate", act("mandate", _mandate), STAFF),
    post(f"{UNDER}/{{id}}/extend", act("extend", _extend, because="longer_because"), STAFF),
    post(f"{UNDER}/{{id}}/fee", act("fee", _fee, because="fee_because"), STAFF),
    post(f"{UNDER}/{{id}}/decide", act("decide", _decide), STAFF, fresh=True),
    post(f"{UNDER}/{{id}}/carry-out", act("carry-out", _carry_out), STAFF, fresh=True),
    post(f"{UNDER}/{{id}}/by-login", act("by-login", _by_login), STAFF),
    post(f"{UNDER}/{{id}}/copy", make_copy, STAFF, fresh=True),
    post(f"{UNDER}/{{id}}/leave-out", act("leave-out", _leave_out), STAFF),
    post(f"{UNDER}/{{id}}/put-back", act("put-back", _put_back), STAFF),
    post(f"{UNDER}/{{id}}/answer", act("answer", _answer), STAFF),
    post(f"{UNDER}/{{id}}/withdraw", act("withdraw", _withdraw), STAFF),
)
