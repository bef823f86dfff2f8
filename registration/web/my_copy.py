"""A person's own copy of everything: for programs (JSON), and to read (PDF). Always free (P11)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from registration import clock
from registration.accounts.rules import Identity
from registration.edge import Endpoint, get, limit, settings
from registration.edge.limits import Limit
from registration.people import queries as people
from registration.press import TooLong, print_paper
from registration.privacy.export import pieces
from registration.privacy.held import Held, held_in_words
from registration.privacy.held_paper import ROWS, paper_of
from registration.privacy.request_rules import RequestKind
from registration.privacy.requests import note_done
from registration.web.me import OWN, own_id

# Enough for who looks twice; few enough that nobody keeps the machine busy with it.
COPIES = Limit("copies", 10, timedelta(hours=1))
FEWER = 20
NOT_KEPT = {"Cache-Control": "private, no-store"}


async def first_known(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces; what is refused is refused now, before an answer has begun."""
    first = await anext(stream)

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for piece in stream:
            yield piece

    return whole()


def as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', **NOT_KEPT}


async def download(request: Request) -> Response:
    """All that is held on the person, as JSON, sent while it is read: memory stays small."""
    who, person_id = own_id(request)
    await limit(request, COPIES, str(who.account_id))
    now, house = clock.now(), settings(request).organisation
    stream = pieces(
        person_id,
        actor_id=who.account_id,
        house=house.name,
        now=now,
        schedule=house.retention,
    )
    told = await first_known(stream)
    await note_done(RequestKind.ACCESS, person_id, account_id=who.account_id, now=now)
    return StreamingResponse(told, media_type="application/json", headers=as_file("my-data.json"))


async def paper(request: Request) -> Response:
    """The same to read and to print; of long lists the newest. Raises ``SheetsBusy``."""
    who, person_id = own_id(request)
    await limit(request, COPIES, str(who.account_id))
    now, schedule = clock.now(), settings(request).organisation.retention
    held = await held_in_words(person_id, limit=ROWS, schedule=schedule)
    try:
        content = await _printed(request, held, who)
    except TooLong:
        held = await held_in_words(person_id, limit=FEWER, schedule=schedule)
        content = await _printed(request, held, who)
    await note_done(RequestKind.ACCESS, person_id, account_id=who.account_id, now=now)
    return Response(content, media_type="application/pdf", headers=as_file("my-data.pdf"))


async def _printed(request: Request, held: Held, who: Identity) -> bytes:
    house, now = settings(request), clock.now()
    assert who.person_id is not None  # noqa: S101 -- ``own_id`` has checked, narrows for mypy
    contact = await people.contact(who.person_id)
    document = paper_of(held, name=contact.full_name, house=house.organisation, now=now)
    return await print_paper(document, settings=house)


ROUTES: tuple[Endpoint, ...] = (
    get("/me/export.json", download, OWN, fresh=True),
    get("/me/export.pdf", paper, OWN, fresh=True),
)
