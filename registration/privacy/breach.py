"""After a breach: whose data could this account have seen between then and then (Art. 33, 34).

What it did see stands in the ledger. What it could have seen follows from the access that it held:
the grants of that time, over what there was then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tortoise.queryset import QuerySet

from registration.accounts.models import Account, ApiToken, Login
from registration.accounts.rules import SCOPE_ROLES, Role, Scope
from registration.db import transaction
from registration.enrolment.models import Place
from registration.errors import FieldError, NotFound
from registration.forms import Refused
from registration.i18n import N_
from registration.ledger.models import Entry
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.people.models import Person
from registration.privacy.breach_reach import DietLine, Reach, ReachLine, Window, reach_of
from registration.privacy.breach_seen import LookLine, SeenLine, Sight, sight_of, sight_of_pack
from registration.privacy.datamap.columns import Kind
from registration.teaching.models import Pack

LONGEST = timedelta(days=731)
AT_ONCE = 1_000


class SuspectNotFound(NotFound):
    message = N_("No account, login, token or pack is known by this.")


class Source(StrEnum):
    """What may have fallen into wrong hands."""

    ACCOUNT = "account"
    LOGIN = "login"
    TOKEN = "token"  # noqa: S105 -- a kind of suspect, no secret
    PACK = "pack"


@dataclass(frozen=True, slots=True)
class Suspect:
    """``account_id`` acted or could have; ``begins`` and ``ends`` are when it could at all (a login
    and a token have a life of their own), ``role`` the only one that a token gives. A pack is a
    file: whoever has it sees what was in it, and nothing more."""

    source: Source
    id: UUID
    account_id: UUID
    name: str
    begins: datetime
    ends: datetime | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Exposure:
    """``seen`` and ``looks`` are what it did see, by what was shown and by lists; ``reaches`` and
    ``diets`` what it could have. Persons are counted once each. ``sign_ups`` are the records of
    participation among what it could have seen. ``everybody``: it had staff access. Of ``erased``
    persons, who were there then, nothing is held any more."""

    suspect: Suspect
    since: datetime
    until: datetime
    made_at: datetime
    seen: tuple[SeenLine, ...]
    looks: tuple[LookLine, ...]
    reaches: tuple[ReachLine, ...]
    diets: tuple[DietLine, ...]
    kinds: tuple[Kind, ...]
    persons_seen: int
    persons_reached: int
    sign_ups: int
    everybody: bool
    erased: int


@dataclass(frozen=True, slots=True)
class ToTell:
    """A person who may have to be told (Art. 34): ``name`` and ``email`` are empty when the
    person's data was erased since. ``seen``: the account did see their data."""

    person_id: UUID
    name: str
    email: str
    language: str
    seen: bool


async def suspect_of(wanted: UUID) -> Suspect:
    """The account, login, token or pack with this id. Raises ``SuspectNotFound``."""
    account = await Account.get_or_none(id=wanted)
    if account is not None:
        return Suspect(
            Source.ACCOUNT, wanted, wanted, account.name, account.created_at, account.ended_at
        )
    login = await Login.get_or_none(id=wanted).select_related("account")
    if login is not None:
        end = min(login.expires_at, login.revoked_at or login.expires_at)
        return Suspect(
            Source.LOGIN, wanted, login.account_id, login.account.name, login.created_at, end
        )
    token = await ApiToken.get_or_none(id=wanted).select_related("account")
    if token is not None:
        end = min(token.expires_at, token.revoked_at or token.expires_at)
        role = SCOPE_ROLES[Scope(token.scope)]
        return Suspect(
            Source.TOKEN, wanted, token.account_id, token.account.name, token.created_at, end, role
        )
    pack = await Pack.get_or_none(id=wanted).select_related("assignment__account")
    if pack is None:
        raise SuspectNotFound
    owner = pack.assignment.account
    return Suspect(Source.PACK, wanted, owner.id, owner.name, pack.made_at)


def check_period(since: datetime, until: datetime, *, now: datetime) -> None:
    """Both aware. Raises ``Refused`` for a time that is reversed, to come, or longer than two
    years."""
    if since >= now:
        raise Refused(FieldError("since", "future", N_("This is still to come.")))
    if until <= since:
        raise Refused(FieldError("until", "reversed", N_("This is before the beginning.")))
    if until - since > LONGEST:
        raise Refused(
            FieldError("until", "too_long", N_("Ask for two years at the most, and then again."))
        )


async def exposure(
    suspect: Suspect, since: datetime, until: datetime, *, actor_id: UUID | None, now: datetime
) -> Exposure:
    """What the account saw and could have seen; that it was asked is on record. Raises ``Refused``
    for a period that makes no sense."""
    found, _sight, _reach = await _looked(suspect, since, until, now=now)
    async with transaction():
        await record(
            Act.EXPOSURE_ASKED,
            now=now,
            actor_id=actor_id,
            subject_id=suspect.account_id,
            note=Note(count=found.persons_reached, codes=(suspect.source.value,)),
        )
    return found


async def to_tell(
    suspect: Suspect, since: datetime, until: datetime, *, actor_id: UUID | None, now: datetime
) -> AsyncIterator[ToTell]:
    """Everyone whose data it saw or could have seen, a thousand at a time, in the order of their
    ids; that the list was taken is on record."""
    found, sight, reach = await _looked(suspect, since, until, now=now)
    async with transaction():
        await record(
            Act.LEDGER_EXPORTED,
            now=now,
            actor_id=actor_id,
            subject_id=suspect.account_id,
            note=Note(count=found.persons_reached, purpose="breach"),
        )
    if reach.everybody_until is not None:
        held = Person.filter(created_at__lt=reach.everybody_until)
        async for line in _all_of(held, sight.persons):
            yield line
        return
    ids = sorted(reach.persons | sight.persons)
    for at in range(0, len(ids), AT_ONCE):
        some = ids[at : at + AT_ONCE]
        rows = {row.id: row for row in await Person.filter(id__in=some)}
        for each in some:
            yield _to_tell(each, rows.get(each), seen=each in sight.persons)


async def _all_of(held: QuerySet[Person], seen: frozenset[UUID]) -> AsyncIterator[ToTell]:
    after = UUID(int=0)
    missing = set(seen)
    while rows := await held.filter(id__gt=after).order_by("id").limit(AT_ONCE):
        for row in rows:
            missing.discard(row.id)
            yield _to_tell(row.id, row, seen=row.id in seen)
        after = rows[-1].id
    for each in sorted(missing):
        yield _to_tell(each, None, seen=True)


def _to_tell(person_id: UUID, row: Person | None, *, seen: bool) -> ToTell:
    if row is None:
        return ToTell(person_id, "", "", "", seen)
    return ToTell(person_id, f"{row.first_name} {row.last_name}", row.email, row.language, seen)


async def _looked(
    suspect: Suspect, since: datetime, until: datetime, *, now: datetime
) -> tuple[Exposure, Sight, Reach]:
    check_period(since, until, now=now)
    window = Window(since, min(until, now)).within(suspect.begins, suspect.ends)
    if suspect.source is Source.PACK:
        sight, reach = await _pack(suspect), Reach()
    elif window is None:
        sight, reach = Sight((), (), frozenset()), Reach()
    else:
        account = await Account.get(id=suspect.account_id)
        sight = await sight_of(account.id, window.since, window.until)
        reach = await reach_of(account, window, only=suspect.role)
    everybody = reach.everybody_until is not None
    persons = len(reach.persons | sight.persons)
    if reach.everybody_until is not None:
        persons = max(persons, await Person.filter(created_at__lt=reach.everybody_until).count())
    found = Exposure(
        suspect=suspect,
        since=since,
        until=until,
        made_at=now,
        seen=sight.seen,
        looks=sight.looks,
        reaches=tuple(reach.lines),
        diets=tuple(reach.diets),
        kinds=reach.kinds,
        persons_seen=len(sight.persons),
        persons_reached=persons,
        sign_ups=await _sign_ups(reach, until),
        everybody=everybody,
        erased=await Entry.filter(act=Act.PERSON_ERASED.value, at__gt=since).count(),
    )
    return found, sight, reach


async def _pack(suspect: Suspect) -> Sight:
    pack = await Pack.get(id=suspect.id).select_related("assignment")
    return await sight_of_pack(pack.recipient_id, pack.assignment.session_id, pack.made_at)


async def _sign_ups(reach: Reach, until: datetime) -> int:
    """Places, as the records that a notification counts."""
    found = Place.filter(created_at__lt=until)
    if reach.everybody_until is not None:
        return await found.count()
    ids = sorted(reach.persons)
    return sum(
        [
            await found.filter(person_id__in=ids[at : at + AT_ONCE]).count()
            for at in range(0, len(ids), AT_ONCE)
        ]
    )
