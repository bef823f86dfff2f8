"""People who say yes and no, and mail that asks whether it may go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import httpx

from registration import clock
from registration.accounts.logins import new_link
from registration.db import transaction
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose
from registration.people.consents import Refusals, Tick, note_ticks
from registration.people.models import Person
from registration.people.news import news_mail
from registration.people.rules import Purpose, Source
from registration.settings import Settings
from tests.builders import NOON

TEXTS = {"en": {"subject": "New dates", "body": "Come and see: https://registration.example/"}}


async def tick(
    person: Person,
    *purposes: Purpose,
    settings: Settings,
    proven: bool = False,
    source: Source = Source.SELF,
    now: datetime = NOON,
) -> Refusals:
    """The person ticks these; ``proven``: logged in by a link to their address."""
    made = Tick(person.id, person.email, person.language, purposes, source, now, proven)
    async with transaction():
        return await note_ticks([made], secret=settings.secret)


def news(
    person: Person,
    settings: Settings,
    *,
    purpose: MailPurpose = MailPurpose.NEWSLETTER,
    now: datetime | None = None,
) -> Mail:
    """A newsletter to the person, unsaved."""
    name = f"{person.first_name} {person.last_name}"
    return compose(
        "news",
        Addressee(person.email, name, "en", person.id),
        news_mail(TEXTS, "en", purpose),
        settings=settings,
        purpose=purpose,
        now=now or clock.now(),
    )


async def log_in_by_mail(client: httpx.AsyncClient, account_id: UUID) -> None:
    """The client is logged in by a link that was mailed, so that the address is proven."""
    path = await new_link(account_id, confirmed=True, life=timedelta(minutes=15), now=clock.now())
    answer = await client.post(path)
    assert answer.status_code == 303


async def purposes_of_mails(state: str = "queued") -> Sequence[str]:
    rows = await Mail.filter(state=state).order_by("queued_at")
    return [row.purpose for row in rows]
