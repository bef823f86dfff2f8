"""How long a certificate holds, drawn: issued, valid until, today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from registration.i18n import DEFAULT_ZONE, _, ngettext
from registration.qualifications.queries import CertificateLine
from registration.qualifications.rules import Standing

TONES: Mapping[Standing, str] = {
    Standing.VALID: "good",
    Standing.ENDING: "wait",
    Standing.EXPIRED: "bad",
    Standing.REVOKED: "bad",
    Standing.REPLACED: "quiet",
}
# In per cent of the picture's width.
LEFT, WIDE = 3, 94


@dataclass(frozen=True, slots=True)
class Validity:
    """Where things stand from left to right, in per cent. ``end`` None: it has no end; ``stop``:
    where it was revoked, or None. ``says`` is the state as a sentence."""

    tone: str
    issued: float
    end: float | None
    stop: float | None
    today: float
    held: float
    today_on: date
    says: str


def validity_of(line: CertificateLine, *, now: datetime) -> Validity:
    today = now.astimezone(DEFAULT_ZONE).date()
    stopped = line.revoked_at.astimezone(DEFAULT_ZONE).date() if line.revoked_at else None
    last = max(line.issued_on, today, line.valid_until or today)
    if line.valid_until is None:
        last += max((last - line.issued_on) / 2, timedelta(days=90))
    span = max((last - line.issued_on).days, 1)

    def at(day: date) -> float:
        return round(LEFT + WIDE * max((day - line.issued_on).days, 0) / span, 1)

    end = at(line.valid_until) if line.valid_until else None
    stop = at(stopped) if stopped else None
    ends = [each for each in (end, stop) if each is not None]
    return Validity(
        tone=TONES[line.standing],
        issued=at(line.issued_on),
        end=end,
        stop=stop,
        today=at(today),
        held=round(min(ends, default=LEFT + WIDE) - at(line.issued_on), 1),
        today_on=today,
        says=_says(line, today),
    )


def _says(line: CertificateLine, today: date) -> str:
    if line.standing is Standing.REPLACED:
        return _("It was replaced by {number} and does not hold any more.", number=line.replaced_by)
    if line.standing is Standing.REVOKED:
        return _("It was revoked and does not hold any more.")
    if line.standing is Standing.EXPIRED:
        return _("It has expired. The training has to be renewed.")
    if line.standing is Standing.ENDING and line.valid_until is not None:
        left = (line.valid_until - today).days
        if not left:
            return _("It ends today. Take the training again.")
        said = ngettext(
            "It ends in {num} day. Take the training again in time.",
            "It ends in {num} days. Take the training again in time.",
            left,
        )
        return said.format(num=left)
    return _("It is valid.")
