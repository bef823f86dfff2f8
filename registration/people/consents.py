"""Saying yes: at once by who has shown that the address is theirs, else when they confirm it.

A tick beside an address that somebody typed is no yes yet, for anybody may have typed it. A mail
asks whoever reads that address (``asking``), and a button behind its link confirms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from registration.db import after_commit, transaction
from registration.ledger.models import Entry
from registration.ledger.rules import Act, Note
from registration.ledger.service import entry, record_many
from registration.mail.rules import address_hash
from registration.people.allowing import (
    SENT,
    Channel,
    NoFrom,
    asks_again,
    key_of,
    outweighs,
)
from registration.people.asking import wake
from registration.people.models import Consent, Person
from registration.people.prohibitions import forbid, forbidden_keys, withdrawn
from registration.people.rules import PersonNotFound, Purpose, Source
from registration.people.wording import CURRENT

EMAIL = Channel.EMAIL.value


@dataclass(frozen=True, slots=True)
class Tick:
    """What a person ticked, or is said to have ticked, by ``source``; ``proven``: who did it has
    shown to read mail at ``address``."""

    person_id: UUID
    address: str
    language: str
    purposes: tuple[Purpose, ...]
    source: Source
    now: datetime
    proven: bool = False


Refusals = dict[UUID, tuple[Purpose, ...]]


async def note_ticks(ticks: Sequence[Tick], *, secret: str) -> Refusals:
    """Each tick is a yes if it is proven, else asked for by a mail. Inside the caller's
    transaction; as many statements for many ticks as for one.

    Answers, by person, what was refused: an address that said no is not asked again because
    somebody else says so, only by its reader's own form (P10).
    """
    keys = {tick.person_id: address_hash(secret, tick.address) for tick in ticks}
    rows = await Consent.filter(person_id__in=list(keys), channel=EMAIL, withdrawn_at=None)
    closed = await forbidden_keys(set(keys.values()), SENT) if _needs_look(ticks, rows) else {}
    made, entries, refused = list[Consent](), list[Entry](), Refusals()
    for tick in ticks:
        key = keys[tick.person_id]
        for purpose in dict.fromkeys(tick.purposes):
            no_since = closed.get((key, purpose))
            if no_since and tick.source is not Source.SELF:
                refused[tick.person_id] = (*refused.get(tick.person_id, ()), purpose)
                continue
            counts = tick.proven or purpose is Purpose.NOTICE
            row = _found(rows, tick, purpose, key, no_since)
            if row is None:
                row = _new(tick, purpose, key, counts=counts)
                made.append(row)
            elif row.confirmed_at is not None:
                continue
            else:
                await _once_more(row, counts=counts, forbidden=bool(no_since), now=tick.now)
            if counts:
                entries.append(_given(row, now=tick.now))
                await _supersede(row, now=tick.now)
    await Consent.bulk_create(made)
    if entries:
        await record_many(entries)
    if any(row.confirmed_at is None for row in made):
        after_commit(wake)
    return refused


def _needs_look(ticks: Sequence[Tick], rows: Sequence[Consent]) -> bool:
    """A first tick in a person's own form is noted without a look at the noes: it is nothing yet,
    and the mail that asks looks at them."""
    own = all(tick.source is Source.SELF and not tick.proven for tick in ticks)
    return bool(rows) or not own


def _found(
    rows: Sequence[Consent], tick: Tick, purpose: Purpose, key: str, no_since: datetime | None
) -> Consent | None:
    """The tick's own row from before: one that counts, else one that waits. A yes from before the
    address said no counts for nothing, and having read the notice is for no address."""
    same = [
        row
        for row in rows
        if (row.person_id, row.purpose) == (tick.person_id, purpose.value)
        and (row.address_key == key or purpose is Purpose.NOTICE)
        and not (row.confirmed_at and outweighs(no_since, row.confirmed_at))
    ]
    return min(same, key=lambda row: row.confirmed_at is None, default=None)


def _new(tick: Tick, purpose: Purpose, key: str, *, counts: bool) -> Consent:
    words = CURRENT[purpose]
    return Consent(
        id=uuid4(),
        person_id=tick.person_id,
        purpose=purpose.value,
        channel=EMAIL,
        address_key=key,
        text_version=words.version,
        text_digest=words.digest(tick.language),
        language=tick.language,
        source=tick.source.value,
        given_at=tick.now,
        confirmed_at=tick.now if counts else None,
    )


async def _once_more(row: Consent, *, counts: bool, forbidden: bool, now: datetime) -> None:
    """A tick where one waits already: it is confirmed by it, or asked for again, or nothing."""
    if counts:
        row.confirmed_at = now
        await row.save(update_fields=["confirmed_at"])
    elif asks_again(row.asked_at, forbidden=forbidden, now=now):
        row.given_at, row.asked_at, row.ask_id = now, None, None
        await row.save(update_fields=["given_at", "asked_at", "ask_id"])
        after_commit(wake)


async def _supersede(row: Consent, *, now: datetime) -> None:
    """The person's earlier yes to the same, for another address or outweighed, has ended."""
    earlier = Consent.filter(
        person_id=row.person_id, purpose=row.purpose, channel=row.channel, withdrawn_at=None
    ).exclude(id=row.id)
    await earlier.exclude(confirmed_at=None).update(
        withdrawn_at=now, withdrawn_source=NoFrom.REPLACED.value
    )


def _given(row: Consent, *, now: datetime) -> Entry:
    note = Note(purpose=row.purpose, codes=(row.text_version, row.channel))
    return entry(Act.CONSENT_GIVEN, now=now, subject_id=row.person_id, note=note)


async def confirm(rows: Iterable[Consent], *, now: datetime) -> None:
    """Whoever reads the address says yes to these. Inside the caller's transaction; confirmed
    before, nothing changes."""
    entries: list[Entry] = []
    for row in rows:
        fresh = Consent.filter(id=row.id, confirmed_at=None, withdrawn_at=None)
        if await fresh.update(confirmed_at=now):
            entries.append(_given(row, now=now))
            await _supersede(row, now=now)
    if entries:
        await record_many(entries)


async def allow(
    person_id: UUID,
    purposes: Sequence[Purpose],
    *,
    language: str,
    proven: bool,
    secret: str,
    now: datetime,
) -> None:
    """The person says yes on their own page. ``proven``: their login shows that the address is
    theirs, so that it counts at once and outweighs an earlier no; else a mail asks first. Raises
    ``PersonNotFound``."""
    async with transaction():
        person = await _person(person_id)
        wanted = tuple(each for each in purposes if each in SENT)
        tick = Tick(person_id, person.email, language, wanted, Source.SELF, now, proven)
        await note_ticks([tick], secret=secret)


async def refuse(
    person_id: UUID,
    purposes: Sequence[Purpose],
    channels: Sequence[Channel] = (Channel.EMAIL,),
    *,
    source: NoFrom = NoFrom.PAGE,
    actor_id: UUID | None = None,
    secret: str,
    now: datetime,
) -> None:
    """The person says no, on their own page or to staff (``actor_id``): no yes of theirs stands,
    and their addresses are closed to these purposes. Raises ``PersonNotFound``."""
    async with transaction():
        person = await _person(person_id)
        for channel, address in addresses_of(person):
            if channel in channels:
                await forbid(
                    address,
                    purposes,
                    channel,
                    source=source,
                    secret=secret,
                    person_id=person_id,
                    actor_id=actor_id,
                    now=now,
                )
        await _end_elsewhere(person_id, purposes, now=now)


async def _end_elsewhere(person_id: UUID, purposes: Sequence[Purpose], *, now: datetime) -> None:
    """A yes for an address that the person had before ends with the one for the present."""
    left = Consent.filter(
        person_id=person_id, purpose__in=[each.value for each in purposes], channel=EMAIL
    )
    rows = await left.filter(withdrawn_at=None)
    if rows:
        ended = Consent.filter(id__in=[row.id for row in rows])
        await ended.update(withdrawn_at=now, withdrawn_source=NoFrom.PAGE.value)
        await record_many([withdrawn(row, now=now) for row in rows if row.confirmed_at])


def addresses_of(person: Person) -> list[tuple[Channel, str]]:
    """Where the person can be reached, by channel."""
    postal = f"{person.street} {person.postal_code}" if person.street else ""
    found = [
        (Channel.EMAIL, person.email),
        (Channel.PHONE, person.phone),
        (Channel.LETTER, postal),
    ]
    return [(channel, address) for channel, address in found if address]


async def keys_of(person_id: UUID, *, secret: str) -> dict[Channel, str]:
    """The keys of the person's addresses. Raises ``PersonNotFound``."""
    person = await _person(person_id)
    return {
        channel: key_of(channel, address, secret=secret)
        for channel, address in addresses_of(person)
    }


async def _person(person_id: UUID) -> Person:
    person = await Person.get_or_none(id=person_id)
    if person is None:
        raise PersonNotFound
    return person
