"""The ledger as staff leaf through it, the newest first."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from tortoise.functions import Count, Max

from registration.ledger.models import Disclosure, Entry
from registration.ledger.rules import Act


async def disclosed_to(recipient_id: UUID) -> dict[tuple[str, str], int]:
    """How often somebody's data went to this recipient, by purpose and road; a person counts each
    time. Reads the whole table: for a page that is seldom opened."""
    rows = (
        await Disclosure.filter(recipient_id=recipient_id)
        .annotate(number=Count("id"))
        .group_by("purpose", "road")
        .values_list("purpose", "road", "number")
    )
    return {(str(purpose), str(road)): int(number) for purpose, road, number in rows}


async def last_logins() -> dict[UUID, datetime]:
    """When each account last logged in, as far back as the ledger goes; one query."""
    rows = (
        await Entry.filter(act=Act.LOGIN.value, actor_id__isnull=False)
        .group_by("actor_id")
        .annotate(latest=Max("at"))
        .values_list("actor_id", "latest")
    )
    return {UUID(str(who)): _moment(latest) for who, latest in rows}


def _moment(given: datetime | str) -> datetime:
    """SQLite gives what it computes as text."""
    found = datetime.fromisoformat(given) if isinstance(given, str) else given
    return found if found.tzinfo else found.replace(tzinfo=UTC)
