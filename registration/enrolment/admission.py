"""Whether people may take a training at all: a question that a domain above answers.

Enrolment knows nothing of records and qualifications; who does registers a check here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from registration.catalogue.rules import Offering
from registration.enrolment.rules import Lack

Needs = Callable[[Offering], Awaitable[bool]]
Check = Callable[[Sequence[UUID], Offering, datetime], Awaitable[Mapping[UUID, tuple[Lack, ...]]]]

MOST_KEPT = 2_000

_checks: list[tuple[Needs, Check]] = []
_needs: dict[tuple[UUID, int], bool] = {}


def register(check: Check, *, needs: Needs) -> None:
    """``check`` is asked whenever somebody signs up for a session that ``needs`` anything: it says
    what each of the persons lacks (who lacks nothing may be absent). The answer of ``needs`` is
    kept for as long as the offering's revision stands, so that most sign-ups ask nothing."""
    if (needs, check) not in _checks:
        _checks.append((needs, check))


async def needed(offering: Offering) -> bool:
    """Whether something must be completed before this."""
    if offering.kind != "session" or not _checks:
        return False
    key = offering.seating_id, offering.revision
    if key not in _needs:
        if len(_needs) >= MOST_KEPT:
            _needs.clear()
        _needs[key] = any([await needs(offering) for needs, _check in _checks])
    return _needs[key]


async def lacks_of(
    person_ids: Sequence[UUID], offering: Offering, *, now: datetime
) -> dict[UUID, tuple[Lack, ...]]:
    """What each of these lacks; who lacks nothing is absent. A new person lacks everything."""
    found: dict[UUID, tuple[Lack, ...]] = {}
    if not person_ids or not await needed(offering):
        return found
    for _needs_any, check in _checks:
        for person_id, lacks in (await check(person_ids, offering, now)).items():
            if lacks:
                found[person_id] = found.get(person_id, ()) + tuple(lacks)
    return found
