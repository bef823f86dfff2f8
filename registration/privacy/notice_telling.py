"""Telling people that the privacy notice has changed: each once, in batches, in their language.

How far it has come stands in the version's row and moves in the transaction that queues the mail,
so that whatever stops it, the next run goes on at the next person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from tortoise.expressions import Q

from registration.accounts.models import Account, Grant
from registration.accounts.rules import Role
from registration.catalogue.models import Event, Session
from registration.companies.models import CompanyApprover
from registration.db import transaction
from registration.enrolment.models import Interest, Place
from registration.i18n import LANGUAGES, speaking
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.mail.models import DeadAddress, Mail
from registration.mail.rules import Addressee, MailPurpose, address_hash
from registration.mail.service import compose, queue_many
from registration.people.models import Consent, Person
from registration.people.rules import Purpose
from registration.privacy.datamap.parties import KNOWN, Category
from registration.privacy.models import NoticeVersion
from registration.privacy.notice_content import changes, read_content
from registration.privacy.notice_versions import NoticeState
from registration.settings import Settings

BATCH = 200
PERSONS, ACCOUNTS = "persons", "accounts"
_ROLES: Mapping[str, frozenset[Category]] = {
    Role.COORDINATOR: frozenset({Category.COORDINATOR, Category.CUSTOMER_CONTACT}),
    Role.TRAINER: frozenset({Category.TRAINER}),
    Role.STAFF: frozenset({Category.STAFF}),
    Role.ORGANISER: frozenset({Category.STAFF}),
}
Row = TypeVar("Row", Person, Account)


@dataclass(frozen=True, slots=True)
class NoticeMail:
    """``changes`` are sentences, ``summary`` is what staff wrote in their stead, or empty."""

    number: int
    summary: str
    changes: tuple[str, ...]
    url: str
    version_url: str


async def tell_due(settings: Settings, *, now: datetime, batches: int | None = None) -> int:
    """Writes to everybody who still has to be told, and says to how many. ``batches``: stop after
    so many of them."""
    await _begin(now)
    told = 0
    pages: dict[tuple[int, str], NoticeMail] = {}
    while batches is None or batches > 0:
        step = await _step(settings, pages, now=now)
        if step is None:
            break
        told += step
        batches = None if batches is None else batches - 1
    return told


async def next_due() -> datetime | None:
    """When somebody has to be told next."""
    going = await NoticeVersion.filter(state=NoticeState.TELLING.value).only("decided_at").first()
    if going is not None:
        return going.decided_at
    waiting = NoticeVersion.filter(state=NoticeState.WAITING.value, tell_at__isnull=False)
    row = await waiting.order_by("tell_at").only("tell_at").first()
    return row.tell_at if row else None


async def _begin(now: datetime) -> None:
    """A version on which nobody decided in time is told."""
    due = NoticeVersion.filter(state=NoticeState.WAITING.value, tell_at__lte=now)
    for number in await due.values_list("number", flat=True):
        async with transaction():
            row = NoticeVersion.filter(number=number, state=NoticeState.WAITING.value)
            if await row.update(state=NoticeState.TELLING.value, decided_at=now, tell_at=None):
                note = Note(count=int(str(number)), codes=("by-itself",))
                await record(Act.NOTICE_DECIDED, now=now, note=note)


async def _step(
    settings: Settings, pages: dict[tuple[int, str], NoticeMail], *, now: datetime
) -> int | None:
    """One batch of one version: their mail and how far it has come are committed together. None:
    there is nobody left to tell."""
    async with transaction():
        telling = NoticeVersion.filter(state=NoticeState.TELLING.value).order_by("number")
        row = await telling.select_for_update().first()
        if row is None:
            return None
        concerned = frozenset(Category(each) for each in row.concerned)
        if row.stage != ACCOUNTS:
            persons = await _after(Person, row)
            told = await _persons(persons, concerned)
            last: Person | Account | None = persons[-1] if persons else None
        else:
            accounts = await _after(Account, row)
            told = await _accounts(accounts, concerned, now=now)
            last = accounts[-1] if accounts else None
        if last is None:
            await _next_stage(row, now=now)
            return 0
        reached = await _reachable(told, settings)
        await queue_many([await _mail(row, each, pages, settings, now) for each in reached])
        row.told_until = last.id
        row.told += len(reached)
        await row.save(update_fields=["told_until", "told"])
    return len(reached)


async def _after(model: type[Row], row: NoticeVersion) -> list[Row]:
    """The next ones of those who were there when the version was made: who came later has read
    it."""
    found = model.filter(created_at__lte=row.made_at)
    if row.told_until is not None:
        found = found.filter(id__gt=row.told_until)
    return await found.order_by("id").limit(BATCH)


async def _next_stage(row: NoticeVersion, *, now: datetime) -> None:
    row.told_until = None
    if row.stage != ACCOUNTS:
        row.stage = ACCOUNTS
    else:
        row.state, row.finished_at = NoticeState.TOLD.value, now
        await record(Act.NOTICE_TOLD, now=now, note=Note(count=row.told))
    await row.save(update_fields=["told_until", "stage", "state", "finished_at"])


async def _persons(rows: Sequence[Person], concerned: frozenset[Category]) -> list[Addressee]:
    """Those of these persons who are in one of the categories. Who has no place, and asked for
    nothing, is known all the same: they are told of what concerns all whom we know."""
    ids = [row.id for row in rows]
    found: set[UUID] = set()
    if concerned.issuperset(KNOWN):
        found = set(ids)
    else:
        found |= await _at(ids, concerned)
        if concerned & {Category.POTENTIAL_CUSTOMER, Category.STAKEHOLDER}:
            found |= await _listening(ids)
    return [
        Addressee(row.email, f"{row.first_name} {row.last_name}", row.language, person_id=row.id)
        for row in rows
        if row.email and row.id in found
    ]


async def _at(ids: Sequence[UUID], concerned: frozenset[Category]) -> set[UUID]:
    """Who of these has, or had, a place at a training, or at an event."""
    held: dict[UUID, set[UUID]] = {}
    for person, seating in await Place.filter(person_id__in=ids).values_list(
        "person_id", "seating_id"
    ):
        held.setdefault(_id(seating), set()).add(_id(person))
    wanted: set[UUID] = set()
    if Category.TRAINING_PARTICIPANT in concerned:
        at = Session.filter(seating_id__in=[*held])
        wanted |= {_id(each) for each in await at.values_list("seating_id", flat=True)}
    if Category.EVENT_PARTICIPANT in concerned:
        of = Event.filter(seating_id__in=[*held])
        wanted |= {_id(each) for each in await of.values_list("seating_id", flat=True)}
    return {person for seating in wanted for person in held[seating]}


async def _listening(ids: Sequence[UUID]) -> set[UUID]:
    """Who of these asked to hear of trainings or news."""
    purposes = [each.value for each in Purpose if each is not Purpose.NOTICE]
    said_yes = Consent.filter(person_id__in=ids, purpose__in=purposes, withdrawn_at=None)
    asked = Interest.filter(person_id__in=ids)
    return {
        _id(each)
        for each in (
            *await said_yes.values_list("person_id", flat=True),
            *await asked.values_list("person_id", flat=True),
        )
    }


async def _accounts(
    rows: Sequence[Account], concerned: frozenset[Category], *, now: datetime
) -> list[Addressee]:
    """Those of these accounts whose work is concerned, unless the same address was written to as a
    participant's. A participant's own account is no other person."""
    working = [row for row in rows if row.person_id is None and row.ended_at is None and row.email]
    ids = [row.id for row in working]
    found: set[UUID] = set()
    in_force = Grant.filter(Q(ends_at=None) | Q(ends_at__gt=now), account_id__in=ids)
    for account, role in await in_force.values_list("account_id", "role"):
        if _ROLES.get(str(role), frozenset()) & concerned:
            found.add(_id(account))
    if concerned & _ROLES[Role.COORDINATOR]:
        approving = CompanyApprover.filter(account_id__in=ids).values_list("account_id", flat=True)
        found |= {_id(each) for each in await approving}
    chosen = [row for row in working if row.id in found]
    known = await Person.filter(email__in=[row.email for row in chosen]).order_by("id")
    told = {each.address for each in await _persons(known, concerned)}
    return [
        Addressee(row.email, row.name, row.language, account_id=row.id)
        for row in chosen
        if row.email not in told
    ]


async def _reachable(found: Sequence[Addressee], settings: Settings) -> list[Addressee]:
    """Without those from whose address mail came back."""
    keys = {each.address: address_hash(settings.secret, each.address) for each in found}
    dead = await _dead(keys.values())
    return [each for each in found if keys[each.address] not in dead]


async def _dead(hashes: Iterable[str]) -> set[str]:
    found = DeadAddress.filter(address_hash__in=list(hashes), again_at=None)
    return {str(each) for each in await found.values_list("address_hash", flat=True)}


async def _mail(
    row: NoticeVersion,
    addressee: Addressee,
    pages: dict[tuple[int, str], NoticeMail],
    settings: Settings,
    now: datetime,
) -> Mail:
    code = addressee.language if addressee.language in LANGUAGES else LANGUAGES[0]
    page = pages.get((row.number, code))
    if page is None:
        page = pages[row.number, code] = await _page(row, code, settings)
    return compose(
        "notice-changed",
        addressee,
        page,
        settings=settings,
        purpose=MailPurpose.RIGHTS,
        now=now,
        filled={},
    )


async def _page(row: NoticeVersion, code: str, settings: Settings) -> NoticeMail:
    before = await NoticeVersion.get(number=row.compared_with)
    with speaking(code):
        said = changes(read_content(before.content), read_content(row.content))
    return NoticeMail(
        row.number,
        row.summary.get(code, ""),
        tuple(said),
        f"{settings.base_url}/privacy",
        f"{settings.base_url}/privacy/versions/{row.number}",
    )


def _id(given: object) -> UUID:
    return given if isinstance(given, UUID) else UUID(str(given))
