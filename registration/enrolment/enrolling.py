"""A checked list becomes places, some rows at a time, so that nobody else waits for long (P6).

Each step is one transaction: some rows have their places and mails, and the list says so, or
nothing of it happened. How far it is stands in the list's row; after a crash any process goes on
from there, and two that go on at once do no row twice. Places are given in the order of the file,
and whoever signs up between two steps keeps what they were told.
"""

from __future__ import annotations

import asyncio
import dataclasses
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter

from registration import clock
from registration.accounts.queries import grants_over
from registration.accounts.rules import Role
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.companies import queries as companies
from registration.db import transaction
from registration.enrolment.groups import Group, RowAnswer, place_group
from registration.enrolment.imports.fields import EmployeeRow
from registration.enrolment.known import as_known
from registration.enrolment.models import Upload
from registration.enrolment.rules import AlreadySignedUp, PlaceStatus
from registration.enrolment.uploads import (
    UploadLine,
    UploadNotFound,
    UploadState,
    claim,
    reading_of,
    unpacked,
)
from registration.enrolment.worklist import LeftRow, Reason, RowState, Worklist
from registration.errors import Conflict, Forbidden, NotFound
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.people.rules import Contact, JustMade, Source
from registration.people.service import once_more, suggest
from registration.settings import Settings

STEP = 200
STALLED = timedelta(seconds=15)


class NobodyReady(Conflict):
    message = N_("No row is ready. Correct the rows that need an answer first.")


class NoLongerCoordinator(Forbidden):
    message = N_("You are no longer a coordinator of this company, so nobody was enrolled.")


CUT_SHORT = N_(
    "Enrolling ended before this row, because whoever started it is no longer a coordinator."
)


@dataclass(frozen=True, slots=True)
class Tally:
    """What the steps came to so far; ``refused`` holds the msgid of why, by row number."""

    confirmed: int = 0
    waiting: int = 0
    held: int = 0
    already: int = 0
    refused: Mapping[int, str] = dataclasses.field(default_factory=dict)

    @property
    def enrolled(self) -> int:
        return self.confirmed + self.waiting + self.held


@dataclass(frozen=True, slots=True)
class Outcome:
    """What enrolling a list did. ``held`` wait for an approval or a look by staff; ``already`` had
    a place before; ``left`` got none. ``stopped`` is why the rest of the rows had no turn any more,
    or None."""

    confirmed: int
    waiting: int
    held: int
    already: int
    left: tuple[LeftRow, ...]
    headings: tuple[str, ...]
    sheet: str
    stopped: Reason | None = None


TALLY: TypeAdapter[Tally] = TypeAdapter(Tally)
LISTED: TypeAdapter[Outcome] = TypeAdapter(Outcome)


@dataclass(frozen=True, slots=True)
class _Order:
    """The list as it was ordered to be enrolled; it does not change between steps."""

    upload_id: UUID
    company_id: UUID
    company_name: str
    session_id: UUID
    actor_id: UUID
    language: str
    order_number: str
    work: Worklist
    ready: tuple[EmployeeRow, ...]


@once_more
async def enrol(
    upload_id: UUID,
    *,
    company_id: UUID,
    actor_id: UUID,
    language: str,
    order_number: str = "",
    settings: Settings,
    now: datetime,
) -> UploadState:
    """The first ready rows hold places, and the list is ordered to go on: ``go_on`` does the rest.

    Once however often this is called. ``language`` is for those whose row names none;
    ``order_number`` goes with each place. Raises, with nothing done, ``UploadNotFound``,
    ``UploadDone``, ``NobodyReady``, ``NoLongerCoordinator`` and what ``check_open`` raises.
    """
    before = await reading_of(upload_id, company_id, now=now)
    work = unpacked(before)  # a long list is read before the lock is taken
    async with transaction():
        await claim(upload_id, company_id, now=now, then=UploadState.ENROLLING)
        await Upload.filter(id=upload_id).update(
            actor_id=actor_id, language=language, order_number=order_number, kept=None
        )
        row = await Upload.get(id=upload_id).only("id", "reading")
        reading = bytes(row.reading or b"")
        order = await _order(upload_id, work if reading == before else unpacked(reading))
        await _check_coordinator(order, now=now)
        if not order.ready:
            raise NobodyReady
        await Upload.filter(id=upload_id).update(total=len(order.ready))
        return await _take(order, 0, Tally(), settings=settings, now=now)


async def go_on(upload_id: UUID, *, settings: Settings) -> int:
    """Every row of the ordered list has its answer; says how many rows had theirs by this call.

    Ends early when another process goes on with it, or when the list is gone. Is it shorter than
    it was, because somebody on it was erased meanwhile, it is read again.
    """
    did = 0
    under_way = Upload.filter(id=upload_id, state=UploadState.ENROLLING.value)
    while (row := await under_way.first()) is not None:
        order = await _order(upload_id, unpacked(bytes(row.reading or b"")))
        while (done := await _step(order, settings=settings, now=clock.now())) is not None:
            did += done
            await asyncio.sleep(0)  # pages go on between the steps
        if not await under_way.exclude(total=len(order.ready)).exists():
            break
    return did


async def go_on_with_stalled(settings: Settings, *, now: datetime) -> int:
    """Lists that nobody goes on with, as after a crash, are enrolled to the end."""
    rows = await Upload.filter(
        state=UploadState.ENROLLING.value, stepped_at__lte=now - STALLED, drop_at__gt=now
    ).values_list("id", flat=True)
    return sum([await go_on(UUID(str(each)), settings=settings) for each in rows])


async def stalled_at() -> datetime | None:
    """When the first list under way counts as left alone."""
    first = (
        await Upload.filter(state=UploadState.ENROLLING.value, stepped_at__isnull=False)
        .order_by("stepped_at")
        .first()
        .values_list("stepped_at", flat=True)
    )
    return first + STALLED if isinstance(first, datetime) else None


async def outcome_of(line: UploadLine) -> Outcome:
    """What enrolling the list did; it must have been enrolled."""
    row = await Upload.get(id=line.id).only("id", "reading")
    return LISTED.validate_json(zlib.decompress(bytes(row.reading or b"")))


async def _order(upload_id: UUID, work: Worklist) -> _Order:
    row = await Upload.get(id=upload_id).only(
        "id", "company_id", "session_id", "actor_id", "language", "order_number"
    )
    if row.actor_id is None:
        raise UploadNotFound
    company = await companies.company(row.company_id)
    return _Order(
        upload_id=upload_id,
        company_id=row.company_id,
        company_name=company.name,
        session_id=row.session_id,
        actor_id=row.actor_id,
        language=row.language,
        order_number=row.order_number,
        work=work,
        ready=work.in_state(RowState.READY),
    )


@once_more
async def _step(order: _Order, *, settings: Settings, now: datetime) -> int | None:
    """How many rows had their answer, or None when there is nothing more to do here."""
    try:
        async with transaction():
            row = await Upload.get_or_none(
                id=order.upload_id, state=UploadState.ENROLLING.value
            ).only("id", "done", "tally")
            if row is None:
                return None
            await _check_coordinator(order, now=now)
            tally = TALLY.validate_json(bytes(row.tally)) if row.tally else Tally()
            await _take(order, row.done, tally, settings=settings, now=now)
            return min(STEP, len(order.ready) - row.done)
    except _Overtaken:
        return None
    except JustMade:  # tried once more, from the start of the step
        raise
    except NoLongerCoordinator:
        await _stop(order, Reason(CUT_SHORT), now=now)
        return None
    except (Conflict, NotFound) as stopped:
        await _stop(order, Reason(stopped.message, _texts(stopped.params)), now=now)
        return None


class _Overtaken(Exception):
    """Another process has made this step, or the list is another one now."""


async def _take(
    order: _Order, done: int, tally: Tally, *, settings: Settings, now: datetime
) -> UploadState:
    """The next rows after ``done`` have their answer. Inside the caller's transaction."""
    rows = order.ready[done : done + STEP]
    taken = await Upload.filter(
        id=order.upload_id,
        state=UploadState.ENROLLING.value,
        done=done,
        total=len(order.ready),
    ).update(done=done + len(rows), stepped_at=now)
    if not taken:
        raise _Overtaken
    offering = catalogue.session_offering(await catalogue.session(order.session_id))
    answers = await _enrol_rows(order, rows, offering, settings=settings, now=now)
    tally = _added(tally, rows, answers)
    if done + len(rows) < len(order.ready):
        await Upload.filter(id=order.upload_id).update(
            tally=TALLY.dump_json(tally), enrolled=tally.enrolled
        )
        return UploadState.ENROLLING
    await _finish(order, tally, None, now=now)
    return UploadState.DONE


async def _enrol_rows(
    order: _Order,
    rows: Sequence[EmployeeRow],
    offering: Offering,
    *,
    settings: Settings,
    now: datetime,
) -> list[RowAnswer]:
    work = order.work
    meant = [
        work.known[row.row_number].person_id if row.row_number in work.same else None
        for row in rows
    ]
    contacts = [_contact(row, order.company_name, order.language) for row in rows]
    people, names = await as_known(contacts, meant)
    group = Group(
        company_id=order.company_id,
        company_name=order.company_name,
        actor_id=order.actor_id,
        source=Source.IMPORT,
        people=people,
        order_number=order.order_number,
    )
    answers = await place_group(offering, group, settings=settings, now=now)
    for person_id, given in names.items():
        await suggest(person_id, given, source=Source.IMPORT, now=now, company_id=order.company_id)
    return answers


def _contact(row: EmployeeRow, company_name: str, language: str) -> Contact:
    return Contact(
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        phone=row.phone,
        street=row.street,
        postal_code=row.postal_code,
        city=row.city,
        country=row.country,
        company_name=company_name,
        language=row.language or language,
    )


def _added(tally: Tally, rows: Sequence[EmployeeRow], answers: Sequence[RowAnswer]) -> Tally:
    already = AlreadySignedUp().code
    refused = {
        rows[one.row].row_number: one.message
        for one in answers
        if one.refused and one.refused != already
    }
    return Tally(
        confirmed=tally.confirmed + sum(one.status is PlaceStatus.CONFIRMED for one in answers),
        waiting=tally.waiting + sum(one.status is PlaceStatus.WAITING for one in answers),
        held=tally.held + sum(one.status is PlaceStatus.HELD for one in answers),
        already=tally.already + sum(one.refused == already for one in answers),
        refused={**tally.refused, **refused},
    )


async def _stop(order: _Order, why: Reason, *, now: datetime) -> None:
    """The rows that had no turn yet get none, and say why; what was enrolled stays."""
    async with transaction():
        row = await Upload.get_or_none(id=order.upload_id, state=UploadState.ENROLLING.value)
        if row is None:
            return
        tally = TALLY.validate_json(bytes(row.tally)) if row.tally else Tally()
        rest = {one.row_number: why.message for one in order.ready[row.done :]}
        tally = replace(tally, refused={**tally.refused, **rest})
        await _finish(order, tally, why, now=now)


async def _finish(order: _Order, tally: Tally, stopped: Reason | None, *, now: datetime) -> None:
    """The list is done, and holds nothing but the rows that got no place."""
    refused = [
        LeftRow(row.row_number, row.cells, (Reason(tally.refused[row.row_number]),))
        for row in order.ready
        if row.row_number in tally.refused
    ]
    left = sorted((*order.work.left_rows(), *refused), key=lambda row: row.row_number)
    outcome = Outcome(
        confirmed=tally.confirmed,
        waiting=tally.waiting,
        held=tally.held,
        already=tally.already,
        left=tuple(left),
        headings=order.work.layout.headings,
        sheet=order.work.layout.sheet,
        stopped=stopped,
    )
    await Upload.filter(id=order.upload_id).update(
        state=UploadState.DONE.value,
        kept=None,
        tally=None,
        reading=zlib.compress(LISTED.dump_json(outcome), 1),
        enrolled=tally.enrolled,
    )
    await record(
        Act.IMPORT_DONE,
        now=now,
        actor_id=order.actor_id,
        object_id=order.upload_id,
        note=Note(count=tally.enrolled),
    )


async def _check_coordinator(order: _Order, *, now: datetime) -> None:
    holders = await grants_over(order.company_id, Role.COORDINATOR, now=now)
    if order.actor_id not in {account_id for account_id, _name in holders}:
        raise NoLongerCoordinator


def _texts(params: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in params.items()}
