"""Trainers' work: who may teach what, what is recorded of whom, and the packs they take along.

Every look is a disclosure, written in the same transaction as what was read for it (P7, P15).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from registration.accounts import queries as accounts
from registration.accounts.rules import Identity, Role
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.catalogue.rules import SessionNotFound
from registration.catalogue.service import lock_seating
from registration.db import transaction
from registration.enrolment import queries as enrolment
from registration.enrolment.attendance import mark
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import PlaceStatus
from registration.i18n import text_in
from registration.ledger.rules import Act, Basis, Note
from registration.ledger.service import Shown, disclose, entry, record, record_many
from registration.teaching import packs
from registration.teaching.models import Assignment, Pack, Recipient
from registration.teaching.outcomes import decided, differences, save
from registration.teaching.packs import PackContent, PackFile, PackRow
from registration.teaching.queries import OutcomeLine, end_of, outcomes_of, terms_of
from registration.teaching.rules import (
    TAUGHT,
    AssignmentNotFound,
    NotATrainer,
    OutcomeRow,
    PackFormat,
    PackPurpose,
    RecipientGiven,
    RecipientKnown,
    RecipientNotFound,
    Recorded,
    days_of,
    fields_of,
    may_teach,
    status_after,
)

VIEW_PURPOSE = "teaching"
VIEW_FIELDS = ("name", "company")


@dataclass(frozen=True, slots=True)
class Participant:
    """What a trainer sees of a person: who it is, for which company, and the outcome (P7)."""

    place_id: UUID
    name: str
    company: str
    recorded: Recorded
    version: int


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
    actor_id: UUID | None,
    now: datetime,
) -> UUID:
    """The trainer sees the session's participants for the recipient, until ``ends_at``; without
    one until two weeks after the session's end, wherever that moves. Given again: changed.

    Raises ``SessionNotFound``, ``AccountNotFound``, ``RecipientNotFound``, and ``NotATrainer``
    unless the account holds that role now.
    """
    async with transaction():
        await catalogue.session(session_id)
        account = await accounts.account(account_id, now=now)
        if not any(grant.role is Role.TRAINER and grant.in_force for grant in account.grants):
            raise NotATrainer
        if not await Recipient.filter(id=recipient_id).exists():
            raise RecipientNotFound
        row, _is_new = await Assignment.get_or_create(
            session_id=session_id,
            account_id=account_id,
            defaults={"id": uuid4(), "recipient_id": recipient_id, "created_at": now},
        )
        row.recipient_id, row.ends_at = recipient_id, ends_at
        await row.save()
        await record(
            Act.ASSIGNMENT_GIVEN,
            now=now,
            actor_id=actor_id,
            subject_id=account_id,
            object_id=session_id,
        )
    return row.id


async def end_assignment(assignment_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """The trainer sees nothing of the session any more. Raises ``AssignmentNotFound`` for one
    that is not there or has ended."""
    async with transaction():
        row = await Assignment.get_or_none(id=assignment_id)
        if row is None or end_of(row, await catalogue.session(row.session_id)) <= now:
            raise AssignmentNotFound
        row.ends_at = now
        await row.save()
        await record(
            Act.ASSIGNMENT_ENDED,
            now=now,
            actor_id=actor_id,
            subject_id=row.account_id,
            object_id=row.session_id,
        )


async def _opened(
    session_id: UUID, *, identity: Identity, now: datetime
) -> tuple[Assignment, SessionLine]:
    """The trainer's assignment, in force. Raises ``SessionNotFound`` for a session that is not
    theirs, and what ``may_teach`` raises."""
    row = None
    if Role.TRAINER in identity.roles:
        row = await Assignment.get_or_none(
            session_id=session_id, account_id=identity.account_id
        ).select_related("recipient")
    if row is None:
        raise SessionNotFound
    session = await catalogue.session(session_id)
    may_teach(terms_of(row, session), now=now)
    return row, session


async def _taught(session: SessionLine) -> list[PlaceLine]:
    return [line for line in await enrolment.places_on(session.seating_id) if line.status in TAUGHT]


async def participants(
    session_id: UUID, *, identity: Identity, now: datetime, road: str = "page"
) -> tuple[Participant, ...]:
    """Who is taught, by name, and what is recorded of them; that they were shown is on record.

    Raises ``SessionNotFound`` and what ``may_teach`` raises.
    """
    async with transaction():
        assignment, session = await _opened(session_id, identity=identity, now=now)
        lines = await _taught(session)
        outcomes = await _with_no_show(lines)
        await disclose(_shown(lines, assignment, VIEW_FIELDS, VIEW_PURPOSE, road=road), now=now)
    return tuple(
        Participant(line.id, line.name, line.company_name, recorded, version)
        for line in lines
        for recorded, version in [outcomes[line.id]]
    )


async def _with_no_show(lines: Sequence[PlaceLine]) -> dict[UUID, tuple[Recorded, int]]:
    outcomes = await outcomes_of([line.id for line in lines])
    return {line.id: _recorded(line, outcomes[line.id]) for line in lines}


def _recorded(line: PlaceLine, outcome: OutcomeLine) -> tuple[Recorded, int]:
    stands = outcome.recorded
    absent = line.status is PlaceStatus.NO_SHOW
    return Recorded(stands.attendance, stands.grade, stands.completed, absent), outcome.version


def _shown(
    lines: Iterable[PlaceLine],
    assignment: Assignment,
    fields: tuple[str, ...],
    purpose: str,
    *,
    road: str,
) -> list[Shown]:
    return [
        Shown(
            person_id=line.person_id,
            fields=fields,
            purpose=purpose,
            basis=Basis.CONTRACT,
            road=road,
            actor_id=assignment.account_id,
            recipient_id=assignment.recipient_id,
            object_id=assignment.session_id,
        )
        for line in lines
    ]


async def record_outcomes(
    session_id: UUID, rows: Sequence[OutcomeRow], *, identity: Identity, now: datetime
) -> None:
    """All rows are on record, or none. A place whose result is decided counts as attended, or as
    no-show if the trainer says so.

    Raises ``OutcomesRefused`` with every wrong row, ``RecordedMeanwhile`` when another wrote a row
    after its version was read, and what ``participants`` raises.
    """
    async with transaction():
        assignment, session = await _opened(session_id, identity=identity, now=now)
        await lock_seating(session.seating_id, turns=0)
        lines = {line.id: line for line in await _taught(session)}
        before = await _with_no_show(list(lines.values()))
        after = decided(rows, before, session)
        changed = {place: stands for place, stands in after.items() if stands != before[place][0]}
        await save(changed, before, actor_id=assignment.account_id, now=now)
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
                    note=Note(fields=differences(before[place][0], stands)),
                )
                for place, stands in changed.items()
            ]
        )


async def make_pack(
    session_id: UUID,
    purpose: PackPurpose,
    format: PackFormat,
    *,
    identity: Identity,
    now: datetime,
) -> PackFile:
    """The file with the fields of its purpose; that it was given is on record before it is.

    Raises ``SessionNotFound`` and what ``may_teach`` raises.
    """
    async with transaction():
        assignment, session = await _opened(session_id, identity=identity, now=now)
        lines = await _taught(session)
        outcomes = await _with_no_show(lines)
        pack = await Pack.create(
            id=uuid4(),
            assignment_id=assignment.id,
            purpose=purpose.value,
            format=format.value,
            people=len(lines),
            made_at=now,
        )
        fields = tuple(field.value for field in fields_of(purpose))
        await disclose(_shown(lines, assignment, fields, purpose.value, road="pack"), now=now)
        await record(
            Act.DISCLOSED,
            now=now,
            actor_id=assignment.account_id,
            subject_id=assignment.recipient_id,
            object_id=pack.id,
            note=Note(fields=fields, count=len(lines), purpose=purpose.value),
        )
    rows = [
        PackRow(
            line.name, line.company_name, outcomes[line.id][0].grade, outcomes[line.id][0].completed
        )
        for line in lines
    ]
    return packs.write(_content(pack, assignment, session, rows), format)


def _content(
    pack: Pack, assignment: Assignment, session: SessionLine, rows: Sequence[PackRow]
) -> PackContent:
    days = days_of([(day.id, day.starts_at) for day in session.days], zone=session.zone)
    return PackContent(
        id=pack.id,
        purpose=PackPurpose(pack.purpose),
        session_id=session.id,
        title=session.training.title,
        training=text_in(session.training.title),
        slug=session.training.slug,
        dates=tuple(day.on for day in days),
        scale=session.training.grade_scale,
        recipient=assignment.recipient.name,
        made_at=pack.made_at,
        rows=tuple(rows),
    )
