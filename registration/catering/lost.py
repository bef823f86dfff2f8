"""Guests whose food restrictions are not there any more though the event is still to come: they are
asked again, once, by mail, in their language, without a word of what they had said.

That is so after a restored backup, which holds no diets (P5), and when an event was moved so far
that its diets went before it (P4).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from registration.accounts.rules import Identity
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine
from registration.catering.models import SealedDiet
from registration.catering.rules import NotYourEvent, may_give
from registration.db import transaction
from registration.enrolment import queries as enrolment
from registration.enrolment.letters import News, Told, letter
from registration.enrolment.models import Place
from registration.enrolment.queries import PlaceLine
from registration.enrolment.service import drop_diet_tokens
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.mail.service import queue_many
from registration.settings import Settings


async def lost_diets(event: EventLine, *, now: datetime) -> list[PlaceLine]:
    """Guests, by name, who told food restrictions that are not stored, while the form for them is
    open. A key that is lost alone is not seen here: the kitchen sheet counts those."""
    if not may_give(catalogue.event_offering(event), now=now):
        return []
    # The register first: what is signed up for meanwhile had its diet stored before.
    held = await enrolment.diet_tokens(event.seating_id)
    stored = {row.token for row in await SealedDiet.filter(event_id=event.id).only("token")}
    missing = [place for token, place in held.items() if token not in stored]
    return sorted(missing, key=lambda place: (place.name.casefold(), place.id))


async def ask_again(
    event_id: UUID, *, identity: Identity, settings: Settings, now: datetime
) -> int:
    """Whoever ``lost_diets`` names has a mail that asks again, and is not named any more; says how
    many. A second call asks nobody twice. Raises ``NotYourEvent``, ``EventNotFound``."""
    if not identity.organises(event_id):
        raise NotYourEvent
    event = await catalogue.event(event_id)
    missing = [place.id for place in await lost_diets(event, now=now)]
    async with transaction():
        asked = await ask(event, missing, settings=settings, now=now)
        if asked:
            note = Note(count=asked, purpose="asked-again")
            actor = identity.account_id
            await record(Act.DIETS_ASKED, now=now, actor_id=actor, object_id=event_id, note=note)
    return asked


async def ask(
    event: EventLine, place_ids: Sequence[UUID], *, settings: Settings, now: datetime
) -> int:
    """Those of the places that still name a diet name none, and their guests are asked again; in
    the transaction of the caller."""
    offering = catalogue.event_offering(event)
    async with transaction():
        places = await Place.filter(
            id__in=list(place_ids), current=True, diet_token__not_isnull=True
        ).select_related("person")
        await drop_diet_tokens([place.id for place in places])
        await queue_many(
            [
                letter(
                    News.DIET_AGAIN,
                    offering,
                    Told.of(place.id, place.person),
                    settings=settings,
                    now=now,
                    seated=False,  # nothing of the calendar has changed
                )
                for place in places
            ]
        )
    return len(places)
