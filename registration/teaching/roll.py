"""Calling the roll: one person and one day at a time, as taps that may arrive late or twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.accounts.rules import Identity
from registration.errors import Conflict
from registration.i18n import N_
from registration.teaching.history import ChangeLine, changes_of
from registration.teaching.queries import OutcomeLine, outcomes_of
from registration.teaching.rules import DayOf, OutcomeRow, RecordedMeanwhile
from registration.teaching.service import record_outcomes


@dataclass(frozen=True, slots=True)
class Tap:
    """Somebody was there on a day or was not, as it was said by who had read ``version``."""

    place_id: UUID
    day: DayOf
    present: bool
    version: int


@dataclass(frozen=True, slots=True)
class Marked:
    """What stands for that day after a tap; ``present`` None: nothing."""

    present: bool | None
    version: int


class MarkedMeanwhile(Conflict):
    """Nothing was saved; ``stands`` is what somebody else has recorded since."""

    message = N_("Somebody else has recorded this person otherwise meanwhile.")

    def __init__(self, stands: Marked) -> None:
        super().__init__()
        self.stands = stands


async def mark_day(session_id: UUID, tap: Tap, *, identity: Identity, now: datetime) -> Marked:
    """The tap is on record, unless that very day was recorded otherwise since its version.

    Other changes meanwhile (a grade, another day) stand beside it. The same tap again changes
    nothing. Raises ``MarkedMeanwhile`` and what ``record_outcomes`` raises.
    """
    version = tap.version
    for _turn in range(3):
        given = {str(tap.day.id): tap.present}
        row = OutcomeRow(place_id=tap.place_id, attendance=given, version=version)
        try:
            await record_outcomes(session_id, [row], identity=identity, now=now)
        except RecordedMeanwhile:
            # Only a trainer of this session comes here, and only with somebody who is on it.
            line = (await outcomes_of([tap.place_id]))[tap.place_id]
            stands = _marked(line, tap.day)
            if stands.present == tap.present:
                return stands
            changes = await changes_of(tap.place_id)
            if day_changed(line, changes, tap.day, since=tap.version):
                raise MarkedMeanwhile(stands) from None
            version = line.version
        else:
            break
    stands = _marked((await outcomes_of([tap.place_id]))[tap.place_id], tap.day)
    if stands.present != tap.present:
        raise MarkedMeanwhile(stands)
    return stands


def _marked(line: OutcomeLine, day: DayOf) -> Marked:
    return Marked(line.recorded.attendance.get(day.id), line.version)


def day_changed(
    line: OutcomeLine, changes: Sequence[ChangeLine], day: DayOf, *, since: int
) -> bool:
    """Whether what stood for a day was another at any moment after version ``since``.

    ``changes`` are all that is kept, newest first, one for each version after the first. What is
    not kept may have been anything.
    """
    newer = changes[: max(line.version - max(since, 1), 0)]
    if since < 0 or since > line.version or len(newer) < line.version - max(since, 1):
        return True
    if any(
        each.before.attendance.get(day.on) != each.after.attendance.get(day.on) for each in newer
    ):
        return True
    if since == 0 and line.version:
        stood_first = newer[-1].before.attendance.get(day.on) if newer else None
        first = stood_first if newer else line.recorded.attendance.get(day.id)
        return first is not None
    return False
