"""Most who ticked a box confirmed it; they had one newsletter, and the next is begun."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from registration.db import transaction
from registration.mail.rules import Addressee, MailPurpose, address_hash
from registration.people import gate as people_gate
from registration.people import mailings
from registration.people.consents import confirm
from registration.people.models import Consent
from registration.privacy import gate as privacy_gate
from registration.settings import Settings

# Imported, both stand: a letter is queued only past them.
GATES = (people_gate.allowed, privacy_gate.unrestricted)
SENT = {
    "fi": {
        "subject": "Kevään koulutuspäivät ovat auki",
        "body": "Hei,\n\nkevään päivät on nyt julkaistu:\n\n- turvamiehen kertaukset Oulussa ja"
        " Tampereella\n- ratatyöturvallisuus myös etänä\n\nTervetuloa!",
    },
    "sv": {
        "subject": "Vårens utbildningsdagar är öppna",
        "body": "Hej!\n\nVårens dagar är nu öppna för anmälan:\n\n- repetition för"
        " skyddspersoner i Uleåborg och Tammerfors\n- bansäkerhet även på distans\n\nVälkommen!",
    },
    "en": {
        "subject": "Spring training days are open",
        "body": "Hello,\n\nthe days of this spring are open for sign-up:\n\n- refreshers for"
        " lookouts in Oulu and Tampere\n- track safety, online as well\n\nWelcome!",
    },
}
DRAFT = {
    "fi": {
        "subject": "Sähköradan päivä uudistuu",
        "body": "Hei,\n\nsähköradan koulutuspäivään tulee harjoittelu ratapihalla.",
    }
}


async def confirm_ticks(settings: Settings) -> None:
    """An hour after each tick its link was opened."""
    async with transaction():
        for row in await Consent.filter(confirmed_at=None).select_related("person"):
            if row.address_key == address_hash(settings.secret, row.person.email):
                await confirm([row], now=row.given_at + timedelta(hours=1))


async def write_news(
    writer: Addressee, *, staff_id: UUID, settings: Settings, now: datetime
) -> None:
    """One letter went out a week ago to everybody who said yes; one is a draft."""
    purpose, sent_at = MailPurpose.NEWSLETTER, now - timedelta(days=7)
    letter = await mailings.write(None, purpose, SENT, actor_id=staff_id, now=sent_at)
    await mailings.try_out(letter, writer, language="fi", settings=settings, now=sent_at)
    await mailings.start(letter, actor_id=staff_id, now=sent_at)
    await mailings.send_mailings(settings, now=sent_at)
    await mailings.write(None, purpose, DRAFT, actor_id=staff_id, now=now - timedelta(hours=20))
