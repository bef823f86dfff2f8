"""Whose data a route gives or changes: what stands beside the role in the table of access."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from registration.accounts.rules import Role


class Of(StrEnum):
    """Whose: ``PUBLIC`` is what anyone may see or send, ``SECRET`` what the secret in the address
    was made for, whoever bears it."""

    PUBLIC = "public"
    SECRET = "secret"  # noqa: S105 -- a word of the table, no secret
    ACCOUNT = "own account"
    PERSON = "own person"
    COMPANY = "own company"
    SESSION = "assigned session"
    EVENT = "organised event"
    ALL = "organisation"


# What a role is for; a route that is narrower or wider than that says so itself.
OF_ROLE: Mapping[Role, Of] = {
    Role.STAFF: Of.ALL,
    Role.ORGANISER: Of.EVENT,
    Role.COORDINATOR: Of.COMPANY,
    Role.TRAINER: Of.SESSION,
    Role.PARTICIPANT: Of.PERSON,
}
