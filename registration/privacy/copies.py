"""The copy for somebody who asked by letter or at a visit, without what would show another person
(P11; GDPR Art. 15(3) and (4))."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from registration.db import transaction
from registration.errors import FieldError, Invalid, NotFound
from registration.i18n import N_, _, speaking
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.people.queries import contact
from registration.press import Paragraph, Points, print_paper
from registration.privacy.export import export
from registration.privacy.held import held_in_words
from registration.privacy.held_paper import ROWS, paper_of
from registration.privacy.held_reading import of_person, visible
from registration.privacy.models import Redaction
from registration.privacy.request_lines import Cut, RequestDetail, cuts_of, request
from registration.privacy.request_rows import locked
from registration.privacy.request_rules import (
    COPIES,
    GRANTED,
    MovedOn,
    NothingToCarryOut,
    State,
)
from registration.settings import Settings

# What people write in their own words; other columns hold a choice, a date, a number or an id.
WORDS = frozenset({"asked", "reason", "comment", "answer", "said", "value"})
NEEDED = N_("This is needed.")


class NoSuchText(NotFound):
    message = N_("There is no such text in what is held on this person.")


@dataclass(frozen=True, slots=True)
class FreeText:
    """Something written in somebody's own words. ``left_out`` is why it is not in the copy, or
    empty: it is."""

    table: str
    row: UUID
    column: str
    heading: str
    text: str
    left_out: str

    @property
    def key(self) -> tuple[str, UUID, str]:
        return self.table, self.row, self.column


def is_words(column: str) -> bool:
    return column in WORDS or column.endswith("because")


async def free_texts(person_id: UUID, cuts: Iterable[Cut] = ()) -> list[FreeText]:
    """All that is held on a person in somebody's own words: what may show another person. Raises
    ``PersonNotFound``."""
    left_out = {cut.key: cut.because for cut in cuts}
    found: list[FreeText] = []
    for reading in await of_person(person_id):
        columns = [column for column in reading.table.columns if is_words(column)]
        if not columns:
            continue
        for row in await (await visible(reading)).values(reading.key, *columns):
            made = UUID(str(row[reading.key]))
            found += [
                FreeText(
                    reading.name,
                    made,
                    column,
                    _(reading.heading),
                    str(row[column]),
                    left_out.get((reading.name, made, column), ""),
                )
                for column in columns
                if row[column]
            ]
    return found


async def leave_out(
    request_id: UUID,
    key: tuple[str, UUID, str],
    because: str,
    *,
    actor_id: UUID,
    now: datetime,
) -> None:
    """This text is not in the copy, and the answer says why. Raises ``RequestNotFound``,
    ``MovedOn``, ``NoSuchText``, ``Invalid`` without a reason."""
    if not because.strip():
        raise Invalid(FieldError("because", "missing", NEEDED))
    async with transaction():
        row = await locked(request_id)
        if row.carried_out_at is not None or row.person_id is None:
            raise MovedOn
        if key not in {text.key for text in await free_texts(row.person_id)}:
            raise NoSuchText
        table, record_id, column = key
        await Redaction.filter(
            request_id=request_id, record_table=table, record_id=record_id, record_column=column
        ).delete()
        await Redaction.create(
            id=uuid4(),
            request_id=request_id,
            record_table=table,
            record_id=record_id,
            record_column=column,
            because=because.strip()[:300],
            made_by=actor_id,
            made_at=now,
        )
        await record(
            Act.REQUEST_REDACTED,
            now=now,
            actor_id=actor_id,
            subject_id=row.person_id,
            object_id=row.id,
            note=Note(fields=(f"{table}.{column}",)),
        )


async def put_back(request_id: UUID, key: tuple[str, UUID, str]) -> None:
    """The text is in the copy again. Raises ``RequestNotFound``, ``MovedOn``."""
    async with transaction():
        row = await locked(request_id)
        if row.carried_out_at is not None:
            raise MovedOn
        table, record_id, column = key
        await Redaction.filter(
            request_id=request_id, record_table=table, record_id=record_id, record_column=column
        ).delete()


async def copy_of(
    request_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> dict[str, object]:
    """All that is held on the person in the language of the request, but what is left out, with
    the reasons for that; the copy is on record, and the request is carried out.

    Raises ``RequestNotFound``, ``NothingToCarryOut`` unless a copy was granted, ``PersonNotFound``.
    """
    detail, person_id = await _granted(request_id)
    keys = [cut.key for cut in detail.cuts]
    with speaking(detail.line.language):
        held = await export(
            person_id,
            actor_id=actor_id,
            house=settings.organisation.name,
            now=now,
            left_out=keys,
            schedule=settings.organisation.retention,
        )
    await handed_out(request_id, actor_id=actor_id, now=now)
    reasons = [
        {"table": cut.table, "field": cut.column, "because": cut.because} for cut in detail.cuts
    ]
    return held | {"left_out": reasons}


async def paper_copy(
    request_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> bytes:
    """The same as a paper to read, to put into an envelope; of long lists the newest. Raises also
    ``SheetsBusy``, ``TooLong``."""
    detail, person_id = await _granted(request_id)
    keys = [cut.key for cut in detail.cuts]
    with speaking(detail.line.language):
        schedule = settings.organisation.retention
        held = await held_in_words(person_id, limit=ROWS, left_out=keys, schedule=schedule)
        name = (await contact(person_id)).full_name
        document = paper_of(held, name=name, house=settings.organisation, now=now)
        if detail.cuts:
            reasons = tuple(dict.fromkeys(cut.because for cut in detail.cuts))
            said = Paragraph(_("To protect other people we left something out:"))
            document = replace(document, blocks=(said, Points(reasons), *document.blocks))
    content = await print_paper(document, settings=settings)
    async with transaction():
        await record(Act.PERSON_EXPORTED, now=now, actor_id=actor_id, subject_id=person_id)
        await handed_out(request_id, actor_id=actor_id, now=now)
    return content


async def _granted(request_id: UUID) -> tuple[RequestDetail, UUID]:
    detail = await request(request_id)
    line = detail.line
    if line.kind not in COPIES or line.decision not in GRANTED or line.person_id is None:
        raise NothingToCarryOut
    return detail, line.person_id


async def handed_out(request_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """The copy exists, or waits on the person's own page; a second one changes nothing but the
    ledger."""
    detail, _person_id = await _granted(request_id)
    async with transaction():
        row = await locked(request_id)
        if row.carried_out_at is None and row.state == State.DECIDED:
            row.carried_out_at = now
            await row.save(update_fields=["carried_out_at"])
        await record(
            Act.REQUEST_COPIED,
            now=now,
            actor_id=actor_id,
            subject_id=row.person_id,
            object_id=row.id,
            note=Note(count=len(detail.cuts)),
        )


async def texts_of(request_id: UUID) -> list[FreeText]:
    """The free texts of whom a request is about, each with why it is left out, if it is."""
    detail = await request(request_id)
    if detail.line.person_id is None:
        return []
    return await free_texts(detail.line.person_id, await cuts_of(request_id))
