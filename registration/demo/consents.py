"""Most of those who ticked a box have confirmed it."""

from __future__ import annotations

from datetime import timedelta

from registration.db import transaction
from registration.mail.rules import address_hash
from registration.people.consents import confirm
from registration.people.models import Consent
from registration.settings import Settings


async def confirm_ticks(settings: Settings) -> None:
    """An hour after each tick its link was opened."""
    async with transaction():
        for row in await Consent.filter(confirmed_at=None).select_related("person"):
            if row.address_key == address_hash(settings.secret, row.person.email):
                await confirm([row], now=row.given_at + timedelta(hours=1))
