"""Newsletters for whoever wants them, also without taking part in anything (P17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.db import transaction
from registration.people.asking import asked_rows
from registration.people.consents import Tick, confirm, note_ticks
from registration.people.rules import Contact, Purpose, Source
from registration.people.service import know, once_more
from registration.people.wording import words_of
from registration.settings import Settings


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One tick that waits for its confirmation; ``words`` as they were read, in ``language``."""

    id: UUID
    purpose: Purpose
    words: str
    language: str


@once_more
async def subscribe(
    contact: Contact,
    purposes: Sequence[Purpose],
    *,
    read_in: str,
    settings: Settings,
    now: datetime,
) -> None:
    """Whoever reads this address is asked whether they want it; until they say so, nothing else is
    sent, and a week later nothing of it is left. It answers nothing: whoever typed the address
    learns not whether it is known."""
    async with transaction():
        person, _is_new = await know(contact, source=Source.SELF, now=now)
        tick = Tick(person.id, person.email, read_in, tuple(purposes), Source.SELF, now)
        await note_ticks([tick], secret=settings.secret)


async def asked(token: str, *, settings: Settings, now: datetime) -> list[AskedLine]:
    """What the link of our mail asks about. Raises ``AskNotFound``."""
    return [
        AskedLine(
            row.id,
            Purpose(row.purpose),
            words_of(Purpose(row.purpose), row.text_version, row.language),
            row.language,
        )
        for row in await asked_rows(token, settings=settings, now=now)
    ]


async def confirm_asked(
    token: str, wanted: Sequence[UUID], *, settings: Settings, now: datetime
) -> list[Purpose]:
    """Those of the ticks that were shown and wanted count from now on; says which. The others are
    forgotten in their time. Raises ``AskNotFound``."""
    async with transaction():
        rows = await asked_rows(token, settings=settings, now=now)
        chosen = [row for row in rows if row.id in wanted]
        await confirm(chosen, now=now)
    return [Purpose(row.purpose) for row in chosen]
