"""A company's uploaded list: read, mended row by row, thrown away (P6).

The file itself is never stored. What is kept of it goes after a day at most, and its people's
rows when they are enrolled.
"""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID, uuid4

from registration.catalogue import queries as catalogue
from registration.db import transaction
from registration.enrolment import worklist
from registration.enrolment.desk import DESK
from registration.enrolment.imports.fields import EmployeeRow
from registration.enrolment.imports.reading import Choice
from registration.enrolment.known import ask_about
from registration.enrolment.models import Place, Upload
from registration.enrolment.rules import check_open
from registration.enrolment.worklist import WORKLIST, Mend, Worklist
from registration.errors import Conflict, NotFound
from registration.i18n import N_
from registration.people.rules import clean_text, name_key

KEPT = timedelta(hours=24)


class UploadState(StrEnum):
    OPEN = "open"
    ENROLLING = "enrolling"
    DONE = "done"


class UploadNotFound(NotFound):
    message = N_(
        "There is no such list, or it was deleted: an uploaded list is kept for a day. "
        "Choose the file again."
    )


class UploadDone(Conflict):
    message = N_("This list was enrolled already.")


@dataclass(frozen=True, slots=True)
class UploadLine:
    """``enrolled`` counts those who got a place by it; ``drop_at`` is when it is deleted. While
    it is being enrolled ``done`` of ``total`` rows have their answer, the last at
    ``stepped_at``."""

    id: UUID
    company_id: UUID
    session_id: UUID
    file_name: str
    state: UploadState
    created_at: datetime
    drop_at: datetime
    enrolled: int
    total: int
    done: int
    stepped_at: datetime | None


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
        state__in=[UploadState.OPEN.value, UploadState.ENROLLING.value],
        drop_at__gt=now,
    ).first()
    if same is not None:
        return same.id
    name = str(clean_text(file_name.replace("\\", "/").rpartition("/")[2]))[-120:] or "-"
    opened = await DESK.open_file(content, name)
    work = await ask_about(worklist.begin(opened.reading), company_id)
    async with transaction():
        made = await Upload.create(
            id=uuid4(),
            company_id=company_id,
            account_id=account_id,
            session_id=session_id,
            digest=digest,
            file_name=name,
            kept=opened.kept,
            reading=packed(work),
            state=UploadState.OPEN.value,
            created_at=now,
            drop_at=now + KEPT,
        )
    return made.id


async def read_again(upload_id: UUID, choice: Choice, *, company_id: UUID, now: datetime) -> None:
    """The list is read as it was chosen; what was mended before is undone.

    Raises ``UploadNotFound``, ``UploadDone`` and the refusals of the file.
    """
    row = await Upload.filter(id=upload_id, company_id=company_id, drop_at__gt=now).first()
    if row is None:
        raise UploadNotFound
    if row.kept is None or row.state != UploadState.OPEN.value:
        raise UploadDone
    reading = await DESK.read_again(bytes(row.kept), choice)
    work = await ask_about(worklist.begin(reading), company_id)
    async with transaction():
        await claim(upload_id, company_id, now=now)
        await Upload.filter(id=upload_id).update(reading=packed(work))


async def mend(
    upload_id: UUID, mends: Sequence[Mend], *, company_id: UUID, now: datetime
) -> Worklist:
    """The rows stand as ``mends`` say. Raises ``UploadNotFound``, ``UploadDone``."""

    async def mended(work: Worklist) -> Worklist:
        return await ask_about(worklist.mend(work, mends), company_id)

    return await _change(upload_id, mended, company_id=company_id, now=now)


async def accept_kinds(
    upload_id: UUID, codes: Sequence[str], *, company_id: UUID, now: datetime
) -> Worklist:
    """Every row that waited for the answer to one of these questions has a yes."""

    async def accepted(work: Worklist) -> Worklist:
        for code in codes:
            work = worklist.accept_kind(work, code)
        return work

    return await _change(upload_id, accepted, company_id=company_id, now=now)


async def _change(
    upload_id: UUID,
    change: Callable[[Worklist], Awaitable[Worklist]],
    *,
    company_id: UUID,
    now: datetime,
) -> Worklist:
    """The open list as ``change`` makes it. A long list is worked on before the lock is taken, and
    once more if somebody else changed it meanwhile."""
    while True:
        before = await reading_of(upload_id, company_id, now=now)
        work = await change(unpacked(before))
        after = packed(work)
        async with transaction():
            await claim(upload_id, company_id, now=now)
            if await reading_of(upload_id, company_id, now=now) == before:
                await Upload.filter(id=upload_id).update(reading=after)
                return work


async def discard(upload_id: UUID, *, company_id: UUID, now: datetime) -> None:
    """Nothing of the list is left. Raises ``UploadNotFound``, ``UploadDone``."""
    async with transaction():
        await claim(upload_id, company_id, now=now)
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


async def unfinished(company_id: UUID, *, now: datetime) -> list[UploadLine]:
    """The company's lists that wait or are being enrolled, the newest first."""
    states = [UploadState.OPEN.value, UploadState.ENROLLING.value]
    return await _lines(company_id=company_id, state__in=states, drop_at__gt=now)


async def _lines(**wanted: object) -> list[UploadLine]:
    rows = await (
        Upload.filter(**wanted)
        .order_by("-created_at", "id")
        .values_list(
            "id", "company_id", "session_id", "file_name", "state", "created_at", "drop_at",
            "enrolled", "total", "done", "stepped_at",
        )
    )  # fmt: skip
    return [
        UploadLine(
            UUID(str(one[0])), UUID(str(one[1])), UUID(str(one[2])), one[3], UploadState(one[4]),
            *one[5:],
        )
        for one in rows
    ]  # fmt: skip


async def worklist_of(line: UploadLine) -> Worklist:
    """Raises ``UploadDone``."""
    if line.state is not UploadState.OPEN:
        raise UploadDone
    return unpacked(await reading_of(line.id, line.company_id, now=line.created_at))


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


async def claim(
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


async def reading_of(upload_id: UUID, company_id: UUID, *, now: datetime) -> bytes:
    """The open list as it stands, packed. Raises ``UploadNotFound``, ``UploadDone``."""
    row = await Upload.get_or_none(id=upload_id, company_id=company_id, drop_at__gt=now).only(
        "id", "reading", "state"
    )
    if row is None:
        raise UploadNotFound
    if row.state != UploadState.OPEN.value or row.reading is None:
        raise UploadDone
    return bytes(row.reading)


def unpacked(reading: bytes) -> Worklist:
    return WORKLIST.validate_json(zlib.decompress(reading))


def packed(work: Worklist) -> bytes:
    return zlib.compress(WORKLIST.dump_json(work), 1)
