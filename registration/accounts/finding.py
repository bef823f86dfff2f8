"""Finding an account, a login or a token by what somebody typed."""

from __future__ import annotations

from uuid import UUID

from tortoise.expressions import Q

from registration.accounts.models import Account
from registration.i18n import collation_key

MOST_WORDS = 6


async def accounts_by(words: str, *, limit: int = 20) -> dict[UUID, str]:
    """Name and address by id, by name, of accounts in whose name or address each of the words
    stands, those that have ended too."""
    wanted = words.split()[:MOST_WORDS]
    if not wanted:
        return {}
    found = Account.all()
    for word in wanted:
        found = found.filter(Q(name__icontains=word) | Q(email__icontains=word))
    rows = await found.order_by("name", "id").limit(limit).only("id", "name", "email")
    ordered = sorted(rows, key=lambda row: (collation_key(row.name), row.id))
    return {row.id: f"{row.name}, {row.email}" for row in ordered}
