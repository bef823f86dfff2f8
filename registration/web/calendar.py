"""Calendar files at addresses that cannot be guessed: of one place, or of all that a person has.

The address is the key: calendars fetch it without a login. Who signs up without a login is given
the address of that place only; the address of all places stands on the person's own page, where a
new one can be made, which ends the one before.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.edge import (
    ANYONE,
    Endpoint,
    Of,
    PageNotFound,
    check_limit,
    flash,
    get,
    limit,
    path_text,
    post,
    redirect,
    require,
    roles,
    settings,
)
from registration.edge.limits import MISSED_LOOKUPS
from registration.enrolment import queries as enrolment
from registration.enrolment.calendar import CANCELLED, CONFIRMED, TENTATIVE, Kept, feed, stamped
from registration.enrolment.letters import house
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import PlaceNotFound, PlaceStatus
from registration.i18n import _, language
from registration.people import queries as people
from registration.people.rules import PersonNotFound
from registration.people.service import renew_calendar
from registration.settings import Settings

SALT = "calendar"
PERSON, PLACE = "p", "l"
STATUSES = {
    PlaceStatus.CONFIRMED: CONFIRMED,
    PlaceStatus.ATTENDED: CONFIRMED,
    PlaceStatus.OFFERED: TENTATIVE,
    PlaceStatus.CANCELLED: CANCELLED,
}
# So long a cancelled place is said to be so, for calendars that keep what they no longer hear of.
CANCELLED_FOR = timedelta(days=30)
LONGEST_TOKEN = 200
# Whoever asks shall ask us, every time; that nothing has changed is a short answer.
HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Disposition": 'inline; filename="calendar.ics"',
    "X-Robots-Tag": "noindex, nofollow",
}


def person_url(person_id: UUID, settings: Settings, *, number: int = 0) -> str:
    """The path of the calendar of all the person's places; ``number`` is of the address."""
    return _url(PERSON, f"{person_id.hex}.{number}" if number else person_id.hex, settings)


def place_url(place_id: UUID, settings: Settings) -> str:
    """The path of the calendar of one place."""
    return _url(PLACE, place_id.hex, settings)


def _url(kind: str, about: str, settings: Settings) -> str:
    return f"/calendar/{_signer(settings).dumps(kind + about)}.ics"


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret, salt=SALT)


def read_token(token: str, settings: Settings) -> tuple[str, UUID, int]:
    """What the address is of: its kind, id and number. Raises ``PageNotFound`` for what we never
    gave."""
    if len(token) > LONGEST_TOKEN:
        raise PageNotFound
    try:
        said = str(_signer(settings).loads(token))
        about, _dot, number = said[1:].partition(".")
        return said[:1], UUID(hex=about), int(number or 0)
    except (BadData, ValueError):
        raise PageNotFound from None


async def calendar(request: Request) -> Response:
    check_limit(request, MISSED_LOOKUPS)
    try:
        kind, about, number = read_token(path_text(request, "token"), settings(request))
        places, spoken = await _places(kind, about, number)
    except PageNotFound:
        await limit(request, MISSED_LOOKUPS)
        raise
    now = clock.now()
    content = feed(
        [
            Kept(place.id, place.offering, STATUSES[place.status])
            for place in places
            if _shown(place, now=now)
        ],
        language=spoken,
        house=house(settings(request)),
    )
    # Weak: the files differ in the moment at which they were made.
    headers = HEADERS | {"ETag": f'W/"{sha256(content).hexdigest()[:32]}"'}
    if _known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(
        stamped(content, now), media_type="text/calendar; charset=utf-8", headers=headers
    )


def _shown(place: PlaceLine, *, now: datetime) -> bool:
    if place.status is PlaceStatus.CANCELLED:
        return place.ended_at is not None and now < place.ended_at + CANCELLED_FOR
    return place.status in STATUSES


def _known(request: Request, etag: str) -> bool:
    """Whether the caller has this very content (RFC 9110, 13.1.2; compared weakly)."""
    given = request.headers.get("if-none-match", "")[:1000]
    marks = {each.strip().removeprefix("W/") for each in given.split(",")}
    return "*" in marks or etag.removeprefix("W/") in marks


async def _places(kind: str, about: UUID, number: int) -> tuple[list[PlaceLine], str]:
    try:
        if kind == PLACE:
            return [await enrolment.place(about)], language()
        subscribed = await people.subscription(about)
    except (PlaceNotFound, PersonNotFound):
        raise PageNotFound from None
    if subscribed.number != number:
        raise PageNotFound
    return await enrolment.places_of_person(about), subscribed.language


async def renew(request: Request) -> Response:
    """The person's calendar has a new address, and the one before is no more."""
    who = require(request)
    if who.person_id is None:
        raise PersonNotFound
    await renew_calendar(who.person_id, actor_id=who.account_id, now=clock.now())
    flash(
        request,
        "good",
        _("Your calendar has a new address. Subscribe to it anew: the old one has ended."),
    )
    return redirect("/me")


ROUTES: tuple[Endpoint, ...] = (
    get("/calendar/{token}.ics", calendar, ANYONE, name="calendar", whose=Of.SECRET),
    post("/me/calendar/renew", renew, roles(Role.PARTICIPANT)),
)
