"""How sure we are who a login is, for which role that is enough, and for how long.

By OWASP ASVS 5.0, V6.3 and V7: those who see other people's data show two things, a short login
ends soon, and what cannot be taken back asks again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from registration.accounts.rules import LOGIN_IDLE, LOGIN_LIFE, Held, Role


class How(StrEnum):
    """By what a login was opened. ``PRINTED`` is a link from the command line: whoever prints it
    reads the machine anyway."""

    LINK = "link"
    PRINTED = "printed"
    PASSKEY = "passkey"
    CODE = "code"
    RECOVERY = "recovery"
    SSO = "sso"


STRONG = frozenset({How.PRINTED, How.PASSKEY, How.CODE, How.RECOVERY, How.SSO})
# Participants see their own data, coordinators what their company gave: they may have a second
# factor. The others see data of strangers.
NEEDS_SECOND = frozenset({Role.STAFF, Role.ORGANISER, Role.TRAINER})
# A login that opens such a role ends after an hour without use and a working day in all; others
# are for people who come once a month, on their own devices.
STRICT_IDLE = timedelta(hours=1)
STRICT_LIFE = timedelta(hours=12)
FRESH_TO_SEE = timedelta(minutes=15)
FRESH_TO_SEND = timedelta(minutes=60)


def given(held: Iterable[Held], *, strong: bool) -> tuple[tuple[Held, ...], tuple[Held, ...]]:
    """The roles that a login gives, and those that wait for a second step."""
    every = tuple(held)
    if strong:
        return every, ()
    return (
        tuple(each for each in every if each.role not in NEEDS_SECOND),
        tuple(each for each in every if each.role in NEEDS_SECOND),
    )


def is_strict(held: Iterable[Held]) -> bool:
    return any(each.role in NEEDS_SECOND for each in held)


def has_ended(
    *, created_at: datetime, seen_at: datetime, expires_at: datetime, strict: bool, now: datetime
) -> bool:
    """Whether a login is over, by its idle time or its life; ``strict`` as ``is_strict`` says."""
    idle, life = (STRICT_IDLE, STRICT_LIFE) if strict else (LOGIN_IDLE, LOGIN_LIFE)
    return now >= min(expires_at, created_at + life, seen_at + idle)


def is_fresh(proved_at: datetime | None, *, to_see: bool, now: datetime) -> bool:
    """Whether a person proved to be themselves lately enough to see, or to send, something."""
    window = FRESH_TO_SEE if to_see else FRESH_TO_SEND
    return proved_at is not None and now < proved_at + window
