"""What a trainer has to do: sessions of today, those whose results are missing, those to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.catalogue.rules import State
from registration.edge import Endpoint, get, page_response, require, roles
from registration.i18n import N_, NATIVE_NAMES, _, text_in
from registration.teaching import queries as teaching
from registration.teaching.queries import AssignedSession, Stage
from registration.web.cards import days_text
from registration.web.said import said_of
from registration.web.standing import DateTile, date_tile_of

# In the order of the page: heading, what it means, which stages.
PARTS: Sequence[tuple[str, str, tuple[Stage, ...]]] = (
    (
        N_("Invitations"),
        N_("You are asked to teach these. You see who takes part once you have accepted."),
        (Stage.INVITED,),
    ),
    (N_("Today"), "", (Stage.TODAY, Stage.RUNNING)),
    (
        N_("Results are missing"),
        N_("The session is over, and somebody's result is not recorded yet."),
        (Stage.TO_RECORD,),
    ),
    (N_("Coming"), "", (Stage.AHEAD,)),
    (
        N_("Recorded"),
        N_("You can still correct what you recorded, until your access ends."),
        (Stage.DONE,),
    ),
    (
        N_("Declined"),
        N_("If you can teach one of these after all, you can still accept it."),
        (Stage.DECLINED,),
    ),
    (N_("No longer open to you"), "", (Stage.CLOSED,)),
)


@dataclass(frozen=True, slots=True)
class SessionCard:
    """``path`` is empty when nothing more is shown; ``refusal`` says why, in words. ``roll`` leads
    to the roll of today, or is empty; ``share`` is how much of the results is recorded, in
    percent."""

    path: str
    roll: str
    title: str
    tile: DateTile
    when: str
    where: str
    language: str
    recipient: str
    people: int
    decided: int
    share: int
    counts: bool
    cancelled: bool
    invited: bool
    declined: bool
    locked: bool
    ends_at: datetime
    refusal: str


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    lead: str
    cards: tuple[SessionCard, ...]


@dataclass(frozen=True, slots=True)
class HomePage:
    parts: tuple[Part, ...]
    to_record: int


async def home(request: Request) -> Response:
    now = clock.now()
    assigned = await teaching.assigned_sessions(require(request).account_id, now=now)
    parts = [
        Part(_(title), _(lead) if lead else "", _cards(assigned, stages))
        for title, lead, stages in PARTS
    ]
    page = HomePage(
        tuple(part for part in parts if part.cards),
        sum(each.stage is Stage.TO_RECORD for each in assigned),
    )
    return page_response(request, "trainer/home.html", page)


def _cards(
    assigned: Sequence[AssignedSession], stages: tuple[Stage, ...]
) -> tuple[SessionCard, ...]:
    """What is over stands with the latest first."""
    chosen = [each for each in assigned if each.stage in stages]
    if Stage.DONE in stages or Stage.CLOSED in stages:
        chosen.reverse()
    return tuple(_card(each) for each in chosen)


def _card(each: AssignedSession) -> SessionCard:
    session, closed = each.session, each.stage is Stage.CLOSED
    asked = each.stage in {Stage.INVITED, Stage.DECLINED}
    path = f"/trainer/sessions/{session.id}"
    cancelled = session.state is State.CANCELLED
    today = each.stage in {Stage.TODAY, Stage.RUNNING} and not cancelled and not each.locked
    return SessionCard(
        path="" if closed else f"{path}/invitation" if asked else path,
        roll=f"{path}/roll" if today else "",
        title=text_in(session.training.title),
        tile=date_tile_of(session.starts_at, zone=session.zone),
        when=days_text(
            [(day.starts_at, day.ends_at) for day in session.days], ZoneInfo(session.zone)
        ),
        where=said_of(session).where,
        language=NATIVE_NAMES.get(session.language, ""),
        recipient=each.recipient,
        people=0 if closed else each.people,
        decided=0 if closed else each.decided,
        share=100 * each.decided // each.people if each.people and not closed else 0,
        counts=not closed and not asked and each.stage is not Stage.AHEAD and each.people > 0,
        cancelled=cancelled,
        invited=each.stage is Stage.INVITED,
        declined=each.stage is Stage.DECLINED,
        locked=each.locked,
        ends_at=each.ends_at,
        refusal=_(each.refusal) if each.refusal else "",
    )


ROUTES: tuple[Endpoint, ...] = (get("/trainer", home, roles(Role.TRAINER)),)
