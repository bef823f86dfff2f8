"""Asking whoever reads an address whether the yes that was ticked beside it is theirs.

One mail for all that one person ticked, at most one a day to an address, whoever typed it. What
nobody confirms within a week is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from itsdangerous import BadData, URLSafeSerializer
from tortoise.expressions import Q

from registration.db import one_at_a_time, transaction
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose, address_hash
from registration.mail.service import compose, queue_many
from registration.people.allowing import ASK_PAUSE, SENT, UNCONFIRMED_FOR, AskNotFound, Channel
from registration.people.models import Consent, Person
from registration.people.prohibitions import forbidden_keys
from registration.people.rules import Purpose
from registration.people.wording import words_of
from registration.settings import Settings

SALT = "consent"
LONGEST_TOKEN = 200
BATCH = 100
_listeners: list[Callable[[], None]] = []


def on_tick(listener: Callable[[], None]) -> None:
    """``listener`` is called when somebody ticked a box that a mail has to ask about."""
    _listeners.append(listener)


def wake() -> None:
    for listener in _listeners:
        listener()


@dataclass(frozen=True, slots=True)
class ConsentMail:
    """``words`` are what was ticked, a sentence each, as it was read."""

    words: tuple[str, ...]
    url: str
    days: int


@dataclass(frozen=True, slots=True)
class _Turn:
    """How far a run has come through those that wait."""

    asked: int
    last: tuple[datetime, UUID] | None


async def ask_due(settings: Settings, *, now: datetime) -> int:
    """Whoever is to be asked has a mail on the way; says how many were written."""
    turn = await _ask_batch(None, settings=settings, now=now)
    asked = turn.asked
    while turn.last:
        turn = await _ask_batch(turn.last, settings=settings, now=now)
        asked += turn.asked
    return asked


async def _ask_batch(
    after: tuple[datetime, UUID] | None, *, settings: Settings, now: datetime
) -> _Turn:
    async with transaction():
        await one_at_a_time("asking for consents")
        waiting = Consent.filter(
            confirmed_at=None, withdrawn_at=None, asked_at=None, channel=Channel.EMAIL.value
        )
        if after:
            waiting = waiting.filter(
                Q(given_at__gt=after[0]) | Q(given_at=after[0], id__gt=after[1])
            )
        rows = await waiting.order_by("given_at", "id").limit(BATCH).select_related("person")
        if not rows:
            return _Turn(0, None)
        asked = await _asked_lately({row.address_key for row in rows}, now=now)
        mails: list[Mail] = []
        for person_id in dict.fromkeys(row.person_id for row in rows):
            own = [row for row in rows if row.person_id == person_id]
            if own[0].address_key in asked:
                continue
            asked.add(own[0].address_key)
            mails += await _ask(own, settings=settings, now=now)
        await queue_many(mails)
        return _Turn(len(mails), (rows[-1].given_at, rows[-1].id))


async def _asked_lately(keys: set[str], *, now: datetime) -> set[str]:
    """Those of the addresses that are to have no mail now: asked within a day, or, where somebody
    said no to any of it, within the week."""
    lately = Consent.filter(address_key__in=list(keys), asked_at__gt=now - UNCONFIRMED_FOR)
    when: dict[str, datetime] = {}
    for row in await lately:
        if row.asked_at:
            when[row.address_key] = max(row.asked_at, when.get(row.address_key, row.asked_at))
    closed = {key for key, _purpose in await forbidden_keys(when, SENT)}
    return {key for key, at in when.items() if key in closed or at > now - ASK_PAUSE}


async def _ask(rows: Sequence[Consent], *, settings: Settings, now: datetime) -> list[Mail]:
    """The mail that asks for these, unsaved; none when the person has another address by now."""
    person, ask_id = rows[0].person, uuid4()
    key = address_hash(settings.secret, person.email) if person.email else ""
    same = [row for row in rows if row.address_key == key]
    if not same:
        return []
    ids = [row.id for row in same]
    await Consent.filter(id__in=ids).update(ask_id=ask_id, asked_at=now)
    return [_mail(person, same, ask_id, settings=settings, now=now)]


def _mail(
    person: Person, rows: Sequence[Consent], ask_id: UUID, *, settings: Settings, now: datetime
) -> Mail:
    page = ConsentMail(
        tuple(dict.fromkeys(_words(row) for row in rows)),
        f"{settings.base_url}/consent/{ask_token(ask_id, settings)}",
        UNCONFIRMED_FOR.days,
    )
    name = f"{person.first_name} {person.last_name}"
    return compose(
        "consent-asked",
        Addressee(person.email, name, person.language, person.id),
        page,
        settings=settings,
        purpose=MailPurpose.RIGHTS,
        now=now,
        drop_at=now + UNCONFIRMED_FOR,
    )


def _words(row: Consent) -> str:
    return words_of(Purpose(row.purpose), row.text_version, row.language)


def ask_token(ask_id: UUID, settings: Settings) -> str:
    """The key to the ticks of one mail: by it they are confirmed, and nothing else."""
    return str(URLSafeSerializer(settings.secret, salt=SALT).dumps(ask_id.hex))


async def asked_rows(token: str, *, settings: Settings, now: datetime) -> list[Consent]:
    """What the mail of this link asked for and may still be confirmed. Raises ``AskNotFound`` for
    a link that is none of ours, was used, or is too old."""
    rows: list[Consent] = []
    if (ask_id := _of_token(token, settings)) is not None:
        rows = await Consent.filter(
            ask_id=ask_id,
            confirmed_at=None,
            withdrawn_at=None,
            asked_at__gt=now - UNCONFIRMED_FOR,
        ).order_by("purpose")
    if not rows:
        raise AskNotFound
    return rows


def _of_token(token: str, settings: Settings) -> UUID | None:
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        return UUID(hex=str(URLSafeSerializer(settings.secret, salt=SALT).loads(token)))
    except (BadData, ValueError):
        return None


async def drop_unconfirmed(*, now: datetime) -> list[UUID]:
    """Ticks that nobody confirmed for a week are gone; says whose they were."""
    async with transaction():
        old = Consent.filter(confirmed_at=None, given_at__lte=now - UNCONFIRMED_FOR)
        whose = {row.person_id for row in await old.only("id", "person_id")}
        if whose:
            await old.delete()
    return sorted(whose)
