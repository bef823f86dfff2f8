"""Calendar files at addresses that cannot be guessed: of one place, or of all that a person has.

The address is the key: calendars fetch it without a login. Who signs up without a login is given
the address of that place only; the address of all places stands on the person's own page.
"""

from __future__ import annotations

from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import ANYONE, Endpoint, Of, PageNotFound, get, path_text, settings
from registration.enrolment import queries as enrolment
from registration.enrolment.calendar import feed
from registration.enrolment.letters import house
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import PlaceNotFound, PlaceStatus
from registration.i18n import language
from registration.people import queries as people
from registration.people.rules import PersonNotFound
from registration.settings import Settings

SALT = "calendar"
PERSON, PLACE = "p", "l"
SHOWN = frozenset({PlaceStatus.CONFIRMED, PlaceStatus.ATTENDED, PlaceStatus.OFFERED})
LONGEST_TOKEN = 200


def person_url(person_id: UUID, settings: Settings) -> str:
    """The path of the calendar of all the person's places."""
    return _url(PERSON, person_id, settings)


def place_url(place_id: UUID, settings: Settings) -> str:
    """The path of the calendar of one place."""
    return _url(PLACE, place_id, settings)


def _url(kind: str, about: UUID, settings: Settings) -> str:
    return f"/calendar/{_signer(settings).dumps(kind + about.hex)}.ics"


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret, salt=SALT)


def read_token(token: str, settings: Settings) -> tuple[str, UUID]:
    """What the address is of: its kind and id. Raises ``PageNotFound`` for what we never gave."""
    if len(token) > LONGEST_TOKEN:
        raise PageNotFound
    try:
        said = _signer(settings).loads(token)
        return str(said)[:1], UUID(hex=str(said)[1:])
    except (BadData, ValueError):
        raise PageNotFound from None


async def calendar(request: Request) -> Response:
    kind, about = read_token(path_text(request, "token"), settings(request))
    places, spoken = await _places(kind, about)
    content = feed(
        [(place.id, place.offering) for place in places if place.status in SHOWN],
        language=spoken,
        house=house(settings(request)),
        now=clock.now(),
    )
    return Response(
        content,
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'inline; filename="calendar.ics"'},
    )


async def _places(kind: str, about: UUID) -> tuple[list[PlaceLine], str]:
    try:
        if kind == PLACE:
            return [await enrolment.place(about)], language()
        contact = await people.contact(about)
    except (PlaceNotFound, PersonNotFound):
        raise PageNotFound from None
    return await enrolment.places_of_person(about), contact.language


ROUTES: tuple[Endpoint, ...] = (
    get("/calendar/{token}.ics", calendar, ANYONE, name="calendar", whose=Of.SECRET),
)
