"""When food restrictions go and went: a month, what is overdue, what comes, what is done; and what
a change of an event would do to them (P4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Identity
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine
from registration.catering.foresight import Foreseen
from registration.catering.queries import (
    CalendarLine,
    OverdueLine,
    coming_days,
    deletion_calendar,
    overdue,
    stored_answers,
)
from registration.edge import Endpoint, get, page_response, require
from registration.i18n import (
    DEFAULT_ZONE,
    _,
    foreign_language,
    format_date,
    format_moment,
    format_time,
    ngettext,
    text_in,
)
from registration.web.month import Month, month_grid, month_of, turned
from registration.web.staff.desk import EITHER, Desk, desk, is_staff
from registration.web.staff.proofs import REASONS, late_text

MOST = 200


@dataclass(frozen=True, slots=True)
class Going:
    """One deletion in the month's picture."""

    path: str
    title: str
    title_language: str | None
    starts: str
    standing: str
    note: str
    dates: tuple[date, ...]
    month_key: str


@dataclass(frozen=True, slots=True)
class Late:
    """``tries`` were in vain, for ``trouble``; ``again`` is when the next is, or empty."""

    title: str
    path: str
    due: str
    late: str
    tries: int
    trouble: str
    again: str


@dataclass(frozen=True, slots=True)
class Coming:
    title: str
    path: str
    when: str
    what: str
    answers: int


@dataclass(frozen=True, slots=True)
class Gone:
    title: str
    path: str
    reason: str
    answers: int
    when: str
    late: str


@dataclass(frozen=True, slots=True)
class DeletionsPage:
    desk: Desk
    month: Month
    before_url: str
    after_url: str
    late: tuple[Late, ...]
    coming: tuple[Coming, ...]
    gone: tuple[Gone, ...]


@dataclass(frozen=True, slots=True)
class Titles:
    """The events that are spoken of; one that is not there any more has no page."""

    known: dict[UUID, EventLine]

    def of(self, event_id: UUID) -> str:
        line = self.known.get(event_id)
        return text_in(line.title) if line else _("An event that is not there any more")

    def path(self, event_id: UUID) -> str:
        return f"/staff/events/{event_id}" if event_id in self.known else ""

    def zone(self, event_id: UUID) -> ZoneInfo:
        line = self.known.get(event_id)
        return ZoneInfo(line.zone) if line else DEFAULT_ZONE


@dataclass(frozen=True, slots=True)
class Warned:
    """What a change would do, in sentences; ``mark`` confirms just that."""

    mark: str
    sentences: tuple[str, ...]


async def calendar(request: Request) -> Response:
    now, who = clock.now(), require(request)
    lists = await deletion_calendar(limit=MOST)
    late = [line for line in await overdue(now) if _sees(who, line.event_id)]
    upcoming = [line for line in lists.upcoming if _sees(who, line.event_id)]
    done = [line for line in lists.done if _sees(who, line.event_id)]
    days = [each for each in await coming_days(now) if _sees(who, each.event_id)]
    ids = {line.event_id for line in (*upcoming, *done)}
    ids |= {line.event_id for line in late} | {each.event_id for each in days}
    titles = Titles(await catalogue.events_by_id(list(ids)))
    due_now = {line.event_id for line in late}
    coming = [line for line in upcoming if line.event_id not in due_now]
    coming += [
        CalendarLine(each.event_id, {}, each.due_at, None, None, format_date(each.day))
        for each in days
    ]
    coming.sort(key=lambda line: (line.due_at, str(line.event_id)))
    stored = await stored_answers([line.event_id for line in coming])
    entries = _entries(late, coming, done, titles)
    today = now.astimezone(DEFAULT_ZONE).date()
    key = month_of(request.query_params.get("month", ""), (), today=today)
    page = DeletionsPage(
        desk(request),
        month_grid(key, entries, today=today, last=key),
        f"/staff/deletions?month={turned(key, -1)}",
        f"/staff/deletions?month={turned(key, 1)}",
        tuple(_late(line, titles) for line in late),
        tuple(_coming(line, titles, stored) for line in coming),
        tuple(_gone(line, titles) for line in done),
    )
    return page_response(request, "staff/deletions.html", page)


def _sees(who: Identity, event_id: UUID) -> bool:
    return is_staff(who) or who.organises(event_id)


def _entries(
    late: list[OverdueLine], coming: list[CalendarLine], done: list[CalendarLine], titles: Titles
) -> list[Going]:
    """By their moment; the deletions of single guests' answers are only in the list."""
    whole = [line for line in done if line.receipt_id is not None and line.whole]
    moments = [
        *((line.due_at, line.event_id, "", "overdue", _("Overdue")) for line in late),
        *((line.due_at, line.event_id, "", "open", "") for line in coming),
        *(
            (line.done_at or line.due_at, line.event_id, proof_path(line), "closed", _("Deleted"))
            for line in whole
        ),
    ]
    moments.sort(key=lambda each: (each[0], str(each[1])))
    return [_going(*each, titles) for each in moments]


def _going(
    at: datetime, event_id: UUID, path: str, standing: str, note: str, titles: Titles
) -> Going:
    line = titles.known.get(event_id)
    local = at.astimezone(titles.zone(event_id))
    return Going(
        path=path or titles.path(event_id) or "/staff/deletions",
        title=titles.of(event_id),
        title_language=foreign_language(line.title) if line else None,
        starts=format_time(at, zone=titles.zone(event_id)),
        standing=standing,
        note=note,
        dates=(local.date(),),
        month_key=local.strftime("%Y-%m"),
    )


def proof_path(line: CalendarLine) -> str:
    return f"/staff/deletions/{line.receipt_id}"


def _late(line: OverdueLine, titles: Titles) -> Late:
    zone = titles.zone(line.event_id)
    return Late(
        titles.of(line.event_id),
        titles.path(line.event_id),
        format_moment(line.due_at, zone=zone),
        late_text(line.seconds_late),
        line.tries,
        line.trouble,
        format_time(line.next_try_at, zone=zone) if line.next_try_at else "",
    )


def _coming(line: CalendarLine, titles: Titles, stored: dict[UUID, int]) -> Coming:
    """A day's deletion has the day instead of a reason."""
    whole = line.reason in REASONS
    return Coming(
        titles.of(line.event_id),
        titles.path(line.event_id),
        format_moment(line.due_at, zone=titles.zone(line.event_id)),
        _("All answers") if whole else _("What concerns only {day}", day=line.reason),
        stored.get(line.event_id, 0),
    )


def _gone(line: CalendarLine, titles: Titles) -> Gone:
    return Gone(
        titles.of(line.event_id),
        proof_path(line),
        _(REASONS.get(line.reason, line.reason)),
        line.diets or 0,
        format_moment(line.done_at or line.due_at, zone=titles.zone(line.event_id)),
        late_text(line.seconds_late) if line.seconds_late >= 60 else "",
    )


def warned(foreseen: Foreseen, line: EventLine) -> Warned:
    zone = ZoneInfo(line.zone)
    before = format_moment(foreseen.before, zone=zone) if foreseen.before else ""
    after = format_moment(foreseen.after, zone=zone) if foreseen.after else ""
    said: list[str] = []
    if foreseen.past:
        said.append(_("The event would be over already."))
    many = foreseen.diets
    if after and before and after != before:
        said.append(
            ngettext(
                "{num} guest's answers would be deleted on {after} instead of {before}.",
                "{num} guests' answers would be deleted on {after} instead of {before}.",
                many,
            ).format(num=many, after=after, before=before)
        )
    elif not after:
        said.append(
            ngettext(
                "Without catering {num} guest's answers are deleted at once, for good.",
                "Without catering {num} guests' answers are deleted at once, for good.",
                many,
            ).format(num=many)
        )
    if foreseen.capped:
        said.append(
            _(
                "Guests were told an earlier end. Food restrictions are deleted on {after} all "
                "the same, seven days after that at the latest.",
                after=after,
            )
        )
    if foreseen.early:
        said.append(
            _("That is before the event ends. Whoever had answered is then asked again by mail.")
        )
    return Warned(foreseen.mark, tuple(said))


ROUTES: tuple[Endpoint, ...] = (get("/staff/deletions", calendar, EITHER),)
