"""Versions of the privacy notice: made by themselves when what is true has changed, readable for
ever, and told to whom it concerns (P19)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BeforeValidator, Field

from registration.db import announce, one_at_a_time, transaction
from registration.errors import Conflict, NotFound
from registration.forms import Command
from registration.i18n import DEFAULT_ZONE, N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.people.rules import clean_text
from registration.privacy.datamap.parties import Category
from registration.privacy.models import NoticeVersion
from registration.privacy.notice import Tables, Transfer
from registration.privacy.notice_content import Content, concerned, content_of, read_content
from registration.settings import Organisation, Settings
from registration.teaching import queries as teaching
from registration.teaching.queries import RecipientLine
from registration.teaching.rules import EEA

MATTER = "notice-version"
# After this long without a word from staff, people are told all the same.
TOLD_AFTER = timedelta(days=7)
# While a new release takes over, processes of the old one may still be at work.
HANDING_OVER = timedelta(hours=1)


class NoticeState(StrEnum):
    """``FIRST``: nobody knew another. ``WAITING``: for a decision, or for ``tell_at``.
    ``REPLACED``: a newer one came before anybody was told."""

    FIRST = "first"
    WAITING = "waiting"
    TELLING = "telling"
    TOLD = "told"
    QUIET = "quiet"
    REPLACED = "replaced"


class VersionNotFound(NotFound):
    message = N_("There is no such version of the privacy notice.")


class AlreadyDecided(Conflict):
    message = N_("Whether people are told of this version has been decided already.")


class SummaryGiven(Command):
    """What changed, by language, in the words of staff; empty: the list that is made by itself."""

    fi: Annotated[str, Field(max_length=1000), BeforeValidator(clean_text)] = ""
    sv: Annotated[str, Field(max_length=1000), BeforeValidator(clean_text)] = ""
    en: Annotated[str, Field(max_length=1000), BeforeValidator(clean_text)] = ""

    @property
    def texts(self) -> dict[str, str]:
        given = {"fi": self.fi, "sv": self.sv, "en": self.en}
        return {code: text for code, text in given.items() if text}


class QuietGiven(Command):
    because: Annotated[str, Field(min_length=1, max_length=500), BeforeValidator(clean_text)]


@dataclass(frozen=True, slots=True)
class VersionLine:
    """``concerned`` are the categories of people whom the change is about; ``told`` counts whom
    was written to. ``because``: why nobody needs to be told."""

    number: int
    made_at: datetime
    state: NoticeState
    concerned: tuple[Category, ...]
    summary: Mapping[str, str]
    tell_at: datetime | None
    decided_at: datetime | None
    decided_by: UUID | None
    because: str
    told: int
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Version:
    """``before`` is what it is compared with; None: nothing stood before."""

    line: VersionLine
    content: Content
    before: Content | None
    before_number: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest version, by number and digest."""

    number: int
    made_at: datetime
    digest: str


async def firms_now(*, now: datetime) -> list[RecipientLine]:
    """The trainers' firms that may be given data today (P15, P16)."""
    today = now.astimezone(DEFAULT_ZONE).date()
    return [line for line in await teaching.recipients() if _may_receive(line, today)]


def _may_receive(line: RecipientLine, today: date) -> bool:
    if line.agreement_on is None or today < line.agreement_on:
        return False
    if line.agreement_until is not None and today > line.agreement_until:
        return False
    return line.country in EEA or bool(line.safeguard.strip())


async def transfers(*, now: datetime) -> tuple[Transfer, ...]:
    """Under which safeguards trainers' firms outside the EEA may be given data today (P16)."""
    found = {
        Transfer(line.country, line.safeguard.strip())
        for line in await firms_now(now=now)
        if line.country not in EEA
    }
    return tuple(sorted(found, key=lambda each: (each.country, each.safeguard)))


async def content_now(
    house: Organisation, *, now: datetime, tables: Tables | None = None
) -> Content:
    """What the notice says at this moment."""
    abroad = await transfers(now=now)
    return content_of(house, abroad, tables=tables) if tables is not None else _made(house, abroad)


@lru_cache(maxsize=2)
def _made(house: Organisation, abroad: tuple[Transfer, ...]) -> Content:
    """The data map does not change while a process lives."""
    return content_of(house, abroad)


async def keep_up(settings: Settings, *, now: datetime, tables: Tables | None = None) -> int | None:
    """The newest version says what is true: a new one is made if it did not, and its number is
    given back. Of processes that do this at once, one makes it.

    An old release that still runs beside a new one does not bring its own words back: what is the
    same as the version before the newest one waits for an hour.
    """
    content = await content_now(settings.organisation, now=now, tables=tables)
    standing = await newest()
    if standing is not None and standing.digest == content.digest:
        return None
    async with transaction():
        await one_at_a_time(MATTER)
        last = await NoticeVersion.all().order_by("-number").limit(2).only(*_BRIEF)
        if last and last[0].digest == content.digest:
            return None
        back = len(last) > 1 and last[1].digest == content.digest
        if back and now < last[0].made_at + HANDING_OVER:
            return None
        number = last[0].number + 1 if last else 1
        await _make(number, content, now=now)
        await record(Act.NOTICE_MADE, now=now, note=Note(count=number))
        announce()
    return number


_BRIEF = ("id", "number", "digest", "made_at")
_KNOWN = tuple(
    state.value for state in NoticeState if state not in {NoticeState.WAITING, NoticeState.REPLACED}
)


async def _make(number: int, content: Content, *, now: datetime) -> None:
    """Compared with what people know: a version that nobody was told of yet is replaced."""
    known = await NoticeVersion.filter(state__in=_KNOWN).order_by("-number").first()
    waiting = NoticeVersion.filter(state=NoticeState.WAITING.value)
    await waiting.update(state=NoticeState.REPLACED.value, tell_at=None)
    people = concerned(read_content(known.content), content) if known else ()
    state = NoticeState.FIRST
    if known:
        # What was changed and changed back again concerns nobody.
        state = NoticeState.WAITING if people else NoticeState.QUIET
    await NoticeVersion.create(
        id=uuid4(),
        number=number,
        digest=content.digest,
        content=content.as_json.decode(),
        compared_with=known.number if known else None,
        concerned=[each.value for each in people],
        summary={},
        state=state.value,
        made_at=now,
        tell_at=now + TOLD_AFTER if people else None,
    )


async def newest() -> Standing | None:
    row = await NoticeVersion.all().order_by("-number").only(*_BRIEF).first()
    return Standing(row.number, row.made_at, row.digest) if row else None


async def versions() -> list[VersionLine]:
    """The newest first, without their content."""
    rows = await NoticeVersion.all().order_by("-number").only(*_LINE)
    return [_line(row) for row in rows]


_LINE = (
    "id", "number", "made_at", "state", "concerned", "summary", "tell_at", "decided_at",
    "decided_by", "because", "told", "finished_at",
)  # fmt: skip


async def version(number: int) -> Version:
    """One version, beside what people knew before. Raises ``VersionNotFound``."""
    row = await NoticeVersion.get_or_none(number=number)
    if row is None:
        raise VersionNotFound
    before = await NoticeVersion.get_or_none(number=row.compared_with or 0)
    return Version(
        _line(row),
        read_content(row.content),
        read_content(before.content) if before else None,
        before.number if before else None,
    )


def _line(row: NoticeVersion) -> VersionLine:
    return VersionLine(
        row.number,
        row.made_at,
        NoticeState(row.state),
        tuple(Category(each) for each in row.concerned if each in set(Category)),
        row.summary,
        row.tell_at,
        row.decided_at,
        row.decided_by,
        row.because,
        row.told,
        row.finished_at,
    )


async def tell_people(
    number: int, given: SummaryGiven, *, actor_id: UUID | None, now: datetime
) -> None:
    """The people whom the change concerns are told from now on, in these words where there are
    any. Raises ``VersionNotFound``, ``AlreadyDecided``."""
    await _decide(
        number,
        {"state": NoticeState.TELLING.value, "summary": given.texts},
        "tell",
        actor_id=actor_id,
        now=now,
    )


async def keep_quiet(
    number: int, given: QuietGiven, *, actor_id: UUID | None, now: datetime
) -> None:
    """Nobody is told: the change is one of words only. Raises ``VersionNotFound``,
    ``AlreadyDecided``."""
    await _decide(
        number,
        {"state": NoticeState.QUIET.value, "because": given.because},
        "quiet",
        actor_id=actor_id,
        now=now,
    )


async def _decide(
    number: int,
    changed: Mapping[str, object],
    said: str,
    *,
    actor_id: UUID | None,
    now: datetime,
) -> None:
    async with transaction():
        waiting = NoticeVersion.filter(number=number, state=NoticeState.WAITING.value)
        done = await waiting.update(**changed, decided_at=now, decided_by=actor_id, tell_at=None)
        if not done:
            if await NoticeVersion.exists(number=number):
                raise AlreadyDecided
            raise VersionNotFound
        await record(
            Act.NOTICE_DECIDED, now=now, actor_id=actor_id, note=Note(count=number, codes=(said,))
        )
