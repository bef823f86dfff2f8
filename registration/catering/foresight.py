"""What a change of an event would do to its guests' food restrictions, before it is saved (P4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from registration.catalogue.lines import EventLine
from registration.catalogue.rules import EventGiven, erase_after
from registration.catering.models import SealedDiet
from registration.enrolment import queries as enrolment


@dataclass(frozen=True, slots=True)
class Foreseen:
    """``diets``: guests' answers that are stored now, deleted at ``before`` as it stands and at
    ``after`` if changed; None: at once, for there is no catering any more, or it was so before.

    ``past``: the event would be over already. ``capped``: guests were told an earlier end, so that
    the answers go within seven days of that, and not by the period given. ``early``: they would go
    before the event; its guests are asked again by mail then.
    """

    diets: int
    before: datetime | None
    after: datetime | None
    past: bool
    capped: bool
    early: bool

    @property
    def mark(self) -> str:
        """The same for the same foresight: what was confirmed is what is done."""
        said = (self.diets, self.before, self.after, self.past, self.capped, self.early)
        return sha256(repr(said).encode()).hexdigest()[:16]


async def foresee(line: EventLine, given: EventGiven, *, now: datetime) -> Foreseen | None:
    """What has to be confirmed before the event is as ``given``; None when nothing has."""
    if line.diets_deleted_at is not None:
        return None
    diets = await SealedDiet.filter(event_id=line.id).count()
    told = bool(await enrolment.places_on(line.seating_id, current_only=False))
    latest = line.latest_erase_at if told else None
    wished = erase_after(given.ends_at, given.erase_diets_after, latest=None)
    after = min(wished, latest or wished) if given.catered else None
    moved = given.ends_at != line.ends_at
    found = Foreseen(
        diets=diets,
        before=line.erase_at,
        after=after,
        past=moved and given.ends_at <= now,
        capped=after is not None and after < wished,
        early=after is not None and after < given.ends_at,
    )
    heeds = found.after != found.before or (moved and found.capped)
    return found if found.past or (diets and heeds) else None
