"""A caterer's link: counts for one kitchen, read-only, with an end of its own (P3, P15)."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field
from tortoise.expressions import F

from registration.accounts.rules import Identity
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine
from registration.catalogue.rules import EventNotFound, State
from registration.catering.models import CatererLink
from registration.catering.rules import (
    DietsClosed,
    DietsDeleted,
    NotCatered,
    NotYourEvent,
)
from registration.catering.sealing import new_token
from registration.catering.sheets import Handed, Road, handed_now, last_handed
from registration.catering.store import locked_vault
from registration.db import dietary_transaction, transaction
from registration.errors import Conflict, FieldError, Invalid, NotFound
from registration.forms import Command
from registration.i18n import N_, format_moment
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.people.rules import Line
from registration.settings import Settings

AFTER_THE_EVENT = timedelta(days=1)
MOST_LINKS = 20


class CatererLinkNotFound(NotFound):
    message = N_("This link is not in use. Ask the organiser of the event for a new one.")


class TooManyLinks(Conflict):
    message = N_("This event has {most} links in use. End one first.")


class LinkEndsWrong(Invalid):
    message = N_("The link must end after now, and by {latest}, when food restrictions go.")

    def __init__(self, latest: str) -> None:
        super().__init__(FieldError("ends_at", "window", self.message, {"latest": latest}))


class LinkGiven(Command):
    """For whom a link is; ``ends_at`` absent: a day after the event, or when the diets go."""

    caterer: Annotated[Line, Field(min_length=1, max_length=120)]
    ends_at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class LinkLine:
    """``ends_at`` is the moment from which it leads nowhere."""

    id: UUID
    caterer: str
    made_at: datetime
    ends_at: datetime
    revoked_at: datetime | None
    openings: int
    opened_at: datetime | None
    in_use: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """What a caterer sees. ``before``: the version that had left the house last, or None."""

    caterer: str
    ends_at: datetime
    event: EventLine
    handed: Handed
    before: Handed | None


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def latest_end(event: EventLine) -> datetime:
    """When a link ends by itself: a day after the event, and never after the diets."""
    end = event.ends_at + AFTER_THE_EVENT
    return min(end, event.erase_at) if event.erase_at else end


async def make_link(event_id: UUID, given: LinkGiven, *, identity: Identity, now: datetime) -> str:
    """A new link's secret, which is kept nowhere else. On record.

    Raises ``NotYourEvent``, ``NotCatered``, ``DietsDeleted``, ``DietsClosed``, ``LinkEndsWrong``,
    ``TooManyLinks``.
    """
    event = await _own(event_id, identity)
    if not event.catered or event.erase_at is None:
        raise NotCatered
    if event.diets_deleted_at is not None:
        raise DietsDeleted(date=format_moment(event.diets_deleted_at, zone=ZoneInfo(event.zone)))
    ends_at = given.ends_at or latest_end(event)
    if not now < ends_at <= event.erase_at:
        raise LinkEndsWrong(format_moment(event.erase_at, zone=ZoneInfo(event.zone)))
    secret = new_token()
    async with dietary_transaction():
        vault = await locked_vault(event_id)
        if vault is not None and vault.closed_at is not None:
            raise DietsClosed  # its deletion has begun, and would not see this link
        in_use = CatererLink.filter(event_id=event_id, revoked_at=None, ends_at__gt=now)
        if await in_use.count() >= MOST_LINKS:
            raise TooManyLinks(most=MOST_LINKS)
        await CatererLink.create(
            id=uuid4(),
            event_id=event_id,
            secret_hash=_hash(secret),
            caterer=given.caterer,
            made_by=identity.account_id,
            made_at=now,
            ends_at=ends_at,
        )
    await _record(Act.CATERER_LINK_MADE, event_id, identity.account_id, now=now)
    return secret


async def revoke_link(event_id: UUID, link_id: UUID, *, identity: Identity, now: datetime) -> None:
    """The link leads nowhere from now on; again: nothing more. Raises ``NotYourEvent``,
    ``CatererLinkNotFound``."""
    await _own(event_id, identity)
    found = await CatererLink.get_or_none(id=link_id, event_id=event_id)
    if found is None:
        raise CatererLinkNotFound
    if await CatererLink.filter(id=link_id, revoked_at=None).update(revoked_at=now):
        await _record(Act.CATERER_LINK_REVOKED, event_id, identity.account_id, now=now)


async def links_of(event_id: UUID, *, identity: Identity, now: datetime) -> Sequence[LinkLine]:
    """For the organisers, the newest first. Raises ``NotYourEvent``, ``EventNotFound``."""
    event = await _own(event_id, identity)
    rows = await CatererLink.filter(event_id=event_id).order_by("-made_at", "id")
    return [_line(row, event, now=now) for row in rows]


async def open_link(secret: str, *, settings: Settings, now: datetime) -> Opened:
    """What the kitchen sees, on record with its count and without any guest.

    Raises ``CatererLinkNotFound`` for a link that never was, has ended or was revoked: whoever
    guesses learns nothing.
    """
    wanted = _hash(secret)
    row = await CatererLink.get_or_none(secret_hash=wanted)
    if row is None or not hmac.compare_digest(row.secret_hash, wanted):
        raise CatererLinkNotFound
    try:
        event = await catalogue.event(row.event_id)
    except EventNotFound:
        raise CatererLinkNotFound from None
    link = _line(row, event, now=now)
    if not link.in_use:
        raise CatererLinkNotFound
    try:
        before = await last_handed(event, settings=settings, now=now)
        handed = await handed_now(event, Road.CATERER, made_by=None, settings=settings, now=now)
    except DietsClosed:  # their deletion has begun
        raise CatererLinkNotFound from None
    await CatererLink.filter(id=row.id).update(openings=F("openings") + 1, opened_at=now)
    await _record(Act.CATERER_LINK_OPENED, event.id, None, now=now, count=handed.version)
    return Opened(row.caterer, link.ends_at, event, handed, before)


async def _own(event_id: UUID, identity: Identity) -> EventLine:
    if not identity.organises(event_id):
        raise NotYourEvent
    return await catalogue.event(event_id)


def _line(row: CatererLink, event: EventLine, *, now: datetime) -> LinkLine:
    """An event that was moved, cancelled or cleared since takes its links along."""
    ends_at = min(row.ends_at, event.erase_at or row.made_at)
    stands = event.catered and event.state is not State.CANCELLED and not event.diets_deleted_at
    return LinkLine(
        id=row.id,
        caterer=row.caterer,
        made_at=row.made_at,
        ends_at=ends_at,
        revoked_at=row.revoked_at,
        openings=row.openings,
        opened_at=row.opened_at,
        in_use=stands and row.revoked_at is None and now < ends_at,
    )


async def _record(
    act: Act, event_id: UUID, actor_id: UUID | None, *, now: datetime, count: int | None = None
) -> None:
    async with transaction():
        await record(
            act,
            now=now,
            actor_id=actor_id,
            object_id=event_id,
            note=Note(fields=("counts",), count=count, purpose="kitchen"),
        )
