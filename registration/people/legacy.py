"""Yeses and noes from before the address that they are for was kept beside them."""

from __future__ import annotations

from uuid import uuid4

from registration.db import one_at_a_time, transaction
from registration.mail.rules import address_hash
from registration.people.allowing import SENT, NoFrom
from registration.people.models import Consent, Prohibition
from registration.people.rules import Purpose
from registration.settings import Settings

BATCH = 200


async def note_addresses(settings: Settings) -> int:
    """Each is for the address that its person has at this moment, the first after the change;
    until then nothing is sent on it. A yes that was withdrawn then is a no of the address. Says
    how many there were."""
    done = 0
    while True:
        async with transaction():
            await one_at_a_time("prohibitions")
            rows = await Consent.filter(address_key="").limit(BATCH).select_related("person")
            for row in rows:
                key = address_hash(settings.secret, row.person.email)
                await Consent.filter(id=row.id, address_key="").update(address_key=key)
                await _keep_no(row, key)
        done += len(rows)
        if len(rows) < BATCH:
            return done


async def _keep_no(row: Consent, key: str) -> None:
    if row.withdrawn_at is None or Purpose(row.purpose) not in SENT:
        return
    known = await Prohibition.get_or_none(address_key=key, purpose=row.purpose, channel=row.channel)
    if known is None:
        await Prohibition.create(
            id=uuid4(),
            address_key=key,
            purpose=row.purpose,
            channel=row.channel,
            source=NoFrom.PAGE.value,
            since=row.withdrawn_at,
        )
    elif known.since < row.withdrawn_at:
        await Prohibition.filter(id=known.id).update(since=row.withdrawn_at)
