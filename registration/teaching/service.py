"""Trainers' work: who may teach what, what is recorded of whom, and the packs they take along.

Every look is a disclosure, written in the same transaction as what was read for it (P7, P15).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from registration.accounts import queries as accounts
from registration.accounts.models import Account
from registration.accounts.rules import Identity, Role
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import SessionNotFound
from registration.catalogue.service import lock_seating
from registration.db import transaction
from registration.enrolment.attendance import mark
from registration.ledger.rules import Act, Note
from registration.ledger.service import disclose, entry, record, record_many
from registration.mail.service import queue
from registration.people.rules import clean_text
from registration.settings import Settings
from registration.teaching.deciding import Verdict, names_changed, rule_of, status_after, verdict
from registration.teaching.letters import trainer_invited
from registration.teaching.locking import check_open, write_lock
from registration.teaching.models import Assignment, Recipient
from registration.teaching.opening import opened, shown, taught, with_no_show
from registration.teaching.outcomes import decided, save, session_days
from registration.teaching.queries import end_of
from registration.teaching.returning import shorten
from registration.teaching.rules import (
    AssignmentEnded,
    AssignmentNotFound,
    NotAllDecided,
    NotATrainer,
    NotHeldYet,
    OutcomeRow,
    RecipientGiven,
    RecipientKnown,
    RecipientNotFound,
    Recorded,
)

VIEW_PURPOSE = "teaching"
VIEW_FIELDS = ("name", "company")
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Participant:
    """What a trainer sees of a person: who it is, for which company, and the outcome (P7).
    ``verdict`` is what the training's rule says of it; None: it has no rule."""

    place_id: UUID
    name: str
    company: str
    recorded: Recorded
    version: int
    verdict: Verdict | None = None


async def add_recipient(given: RecipientGiven, *, actor_id: UUID | None, now: datetime) -> UUID:
    """Raises ``RecipientKnown``."""
    async with transaction():
        if await Recipient.filter(name=given.name).exists():
            raise RecipientKnown
        made = await Recipient.create(id=uuid4(), **given.model_dump())
        await _recipient_changed(made.id, given, actor_id=actor_id, now=now)
    return made.id


async def change_recipient(
    recipient_id: UUID, given: RecipientGiven, *, actor_id: UUID | None, now: datetime
) -> None:
    """All of it is as given, from the next look on. Raises ``RecipientNotFound``,
    ``RecipientKnown``."""
    async with transaction():
        if await Recipient.filter(name=given.name).exclude(id=recipient_id).exists():
            raise RecipientKnown
        if not await Recipient.filter(id=recipient_id).update(**given.model_dump()):
            raise RecipientNotFound
        await shorten(recipient_id=recipient_id, now=now)
        await _recipient_changed(recipient_id, given, actor_id=actor_id, now=now)


async def _recipient_changed(
    recipient_id: UUID, given: RecipientGiven, *, actor_id: UUID | None, now: datetime
) -> None:
    note = Note(purpose="recipient", codes=(given.country,))
    await record(
        Act.CATALOGUE_CHANGED, now=now, actor_id=actor_id, object_id=recipient_id, note=note
    )


async def assign(
    session_id: UUID,
    account_id: UUID,
    recipient_id: UUID,
    *,
    ends_at: datetime | None = None,
    agreed: bool = False,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> UUID:
    """The trainer is asked by mail to teach the session for the recipient, and sees who takes part
    once they have accepted, until ``ends_at``; without one until two weeks after the session's end,
    wherever that moves. ``agreed``: they said yes already, so nobody asks.

    Given again: changed; who has accepted stays so, who declined is asked anew. Raises
    ``SessionNotFound``, ``AccountNotFound``, ``RecipientNotFound``, and ``NotATrainer`` unless the
    account holds that role now.
    """
    async with transaction():
        session = await catalogue.session(session_id)
        account = await accounts.account(account_id, now=now)
        if not any(grant.role is Role.TRAINER and grant.in_force for grant in account.grants):
            raise NotATrainer
        recipient = await Recipient.get_or_none(id=recipient_id)
        if recipient is None:
            raise RecipientNotFound
        row, is_new = await Assignment.get_or_create(
            session_id=session_id,
            account_id=account_id,
            defaults={"id": uuid4(), "recipient_id": recipient_id, "created_at": now},
        )
        asks = not agreed and (is_new or row.declined_at is not None)
        row.recipient_id, row.ends_at = recipient_id, ends_at
        row.declined_at, row.declined_because = None, ""
        if agreed and row.accepted_at is None:
            row.accepted_at = now
        await row.save()
        await shorten(assignment_id=row.id, now=now)
        await _recorded(Act.ASSIGNMENT_GIVEN, row, actor_id=actor_id, now=now)
        if asks:
            asked = await Account.get(id=account_id)
            await queue(trainer_invited(asked, session, recipient.name, settings=settings, now=now))
    return row.id


async def accept(session_id: UUID, *, identity: Identity, now: datetime) -> None:
    """The trainer teaches the session, also who had declined before; a second time changes nothing.

    Raises ``SessionNotFound`` for one that they were not asked to teach, ``AssignmentEnded``.
    """
    async with transaction():
        row = await _asked(session_id, identity=identity, now=now)
        if row.accepted_at is not None:
            return
        row.accepted_at, row.declined_at, row.declined_because = now, None, ""
        await row.save()
        await _recorded(Act.ASSIGNMENT_ACCEPTED, row, actor_id=row.account_id, now=now)


async def decline(
    session_id: UUID, because: str = "", *, identity: Identity, now: datetime
) -> None:
    """The trainer does not teach the session, also who had accepted before, and sees nobody on it;
    staff see that on their pages, and why if ``because`` says so. Raises as ``accept``."""
    async with transaction():
        row = await _asked(session_id, identity=identity, now=now)
        if row.declined_at is not None:
            return
        row.accepted_at, row.declined_at = None, now
        row.declined_because = str(clean_text(because))[:LONGEST_REASON].strip()
        await row.save()
        await shorten(assignment_id=row.id, now=now)
        await _recorded(Act.ASSIGNMENT_DECLINED, row, actor_id=row.account_id, now=now)


async def _asked(session_id: UUID, *, identity: Identity, now: datetime) -> Assignment:
    """The trainer's own assignment, in force, locked; whatever they have answered."""
    row = None
    if Role.TRAINER in identity.roles:
        row = (
            await Assignment.filter(session_id=session_id, account_id=identity.account_id)
            .select_for_update()
            .first()
        )
    if row is None:
        raise SessionNotFound
    if end_of(row, await catalogue.session(session_id)) <= now:
        raise AssignmentEnded
    return row


async def _recorded(act: Act, row: Assignment, *, actor_id: UUID | None, now: datetime) -> None:
    await record(
        act, now=now, actor_id=actor_id, subject_id=row.account_id, object_id=row.session_id
    )


async def end_assignment(assignment_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """The trainer sees nothing of the session any more. Raises ``AssignmentNotFound`` for one
    that is not there or has ended."""
    async with transaction():
        row = await Assignment.get_or_none(id=assignment_id)
        if row is None or end_of(row, await catalogue.session(row.session_id)) <= now:
            raise AssignmentNotFound
        row.ends_at = now
        await row.save()
        await shorten(assignment_id=row.id, now=now)
        await _recorded(Act.ASSIGNMENT_ENDED, row, actor_id=actor_id, now=now)


async def participants(
    session_id: UUID, *, identity: Identity, now: datetime, road: str = "page"
) -> tuple[Participant, ...]:
    """Who is taught, by name, and what is recorded of them; that they were shown is on record.

    Raises ``SessionNotFound`` and what ``may_teach`` raises.
    """
    async with transaction():
        assignment, session = await opened(session_id, identity=identity, now=now)
        lines = await taught(session)
        outcomes = await with_no_show(lines)
        await disclose(shown(lines, assignment, VIEW_FIELDS, VIEW_PURPOSE, road=road), now=now)
    rule, scale = rule_of(session.training), session.training.grade_scale
    days = session_days(session)
    return tuple(
        Participant(
            line.id,
            line.name,
            line.company_name,
            recorded,
            version,
            verdict(recorded, rule=rule, days=days, scale=scale) if rule else None,
        )
        for line in lines
        for recorded, version in [outcomes[line.id]]
    )


async def record_outcomes(
    session_id: UUID, rows: Sequence[OutcomeRow], *, identity: Identity, now: datetime
) -> None:
    """All rows are on record, or none. A place whose result is decided counts as attended, or as
    no-show if the trainer says so. What stood before is in the history.

    Raises ``OutcomesRefused`` with every wrong row, ``RecordedMeanwhile`` when another wrote a row
    after its version was read, ``ResultsLocked``, and what ``participants`` raises.
    """
    async with transaction():
        assignment, session = await opened(session_id, identity=identity, now=now)
        await lock_seating(session.seating_id, turns=0)
        await check_open(session_id)
        lines = {line.id: line for line in await taught(session)}
        before = await with_no_show(list(lines.values()))
        after = decided(rows, before, session, now=now)
        changed = {place: stands for place, stands in after.items() if stands != before[place][0]}
        await save(changed, before, session, actor_id=assignment.account_id, now=now)
        statuses = {place: status_after(stands) for place, stands in changed.items()}
        await mark(statuses, actor_id=assignment.account_id, now=now)
        await record_many(
            [
                entry(
                    Act.OUTCOME_RECORDED,
                    now=now,
                    actor_id=assignment.account_id,
                    subject_id=lines[place].person_id,
                    object_id=place,
                    note=Note(fields=names_changed(before[place][0], stands)),
                )
                for place, stands in changed.items()
            ]
        )


async def lock_results(session_id: UUID, *, identity: Identity, now: datetime) -> None:
    """The trainer says that the results are final: nothing is recorded until staff reopen them.

    Raises ``NotHeldYet`` before the last day's beginning, ``NotAllDecided``, ``ResultsLocked``,
    and what ``participants`` raises.
    """
    async with transaction():
        assignment, session = await opened(session_id, identity=identity, now=now)
        await lock_seating(session.seating_id, turns=0)
        if now < session.days[-1].starts_at:
            raise NotHeldYet
        outcomes = await with_no_show(await taught(session))
        left = sum(
            stands.completed is None and not stands.no_show for stands, _at in outcomes.values()
        )
        if left:
            raise NotAllDecided(left)
        await write_lock(session_id, actor_id=assignment.account_id, now=now)
