"""What the demo's people asked about their data: by letter, at a visit and by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from registration.people.overview import found_by
from registration.people.rules import Contact
from registration.privacy.answering import answer, question, take_in
from registration.privacy.copies import handed_out
from registration.privacy.request_given import DecisionGiven, IdentityGiven, RequestGiven
from registration.privacy.request_rules import (
    Behalf,
    Channel,
    Decision,
    Ground,
    Identity,
    RequestKind,
)
from registration.privacy.requests import decide, identify, match, note_done
from registration.settings import Settings

LETTER = IdentityGiven(how=Identity.SIGNED_LETTER, seen="Allekirjoitus ja osoite rekisterissä")
SHOWN = IdentityGiven(how=Identity.ID_SHOWN, seen="Ajokortti")


async def ask_desk(
    people: list[Contact], *, staff_id: UUID, settings: Settings, now: datetime
) -> None:
    """One request in each state, the oldest of those that wait a day late."""
    desk = _Desk(staff_id, settings, now)
    anna, bertil, carita, doris, erkki = people[:5]
    await desk.copied(anna, days=200)
    late = await desk.take(
        bertil,
        RequestKind.ERASURE,
        days=32,
        asked="Poistakaa kaikki tietoni. En enää työskentele radalla.",
    )
    await desk.match(late, bertil, days=31)
    waiting = await desk.take(
        carita,
        RequestKind.ACCESS,
        days=24,
        channel=Channel.MAIL,
        language="sv",
        asked="Jag vill veta allt ni har om mig.",
    )
    await question(waiting, actor_id=staff_id, settings=settings, now=now - timedelta(days=22))
    ready = await desk.take(
        anna,
        RequestKind.ACCESS,
        days=9,
        asked="Pyydän jäljennöksen kaikista tiedoistani, myös kouluttajan sanoista.",
    )
    await desk.match(ready, anna, days=8)
    await identify(ready, LETTER, actor_id=staff_id, now=now - timedelta(days=8))
    refused = await desk.take(doris, RequestKind.ERASURE, days=60, channel=Channel.VISIT)
    await desk.refused(refused, doris, days=55)
    await take_in(
        RequestGiven(
            kind=RequestKind.OTHER,
            channel=Channel.LETTER,
            language="fi",
            received_on=(now - timedelta(days=3)).date(),
            asked="Isäni on kuollut. Mitä hänestä on teillä tallessa?",
            asker_name="Hilkka Perikunta",
            behalf=Behalf.ESTATE,
        ),
        actor_id=staff_id,
        settings=settings,
        now=now - timedelta(days=3),
    )
    [erkkis] = await found_by(erkki.email)
    await note_done(RequestKind.RECTIFICATION, erkkis, now=now - timedelta(days=2))


class _Desk:
    def __init__(self, staff_id: UUID, settings: Settings, now: datetime) -> None:
        self.staff_id, self.settings, self.now = staff_id, settings, now

    async def take(
        self,
        contact: Contact,
        kind: RequestKind,
        *,
        days: int,
        channel: Channel = Channel.LETTER,
        language: str = "fi",
        asked: str = "",
    ) -> UUID:
        given = RequestGiven(
            kind=kind,
            channel=channel,
            language=language,
            asked=asked,
            asker_name=contact.full_name,
            asker_email=contact.email if channel is Channel.MAIL else None,
        )
        at = self.now - timedelta(days=days)
        return await take_in(given, actor_id=self.staff_id, settings=self.settings, now=at)

    async def match(self, request_id: UUID, contact: Contact, *, days: int) -> None:
        [person_id] = await found_by(contact.email)
        at = self.now - timedelta(days=days)
        await match(request_id, person_id, actor_id=self.staff_id, now=at)

    async def copied(self, contact: Contact, *, days: int) -> None:
        """Asked, shown and handed over in one visit."""
        made = await self.take(contact, RequestKind.ACCESS, days=days, channel=Channel.VISIT)
        at = self.now - timedelta(days=days)
        await self.match(made, contact, days=days)
        await identify(made, SHOWN, actor_id=self.staff_id, now=at)
        given = DecisionGiven(decision=Decision.GRANTED)
        await decide(made, given, actor_id=self.staff_id, now=at)
        await handed_out(made, actor_id=self.staff_id, now=at)
        await answer(made, Channel.VISIT, actor_id=self.staff_id, settings=self.settings, now=at)

    async def refused(self, request_id: UUID, contact: Contact, *, days: int) -> None:
        at = self.now - timedelta(days=days)
        await self.match(request_id, contact, days=days)
        await identify(request_id, SHOWN, actor_id=self.staff_id, now=at)
        given = DecisionGiven(
            decision=Decision.REFUSED,
            ground=Ground.DUTY,
            because="Turvallisuuskoulutuksen todistus on voimassa, ja tilaajan on voitava "
            "tarkistaa se.",
        )
        await decide(request_id, given, actor_id=self.staff_id, now=at)
        await answer(
            request_id, Channel.VISIT, actor_id=self.staff_id, settings=self.settings, now=at
        )
