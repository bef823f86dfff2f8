"""A person's own tokens for programs: added here, shown once, revoked here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import queries as accounts
from registration.accounts import tokens
from registration.accounts.rules import SCOPE_ROLES, Role, RoleMissing, Scope, TokenTooLong
from registration.edge import (
    Endpoint,
    Of,
    flash,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
    roles,
)
from registration.edge.answers import ROLE_NAMES
from registration.errors import Conflict, DomainError, FieldError
from registration.forms import Command, Form, Refused, parse
from registration.i18n import _
from registration.people.rules import clean_text
from registration.web.contact_form import Option

HOLDERS = roles(Role.STAFF, Role.ORGANISER, Role.COORDINATOR, Role.TRAINER)
USUAL_DAYS = 90
CONFLICTS: Mapping[type[Conflict], str] = {RoleMissing: "scope", TokenTooLong: "days"}


class TokenGiven(Command):
    name: Annotated[str, BeforeValidator(clean_text), Field(min_length=1, max_length=60)]
    scope: Scope
    days: Annotated[int, Field(ge=1, le=365)]


@dataclass(frozen=True, slots=True)
class TokenRow:
    name: str
    role: str
    since: datetime
    until: datetime
    used_at: datetime | None
    revoke: str


@dataclass(frozen=True, slots=True)
class TokensPage:
    """``shown``: the text of the token just added, which no page shows again."""

    rows: tuple[TokenRow, ...]
    scopes: tuple[Option, ...]
    form: Form
    shown: str


async def show(request: Request) -> Response:
    return await _answer(request, _blank())


def _blank() -> Form:
    return Form(values={"days": str(USUAL_DAYS)})


async def add(request: Request) -> Response:
    posted, who = await read_form(request), require(request)
    try:
        given = parse(TokenGiven, {name: posted.get(name, "") for name in TokenGiven.model_fields})
        text = await tokens.add_own_token(
            who.account_id, given.scope, days=given.days, name=given.name, now=clock.now()
        )
    except Refused as refused:
        form = posted.form().with_errors(refused.errors)
        return await _answer(request, form, status=422)
    except Conflict as refused:
        return await _answer(request, _with(posted.form(), refused), status=409)
    return await _answer(request, _blank(), shown=text)


def _with(form: Form, refused: DomainError) -> Form:
    kind = type(refused)
    name = CONFLICTS.get(kind, "") if issubclass(kind, Conflict) else ""
    return form.with_errors([FieldError(name, refused.code, refused.message, refused.params)])


async def revoke(request: Request) -> Response:
    await tokens.revoke_token(
        path_id(request), account_id=require(request).account_id, now=clock.now()
    )
    flash(request, "good", _("The token is revoked."))
    return redirect("/tokens")


async def _answer(request: Request, form: Form, *, shown: str = "", status: int = 200) -> Response:
    who, now = require(request), clock.now()
    page = TokensPage(
        tuple(
            TokenRow(
                line.name or _("Without a name"),
                _(ROLE_NAMES[SCOPE_ROLES[Scope(line.scope)]]),
                line.created_at,
                line.expires_at,
                line.used_at,
                f"/tokens/{line.id}/revoke",
            )
            for line in await accounts.tokens_of(who.account_id, now=now)
        ),
        tuple(
            (scope.value, _(ROLE_NAMES[role]))
            for scope, role in SCOPE_ROLES.items()
            if role in who.roles
        ),
        form,
        shown,
    )
    return page_response(request, "account/tokens.html", page, status=status)


ROUTES: tuple[Endpoint, ...] = (
    get("/tokens", show, HOLDERS, whose=Of.ACCOUNT, fresh=True),
    post("/tokens", add, HOLDERS, whose=Of.ACCOUNT, fresh=True),
    post("/tokens/{id}/revoke", revoke, HOLDERS, whose=Of.ACCOUNT, fresh=True),
)
