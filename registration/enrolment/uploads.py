"""A company's uploaded list: read, mended row by row, and enrolled once (P6).

What was uploaded is kept for a day at most, and its people's rows only until they are enrolled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from registration.accounts.queries import grants_over
from registration.accounts.rules import Role
from registration.catalogue import queries as catalogue
from registration.companies import queries as companies
from registration.db import transaction
from registration.enrolment import worklist
from registration.enrolment.desk import DESK
from registration.enrolment.groups import CHUNK, Group, RowAnswer, enrol_group
from registration.enrolment.imports.fields import EmployeeRow, Field
from registration.enrolment.models import Place, Upload
from registration.enrolment.rules import PlaceStatus, check_open
from registration.enrolment.worklist import WORKLIST, LeftRow, Mend, Reason, RowState, Worklist
from registration.errors import Conflict, Forbidden, NotFound
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.people.models import Person
from registration.people.rules import Contact, Source, clean_text, name_key
from registration.settings import Settings

KEPT = timedelta(hours=24)


class UploadState(StrEnum):
    OPEN = "open"
    DONE = "done"


class UploadNotFound(NotFound):
    message = N_(
        "There is no such list, or it was deleted: an uploaded list is kept for a day. "
        "Choose the file again."
    )


class UploadDone(Conflict):
    message = N_("This list was enrolled already.")


class NobodyReady(Conflict):
    message = N_("No row is ready. Correct the rows that need an answer first.")


class NoLongerCoordinator(Forbidden):
    message = N_("You are no longer a coordinator of this company, so nobody was enrolled.")


@dataclass(frozen=True, slots=True)
class UploadLine:
    """``enrolled`` counts those who got a place by it; ``drop_at`` is when it is deleted."""

    id: UUID
    company_id: UUID
    session_id: UUID
    file_name: str
    state: UploadState
    created_at: datetime
    drop_at: datetime
    enrolled: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What enrolling a list did. ``already`` had a place before; ``left`` got none;
    ``held`` wait for an approval or a look by staff."""

    confirmed: int
    waiting: int
    already: int
    left: tuple[LeftRow, ...]
    headings: tuple[str, ...]
    sheet: str
    held: int = 0


OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


async def receive(
    content: bytes,
    file_name: str,
    *,
    company_id: UUID,
    account_id: UUID,
    session_id: UUID,
    now: datetime,
) -> UUID:
    """The file is read and waits for its coordinator; the same file, sent again while it waits,
    is the one that waits. Raises the refusals of the file, what ``check_open`` raises."""
    session = await catalogue.session(session_id)
    check_open(session.state, opens_at=session.opens_at, closes_at=session.closes_at, now=now)
    digest = sha256(content).hexdigest()
    same = await Upload.filter(
        company_id=company_id,
        session_id=session_id,
        digest=digest,
        state=UploadState.OPEN.value,
        drop_at__gt=now,
    ).first()
    if same is not None:
        return same.id
    name = str(clean_text(file_name.replace("\\", "/").rpartition("/")[2]))[-120:] or "-"
    reading = await DESK.read(content, name)
    work = await _asked_about(company_id, worklist.begin(reading))
    async with transaction():
        made = await Upload.create(
            id=uuid4(),
            company_id=company_id,
            account_id=account_id,
            session_id=session_id,
            digest=digest,
            file_name=name,
            content=content,
            reading=WORKLIST.dump_json(work),
            state=UploadState.OPEN.value,
            created_at=now,
            drop_at=now + KEPT,
        )
    return made.id


async def read_again(
    upload_id: UUID,
    *,
    company_id: UUID,
    mapping: Mapping[int, Field] | None,
    sheet: str | None,
    now: datetime,
) -> None:
    """The file is read with other columns or another sheet; what was mended before is undone.

    Raises ``UploadNotFound``, ``UploadDone`` and the refusals of the file.
    """
    row = await Upload.filter(id=upload_id, company_id=company_id, drop_at__gt=now).first()
    if row is None:
        raise UploadNotFound
    if row.content is None:
        raise UploadDone
    reading = await DESK.read(bytes(row.content), row.file_name, mapping=mapping, sheet=sheet)
    work = await _asked_about(company_id, worklist.begin(reading))
    async with transaction():
        await _claim(upload_id, company_id, now=now)
        await _store(upload_id, work)


async def mend(
    upload_id: UUID, mends: Sequence[Mend], *, company_id: UUID, now: datetime
) -> Worklist:
    """The rows stand as ``mends`` say. Raises ``UploadNotFound``, ``UploadDone``."""
    async with transaction():
        await _claim(upload_id, company_id, now=now)
        work = worklist.mend(await _worklist(upload_id), mends)
        work = await _asked_about(company_id, work)
        await _store(upload_id, work)
    return work


async def accept_proposals(upload_id: UUID, *, company_id: UUID, now: datetime) -> None:
    """Rows that only waited for a yes to what is proposed are ready."""
    async with transaction():
        await _claim(upload_id, company_id, now=now)
        await _store(upload_id, worklist.accept_proposals(await _worklist(upload_id)))


async def enrol(
    upload_id: UUID,
    *,
    company_id: UUID,
    actor_id: UUID,
    language: str,
    settings: Settings,
    now: datetime,
) -> Outcome:
    """The ready rows hold places, once however often this is called; their data leave the upload.

    ``language`` is for those whose row names none. All of it happens, or none. Raises
    ``UploadNotFound``, ``UploadDone``, ``NobodyReady``, ``NoLongerCoordinator`` and what
    ``check_open`` raises.
    """
    async with transaction():
        await _claim(upload_id, company_id, now=now, then=UploadState.DONE)
        holders = await grants_over(company_id, Role.COORDINATOR, now=now)
        if actor_id not in {account_id for account_id, _name in holders}:
            raise NoLongerCoordinator
        row = await Upload.get(id=upload_id).only("id", "session_id", "reading")
        work = WORKLIST.validate_json(bytes(row.reading or b""))
        ready = work.in_state(RowState.READY)
        if not ready:
            raise NobodyReady
        company = await companies.company(company_id)
        offering = catalogue.session_offering(await catalogue.session(row.session_id))
        group = Group(
            company_id=company_id,
            company_name=company.name,
            actor_id=actor_id,
            source=Source.IMPORT,
            people=tuple(_contact(one, company.name, language) for one in ready),
        )
        answers = await enrol_group(offering, group, settings=settings, now=now)
        outcome = _outcome(work, ready, answers)
        enrolled = outcome.confirmed + outcome.waiting + outcome.held
        await Upload.filter(id=upload_id).update(
            content=None, reading=OUTCOME.dump_json(outcome), enrolled=enrolled
        )
        await record(
            Act.IMPORT_DONE,
            now=now,
            actor_id=actor_id,
            object_id=upload_id,
            note=Note(count=enrolled),
        )
    return outcome


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


def _outcome(work: Worklist, ready: Sequence[EmployeeRow], answers: Sequence[RowAnswer]) -> Outcome:
    refused = [
        LeftRow(ready[one.row].row_number, ready[one.row].cells, (Reason(one.message),))
        for one in answers
        if one.refused and one.refused != "already_signed_up"
    ]
    left = sorted((*work.left_rows(), *refused), key=lambda row: row.row_number)
    return Outcome(
        confirmed=sum(one.status is PlaceStatus.CONFIRMED for one in answers),
        waiting=sum(one.status is PlaceStatus.WAITING for one in answers),
        held=sum(one.status is PlaceStatus.HELD for one in answers),
        already=sum(one.refused == "already_signed_up" for one in answers),
        left=tuple(left),
        headings=work.layout.headings,
        sheet=work.layout.sheet,
    )


async def discard(upload_id: UUID, *, company_id: UUID, now: datetime) -> None:
    """Nothing of the list is left. Raises ``UploadNotFound``, ``UploadDone``."""
    async with transaction():
        await _claim(upload_id, company_id, now=now)
        await Upload.filter(id=upload_id).delete()


async def drop_due(*, now: datetime) -> int:
    """Lists whose day is over are gone; says how many."""
    async with transaction():
        return await Upload.filter(drop_at__lte=now).delete()


async def upload(upload_id: UUID, *, company_ids: Iterable[UUID], now: datetime) -> UploadLine:
    """One of these companies' lists. Raises ``UploadNotFound``, for others' too."""
    rows = await _lines(id=upload_id, company_id__in=list(company_ids), drop_at__gt=now)
    if not rows:
        raise UploadNotFound
    return rows[0]


async def uploads(company_id: UUID, *, state: UploadState, now: datetime) -> list[UploadLine]:
    """The newest first."""
    return await _lines(company_id=company_id, state=state.value, drop_at__gt=now)


async def _lines(**wanted: object) -> list[UploadLine]:
    rows = await (
        Upload.filter(**wanted)
        .order_by("-created_at", "id")
        .values_list(
            "id", "company_id", "session_id", "file_name", "state", "created_at", "drop_at",
            "enrolled",
        )
    )  # fmt: skip
    return [
        UploadLine(
            UUID(str(made)), UUID(str(company)), UUID(str(session)), name, UploadState(state),
            created, drop, enrolled,
        )
        for made, company, session, name, state, created, drop, enrolled in rows
    ]  # fmt: skip


async def worklist_of(line: UploadLine) -> Worklist:
    """Raises ``UploadDone``."""
    if line.state is not UploadState.OPEN:
        raise UploadDone
    return await _worklist(line.id)


async def outcome_of(line: UploadLine) -> Outcome:
    """What enrolling the list did; it must have been enrolled."""
    row = await Upload.get(id=line.id).only("id", "reading")
    return OUTCOME.validate_json(bytes(row.reading or b""))


async def placed_already(company_id: UUID, session_id: UUID) -> set[tuple[str, str]]:
    """(address, ``name_key``) of those whom the company has on the session now, in two queries."""
    session = await catalogue.session(session_id)
    rows = await Place.filter(
        seating_id=session.seating_id, company_id=company_id, current=True
    ).values_list("person__email", "person__name_key")
    return {(str(email), str(key)) for email, key in rows}


def key_of(row: EmployeeRow) -> tuple[str, str]:
    """As ``placed_already`` names people."""
    return row.email, name_key(row.first_name, row.last_name)


async def _claim(
    upload_id: UUID,
    company_id: UUID,
    *,
    now: datetime,
    then: UploadState = UploadState.OPEN,
) -> None:
    """The open list is this transaction's, and in state ``then``. Raises ``UploadNotFound``,
    ``UploadDone``."""
    mine = Upload.filter(id=upload_id, company_id=company_id, drop_at__gt=now)
    if await mine.filter(state=UploadState.OPEN.value).update(state=then.value):
        return
    raise UploadDone if await mine.exists() else UploadNotFound


async def _worklist(upload_id: UUID) -> Worklist:
    row = await Upload.get_or_none(id=upload_id).only("id", "reading")
    if row is None:
        raise UploadNotFound
    return WORKLIST.validate_json(bytes(row.reading or b""))


async def _store(upload_id: UUID, work: Worklist) -> None:
    await Upload.filter(id=upload_id).update(reading=WORKLIST.dump_json(work))


async def _asked_about(company_id: UUID, work: Worklist) -> Worklist:
    """The list with addresses that the company's own people have under other names asked about.

    Only its own: whether a stranger is on record is nobody's business.
    """
    emails = list(dict.fromkeys(row.email for row in work.rows if row.email))
    found: list[tuple[UUID, str, str, str]] = []
    for start in range(0, len(emails), CHUNK):
        rows = await Person.filter(email__in=emails[start : start + CHUNK]).values_list(
            "id", "email", "name_key", "first_name", "last_name"
        )
        found += [(UUID(str(one[0])), one[1], one[2], f"{one[3]} {one[4]}") for one in rows]
    own = set(await companies.employees(company_id)) if found else set()
    known: dict[str, list[tuple[str, str]]] = {}
    for person_id, email, key, name in found:
        if person_id in own:
            known.setdefault(email, []).append((key, name))
    return worklist.with_known(work, known)
