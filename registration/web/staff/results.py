"""The results of a session as staff see them: by which rule, which stand against it and why, and
whether they are final."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.edge import Endpoint, flash, path_id, post, read_form, redirect, require
from registration.enrolment.queries import places_by_id
from registration.errors import DomainError
from registration.i18n import _, format_moment
from registration.teaching.locking import LockLine, ReopenGiven, lock, locks_of, reopen
from registration.teaching.overview import corrected, overridden
from registration.web.outcome_words import Told, result_words, rule_words
from registration.web.staff.desk import STAFF, Again, again
from registration.web.staff.typed import Reading


@dataclass(frozen=True, slots=True)
class Override:
    """A result against the rule: whose, what, why."""

    name: str
    path: str
    result: str
    because: str


@dataclass(frozen=True, slots=True)
class ResultsPart:
    """``rule`` is a sentence or empty. ``lock`` and ``reopen`` are addresses, of which one is empty
    (both before it has begun); ``locks`` for a timeline; ``changed`` counts corrected results."""

    rule: str
    overrides: tuple[Override, ...]
    changed: int
    locked: bool
    lock: str
    reopen: str
    locks: tuple[Told, ...]


async def results_part(line: SessionLine, *, begun: bool) -> ResultsPart:
    against = await overridden(line.seating_id)
    places = await places_by_id([each.place_id for each in against])
    locks = await locks_of(line.id)
    locked = any(each.reopened_at is None for each in locks)
    path = f"/staff/sessions/{line.id}/results"
    return ResultsPart(
        rule=rule_words(line.training),
        overrides=tuple(
            Override(
                places[each.place_id].name,
                f"/staff/places/{each.place_id}",
                result_words(each.completed, no_show=False),
                each.because,
            )
            for each in against
        ),
        changed=await corrected(line.seating_id),
        locked=locked,
        lock="" if locked or not begun else f"{path}/lock",
        reopen=f"{path}/reopen" if locked else "",
        locks=_told(locks, ZoneInfo(line.zone)),
    )


def _told(locks: Sequence[LockLine], zone: ZoneInfo) -> tuple[Told, ...]:
    told: list[Told] = []
    for each in locks:
        if each.reopened_at is not None:
            why = _("Reason: {reason}", reason=each.because)
            said = ". ".join(part for part in (each.reopened_by, why) if part)
            told.append((format_moment(each.reopened_at, zone=zone), _("Reopened"), said))
        told.append((format_moment(each.locked_at, zone=zone), _("Made final"), each.locked_by))
    return tuple(told)


async def make_final(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    await lock(line.id, actor_id=require(request).account_id, now=clock.now())
    flash(request, "good", _("The results are final: nothing more is recorded."))
    return redirect(f"/staff/sessions/{line.id}#results")


async def reopened(request: Request) -> Again | None:
    """Reopens them as the form says; what is wrong with it, or None."""
    session_id, posted = path_id(request), await read_form(request)
    try:
        read = Reading(posted)
        given = read.command(ReopenGiven, read.some(because="because"))
        who = require(request).account_id
        await reopen(session_id, given, actor_id=who, now=clock.now())
    except DomainError as refused:
        return again(posted.form(), refused)
    flash(request, "good", _("The results are open: the trainer can record and correct again."))
    return None


ROUTES: tuple[Endpoint, ...] = (post("/staff/sessions/{id}/results/lock", make_final, STAFF),)
