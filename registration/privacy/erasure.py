"""Erasing a person: everything but what a duty or an authority keeps, with the reason (P11, P13).

The order of what is done matters. All of the register goes in one transaction: uploaded lists, then
seats, then the person's own row are locked, as those do it who write them, and only then is asked
what must stay. Diets, which are in another database, go right after it: who is not erased because
something failed is still a guest, and the kitchen must know.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tortoise.exceptions import BaseORMException

from registration import i18n
from registration.accounts.models import Account
from registration.catering.service import let_go_of_diets, take_back
from registration.companies.models import Application
from registration.db import after_commit, scrub, transaction
from registration.enrolment import queries as enrolment
from registration.enrolment import service as enrolment_service
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import By, PlaceStatus
from registration.enrolment.rules import Why as Because
from registration.enrolment.unlisting import Listed, take_off_lists
from registration.errors import Conflict
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose, MailState
from registration.mail.service import compose, queue
from registration.people.models import Person
from registration.people.rules import PersonNotFound, forget_typed, name_key
from registration.privacy.datamap import DATA_MAP, Erasure
from registration.privacy.export import model_of
from registration.privacy.gone import note
from registration.privacy.gone_list import GoneRefused
from registration.privacy.holds import held
from registration.privacy.models import Gone
from registration.privacy.remains import leave_counts
from registration.privacy.request_forgetting import TABLES as REQUESTS
from registration.privacy.request_forgetting import forget as forget_requests
from registration.privacy.staying import (
    PLACES,
    Stay,
    Staying,
    emptied_value,
    erasing_order,
    staying,
)
from registration.privacy.stays import Stays, lines_of, what_stays
from registration.qualifications.workforce import forget_sorted
from registration.settings import Settings

__all__ = ["Erased", "Stays", "StillRunning", "erase", "erase_again", "what_stays"]

# The last mail is of use for so long; then it leaves the outbox, sent or not.
LAST_MAIL_LIFE = timedelta(days=3)
LAST_MAIL = "erased"
# What stays for an authority is ended all the same: the column that says so, by table.
ENDED_BY = {
    "account": "ended_at",
    "login": "revoked_at",
    "login_link": "used_at",
    "api_token": "revoked_at",
    "account_grant": "ends_at",
    "employment": "until",
    "consent": "withdrawn_at",
    "interest": "told_at",
}
WAITING = (MailState.QUEUED.value, MailState.UNSURE.value)


class StillRunning(Conflict):
    message = N_(
        "A training that you take part in is under way. Ask again when it has ended, "
        "or write to the privacy contact."
    )


@dataclass(frozen=True, slots=True)
class Erased:
    """``kept``: how many training records stay, because somebody must be able to prove them;
    ``stays``: all that does, in the language now spoken, without what must not be told."""

    kept: int
    stays: Stays


@dataclass(frozen=True, slots=True)
class ErasedMail:
    """The last mail: what stays and why."""

    stays: Stays


async def erase(
    person_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> Erased:
    """Nothing is held on the person but what a duty keeps of completed trainings, for those the
    name and company, and what an authority requires.

    Places to come are cancelled first, so that their seats are free. The person is told by a last
    mail. Should this process die on the way, nothing has happened, or the jobs do the rest. When
    all is done a second call changes nothing. Raises ``PersonNotFound``, ``StillRunning``.
    """
    if not await Person.filter(id=person_id).exists():
        raise PersonNotFound
    _check_none_runs(await enrolment.places_of_person(person_id), now=now)
    erased, _changed = await _erase(
        person_id, actor_id=actor_id, settings=settings, now=now, again=False
    )
    # If it cannot be now, the job that keeps the list tries again, and says what is wrong.
    with suppress(GoneRefused, OSError):
        await note(settings, person_id, now=now)
    return erased


async def erase_again(person_id: UUID, *, settings: Settings, now: datetime) -> bool:
    """Of somebody who was erased before nothing is held: what a restored copy brought back, what
    came in at the moment of the erasure, what was held until now. Nobody is written to. Says
    whether there was anything."""
    _erased, changed = await _erase(
        person_id, actor_id=None, settings=settings, now=now, again=True
    )
    return changed


def _check_none_runs(places: list[PlaceLine], *, now: datetime) -> None:
    for place in places:
        stands = place.status is not PlaceStatus.CANCELLED and place.offering.kind == "session"
        if stands and place.offering.starts_at <= now < place.offering.ends_at:
            raise StillRunning


async def _erase(
    person_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime, again: bool
) -> tuple[Erased, bool]:
    async with transaction():
        listed = await _let_go(
            person_id, actor_id=actor_id, settings=settings, now=now, again=again
        )
        person = await Person.filter(id=person_id).select_for_update().first()
        diets = await let_go_of_diets(person_id)
        holds = (await held([person_id])).get(person_id, ())
        found = await staying(
            person_id, holds, schedule=settings.organisation.retention, today=now.date()
        )
        told = [hold for hold in holds if not hold.silent]
        stays = Stays(await lines_of(found, told))
        first = not await Gone.filter(subject_id=person_id).exists()
        if first and not again and person is not None and person.email:
            with i18n.speaking(person.language):
                said = Stays(await lines_of(found, told))
            await _write_last(person, said, settings=settings, now=now)
        touched = await _delete(person_id, person, found, now=now) | listed
        await _remember(person_id, found, now=now)
        if first or touched:
            note = Note(count=len(found.proven))
            await record(
                Act.PERSON_ERASED, now=now, actor_id=actor_id, subject_id=person_id, note=note
            )
        after_commit(forget_in_memory)
    # If it cannot be now, the job that deletes what no place holds does it.
    with suppress(BaseORMException, OSError):
        await take_back(diets, settings=settings, now=now)
    if first or touched:
        await scrub(sorted(touched))
    return Erased(len(found.proven), stays), bool(touched)


async def _let_go(
    person_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime, again: bool
) -> set[str]:
    """The person is on no list and has no place to come, and whoever waits has the seat. Says
    which tables said something of them besides."""
    person = await Person.get_or_none(id=person_id)
    listed = 0
    if person is not None and person.email:
        listed = await take_off_lists(
            Listed(person.id, person.first_name, person.last_name, person.email)
        )
    places = await enrolment.places_of_person(person_id)
    if not again:
        _check_none_runs(places, now=now)
    # In one order, so that two who are erased at once do not wait for each other.
    for place in sorted(places, key=lambda place: place.offering.seating_id):
        if place.status is PlaceStatus.CANCELLED or place.offering.ends_at <= now:
            continue
        if place.offering.starts_at <= now and place.offering.kind == "session":
            continue
        await enrolment_service.cancel(
            place.id,
            actor_id=actor_id,
            settings=settings,
            now=now,
            by=By.STAFF,
            why=Because.AGREED if _is_late(place, now=now) else None,
        )
    return {"upload"} if listed else set()


def _is_late(place: PlaceLine, *, now: datetime) -> bool:
    """Whether only staff could still cancel: the right to be erased is not bound to that."""
    last = place.offering.terms.cancels_until
    return last is not None and last <= now


async def _write_last(person: Person, stays: Stays, *, settings: Settings, now: datetime) -> None:
    """Bound to nobody, so that it can still be sent. Where no mail is sent none may be left."""
    if not settings.smtp_url and not settings.demo:
        return
    name = f"{person.first_name} {person.last_name}"
    await queue(
        compose(
            LAST_MAIL,
            Addressee(person.email, name, person.language),
            ErasedMail(stays),
            settings=settings,
            purpose=MailPurpose.RIGHTS,
            now=now,
            drop_at=now + LAST_MAIL_LIFE,
        )
    )


async def _delete(
    person_id: UUID, person: Person | None, found: Staying, *, now: datetime
) -> set[str]:
    """What stays is emptied of all that need not stay. Says in which tables anything was there."""
    wholly = any(not hold.table and not hold.columns for hold in found.holds)
    touched = set() if wholly else await _delete_loose(person_id, person)
    places = await model_of(PLACES).filter(person_id=person_id).values_list("id", flat=True)
    gone = {UUID(str(each)) for each in places} - set(found.ids(PLACES))
    await leave_counts(sorted(gone))
    for name in erasing_order():
        rows = model_of(name).filter(**{DATA_MAP[name].subject: person_id})
        kept = found.rows.get(name, {})
        if await rows.exclude(id__in=list(kept)).delete() if kept else await rows.delete():
            touched.add(name)
        for row_id, stay in kept.items():
            if await _empty(name, row_id, stay, now=now):
                touched.add(name)
        await _end(name, list(kept), now=now)
    return touched if wholly else touched | await _quieten(person_id, now=now)


async def _quieten(person_id: UUID, *, now: datetime) -> set[str]:
    """What stays under an id that leads nowhere says nothing any more."""
    touched: set[str] = set()
    for name, table in DATA_MAP.items():
        pseudonymous = table.erasure is Erasure.PSEUDONYMOUS and table.blanked
        if not pseudonymous or name in REQUESTS:
            continue
        rows = model_of(name).filter(**{table.subject: person_id})
        for each in await rows.values_list("id", flat=True):
            if await _empty(name, UUID(str(each)), Stay(frozenset(table.blanked)), now=now):
                touched.add(name)
    if await forget_requests(person_id, now=now):
        touched |= REQUESTS
    return touched


async def _delete_loose(person_id: UUID, person: Person | None) -> set[str]:
    """Mail to the person's account or address, and their own applications for a company."""
    touched: set[str] = set()
    accounts = await Account.filter(person_id=person_id).values_list("id", flat=True)
    if accounts and await Mail.filter(account_id__in=list(accounts)).delete():
        touched.add("mail")
    if person is None or not person.email:
        return touched
    name = f"{person.first_name} {person.last_name}"
    shared = await _is_shared(person)
    loose = Mail.filter(address=person.email, person_id=None, account_id=None)
    for mail in await loose.exclude(template=LAST_MAIL):
        if name in mail.body_text or not shared:
            await Mail.filter(id=mail.id).delete()
            touched.add("mail")
    for asked in await Application.filter(email=person.email):
        if name_key(asked.name, "") == name_key(person.first_name, person.last_name):
            await Application.filter(id=asked.id).delete()
            touched.add("company_application")
    return touched


async def _is_shared(person: Person) -> bool:
    """Whether the address may be somebody else's as well."""
    return (
        await Person.filter(email=person.email).exclude(id=person.id).exists()
        or await Account.filter(email=person.email, person_id=None).exists()
        or await Application.filter(email=person.email).exists()
    )


async def _empty(table: str, row_id: UUID, stay: Stay, *, now: datetime) -> bool:
    """The row holds nothing but what stays; says whether it held more."""
    model = model_of(table)
    columns = stay.emptied - {ENDED_BY.get(table, "")}
    new = {column: emptied_value(model, column) for column in columns}
    if table == "person":
        # Whoever signs up anew is somebody else: the key is no name any more.
        new["name_key"] = str(row_id)
        if "language" in new:
            new["language"] = i18n.LANGUAGES[0]
    if not new:
        return False
    [row] = await model.filter(id=row_id).values(*new)
    new = {column: value for column, value in new.items() if row[column] != value}
    if not new:
        return False
    if table == "person":
        new["changed_at"] = now
        if "name_key" in new:
            number = await Person.get(id=row_id).only("calendar_number")
            new["calendar_number"] = number.calendar_number + 1
    await model.filter(id=row_id).update(**new)
    return True


async def _end(table: str, ids: list[UUID], *, now: datetime) -> None:
    """What stays for an authority lets nobody in, and nothing is sent by it."""
    if not ids:
        return
    rows = model_of(table).filter(id__in=ids)
    if column := ENDED_BY.get(table):
        more: dict[str, object] = {"login_email": None} if table == "account" else {}
        await rows.filter(**{column: None}).update(**{column: now}, **more)
    if table == "mail":
        await rows.filter(state__in=WAITING).update(state=MailState.DROPPED.value, next_try_at=None)


async def _remember(person_id: UUID, found: Staying, *, now: datetime) -> None:
    """So that no restored copy brings the person back (see ``gone``)."""
    known = Gone.filter(subject_id=person_id)
    if not await known.update(waits=found.for_now):
        await Gone.create(id=uuid4(), subject_id=person_id, erased_at=now, waits=found.for_now)


def forget_in_memory() -> None:
    """What this process remembers of what people typed, to be quicker, is forgotten."""
    forget_typed()
    forget_sorted()
