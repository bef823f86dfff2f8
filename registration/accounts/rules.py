"""Roles, what a grant allows and from when, and how secrets are kept."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from registration.errors import Conflict, Forbidden, NotFound
from registration.i18n import N_

LINK_LIFE = timedelta(minutes=15)
PRINTED_LINK_LIFE = timedelta(hours=24)
LOGIN_LIFE = timedelta(days=14)
LOGIN_IDLE = timedelta(hours=12)
SEEN_STEP = timedelta(minutes=5)
TOKEN_PREFIX = "reg_"  # noqa: S105 -- what secret scanners look for, no secret
SECRET_BYTES = 32


class Role(StrEnum):
    STAFF = "staff"
    ORGANISER = "organiser"
    COORDINATOR = "coordinator"
    TRAINER = "trainer"
    PARTICIPANT = "participant"


class Scope(StrEnum):
    """What an API token is for; each needs the role beside it."""

    STAFF = "staff"
    ORGANISER = "organiser"
    COMPANY = "company"
    TRAINER = "trainer"


SCOPE_ROLES = {
    Scope.STAFF: Role.STAFF,
    Scope.ORGANISER: Role.ORGANISER,
    Scope.COMPANY: Role.COORDINATOR,
    Scope.TRAINER: Role.TRAINER,
}
# Access to others' data inside the house needs a signed non-disclosure agreement first (P14).
NEEDS_NDA = frozenset({Role.STAFF, Role.ORGANISER})


class AccountNotFound(NotFound):
    message = N_("There is no such account.")


class AccountExists(Conflict):
    message = N_("There is an account with this e-mail address and role already.")


class LinkUsedOrEnded(Forbidden):
    message = N_("This login link has been used or has ended. Ask for a new one.")


class RoleMissing(Conflict):
    message = N_("The account does not hold the role that this scope needs.")


class ScopeNeeded(Conflict):
    message = N_("A coordinator belongs to a company: say which.")


@dataclass(frozen=True, slots=True)
class Held:
    """One role in force now; ``scope_id`` None is the whole organisation."""

    role: Role
    scope_id: UUID | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking, with the roles in force at this moment and no others."""

    account_id: UUID
    name: str
    language: str
    person_id: UUID | None
    held: tuple[Held, ...]
    login_id: UUID | None = None
    token_id: UUID | None = None

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(each.role for each in self.held)

    def holds(self, role: Role, scope_id: UUID | None = None) -> bool:
        """Whether ``role`` is held over exactly this scope (None: over the organisation)."""
        return Held(role, scope_id) in self.held

    @property
    def companies(self) -> tuple[UUID, ...]:
        return tuple(
            each.scope_id for each in self.held if each.role is Role.COORDINATOR and each.scope_id
        )

    def organises(self, event_id: UUID) -> bool:
        """By a grant for that very event: the role alone opens no event (P3)."""
        return self.holds(Role.ORGANISER, event_id)


def in_force(role: Role, *, nda_on: date | None, today: date) -> bool:
    """Whether a grant of this role counts: not before the agreement's date (P14)."""
    return role not in NEEDS_NDA or (nda_on is not None and nda_on <= today)


@dataclass(frozen=True, slots=True)
class Secret:
    """A new secret: ``text`` is shown once, ``digest`` is what is stored."""

    text: str
    digest: bytes


def new_secret(row_id: UUID, *, prefix: str = "") -> Secret:
    """``<prefix><row id>.<256 random bits>``: the id finds the row, the rest must match."""
    random = secrets.token_urlsafe(SECRET_BYTES)
    return Secret(f"{prefix}{row_id.hex}.{random}", digest_of(random))


_SECRET_FORM = re.compile(r"([0-9a-f]{32})\.([A-Za-z0-9_-]{43})\Z")


def read_secret(text: str, *, prefix: str = "") -> tuple[UUID, bytes] | None:
    """The row's id and the digest to compare; None for what cannot be a secret of ours."""
    found = _SECRET_FORM.match(text.removeprefix(prefix)) if text.startswith(prefix) else None
    return (UUID(found[1]), digest_of(found[2])) if found else None


def digest_of(random: str) -> bytes:
    return sha256(random.encode()).digest()


def same(stored: bytes, given: bytes) -> bool:
    return hmac.compare_digest(stored, given)
