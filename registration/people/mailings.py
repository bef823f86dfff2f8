"""Newsletters and offers: written, tried on oneself, sent to whoever said yes, and forgotten.

A job goes through the addresses in the order of their keys, a batch in each transaction, and notes
how far it has come in the same one: stopped at any moment it goes on there, and no address has it
twice. Two people who share an address share one copy. Whether each may have it is asked anew, when
it is queued and when it goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from tortoise.functions import Count
from tortoise.queryset import QuerySet

from registration.db import after_commit, transaction
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose, address_hash
from registration.mail.service import compose, queue, queue_allowed
from registration.people.allowing import PURPOSE_OF, Channel
from registration.people.models import Consent, Mailing
from registration.people.news import (
    TEXT_KEPT,
    MailingNotFound,
    MailingState,
    NobodyThere,
    NotDraft,
    NotSending,
    NotTested,
    Texts,
    clean_texts,
    language_for,
    news_mail,
)
from registration.settings import Settings

BATCH = 100
TEMPLATE = "news"
_listeners: list[Callable[[], None]] = []


def on_started(listener: Callable[[], None]) -> None:
    _listeners.append(listener)


def _wake() -> None:
    for listener in _listeners:
        listener()


@dataclass(frozen=True, slots=True)
class MailingLine:
    """A message and how far it has come: ``queued`` have it, ``withheld`` had no yes any more when
    their turn came. ``texts`` is empty once it was forgotten."""

    id: UUID
    purpose: MailPurpose
    texts: Texts
    state: MailingState
    made_at: datetime
    changed_at: datetime
    tested: bool
    started_at: datetime | None
    ended_at: datetime | None
    total: int
    queued: int
    withheld: int

    @property
    def done(self) -> int:
        return min(self.queued + self.withheld, self.total)


def _line(row: Mailing) -> MailingLine:
    return MailingLine(
        row.id,
        MailPurpose(row.purpose),
        row.texts,
        MailingState(row.state),
        row.made_at,
        row.changed_at,
        row.tested_at is not None and row.tested_at >= row.changed_at,
        row.started_at,
        row.ended_at,
        row.total,
        row.queued,
        row.withheld,
    )


async def mailings(*, limit: int = 100) -> list[MailingLine]:
    """The newest first."""
    return [_line(row) for row in await Mailing.all().order_by("-made_at", "id").limit(limit)]


async def mailing(mailing_id: UUID) -> MailingLine:
    """Raises ``MailingNotFound``."""
    return _line(await _row(mailing_id))


async def _row(mailing_id: UUID) -> Mailing:
    row = await Mailing.filter(id=mailing_id).select_for_update().first()
    if row is None:
        raise MailingNotFound
    return row


async def _draft(mailing_id: UUID) -> Mailing:
    row = await _row(mailing_id)
    if row.state != MailingState.DRAFT:
        raise NotDraft
    return row


async def write(
    mailing_id: UUID | None, purpose: MailPurpose, texts: Texts, *, actor_id: UUID, now: datetime
) -> UUID:
    """The message is kept as a draft, a new one without an id. Raises ``Invalid``,
    ``MailingNotFound``, ``NotDraft``."""
    cleaned = clean_texts(texts)
    async with transaction():
        if mailing_id is None:
            row = Mailing(id=uuid4(), made_by=actor_id, made_at=now, state=MailingState.DRAFT.value)
        else:
            row = await _draft(mailing_id)
        row.purpose, row.texts, row.changed_at = purpose.value, cleaned, now
        await row.save(force_create=mailing_id is None)
    return row.id


async def throw_away(mailing_id: UUID) -> None:
    """A draft is gone. Raises ``MailingNotFound``, ``NotDraft``."""
    async with transaction():
        await (await _draft(mailing_id)).delete()


def _standing(purpose: MailPurpose) -> QuerySet[Consent]:
    """The yeses that a message goes by, before the gate looks at each."""
    return Consent.filter(
        purpose=PURPOSE_OF[purpose].value, channel=Channel.EMAIL.value, withdrawn_at=None
    ).exclude(confirmed_at=None)


async def audience(purpose: MailPurpose) -> int:
    """How many addresses have said yes."""
    found = _standing(purpose).annotate(n=Count("address_key", distinct=True))
    [number] = await found.values_list("n", flat=True)
    return int(str(number))


async def try_out(
    mailing_id: UUID, reader: Addressee, *, language: str, settings: Settings, now: datetime
) -> None:
    """The one who wrote it, and nobody else, has it as it would arrive. Raises
    ``MailingNotFound``, ``NotDraft``."""
    async with transaction():
        row = await _draft(mailing_id)
        code = language_for(row.texts, language)
        page = news_mail(row.texts, code, MailPurpose(row.purpose))
        mail = compose(
            TEMPLATE,
            Addressee(reader.address, reader.name, code, account_id=reader.account_id),
            page,
            settings=settings,
            purpose=MailPurpose.ACCESS,
            now=now,
        )
        await queue(mail)
        row.tested_at = now
        await row.save(update_fields=["tested_at"])


async def start(mailing_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """The message is on its way to everybody who said yes. Raises ``MailingNotFound``,
    ``NotDraft``, ``NotTested``, ``NobodyThere``."""
    async with transaction():
        row = await _draft(mailing_id)
        if row.tested_at is None or row.tested_at < row.changed_at:
            raise NotTested
        row.total = await audience(MailPurpose(row.purpose))
        if not row.total:
            raise NobodyThere
        row.state, row.started_at, row.sent_by = MailingState.SENDING.value, now, actor_id
        await row.save()
        note = Note(purpose=row.purpose, count=row.total)
        await record(Act.MAILING_SENT, now=now, actor_id=actor_id, object_id=row.id, note=note)
        after_commit(_wake)


async def stop(mailing_id: UUID, *, now: datetime) -> None:
    """Nobody else has it queued. Raises ``MailingNotFound``, ``NotSending``."""
    async with transaction():
        row = await _row(mailing_id)
        if row.state != MailingState.SENDING:
            raise NotSending
        await _end(row, MailingState.STOPPED, now=now)


async def _end(row: Mailing, state: MailingState, *, now: datetime) -> None:
    row.state, row.ended_at, row.drop_at = state.value, now, now + TEXT_KEPT
    await row.save(update_fields=["state", "ended_at", "drop_at"])


async def send_mailings(settings: Settings, *, now: datetime) -> int:
    """What is being sent is queued for all whom it is for; says for how many."""
    sending = Mailing.filter(state=MailingState.SENDING.value).order_by("started_at")
    sent = 0
    for mailing_id in await sending.values_list("id", flat=True):
        while (batch := await _send_batch(UUID(str(mailing_id)), settings, now=now)) is not None:
            sent += batch
    return sent


async def _send_batch(mailing_id: UUID, settings: Settings, *, now: datetime) -> int | None:
    """How many of the next addresses have it now; None when there are no more."""
    async with transaction():
        row = await _row(mailing_id)
        if row.state != MailingState.SENDING:
            return None
        purpose = MailPurpose(row.purpose)
        turn = _standing(purpose).filter(address_key__gt=row.cursor).order_by("address_key")
        found = await turn.distinct().limit(BATCH).values_list("address_key", flat=True)
        keys = [str(key) for key in found]
        if not keys:
            await _end(row, MailingState.SENT, now=now)
            return None
        yeses = _standing(purpose).filter(address_key__in=keys).select_related("person")
        mails = _mails(await yeses.order_by("confirmed_at", "id"), row, settings, now=now)
        queued = await queue_allowed(mails)
        row.cursor, row.queued = keys[-1], row.queued + len(queued)
        row.withheld += len(keys) - len(queued)
        await row.save(update_fields=["cursor", "queued", "withheld"])
        return len(queued)


def _mails(
    yeses: Sequence[Consent], row: Mailing, settings: Settings, *, now: datetime
) -> list[Mail]:
    """One for each address, unsaved: to whoever said yes there first. None for an address that its
    person has no more."""
    first: dict[str, Consent] = {}
    for yes in yeses:
        if address_hash(settings.secret, yes.person.email) == yes.address_key:
            first.setdefault(yes.address_key, yes)
    purpose = MailPurpose(row.purpose)
    mails: list[Mail] = []
    for yes in first.values():
        person = yes.person
        code = language_for(row.texts, person.language)
        name = f"{person.first_name} {person.last_name}"
        mails.append(
            compose(
                TEMPLATE,
                Addressee(person.email, name, code, person.id),
                news_mail(row.texts, code, purpose),
                settings=settings,
                purpose=purpose,
                now=now,
                filled={},
            )
        )
    return mails


async def forget_texts(*, now: datetime) -> int:
    """What was sent a month ago is not kept in words; that it was sent, is."""
    async with transaction():
        return await Mailing.filter(drop_at__lte=now).update(texts={}, drop_at=None)
