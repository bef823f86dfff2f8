"""From a route to addresses with the ids of one side of the world, or with ids it is not meant
for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from uuid import UUID

from registration.api.openapi import OPERATIONS
from registration.api.samples import BODIES
from registration.edge.call import API
from registration.edge.routes import TableRow
from tests.attacks.world import Side

PARAMETER = re.compile(r"\{([a-z_]+)\}")
# What the ids in a path are of; the first that fits. Other ids are an account's.
KINDS: Sequence[tuple[str, str, str]] = (
    ("/company/places/", "id", "employee"),
    ("/company/uploads/", "id", "upload"),
    ("/company/people/", "id", "worker"),
    ("/companies/applications/", "id", "application"),
    ("/seats/", "id", "seat"),
    ("/requests/", "id", "request"),
    ("/restrictions/", "id", "restriction"),
    ("/mail/news/", "id", "mailing"),
    ("/webhooks/", "id", "webhook"),
    ("/invoicing/", "id", "invoice"),
    ("/me/certificates/", "id", "certificate"),
    ("/logins/", "id", "login"),
    ("/diet", "id", "guest"),
    ("/me/places/", "id", "place"),
    ("/me/interests/", "id", "interest"),
    ("/organisers/", "grant", "organiser"),
    ("/access/", "grant", "grant"),
    ("/grants/", "grant", "grant"),
    ("/tokens/", "token", "token"),
    ("/tokens/", "id", "token"),
    ("/trainers/", "assignment", "assignment"),
    ("/staff/places/", "id", "guest"),
    ("/ledger/mail/", "id", "mail"),
    ("/objections/", "id", "objection"),
    ("/holds/new/", "id", "person"),
    ("/holds/", "id", "hold"),
    ("/certificates/{id}", "id", "certificate"),
    ("/trainer/sessions/", "id", "taught"),
    ("/trainer/sessions/", "place", "taken"),
    ("/teaching/sessions/", "enrolment", "taken"),
    ("/teaching/sessions/", "id", "taught"),
    ("/packs/", "id", "pack"),
    ("/sessions/", "id", "session"),
    ("/events/", "id", "event"),
    ("/enrolments/", "id", "employee"),
    ("/registrations/", "id", "guest"),
    ("/trainings/", "id", "training"),
    ("/companies/", "id", "company"),
    ("/recipients/", "id", "recipient"),
    ("/venues/", "id", "venue"),
)
WORDS: Mapping[str, str] = {
    "purpose": "certificate",
    "format": "csv",
    "kind": "received",
    "table": "person",
    "slug": "event-a",
    "token": "nothing",
    "secret": "nothing",
}


def parameters(path: str) -> list[str]:
    return PARAMETER.findall(path)


def ids_in(path: str) -> list[str]:
    return [
        name for name in parameters(path) if name not in WORDS or kind_of(path, name) != "account"
    ]


def kind_of(path: str, name: str) -> str:
    return next((kind for part, of, kind in KINDS if part in path and of == name), "account")


def address(path: str, side: Side, given: Mapping[str, UUID | str] | None = None) -> str:
    """The path with ids of the side that fit it, but for those ``given``."""

    def filled(found: re.Match[str]) -> str:
        name = found[1]
        if given and name in given:
            return str(given[name])
        kind = kind_of(path, name)
        return WORDS[name] if kind == "account" and name in WORDS else str(side.ids[kind])

    return PARAMETER.sub(filled, path)


def with_foreign(row: TableRow, own: Side, foreign: Side) -> Iterator[tuple[str, str]]:
    """(kind, address) for each id of the other side, in each place where an id stands."""
    for name in ids_in(row.path):
        for kind, found in foreign.ids.items():
            yield kind, address(row.path, own, {name: found})


def example(row: TableRow, method: str) -> object:
    """A body that the call of the API would take, the caller's own to change; None where it
    takes none."""
    for operation in OPERATIONS:
        if (API + operation.path, operation.method) == (row.path, method):
            if not operation.bodies:
                return None
            shape = operation.bodies[0]
            given = BODIES.get(shape)
            if given is None:
                extra = shape.model_config.get("json_schema_extra")
                assert isinstance(extra, dict)
                examples = extra["examples"]
                assert isinstance(examples, list)
                return deepcopy(examples[0])
            return deepcopy(given)
    return {}
