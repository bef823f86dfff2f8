"""Requests as the desk has them: opened, and in hand."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from registration.forms import parse
from registration.people.models import Person
from registration.privacy.request_given import DecisionGiven, IdentityGiven, RequestGiven
from registration.privacy.request_lines import (
    request,
    steps,
)
from registration.privacy.request_rules import (
    Decision,
    Identity,
    State,
)
from registration.privacy.requests import (
    identify,
    match,
    open_request,
)
from tests.builders import NOON

STAFF = uuid4()
LATER = NOON + timedelta(days=3)
YES = DecisionGiven(decision=Decision.GRANTED)
SHOWN = IdentityGiven(how=Identity.ID_SHOWN, seen="driving licence")
WRITTEN = IdentityGiven(how=Identity.SIGNED_LETTER, seen="signature, the address on record")


async def opened(kind: str = "access", channel: str = "letter", **more: object) -> UUID:
    given = parse(RequestGiven, {"kind": kind, "channel": channel, "language": "en"} | more)
    return await open_request(given, actor_id=STAFF, now=NOON)


async def known(person: Person, kind: str = "access", **more: object) -> UUID:
    """In hand: whose it is, and who asks."""
    made = await opened(kind, "letter", **more)
    await match(made, person.id, actor_id=STAFF, now=NOON)
    await identify(made, WRITTEN, actor_id=STAFF, now=NOON)
    return made


async def state_of(request_id: UUID) -> State:
    return (await request(request_id)).line.state


async def acts(request_id: UUID) -> list[str]:
    return [step.act.removeprefix("request-") for step in await steps(request_id)]
