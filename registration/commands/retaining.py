"""What is due by the retention rules, and the sweep of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from registration.commands.frame import say, settings_now, stop, with_databases

if TYPE_CHECKING:
    from registration.privacy.forecast import Planned
    from registration.privacy.rules import Why
    from registration.settings import Settings


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be deleted.")
    ] = False,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="With --dry-run: as of another day."),
    ] = None,
) -> None:
    """Delete what is due by the retention rules, as each night: exit 1 if another sweep runs."""
    from registration import clock

    settings = settings_now()
    if on is not None and not dry_run:
        stop("--on needs --dry-run: nothing is deleted before its day", code=2)
    now = clock.now() if on is None else on.replace(hour=12, tzinfo=settings.time_zone)
    if dry_run:
        _say_plan(settings, now)
    else:
        _sweep(settings, now)


def _say_plan(settings: Settings, now: datetime) -> None:
    from registration.privacy.forecast import plan

    planned = with_databases(settings, lambda: plan(settings, now=now))
    say(f"Due on {now.date().isoformat()}: {sum(each.goes for each in planned)}")
    for each in planned:
        say(_line(each, settings))


def _line(planned: Planned, settings: Settings) -> str:
    rule, schedule = planned.rule, settings.organisation.retention
    kept = f"; stays: {_kept(planned.left)}" if planned.left else ""
    return f"  {rule.name:<16} {planned.goes:>8} after {rule.said(schedule)} months{kept}"


def _kept(left: dict[Why, int]) -> str:
    return ", ".join(f"{number} ({why.value})" for why, number in sorted(left.items()))


def _sweep(settings: Settings, now: datetime) -> None:
    from registration.privacy.receipts import at_work
    from registration.privacy.sweeping import Swept, sweep

    async def work() -> Swept | None:
        return None if await at_work(now=now) else await sweep(settings, now=now)

    swept = with_databases(settings, work)
    if swept is None:
        stop("another sweep is at work, or ended a moment ago; try again in a minute")
    say(f"Deleted: {swept.total}")
    for rule in sorted({*swept.deleted, *(name for name, left in swept.left.items() if left)}):
        left = swept.left.get(rule, {})
        kept = f"; stays: {_kept(left)}" if left else ""
        say(f"  {rule:<16} {swept.deleted.get(rule, 0):>8}{kept}")
