"""Values as people write them: names instead of ids, words instead of codes, dates as dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from uuid import UUID

import orjson
from babel import Locale

from registration.accounts.models import Account, Grant
from registration.accounts.rules import Role
from registration.catalogue import queries as catalogue
from registration.catalogue.models import Event, SessionDay, Training
from registration.companies import queries as companies
from registration.enrolment.models import Place
from registration.i18n import (
    N_,
    NATIVE_NAMES,
    _,
    format_date,
    format_moment,
    format_money,
    format_number,
    language,
    text_in,
)
from registration.ledger.words import said as act_said
from registration.people.rules import show_phone
from registration.privacy.datamap import DATA_MAP
from registration.privacy.held_codes import CODES, FIELDS
from registration.privacy.held_reading import Reading, Row
from registration.privacy.held_words import ACTORS
from registration.privacy.seen import FIELDS as SHOWN
from registration.teaching import queries as teaching
from registration.teaching.models import Assignment

LONGEST = 2_000
_GAPS = re.compile(r"\n\s*\n\s*")
# Who did something, as a stable word for programs and in words for people.
YOU, GONE = "you", "somebody"
ACTOR_WORDS: Mapping[str, str] = {
    YOU: N_("You"),
    Role.STAFF: N_("Our staff"),
    Role.ORGANISER: N_("An organiser of ours"),
    Role.COORDINATOR: N_("A contact person of a company"),
    Role.TRAINER: N_("A trainer"),
    GONE: N_("Somebody who no longer has an account here"),
}
_OF_COMPANY = N_("A contact person of {name}")
_OF_SCHOOL = N_("A trainer of {name}")


@dataclass(frozen=True, slots=True)
class Actor:
    """``role`` is a key of ``ACTOR_WORDS``; ``of`` names their company or organisation."""

    role: str
    of: str = ""

    def said(self) -> str:
        if self.of and self.role in {Role.COORDINATOR, Role.TRAINER}:
            form = _OF_COMPANY if self.role == Role.COORDINATOR else _OF_SCHOOL
            return _(form, name=self.of)
        return _(ACTOR_WORDS[self.role])


@dataclass(slots=True)
class Names:
    """What the ids of some rows mean."""

    actors: dict[UUID, Actor] = field(default_factory=dict)
    things: dict[UUID, str] = field(default_factory=dict)


async def names_of(reading: Reading, rows: Sequence[Row]) -> Names:
    """In a constant number of queries, whatever the number of rows."""

    def ids(*columns: str) -> set[UUID]:
        return {
            value for row in rows for each in columns if isinstance(value := row.get(each), UUID)
        }

    things = await _offerings(ids("place_id"), ids("seating_id"), ids("session_id"))
    things |= await _holders(ids("company_id"), ids("recipient_id"), ids("scope_id"))
    if trainings := ids("training_id"):
        for training in await Training.filter(id__in=list(trainings)):
            things[training.id] = text_in(training.title)
    if days := ids("day_id"):
        for day in await SessionDay.filter(id__in=list(days)):
            things[day.id] = format_date(day.starts_at)
    return Names(await actors(ids(*ACTORS), own=reading.own), things)


async def _offerings(
    places: set[UUID], seatings: set[UUID], sessions: set[UUID]
) -> dict[UUID, str]:
    """Title and first day, by the id of a place, a seating or a session."""
    rows = await Place.filter(id__in=list(places)).values_list("id", "seating_id") if places else []
    at = {UUID(str(place)): UUID(str(seating)) for place, seating in rows}
    offerings = await catalogue.offerings_by_seating([*at.values(), *seatings])
    found = {key: _title(each.title, each.starts_at) for key, each in offerings.items()}
    found |= {place: found.get(seating, "") for place, seating in at.items()}
    if sessions:
        lines = await catalogue.sessions_by_id(list(sessions))
        found |= {key: _title(line.training.title, line.starts_at) for key, line in lines.items()}
    return found


def _title(title: Mapping[str, str], starts_at: datetime) -> str:
    return f"{text_in(title)}, {format_date(starts_at)}"


async def _holders(firms: set[UUID], recipients: set[UUID], scopes: set[UUID]) -> dict[UUID, str]:
    """Names of companies, trainer organisations and events."""
    found: dict[UUID, str] = {}
    if firms or recipients or scopes:
        found |= await companies.names([*firms, *recipients, *scopes])
    if recipients:
        found |= await teaching.recipient_names(recipients)
    if scopes:
        events = await Event.filter(id__in=list(scopes))
        found |= {event.id: text_in(event.title) for event in events}
    return found


async def actors(ids: Iterable[UUID], *, own: frozenset[UUID]) -> dict[UUID, Actor]:
    """In what part each of these acts, never who it is."""
    wanted = set(ids)
    found = {each: Actor(YOU) for each in wanted & own}
    others = list(wanted - own)
    if not others:
        return found
    known = await Account.filter(id__in=others).values_list("id", flat=True)
    here = {UUID(str(each)) for each in known}
    grants = await Grant.filter(account_id__in=list(here)).order_by("starts_at", "id")
    names = await companies.names([each.scope_id for each in grants if each.scope_id])
    schools = await Assignment.filter(account_id__in=list(here)).select_related("recipient")
    teaches = {each.account_id: each.recipient.name for each in schools}
    roles: dict[UUID, Actor] = {}
    for each in grants:
        before = roles.get(each.account_id)
        if before is not None and before.role == Role.STAFF:
            continue
        of = names.get(each.scope_id, "") if each.scope_id else ""
        if each.role == Role.TRAINER:
            of = teaches.get(each.account_id, "")
        roles[each.account_id] = Actor(each.role, of)
    nobody = Actor(GONE)
    return found | {each: roles.get(each, nobody) for each in others}


def said(name: str, column: str, value: object, names: Names) -> str:
    """One value in the language now spoken; empty when nothing is held there."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, UUID):
        return _of_id(column, value, names)
    if isinstance(value, datetime):
        return format_moment(value)
    if isinstance(value, date):
        return format_date(value)
    codes = CODES.get(f"{name}.{column}") or CODES.get(column)
    if codes is not None and isinstance(value, str):
        return _(codes[value]) if value in codes else value
    special = _SPECIAL.get(f"{name}.{column}") or _SPECIAL.get(column)
    if special is not None:
        return special(value)
    return _plain(value)


def _of_id(column: str, value: UUID, names: Names) -> str:
    if column in ACTORS:
        actor = names.actors.get(value)
        return actor.said() if actor else ""
    return names.things.get(value, "")


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{_plain(key)}: {_plain(each)}" for key, each in value.items())
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, bytes):
        return ""
    text = _GAPS.sub("\n\n", str(value)).strip()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


def _day(text: object) -> str:
    """An ISO date as people write it."""
    try:
        return format_date(date.fromisoformat(str(text)[:10]))
    except ValueError:
        return str(text)


def _days(value: object) -> str:
    return ", ".join(_day(each) for each in value) if isinstance(value, list) else _plain(value)


def _attendance(value: object) -> str:
    if not isinstance(value, dict):
        return _plain(value)
    words = (
        f"{_day(day)} {_('present') if present else _('absent')}" for day, present in value.items()
    )
    return ", ".join(words)


def _fields(value: object) -> str:
    words = [
        _(SHOWN[each]) if each in SHOWN else _(FIELDS[each]) if each in FIELDS else each
        for each in str(value).split(",")
    ]
    return ", ".join(words)


def _detail(value: object) -> str:
    """What a ledger entry adds to its ids: field names, a count, a purpose."""
    try:
        told = orjson.loads(str(value))
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(told, dict):
        return ""
    parts = []
    if isinstance(fields := told.get("fields"), list):
        parts.append(_fields(",".join(str(each) for each in fields)))
    if isinstance(count := told.get("count"), int):
        parts.append(_("Number: {number}", number=count))
    return "; ".join(part for part in parts if part)


def _heading(value: object) -> str:
    table = DATA_MAP.get(str(value))
    return _(table.heading) if table and table.heading else str(value)


_SPECIAL: Mapping[str, Callable[[object], str]] = {
    "act": lambda value: act_said(str(value)),
    "attendance_after": _attendance,
    "attendance_before": _attendance,
    "detail": _detail,
    "fee_cents": lambda value: format_money(int(str(value))),
    "fields_shown": _fields,
    "columns": _fields,
    "country": lambda value: str(_locale(language()).territories.get(str(value), value)),
    "record_column": _fields,
    "held": _days,
    "language": lambda value: NATIVE_NAMES.get(str(value), str(value)),
    "phone": lambda value: show_phone(str(value)),
    "price_cents": lambda value: format_money(int(str(value))),
    "record_table": _heading,
    "vat_basis_points": lambda value: f"{format_number(int(str(value)) / 100)} %",
}
