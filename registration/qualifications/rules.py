"""What a certificate is worth on a day, and what it is known by."""

from __future__ import annotations

import calendar
import secrets
from datetime import date
from enum import StrEnum

from registration.errors import Conflict, NotFound
from registration.i18n import N_

# Digits and letters that are not taken for each other when read from paper (Crockford's base 32).
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
GROUPS = 6
GROUP = 4
_LOOKALIKES = str.maketrans("ilo", "110")

CORRECTED = N_("The recorded result was corrected.")
NOT_COMPLETED = N_("The training is no longer recorded as completed.")


class CertificateState(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


class CertificateNotFound(NotFound):
    message = N_("There is no such certificate.")


class NotCompleted(Conflict):
    message = N_("The training is not recorded as completed, so there is nothing to certify.")


class AlreadyRevoked(Conflict):
    message = N_("This certificate has been revoked already.")


class CertificateRevoked(Conflict):
    message = N_("This certificate has been revoked, so its file is no longer given out.")


class CertificatesBusy(Conflict):
    message = N_("Many certificates are being printed now. Try again in a minute.")


def state_of(*, revoked: bool, valid_until: date | None, today: date) -> CertificateState:
    """``valid_until`` is the last valid day; None: without end."""
    if revoked:
        return CertificateState.REVOKED
    if valid_until is not None and today > valid_until:
        return CertificateState.EXPIRED
    return CertificateState.VALID


def valid_until(last_day: date, months: int | None) -> date | None:
    """The last day of validity: ``months`` after the training's last day, on the same day of the
    month or the month's last; None for no end."""
    if months is None:
        return None
    year, month = divmod(last_day.year * 12 + last_day.month - 1 + months, 12)
    return date(year, month + 1, min(last_day.day, calendar.monthrange(year, month + 1)[1]))


def number_of(year: int, place: int) -> str:
    return f"{year}-{place:06d}"


def new_token() -> str:
    """120 random bits, written so that they can be typed from paper: six groups of four."""
    letters = [secrets.choice(ALPHABET) for _position in range(GROUPS * GROUP)]
    return "-".join("".join(letters[at : at + GROUP]) for at in range(0, len(letters), GROUP))


def read_token(typed: str) -> str:
    """The code as it is kept, from what a person typed or pasted: capitals, spaces, missing
    hyphens, O for 0, I or L for 1, or the whole address. Empty for what cannot be a code."""
    last = typed.strip()[:300].rstrip("/").rpartition("/")[2]
    letters = "".join(last.split()).replace("-", "").lower().translate(_LOOKALIKES)
    if len(letters) != GROUPS * GROUP or not set(letters) <= set(ALPHABET):
        return ""
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))


def clip(text: str, limit: int) -> str:
    """At most ``limit`` letters, the last one an ellipsis when something was left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
