"""What hangs on a login that is no participant's: staff, trainers, coordinators (P11, P14).

A person who is also a participant has another record, even at the same address: addresses are
shared, so nothing leads from one to the other but the login itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from registration import clock
from registration.accounts.rules import Identity
from registration.edge import (
    LOGGED_IN,
    Endpoint,
    Of,
    flash,
    get,
    language,
    limit,
    page_response,
    path_text,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.errors import FieldError
from registration.forms import MESSAGES, Form, parse
from registration.i18n import _
from registration.privacy.export import export_of_account
from registration.privacy.held import PAGE, held_of_account
from registration.privacy.request_given import MOST_ASKED, RequestGiven
from registration.privacy.request_lines import requests_of_account
from registration.privacy.request_rules import (
    Channel,
    RequestKind,
)
from registration.privacy.request_rules import (
    Identity as Proof,
)
from registration.privacy.requests import note_done, open_request
from registration.web.my_copy import COPIES, as_file, first_known
from registration.web.my_held import Section, page_of, table_page_of
from registration.web.my_rights import MyRequest, my_request
from registration.web.paging import page_number

HERE = "/account/data"


@dataclass(frozen=True, slots=True)
class AccountPage:
    sections: tuple[Section, ...]
    total: str
    requests: tuple[MyRequest, ...]
    form: Form


def _own(request: Request) -> Identity | None:
    """Who asks; None for a participant, whose pages are under ``/me``."""
    who = require(request)
    return who if who.person_id is None else None


async def show(request: Request) -> Response:
    who = _own(request)
    if who is None:
        return redirect("/me/data/all")
    return await _page(request, who, Form())


async def _page(request: Request, who: Identity, form: Form, *, status: int = 200) -> Response:
    schedule = settings(request).organisation.retention
    held = page_of(await held_of_account(who.account_id, schedule=schedule), path=HERE, ask="")
    asked = await requests_of_account(who.account_id)
    page = AccountPage(held.sections, held.total, tuple(my_request(each) for each in asked), form)
    return page_response(request, "account/data.html", page, status=status)


async def one_table(request: Request) -> Response:
    who, name, number = _own(request), path_text(request, "table"), page_number(request)
    if who is None:
        return redirect(f"/me/data/all/{quote(name, safe='')}")
    held = await held_of_account(
        who.account_id,
        limit=PAGE,
        only=name,
        number=number,
        schedule=settings(request).organisation.retention,
    )
    page = table_page_of(held, number, path=HERE, ask="")
    return page_response(request, "me/held_table.html", page)


async def download(request: Request) -> Response:
    who = _own(request)
    if who is None:
        return redirect("/me/export.json")
    await limit(request, COPIES, str(who.account_id))
    now, house = clock.now(), settings(request).organisation
    stream = export_of_account(
        who.account_id,
        actor_id=who.account_id,
        house=house.name,
        now=now,
        schedule=house.retention,
    )
    told = await first_known(stream)
    await note_done(RequestKind.ACCESS, None, account_id=who.account_id, now=now)
    return StreamingResponse(
        told, media_type="application/json", headers=as_file("account-data.json")
    )


async def ask(request: Request) -> Response:
    """Deletion or a correction is asked for; staff look at it, since others may depend on it."""
    who = _own(request)
    if who is None:
        return redirect("/me/rights/ask")
    posted = await read_form(request)
    kind, asked = posted.get("ask_kind", ""), posted.get("ask_text", "")
    wrong = []
    if kind not in {RequestKind.ERASURE, RequestKind.RECTIFICATION, RequestKind.OTHER}:
        wrong.append(FieldError("ask_kind", "missing", MESSAGES["missing"]))
    if len(asked) > MOST_ASKED:
        most = {"max_length": MOST_ASKED}
        wrong.append(FieldError("ask_text", "too_long", MESSAGES["string_too_long"], most))
    if wrong:
        return await _page(request, who, posted.form().with_errors(wrong), status=422)
    given = parse(
        RequestGiven,
        {"kind": kind, "channel": Channel.PAGE, "asked": asked, "language": language(request)},
    )
    await open_request(
        given,
        account_id=who.account_id,
        identity=Proof.MAILED_LINK,
        actor_id=who.account_id,
        now=clock.now(),
    )
    flash(request, "good", _("We have your request, and answer within a month."))
    return redirect(HERE)


ROUTES: tuple[Endpoint, ...] = (
    get(HERE, show, LOGGED_IN, whose=Of.ACCOUNT),
    get(f"{HERE}/{{table}}", one_table, LOGGED_IN, whose=Of.ACCOUNT),
    get("/account/export.json", download, LOGGED_IN, whose=Of.ACCOUNT, fresh=True),
    post(f"{HERE}/ask", ask, LOGGED_IN, whose=Of.ACCOUNT),
)
