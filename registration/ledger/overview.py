"""The ledger as staff leaf through it, the newest first."""

from __future__ import annotations

from uuid import UUID

from tortoise.expressions import Q

from registration.ledger.models import Disclosure
from registration.ledger.queries import DisclosureLine


async def latest_disclosures(*, after: UUID | None = None, limit: int = 50) -> list[DisclosureLine]:
    """Those older than the one called ``after``; without it the latest of all. Nothing when there
    is no such disclosure."""
    found = Disclosure.all().order_by("-at", "id")
    if after is not None:
        last = await Disclosure.get_or_none(id=after)
        if last is None:
            return []
        found = found.filter(Q(at__lt=last.at) | Q(at=last.at, id__gt=last.id))
    return [
        DisclosureLine(
            row.id,
            row.at,
            row.person_id,
            row.actor_id,
            row.recipient_id,
            row.object_id,
            row.purpose,
            row.basis,
            row.road,
            tuple(row.fields_shown.split(",")) if row.fields_shown else (),
        )
        for row in await found.limit(limit)
    ]
