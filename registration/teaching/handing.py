"""Handing a pack to a trainer: on record for each person in it, then written (P7, P15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from registration.accounts.rules import Identity
from registration.catalogue.lines import SessionLine
from registration.db import transaction
from registration.i18n import text_in
from registration.ledger.rules import Act, Note
from registration.ledger.service import disclose, record
from registration.press import print_sheet
from registration.settings import Settings
from registration.teaching import pack_files, pack_sheet
from registration.teaching.keeping import keep_until
from registration.teaching.models import Assignment, Pack
from registration.teaching.opening import opened, shown, taught, with_no_show
from registration.teaching.packs import MEDIA_TYPES, PackContent, PackFile, PackRow, file_name
from registration.teaching.queries import terms_of
from registration.teaching.rules import PackFormat, PackPurpose, days_of, fields_of


async def make_pack(
    session_id: UUID,
    purpose: PackPurpose,
    format: PackFormat,
    *,
    identity: Identity,
    settings: Settings,
    now: datetime,
) -> PackFile:
    """The file with the fields of its purpose; that it was given is on record before it is. Each
    is a copy of its own, with an id of its own, also when the same is taken again.

    Raises ``SessionNotFound``, what ``may_teach`` raises, and ``SheetsBusy``.
    """
    async with transaction():
        assignment, session = await opened(session_id, identity=identity, now=now)
        lines = await taught(session)
        outcomes = await with_no_show(lines)
        terms = terms_of(assignment, session)
        pack = await Pack.create(
            id=uuid4(),
            assignment_id=assignment.id,
            recipient_id=assignment.recipient_id,
            purpose=purpose.value,
            format=format.value,
            people=len(lines),
            made_at=now,
            ends_at=keep_until(purpose, terms, session_ends_at=session.ends_at),
        )
        fields = tuple(field.value for field in fields_of(purpose))
        await disclose(shown(lines, assignment, fields, purpose.value, road="pack"), now=now)
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
    content = _content(pack, assignment, session, rows, trainer=identity.name)
    if format is not PackFormat.PDF:
        return pack_files.write(content, format)
    printed = await print_sheet(pack_sheet.document(content), settings=settings)
    return PackFile(printed, MEDIA_TYPES[format], file_name(content, format))


def _content(
    pack: Pack,
    assignment: Assignment,
    session: SessionLine,
    rows: Sequence[PackRow],
    *,
    trainer: str,
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
        zone=session.zone,
        scale=session.training.grade_scale,
        recipient=assignment.recipient.name,
        trainer=trainer,
        made_at=pack.made_at,
        ends_at=pack.ends_at,
        rows=tuple(rows),
    )
