"""What becomes of packs that are out: their end comes earlier, their trainer confirms that they
are destroyed, and is asked to by mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from registration.accounts.models import Account
from registration.accounts.rules import Identity
from registration.catalogue import queries as catalogue
from registration.db import transaction
from registration.forms import Command
from registration.i18n import speaking, text_in
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue
from registration.people.rules import clean_text
from registration.settings import Settings
from registration.teaching.keeping import REMINDED_AFTER, PackNotFound, shortened
from registration.teaching.models import Assignment, Pack
from registration.teaching.queries import terms_of
from registration.teaching.rules import PackPurpose

PACKS_PATH = "/trainer/packs"


class DestroyedGiven(Command):
    """How staff know of it: who said so, when, on what road."""

    told: Annotated[str, BeforeValidator(clean_text), Field(min_length=3, max_length=200)]


async def shorten(
    *,
    recipient_id: UUID | None = None,
    assignment_id: UUID | None = None,
    now: datetime,
) -> None:
    """Packs that are out of this recipient, or this assignment, end earlier where its terms now
    ask for it; none ends later than was said when it was taken."""
    rows = Pack.filter(destroyed_at=None, ends_at__gt=now)
    if recipient_id is not None:
        rows = rows.filter(recipient_id=recipient_id)
    if assignment_id is not None:
        rows = rows.filter(assignment_id=assignment_id)
    packs = await rows
    assignments = {
        row.id: row
        for row in await Assignment.filter(
            id__in=list({row.assignment_id for row in packs})
        ).select_related("recipient")
    }
    sessions = await catalogue.sessions_by_id([row.session_id for row in assignments.values()])
    for row in packs:
        assignment = assignments[row.assignment_id]
        if assignment.recipient_id != row.recipient_id:
            continue  # the trainer now teaches for another: other terms
        terms = terms_of(assignment, sessions[assignment.session_id])
        ends_at = shortened(row.ends_at, PackPurpose(row.purpose), terms, now=now)
        if ends_at < row.ends_at:
            await Pack.filter(id=row.id).update(ends_at=ends_at)


async def confirm_destroyed(pack_id: UUID, *, identity: Identity, now: datetime) -> None:
    """The trainer has destroyed it, also when nothing of the session is shown to them any more;
    said twice, the first time stands. Raises ``PackNotFound`` for one that another took."""
    async with transaction():
        row = await Pack.get_or_none(id=pack_id, assignment__account_id=identity.account_id)
        if row is None:
            raise PackNotFound
        await _destroyed([row], actor_id=identity.account_id, now=now)


async def confirm_ended(session_id: UUID, *, identity: Identity, now: datetime) -> int:
    """The trainer has destroyed all packs of the session that have ended; says how many were not
    confirmed before. Raises ``PackNotFound`` if they took none of it."""
    async with transaction():
        own = Pack.filter(
            assignment__account_id=identity.account_id, assignment__session_id=session_id
        )
        if not await own.exists():
            raise PackNotFound
        ended = await own.filter(destroyed_at=None, ends_at__lte=now)
        return await _destroyed(ended, actor_id=identity.account_id, now=now)


async def note_destroyed(
    pack_id: UUID, given: DestroyedGiven, *, actor_id: UUID, now: datetime
) -> None:
    """Staff were told otherwise that it is destroyed, as by who cannot log in any more. Raises
    ``PackNotFound``."""
    async with transaction():
        row = await Pack.get_or_none(id=pack_id)
        if row is None:
            raise PackNotFound
        await _destroyed([row], actor_id=actor_id, now=now, how=given.told)


async def _destroyed(rows: Iterable[Pack], *, actor_id: UUID, now: datetime, how: str = "") -> int:
    done = 0
    for row in rows:
        said = Pack.filter(id=row.id, destroyed_at=None)
        if await said.update(destroyed_at=now, destroyed_by=actor_id, destroyed_how=how):
            done += 1
            await record(
                Act.PACK_DESTROYED,
                now=now,
                actor_id=actor_id,
                subject_id=row.recipient_id,
                object_id=row.id,
                note=Note(purpose=row.purpose, count=row.people),
            )
    return done


@dataclass(frozen=True, slots=True)
class EndedPack:
    """A pack as the mail names it: which training, what for, how many people, when it was taken and
    when it was to be destroyed."""

    title: str
    purpose: str
    people: int
    made_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PacksEndedMail:
    """What ``mail/packs-ended`` shows; ``again``: they were asked a week before."""

    packs: tuple[EndedPack, ...]
    again: bool
    url: str


async def ask(settings: Settings, *, now: datetime) -> int:
    """Each trainer whose packs have ended was asked once to confirm that they are destroyed, and
    once more a week later; one mail for all. Says how many packs were asked about.

    Who has no account any more cannot answer and gets no mail: staff see the pack all the same.
    """
    again = Pack.filter(destroyed_at=None, reminded_at=None, asked_at__lte=now - REMINDED_AFTER)
    first = Pack.filter(destroyed_at=None, asked_at=None, ends_at__lte=now)
    async with transaction():
        asked = await _claimed(await again.select_related("assignment"), "reminded_at", now=now)
        await _tell(asked, settings, again=True, now=now)
    async with transaction():
        rows = await _claimed(await first.select_related("assignment"), "asked_at", now=now)
        await _tell(rows, settings, again=False, now=now)
    return len(asked) + len(rows)


async def _claimed(rows: Iterable[Pack], mark: str, *, now: datetime) -> list[Pack]:
    """Those that no other process has just taken."""
    return [
        row
        for row in rows
        if await Pack.filter(id=row.id, destroyed_at=None, **{mark: None}).update(**{mark: now})
    ]


async def _tell(rows: list[Pack], settings: Settings, *, again: bool, now: datetime) -> None:
    sessions = await catalogue.sessions_by_id([row.assignment.session_id for row in rows])
    mine: dict[UUID, list[Pack]] = {}
    for row in rows:
        mine.setdefault(row.assignment.account_id, []).append(row)
    for trainer in await Account.filter(id__in=list(mine), ended_at=None):
        with speaking(trainer.language):
            packs = tuple(
                EndedPack(
                    text_in(sessions[row.assignment.session_id].training.title),
                    row.purpose,
                    row.people,
                    row.made_at,
                    row.ends_at,
                )
                for row in sorted(mine[trainer.id], key=lambda row: (row.ends_at, str(row.id)))
            )
        page = PacksEndedMail(packs, again, f"{settings.base_url}{PACKS_PATH}")
        await queue(
            compose(
                "packs-ended",
                Addressee(trainer.email, trainer.name, trainer.language, account_id=trainer.id),
                page,
                settings=settings,
                purpose=MailPurpose.RIGHTS,
                now=now,
            )
        )
