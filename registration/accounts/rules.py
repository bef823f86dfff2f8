"""Roles, what a grant allows and from when, and how secrets are kept."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
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
# What is given by hand ends. A yearly review keeps it, and a month more is for the review itself.
USUAL_GRANT = timedelta(days=365)
LONGEST_GRANT = timedelta(days=396)
REVIEWED_WITHIN = timedelta(days=365)
REMINDED_BEFORE = timedelta(days=30)
SHORT_GRANT = timedelta(days=60)
LONGEST_TOKEN = timedelta(days=365)
HELP_LIFE = timedelta(hours=24)


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


class NotToOneself(Forbidden):
    message = N_("Nobody gives access to themselves. Ask a colleague to do it.")


class MayNotGrant(Forbidden):
    message = N_("You can only give access that you hold yourself. Ask the people who run this.")


class EndNeeded(Conflict):
    message = N_("This access must end later than now.")


class TooLong(Conflict):
    message = N_("Access is given for 13 months at the most. It can be kept on after a review.")


class LastAdministrator(Conflict):
    message = N_(
        "This is the last account with staff access. Give a colleague staff access first, with "
        "their agreement on record."
    )


class SameAddress(Conflict):
    message = N_("This is the account's address already.")


class TokenTooLong(Conflict):
    message = N_("A token works for 1 to 365 days.")


class HelpNotFound(NotFound):
    message = N_("There is no such request for help, or its 24 hours are over.")


class HelpNeedsAnother(Conflict):
    message = N_(
        "Somebody else confirms this: not the one who checked who the person is, and not the "
        "person. With one administrator only, the command line does it."
    )


class IdentityCheck(StrEnum):
    """How staff made sure who asks for help. Nothing is copied, no document is kept."""

    SEEN = "seen"
    CALLED_BACK = "called-back"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Held:
    """One role in force now, until ``ends_at`` (None: without end); ``scope_id`` None is the whole
    organisation."""

    role: Role
    scope_id: UUID | None
    ends_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking, with the roles in force at this moment and no others.

    ``waiting`` are roles that the account holds and this login does not give until a second step
    is done; ``proved_at`` is when the person last proved to be themselves, ``how`` by what.
    """

    account_id: UUID
    name: str
    language: str
    person_id: UUID | None
    held: tuple[Held, ...]
    login_id: UUID | None = None
    token_id: UUID | None = None
    waiting: tuple[Held, ...] = ()
    proved_at: datetime | None = None
    how: str = ""

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


LONG_AGO = datetime.min.replace(tzinfo=UTC)
# Who gives what: staff every role and any event; the others the very scope that they hold.
HANDED_ON = frozenset({Role.ORGANISER, Role.COORDINATOR})


def may_grant(held: Iterable[Held], role: Role, scope_id: UUID | None, *, to_oneself: bool) -> Held:
    """What the granter's right to give ``role`` over ``scope_id`` rests on (P3, P14).

    Staff give every role but a participant's. An organiser hands on an event, a coordinator a
    company, that they hold themselves. Raises ``NotToOneself``, ``MayNotGrant``.
    """
    if to_oneself:
        raise NotToOneself
    if (role is Role.COORDINATOR and scope_id is None) or role is Role.PARTICIPANT:
        raise MayNotGrant
    if scope_id is not None and role not in HANDED_ON:
        raise MayNotGrant
    own = [each for each in held if each == Held(Role.STAFF, None)]
    if scope_id is not None:
        own += [each for each in held if each == Held(role, scope_id)]
    if not own:
        raise MayNotGrant
    return max(own, key=lambda each: (each.ends_at is None, each.ends_at or LONG_AGO))


def granted_until(rests_on: Held, wanted: datetime | None, *, now: datetime) -> datetime:
    """When a grant ends that rests on the granter's own: as ``wanted``, else in a year; never
    after the granter's. Raises ``EndNeeded`` for an end that is past, ``TooLong``."""
    until = wanted or now + USUAL_GRANT
    if until <= now:
        raise EndNeeded
    if until > now + LONGEST_GRANT:
        raise TooLong
    return until if rests_on.ends_at is None else min(until, rests_on.ends_at)


def counts(
    role: Role,
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    nda_on: date | None,
    account_ended: bool = False,
    now: datetime,
) -> bool:
    """Whether a grant gives anything at ``now``: its dates, the agreement, the account."""
    begun = starts_at <= now and (ends_at is None or now < ends_at)
    return begun and not account_ended and in_force(role, nda_on=nda_on, today=now.date())


def closes_at(
    starts_at: datetime,
    *,
    reviewed_at: datetime | None,
    reminded_at: datetime | None,
    ends_at: datetime | None,
) -> datetime:
    """When a grant ends if nobody does anything: by its own end, or a year after somebody last
    looked at it, but not before the person has been told 30 days ahead."""
    unreviewed = (reviewed_at or starts_at) + REVIEWED_WITHIN
    if reminded_at is not None:
        unreviewed = max(unreviewed, reminded_at + REMINDED_BEFORE)
    return unreviewed if ends_at is None else min(unreviewed, ends_at)


def reminds_at(
    starts_at: datetime, *, reviewed_at: datetime | None, ends_at: datetime | None
) -> datetime | None:
    """When the person hears that the access is about to end; None: it was given for a short time,
    and they know."""
    since = reviewed_at or starts_at
    if ends_at is not None and ends_at - since <= SHORT_GRANT:
        return None
    end = closes_at(starts_at, reviewed_at=reviewed_at, reminded_at=None, ends_at=ends_at)
    return end - REMINDED_BEFORE


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
