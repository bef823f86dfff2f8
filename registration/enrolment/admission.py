"""Whether people may take a training at all: a question that a domain above answers.

Enrolment knows nothing of records and qualifications; who does registers a check here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from registration.catalogue.rules import Offering
from registration.enrolment.models import Place
from registration.enrolment.rules import Lack

Needs = Callable[[Offering], Awaitable[bool]]
Lacks = Mapping[UUID, tuple[Lack, ...]]
Check = Callable[[Sequence[UUID], Offering, datetime, UUID | None], Awaitable[Lacks]]

MOST_KEPT = 2_000
CHUNK = 500

_checks: list[tuple[Needs, Check]] = []
_needs: dict[tuple[UUID, int], bool] = {}


def register(check: Check, *, needs: Needs) -> None:
    """``check`` is asked whenever somebody signs up for a session that ``needs`` anything: it says
    what each of the persons lacks (who lacks nothing may be absent), by all records or only by
    those of places that a company took. The answer of ``needs`` is
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
    person_ids: Sequence[UUID],
    offering: Offering,
    *,
    now: datetime,
    company_id: UUID | None = None,
) -> dict[UUID, tuple[Lack, ...]]:
    """What each of these lacks; who lacks nothing is absent. A new person lacks everything. With
    ``company_id`` only what was earned on places that it took counts."""
    found: dict[UUID, tuple[Lack, ...]] = {}
    if not person_ids or not await needed(offering):
        return found
    for _needs_any, check in _checks:
        for person_id, lacks in (await check(person_ids, offering, now, company_id)).items():
            if lacks:
                found[person_id] = found.get(person_id, ()) + tuple(lacks)
    return found


@dataclass(frozen=True, slots=True)
class CompanyView:
    """What a company may know of people's records: ``told`` is what they lack, of ``unsure`` it is
    told nothing."""

    told: Lacks = field(default_factory=dict)
    unsure: frozenset[UUID] = frozenset()


async def lacks_seen_by(
    company_id: UUID, person_ids: Sequence[UUID], offering: Offering, *, now: datetime
) -> CompanyView:
    """What these lack, as far as the company may know (P8).

    Of who agreed to a place that it took for them it sees all. Of others it sees what the places
    that it took itself have given: who lacks by those alone is ``unsure``, whatever our records
    say, so that nobody learns of a stranger's records by typing a name.
    """
    if not person_ids or not await needed(offering):
        return CompanyView()
    agreed = await agreed_with(company_id, person_ids)
    told = await lacks_of(sorted(agreed), offering, now=now)
    others = [each for each in person_ids if each not in agreed]
    own = await lacks_of(others, offering, now=now, company_id=company_id)
    return CompanyView(told, frozenset(own))


async def agreed_with(company_id: UUID, person_ids: Sequence[UUID]) -> set[UUID]:
    """Those who said yes to a place that the company took for them, and to none of them no; nor did
    they object to it that companies are told of them."""
    found: dict[UUID, bool] = {}
    for start in range(0, len(person_ids), CHUNK):
        rows = Place.filter(
            company_id=company_id, person_id__in=list(person_ids[start : start + CHUNK])
        )
        for person_id, agreed, objected, untold in await rows.values_list(
            "person_id", "agreed_at", "objected_at", "person__untold_at"
        ):
            person = UUID(str(person_id))
            if objected is not None or untold is not None:
                found[person] = False
            elif agreed is not None:
                found.setdefault(person, True)
    return {person for person, agrees in found.items() if agrees}
