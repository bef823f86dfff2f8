"""Until when a pack may be kept, and how its end is followed up. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum

from registration.errors import Forbidden, NotFound
from registration.i18n import DEFAULT_ZONE, N_
from registration.teaching.rules import PackPurpose, Terms, may_receive

# After the session's last day: time to write, correct and send what the pack was taken for. The
# roll is called while the trainer teaches, so a list of those who attend has no time of its own.
KEPT_AFTER: Mapping[PackPurpose, timedelta] = {
    PackPurpose.CERTIFICATE: timedelta(days=90),
    PackPurpose.PERMIT: timedelta(days=90),
}
REMINDED_AFTER = timedelta(days=7)
OVERDUE_AFTER = timedelta(days=14)


class PackNotFound(NotFound):
    message = N_("There is no such pack.")


class PackState(StrEnum):
    """``ENDED``: the trainer was asked, or soon is; ``OVERDUE``: and has not answered."""

    KEPT = "kept"
    ENDED = "ended"
    OVERDUE = "overdue"
    DESTROYED = "destroyed"


def keep_until(purpose: PackPurpose, terms: Terms, *, session_ends_at: datetime) -> datetime:
    """When a pack that is taken under ``terms`` must be gone: never before the trainer's access
    ends, and never after the agreement's last day."""
    until = terms.ends_at
    if purpose in KEPT_AFTER:
        until = max(until, session_ends_at + KEPT_AFTER[purpose])
    return _within_agreement(until, terms)


def shortened(ends_at: datetime, purpose: PackPurpose, terms: Terms, *, now: datetime) -> datetime:
    """When a pack that is out must be gone now that ``terms`` are others: never later than was
    said when it was taken, and at once where nothing may go there any more or the trainer has said
    no after all."""
    try:
        may_receive(terms, now=now)
    except Forbidden:
        return min(ends_at, now)
    if not terms.accepted:
        return min(ends_at, now)
    if purpose not in KEPT_AFTER:
        ends_at = min(ends_at, terms.ends_at)
    return _within_agreement(ends_at, terms)


def _within_agreement(until: datetime, terms: Terms) -> datetime:
    if terms.agreement_until is None:
        return until
    day_after = terms.agreement_until + timedelta(days=1)
    return min(until, datetime.combine(day_after, time(), tzinfo=DEFAULT_ZONE))


def state_of(ends_at: datetime, destroyed_at: datetime | None, *, now: datetime) -> PackState:
    if destroyed_at is not None:
        return PackState.DESTROYED
    if now < ends_at:
        return PackState.KEPT
    return PackState.OVERDUE if now >= ends_at + OVERDUE_AFTER else PackState.ENDED
