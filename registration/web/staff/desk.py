"""What all pages of staff and organisers share: who may open them, the ways between them, and how
a refusal comes back beside the field it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from registration.accounts.rules import Identity, Role
from registration.catalogue.rules import EventNotFound
from registration.edge import require, roles
from registration.errors import Conflict, DomainError, FieldError, Invalid
from registration.forms import Form
from registration.i18n import N_, _

STAFF = roles(Role.STAFF)
EITHER = roles(Role.STAFF, Role.ORGANISER)

# Label, address, whether organisers have it too.
WAYS: tuple[tuple[str, str, bool], ...] = (
    (N_("To do"), "/staff", True),
    (N_("Trainings"), "/staff/trainings", False),
    (N_("Sessions"), "/staff/sessions", False),
    (N_("Events"), "/staff/events", True),
    (N_("Deletions"), "/staff/deletions", True),
    (N_("Find a place"), "/staff/places", False),
    (N_("Certificates"), "/staff/certificates", False),
    (N_("Companies"), "/staff/companies", False),
    (N_("Venues"), "/staff/venues", False),
    (N_("Trainer organisations"), "/staff/recipients", False),
    (N_("Accounts"), "/staff/accounts", False),
    (N_("Newsletters"), "/staff/mail/news", False),
    (N_("Ledger"), "/staff/ledger", False),
    (N_("Privacy"), "/staff/privacy", False),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """The frame of these pages: ``ways`` are (label, address, whether it is here); ``staff`` is
    whether the reader has that role, ``trouble`` says why nothing was done."""

    ways: tuple[tuple[str, str, bool], ...]
    staff: bool
    trouble: str = ""


def desk(request: Request, trouble: str = "") -> Desk:
    staff = is_staff(require(request))
    path = request.url.path
    if path.startswith("/staff/access"):  # the pages beside the list of accounts
        path = "/staff/accounts"
    if path.startswith("/staff/packs"):  # what the trainer organisations were given
        path = "/staff/recipients"
    if path.startswith("/staff/invoicing"):  # what the companies owe
        path = "/staff/companies"
    if path.startswith("/staff/mail/"):  # and who wants none of them
        path = "/staff/mail/news"
    return Desk(
        tuple(
            (_(label), url, path == url or (url != "/staff" and path.startswith(f"{url}/")))
            for label, url, both in WAYS
            if staff or both
        ),
        staff,
        trouble,
    )


def is_staff(who: Identity) -> bool:
    return Role.STAFF in who.roles


def check_event(who: Identity, event_id: UUID) -> None:
    """Raises ``EventNotFound`` for an organiser of other events: they do not know of this one."""
    if not is_staff(who) and not who.organises(event_id):
        raise EventNotFound


@dataclass(frozen=True, slots=True)
class Again:
    """A form that comes back: with what was typed and what is wrong with it, why nothing was
    done if that is no single field's fault, and the status of the answer."""

    form: Form
    trouble: str
    status: int


def again(
    form: Form,
    refused: DomainError,
    *,
    conflicts: Mapping[type[Conflict], str] | None = None,
) -> Again:
    """How ``refused`` is said on its form; ``conflicts`` names the field that a conflict is
    about. Raises ``refused`` when it is neither ``Invalid`` nor ``Conflict``."""
    if isinstance(refused, Invalid) and refused.errors:
        return Again(form.with_errors(refused.errors), "", 422)
    if not isinstance(refused, Conflict | Invalid):
        raise refused
    status = 409 if isinstance(refused, Conflict) else 422
    at = (conflicts or {}).get(type(refused)) if isinstance(refused, Conflict) else None
    if at is None:
        return Again(form, said(refused), status)
    error = FieldError(at, refused.code, refused.message, refused.params)
    return Again(form.with_errors([error]), "", status)


def said(refused: DomainError) -> str:
    return _(refused.message, **refused.params)


def clean(form: Form) -> Again:
    """A form that is shown for the first time."""
    return Again(form, "", 200)
