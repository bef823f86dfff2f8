"""What is held of a participant, in their own hands: correct it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    Endpoint,
    flash,
    get,
    language,
    page_response,
    post,
    read_form,
    redirect,
    settings,
)
from registration.errors import Conflict, Invalid
from registration.forms import Form
from registration.i18n import N_, _
from registration.people import queries as people
from registration.people.queries import SuggestionLine
from registration.people.rules import Source, show_phone
from registration.people.service import correct
from registration.privacy.held_codes import FIELDS
from registration.web.contact_form import (
    Option,
    contact_given,
    contact_values,
    countries,
    flat,
    languages,
)
from registration.web.me import OWN, own_id

SOURCES: Mapping[str, str] = {
    Source.SELF: N_("A sign-up form"),
    Source.COMPANY: N_("Your company"),
    Source.IMPORT: N_("Your company's list"),
    Source.API: N_("Another system"),
    Source.STAFF: N_("Our staff"),
}


@dataclass(frozen=True, slots=True)
class Proposed:
    """What somebody else gave for a field of the person's: beside what is held now."""

    field: str
    label: str
    now: str
    value: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DataPage:
    form: Form
    countries: tuple[Option, ...]
    languages: tuple[Option, ...]
    proposed: tuple[Proposed, ...]
    refused: str


async def data_page(request: Request) -> Response:
    _who, person_id = own_id(request)
    form = Form(values=contact_values(await people.contact(person_id)))
    return await _data_page(request, form)


async def save_data(request: Request) -> Response:
    who, person_id = own_id(request)
    posted = await read_form(request)
    try:
        contact = contact_given(posted, known=None, language=language(request))
        await correct(person_id, contact, actor_id=who.account_id, now=clock.now())
    except Invalid as wrong:
        return await _data_page(request, posted.form().with_errors(flat(wrong.errors)), status=422)
    except Conflict as conflict:
        refused = _(conflict.message, **conflict.params)
        return await _data_page(request, posted.form(), status=409, refused=refused)
    flash(request, "good", _("Your data is saved."))
    return redirect("/me/data")


async def settle_suggestions(request: Request) -> Response:
    """Those that were ticked are taken over; the others are gone."""
    who, person_id = own_id(request)
    taken = set((await read_form(request)).many("take"))
    lines = await people.suggestions(person_id)
    contact = await people.contact(person_id)
    chosen = {line.field: line.value for line in lines if line.field in taken}
    await correct(person_id, replace(contact, **chosen), actor_id=who.account_id, now=clock.now())
    flash(request, "good", _("Your data is saved."))
    return redirect("/me/data")


async def _data_page(
    request: Request, form: Form, *, status: int = 200, refused: str = ""
) -> Response:
    _who, person_id = own_id(request)
    contact = await people.contact(person_id)
    values = contact_values(contact)
    page = DataPage(
        form=form,
        countries=countries(form.values.get("country", "")),
        languages=languages(settings(request)),
        proposed=tuple(_proposed(line, values) for line in await people.suggestions(person_id)),
        refused=refused,
    )
    return page_response(request, "me/data.html", page, status=status)


def _proposed(line: SuggestionLine, values: Mapping[str, str]) -> Proposed:
    return Proposed(
        field=line.field,
        label=_(FIELDS[line.field]),
        now=values[line.field],
        value=show_phone(line.value) if line.field == "phone" else line.value,
        source=_(SOURCES[line.source]),
        at=line.suggested_at,
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/me/data", data_page, OWN),
    post("/me/data", save_data, OWN),
    post("/me/suggestions", settle_suggestions, OWN),
)
