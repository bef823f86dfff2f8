"""What every command shares: settings, databases, and refusals as one line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from registration.settings import Settings

T = TypeVar("T")


def say(text: str) -> None:
    typer.echo(text)


def stop(text: str, *, code: int = 1) -> NoReturn:
    """One line on standard error, and the end."""
    typer.echo(f"registration: {text}", err=True)
    raise typer.Exit(code)


def settings_now(*, demo: bool = False) -> Settings:
    """The environment's settings, with logs set up. Ends with exit 2 at a wrong one."""
    from registration.edge.log import configure
    from registration.settings import BadSetting, load

    try:
        settings = load(demo=demo)
    except BadSetting as wrong:
        stop(str(wrong), code=2)
    configure(settings.log_level)
    return settings


def check_signing_key(settings: Settings) -> None:
    """Ends with exit 2 when the key that is there cannot be used."""
    from registration.press import KEY_FILE, signing_key
    from registration.settings import BadSetting

    if settings.signing_key is None and not (settings.data / KEY_FILE).exists():
        return
    try:
        signing_key(settings)
    except BadSetting as wrong:
        stop(str(wrong), code=2)


def with_databases(
    settings: Settings, work: Callable[[], Awaitable[T]], *, gone: Sequence[Path] = ()
) -> T:
    """Run ``work`` with both databases open, on the newest schema; refusals become one line.

    Nobody is in them any more who was erased after the copy that was brought back, as far as the
    data folder's list and those in ``gone`` know.
    """
    from registration import clock, db, upkeep
    from registration.errors import DomainError
    from registration.i18n import _
    from registration.privacy.restored import catch_up

    async def all_of_it() -> T:
        await upkeep.migrate_once(settings)
        await db.connect(settings)
        try:
            again = await catch_up(settings, now=clock.now(), lists=gone)
            if again or gone:
                typer.echo(f"Erased again, for they were erased before: {again}", err=True)
            return await work()
        finally:
            await db.disconnect()

    try:
        return run(all_of_it())
    except DomainError as refusal:
        stop(_(refusal.message, **refusal.params))


def run(work: Awaitable[T]) -> T:
    """The result, or one line when a database or a folder cannot be reached."""
    from registration.edge.log import described
    from registration.privacy.gone_list import GoneRefused

    async def awaited() -> T:
        return await work

    unusable = _database_errors()
    try:
        return asyncio.run(awaited())
    except GoneRefused as refused:
        stop(str(refused))
    except unusable as failure:
        kinds = described(failure)["error"]
        stop(f"a database cannot be used ({kinds}); check DATABASE_URL, DIETARY_URL and DATA")


def _database_errors() -> tuple[type[Exception], ...]:
    import asyncpg
    from tortoise.exceptions import DBConnectionError, OperationalError

    return (OSError, asyncpg.PostgresError, DBConnectionError, OperationalError)
