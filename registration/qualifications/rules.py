"""What a certificate is worth on a day, and what it is known by."""

from __future__ import annotations

import calendar
import secrets
from datetime import date, timedelta
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
REISSUED = N_("It was replaced by a newer certificate.")

# From so long before its end a certificate is shown as one that ends soon.
ENDING = timedelta(days=60)
# So long nobody is written to twice about the same certificate by hand.
QUIET = timedelta(hours=1)
REASON_LIMIT = 200


class CertificateState(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Standing(StrEnum):
    """As pages say it: ``ENDING`` is still valid, ``REPLACED`` was revoked for a newer one."""

    VALID = "valid"
    ENDING = "ending"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REPLACED = "replaced"


class CertificateNotFound(NotFound):
    message = N_("There is no such certificate.")


class NotCompleted(Conflict):
    message = N_("The training is not recorded as completed, so there is nothing to certify.")


class AlreadyRevoked(Conflict):
    message = N_("This certificate has been revoked already.")


class CertificateRevoked(Conflict):
    message = N_("This certificate has been revoked, so its file is no longer given out.")


class CertificateReplaced(Conflict):
    message = N_("This certificate was replaced by {number}, so its file is no longer given out.")


class ReplacedAlready(Conflict):
    message = N_("This certificate was replaced by {number} already.")


class CertificateExpired(Conflict):
    message = N_("This certificate is no longer valid, so no other is issued in its place.")


class CertificateUnprintable(Conflict):
    message = N_(
        "This certificate cannot be printed: a text or a picture on it does not fit. "
        "Shorten the title of the training, or write to the office."
    )


class NothingPrinted(Conflict):
    message = N_("No file is ready. Prepare the files first.")


class NobodyCertified(Conflict):
    message = N_("Nobody on this session holds a certificate, so there is nothing to prepare.")


class ToldJustNow(Conflict):
    message = N_("This mail was sent within the last hour. Send it again later.")


class NoAddress(Conflict):
    message = N_("No e-mail address of this person is on record.")


class CertificatesBusy(Conflict):
    message = N_("Many certificates are being printed now. Try again in a minute.")


def state_of(*, revoked: bool, valid_until: date | None, today: date) -> CertificateState:
    """``valid_until`` is the last valid day; None: without end."""
    if revoked:
        return CertificateState.REVOKED
    if valid_until is not None and today > valid_until:
        return CertificateState.EXPIRED
    return CertificateState.VALID


def standing_of(
    state: CertificateState, *, replaced: bool, valid_until: date | None, today: date
) -> Standing:
    if state is CertificateState.REVOKED and replaced:
        return Standing.REPLACED
    ends_soon = valid_until is not None and valid_until - today <= ENDING
    if state is CertificateState.VALID and ends_soon:
        return Standing.ENDING
    return Standing(state.value)


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
