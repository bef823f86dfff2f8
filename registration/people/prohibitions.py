"""A no is of an address and a purpose, and stands without the person who said it (P10).

It is kept as a keyed hash, so that it outlives an erasure and stops what an import, a restored copy
or somebody else's form would bring back. Two people may share an address: then the no of one holds
for both, since the next mail would be read by whoever said no. It is never lifted for an address:
only a person's own later yes, confirmed from that address, outweighs it, for that person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from registration.db import one_at_a_time, transaction
from registration.ledger.models import Entry
from registration.ledger.rules import Act, Note
from registration.ledger.service import entry, record_many
from registration.people.allowing import Channel, NoFrom, key_of, outweighs
from registration.people.models import Consent, Prohibition
from registration.people.rules import Purpose

AT_ONCE = 500


async def forbidden(
    addresses: Iterable[str], purpose: Purpose, channel: Channel = Channel.EMAIL, *, secret: str
) -> set[str]:
    """Those of the addresses where somebody said no to the purpose; a query for each 500."""
    keys = {each: key_of(channel, each, secret=secret) for each in addresses if each}
    found = await forbidden_keys(set(keys.values()), [purpose], channel)
    return {each for each, key in keys.items() if (key, purpose) in found}


async def forbidden_keys(
    keys: Iterable[str], purposes: Iterable[Purpose], channel: Channel = Channel.EMAIL
) -> dict[tuple[str, Purpose], datetime]:
    """Since when the addresses with these keys are closed to each of the purposes."""
    wanted, names = list(keys), [purpose.value for purpose in purposes]
    found: dict[tuple[str, Purpose], datetime] = {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = await Prohibition.filter(
            address_key__in=wanted[start : start + AT_ONCE],
            purpose__in=names,
            channel=channel.value,
        )
        found |= {(row.address_key, Purpose(row.purpose)): row.since for row in rows}
    return found


async def forbid(
    address: str,
    purposes: Iterable[Purpose],
    channel: Channel = Channel.EMAIL,
    *,
    source: NoFrom,
    secret: str,
    person_id: UUID | None = None,
    actor_id: UUID | None = None,
    now: datetime,
) -> None:
    """Nothing of these purposes goes to the address by this channel any more. Raises
    ``FieldRefused`` for what is no address."""
    key = key_of(channel, address, secret=secret)
    await forbid_key(
        key, purposes, channel, source=source, person_id=person_id, actor_id=actor_id, now=now
    )


async def forbid_key(
    key: str,
    purposes: Iterable[Purpose],
    channel: Channel = Channel.EMAIL,
    *,
    source: NoFrom,
    person_id: UUID | None = None,
    actor_id: UUID | None = None,
    now: datetime,
) -> None:
    """As ``forbid``, for an address of which only the key is known. Said again nothing changes,
    unless there was a yes since. ``person_id``: who said it, if that is known."""
    async with transaction():
        await one_at_a_time("prohibitions")
        entries: list[Entry] = []
        for purpose in purposes:
            same = {"address_key": key, "purpose": purpose.value, "channel": channel.value}
            known = Prohibition.filter(**same)
            standing = await Consent.filter(**same, withdrawn_at=None).exists()
            if not standing and await known.exists():
                continue
            if not await known.update(since=now, source=source.value):
                row = Prohibition(id=uuid4(), **same, source=source.value, since=now)
                await row.save(force_create=True)
            note = Note(purpose=purpose.value, codes=(channel.value, source.value))
            entries.append(
                entry(Act.FORBIDDEN, now=now, actor_id=actor_id, subject_id=person_id, note=note)
            )
            entries += await _end(same, source=source, person_id=person_id, now=now)
        await record_many(entries)


async def standing_at(key: str) -> set[Purpose]:
    """To what somebody at the address with this key said yes, and nobody no since."""
    given = Consent.filter(address_key=key, withdrawn_at=None).exclude(confirmed_at=None)
    rows = await given.order_by("confirmed_at")
    no = await forbidden_keys([key], Purpose)
    yes = {Purpose(row.purpose): row.confirmed_at for row in rows}
    return {
        purpose for purpose, at in yes.items() if at and not outweighs(no.get((key, purpose)), at)
    }


async def _end(
    same: dict[str, str], *, source: NoFrom, person_id: UUID | None, now: datetime
) -> list[Entry]:
    """No yes stands at the address, nor one that waits to be confirmed."""
    entries: list[Entry] = []
    for row in await Consent.filter(**same, withdrawn_at=None):
        own = person_id is None or row.person_id == person_id
        row.withdrawn_at = now
        row.withdrawn_source = (source if own else NoFrom.ADDRESS).value
        await row.save(update_fields=["withdrawn_at", "withdrawn_source"])
        if row.confirmed_at:
            entries.append(withdrawn(row, now=now))
    return entries


def withdrawn(row: Consent, *, now: datetime) -> Entry:
    """What the ledger says of a yes that has ended, unsaved."""
    note = Note(purpose=row.purpose, codes=(row.channel,))
    return entry(Act.CONSENT_WITHDRAWN, now=now, subject_id=row.person_id, note=note)
