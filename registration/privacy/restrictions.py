"""Restricting what is done with one's data, and objecting to it (P11; GDPR Art. 18 and 21).

Both take effect at once, and by construction: what a person does not want stands beside the person
(``people.limits``), where every list looks. A human then decides whether it stays so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from tortoise.expressions import F, Q

from registration.db import transaction
from registration.errors import Conflict, NotFound
from registration.i18n import DEFAULT_ZONE, N_, _, speaking
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue
from registration.people.limits import Limits, set_limits
from registration.people.models import Person
from registration.people.rules import PersonNotFound
from registration.privacy.models import Restriction
from registration.privacy.objectable import USES, Ground, RestrictionKind
from registration.privacy.request_rules import RequestKind, due
from registration.privacy.requests import note_done
from registration.settings import Settings

LONGEST_REASON = 1000
ALL = ""
CHUNK = 500


class RestrictionNotFound(NotFound):
    message = N_("There is no such restriction.")


class AlreadyRestricted(Conflict):
    message = N_("This is restricted already.")


class AlreadyDecided(Conflict):
    message = N_("This was decided already, or taken back.")


class NothingToObject(NotFound):
    message = N_("There is nothing of this kind to object to.")


@dataclass(frozen=True, slots=True)
class RestrictionLine:
    """``scope`` is a table of the data map, or empty: all. ``ground`` is set where the data is
    restricted, ``because`` is the person's own text and may be empty. ``upheld`` None: nobody has
    decided yet; then ``due_at`` is by when."""

    id: UUID
    person_id: UUID
    kind: RestrictionKind
    scope: str
    ground: Ground | None
    because: str
    made_at: datetime
    due_at: datetime
    upheld: bool | None
    decided_because: str
    decided_at: datetime | None
    lifted_at: datetime | None

    @property
    def in_force(self) -> bool:
        return self.lifted_at is None

    @property
    def waits(self) -> bool:
        return self.lifted_at is None and self.upheld is None


async def restricted(person_ids: Collection[UUID]) -> Mapping[UUID, tuple[RestrictionLine, ...]]:
    """What is in force for each of these, the oldest first; who restricted nothing is absent."""
    found: dict[UUID, list[RestrictionLine]] = {}
    wanted = list(dict.fromkeys(person_ids))
    for start in range(0, len(wanted), CHUNK):
        these = Restriction.filter(person_id__in=wanted[start : start + CHUNK])
        rows = these.filter(Q(upheld=None) | Q(upheld=True), lifted_at=None)
        for row in await rows.order_by("made_at", "id"):
            found.setdefault(row.person_id, []).append(_line(row))
    return {person: tuple(lines) for person, lines in found.items()}


async def restrictions_of(person_id: UUID) -> list[RestrictionLine]:
    """All that the person ever restricted or objected to, the newest first."""
    rows = await Restriction.filter(person_id=person_id).order_by("-made_at", "id")
    return [_line(row) for row in rows]


async def restrictions(*, waiting: bool, limit: int = 200) -> list[RestrictionLine]:
    """Those on which a human has to decide, the oldest first; or all others, the newest first."""
    if waiting:
        rows = Restriction.filter(upheld=None, lifted_at=None).order_by("made_at", "id")
    else:
        settled = Q(upheld__isnull=False) | Q(lifted_at__isnull=False)
        rows = Restriction.filter(settled).order_by("-made_at", "id")
    return [_line(row) for row in await rows.limit(limit)]


async def restriction(restriction_id: UUID) -> RestrictionLine:
    """Raises ``RestrictionNotFound``."""
    row = await Restriction.get_or_none(id=restriction_id)
    if row is None:
        raise RestrictionNotFound
    return _line(row)


async def restrict(
    person_id: UUID,
    ground: Ground,
    *,
    because: str = "",
    actor_id: UUID | None,
    request_id: UUID | None = None,
    now: datetime,
) -> UUID:
    """All of the person's data is only kept from now on. Without a request that led to it, one is
    on record as asked and done. Raises ``AlreadyRestricted``,
    ``PersonNotFound``."""
    return await _add(
        person_id,
        RestrictionKind.RESTRICT,
        scope=ALL,
        ground=ground,
        because=because,
        actor_id=actor_id,
        request_id=request_id,
        now=now,
    )


async def object_to(
    person_id: UUID,
    scope: str,
    *,
    because: str = "",
    actor_id: UUID | None,
    request_id: UUID | None = None,
    now: datetime,
) -> UUID:
    """The use of the table ``scope`` that rests on our interest has ended for this person, unless
    staff deny the objection. Raises ``NothingToObject``, ``AlreadyRestricted``,
    ``PersonNotFound``."""
    if scope not in USES:
        raise NothingToObject
    return await _add(
        person_id,
        RestrictionKind.OBJECT,
        scope=scope,
        ground=None,
        because=because,
        actor_id=actor_id,
        request_id=request_id,
        now=now,
    )


async def _add(
    person_id: UUID,
    kind: RestrictionKind,
    *,
    scope: str,
    ground: Ground | None,
    because: str,
    actor_id: UUID | None,
    request_id: UUID | None,
    now: datetime,
) -> UUID:
    async with transaction():
        await _lock(person_id)
        if await Restriction.filter(
            person_id=person_id, kind=kind.value, scope=scope, lifted_at=None
        ).exists():
            raise AlreadyRestricted
        if request_id is None:
            asked = (
                RequestKind.OBJECTION
                if kind is RestrictionKind.OBJECT
                else (RequestKind.RESTRICTION)
            )
            request_id = await note_done(asked, person_id, account_id=actor_id, now=now)
        made = await Restriction.create(
            id=uuid4(),
            person_id=person_id,
            request_id=request_id,
            kind=kind.value,
            scope=scope,
            ground=ground.value if ground else "",
            because=because[:LONGEST_REASON],
            made_at=now,
        )
        await _settle(person_id)
        await _record(made, Act.RESTRICTION_MADE, actor_id=actor_id, now=now)
    return made.id


async def _lock(person_id: UUID) -> None:
    """Who restricts the same twice at once finds the first. Raises ``PersonNotFound``."""
    if not await Person.filter(id=person_id).update(calendar_number=F("calendar_number")):
        raise PersonNotFound


async def _settle(person_id: UUID) -> None:
    """What stands beside the person is what is in force."""
    rows = await Restriction.filter(person_id=person_id, lifted_at=None)

    def since(*scopes: str) -> datetime | None:
        return min((row.made_at for row in rows if row.scope in scopes), default=None)

    limits = Limits(since(ALL), since(ALL, "employment"), since(ALL, "suggestion"))
    await set_limits(person_id, limits)


async def lift(
    restriction_id: UUID, *, person_id: UUID, actor_id: UUID | None, now: datetime
) -> None:
    """The person takes it back. Raises ``RestrictionNotFound`` (also for another person's); a
    second time changes nothing."""
    async with transaction():
        row = await Restriction.get_or_none(id=restriction_id, person_id=person_id)
        if row is None:
            raise RestrictionNotFound
        await _lock(person_id)
        if not await Restriction.filter(id=row.id, lifted_at=None).update(lifted_at=now):
            return
        await _settle(person_id)
        await _record(row, Act.RESTRICTION_LIFTED, actor_id=actor_id, now=now)


@dataclass(frozen=True, slots=True)
class DecidedMail:
    """``what`` it was about is in words of the reader; ``because`` is what staff wrote."""

    kind: str
    what: str
    upheld: bool
    because: str
    url: str


async def decide(
    restriction_id: UUID,
    *,
    upheld: bool,
    because: str,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> None:
    """It stays, or it ends now; the person is told which and why, by mail (GDPR Art. 18(3)).

    Raises ``RestrictionNotFound``, ``AlreadyDecided``.
    """
    async with transaction():
        row = await Restriction.get_or_none(id=restriction_id)
        if row is None:
            raise RestrictionNotFound
        await _lock(row.person_id)
        ends = {} if upheld else {"lifted_at": now}
        decided = await Restriction.filter(id=row.id, upheld=None, lifted_at=None).update(
            upheld=upheld,
            decided_because=because[:LONGEST_REASON],
            decided_by=actor_id,
            decided_at=now,
            **ends,
        )
        if not decided:
            raise AlreadyDecided
        await _settle(row.person_id)
        code = "upheld" if upheld else "denied"
        await _record(row, Act.RESTRICTION_DECIDED, actor_id=actor_id, code=code, now=now)
        await _tell(row, upheld=upheld, because=because, settings=settings, now=now)


async def _tell(
    row: Restriction, *, upheld: bool, because: str, settings: Settings, now: datetime
) -> None:
    person = await Person.get(id=row.person_id)
    if not person.email:
        return
    name = f"{person.first_name} {person.last_name}"
    with speaking(person.language):
        what = _(USES[row.scope].what) if row.scope in USES else ""
    page = DecidedMail(row.kind, what, upheld, because, f"{settings.base_url}/me/rights")
    await queue(
        compose(
            "restriction-decided",
            Addressee(person.email, name, person.language, person.id),
            page,
            settings=settings,
            purpose=MailPurpose.RIGHTS,
            now=now,
        )
    )


async def _record(
    row: Restriction, act: Act, *, actor_id: UUID | None, now: datetime, code: str = ""
) -> None:
    codes = tuple(each for each in (row.kind, row.scope, row.ground, code) if each)
    await record(
        act,
        now=now,
        actor_id=actor_id,
        subject_id=row.person_id,
        object_id=row.id,
        note=Note(codes=codes),
    )


async def waiting_restrictions() -> int:
    """How many wait for a decision."""
    return await Restriction.filter(upheld=None, lifted_at=None).count()


def _line(row: Restriction) -> RestrictionLine:
    return RestrictionLine(
        id=row.id,
        person_id=row.person_id,
        kind=RestrictionKind(row.kind),
        scope=row.scope,
        ground=Ground(row.ground) if row.ground else None,
        because=row.because,
        made_at=row.made_at,
        due_at=due(row.made_at, DEFAULT_ZONE),
        upheld=row.upheld,
        decided_because=row.decided_because,
        decided_at=row.decided_at,
        lifted_at=row.lifted_at,
    )
