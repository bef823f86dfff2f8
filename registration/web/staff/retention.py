"""Retention: what each rule says, what goes next and when, what stays and why, and the receipts of
what went (P13)."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.queries import names_of
from registration.edge import Endpoint, get, page_response, settings
from registration.i18n import DEFAULT_ZONE, N_, _, format_moment, format_number
from registration.privacy.forecast import PAGE_WINDOWS, Going, Planned, ahead, plan
from registration.privacy.jobs import next_night
from registration.privacy.receipts import ReceiptLine, RunLine, is_late, last_runs
from registration.privacy.retention import RULES, counted_from, period_of, title_of
from registration.privacy.rules import WHY_WORDS, Why
from registration.web.month import Month, month_grid, month_of, turned
from registration.web.staff.desk import STAFF, Desk, desk
from registration.web.staff.privacy_parts import Part, parts

ADDRESS = "/staff/privacy/retention"
KEPT_BY = (
    (Why.HOLD, N_("An authority's hold"), "/staff/privacy/holds"),
    (Why.RESTRICTION, N_("A restriction that the person asked for"), "/staff/privacy/restrictions"),
    (Why.PENDING, N_("An open request or objection"), "/staff/privacy"),
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    title: str
    period: str
    since: str


@dataclass(frozen=True, slots=True)
class TonightRow:
    """``stays``: (how many, why)."""

    title: str
    goes: str
    stays: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class GoingEntry:
    """What goes by one rule on one day, in the month's picture."""

    path: str
    title: str
    title_language: str | None
    starts: str
    standing: str
    note: str
    dates: tuple[date, ...]
    month_key: str


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """``entry``: its number in the ledger; ``proof``: the first of its id."""

    title: str
    months: str
    deleted: str
    stays: str
    entry: int | None
    proof: str


@dataclass(frozen=True, slots=True)
class RunRow:
    when: str
    by: str
    under_way: bool
    receipts: tuple[ReceiptRow, ...]


@dataclass(frozen=True, slots=True)
class RetentionPage:
    """``late``: no sweep has ended for two days. ``whole``: all was looked through."""

    desk: Desk
    parts: tuple[Part, ...]
    late: bool
    next: str
    rules: tuple[RuleRow, ...]
    tonight: tuple[TonightRow, ...]
    kept: tuple[tuple[str, str, str], ...]
    month: Month
    before_url: str
    after_url: str
    undated: tuple[tuple[str, str], ...]
    whole: bool
    runs: tuple[RunRow, ...]


async def show(request: Request) -> Response:
    now, house = clock.now(), settings(request)
    today = now.astimezone(DEFAULT_ZONE).date()
    schedule = house.organisation.retention
    night = await next_night() or now
    planned = await plan(house, now=max(night, now), windows=PAGE_WINDOWS)
    key = month_of(request.query_params.get("month", ""), (), today=today)
    first = date(int(key[:4]), int(key[5:]), 1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    coming = await ahead(first, last, house, now=now)
    runs = await last_runs()
    page = RetentionPage(
        desk=desk(request),
        parts=parts(request),
        late=await is_late(now=now),
        next=format_moment(night),
        rules=tuple(
            RuleRow(title_of(rule.name), period_of(rule, schedule), counted_from(rule))
            for rule in RULES
        ),
        tonight=tuple(_tonight(each) for each in planned if each.goes or each.left),
        kept=_kept(planned),
        month=month_grid(key, _entries(coming.going, runs), today=today, last=key),
        before_url=f"{ADDRESS}?month={turned(key, -1)}",
        after_url=f"{ADDRESS}?month={turned(key, 1)}",
        undated=tuple(
            (title_of(each.rule.name), format_number(each.number))
            for each in coming.going
            if each.day is None
        ),
        whole=coming.whole and all(each.whole for each in planned),
        runs=await _runs(runs),
    )
    return page_response(request, "staff/retention.html", page)


def _tonight(planned: Planned) -> TonightRow:
    return TonightRow(
        title_of(planned.rule.name),
        format_number(planned.goes),
        tuple((format_number(number), _(WHY_WORDS[why])) for why, number in planned.left.items()),
    )


def _kept(planned: Sequence[Planned]) -> tuple[tuple[str, str, str], ...]:
    """(why, how many that are due stay for it, where it is looked after)."""
    total: Counter[Why] = Counter()
    for each in planned:
        total.update(each.left)
    return tuple((_(words), format_number(total[why]), url) for why, words, url in KEPT_BY)


def _entries(going: Sequence[Going], runs: Sequence[RunLine]) -> list[GoingEntry]:
    """What went, from the receipts, and what will go, by day."""
    gone = [
        _entry(line.done_at.astimezone(DEFAULT_ZONE).date(), line.rule, line.deleted, gone=True)
        for run in reversed(runs)
        for line in run.lines
        if line.deleted
    ]
    coming = [
        _entry(each.day, each.rule.name, each.number, gone=False)
        for each in going
        if each.day is not None
    ]
    return gone + coming


def _entry(day: date, rule: str, number: int, *, gone: bool) -> GoingEntry:
    return GoingEntry(
        path="#runs" if gone else "#rules",
        title=title_of(rule),
        title_language=None,
        starts=format_number(number),
        standing="closed" if gone else "open",
        note=_("Deleted") if gone else "",
        dates=(day,),
        month_key=day.strftime("%Y-%m"),
    )


async def _runs(runs: Sequence[RunLine]) -> tuple[RunRow, ...]:
    actors = await names_of(run.actor_id for run in runs if run.actor_id)
    return tuple(_run(run, actors) for run in runs)


def _run(run: RunLine, actors: dict[UUID, str]) -> RunRow:
    by = actors.get(run.actor_id, "") if run.actor_id else ""
    moment: datetime = run.ended_at or run.started_at
    return RunRow(
        format_moment(moment),
        by,
        run.ended_at is None,
        tuple(_receipt(line) for line in run.lines),
    )


def _receipt(line: ReceiptLine) -> ReceiptRow:
    stays = line.held + line.restricted + line.pending
    return ReceiptRow(
        title_of(line.rule),
        line.months,
        format_number(line.deleted),
        format_number(stays) if stays else "",
        line.entry_number,
        str(line.id)[:8] if line.entry_number is not None else "",
    )


ROUTES: tuple[Endpoint, ...] = (get(ADDRESS, show, STAFF),)
