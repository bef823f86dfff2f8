"""The command line. What a command needs is imported when it runs, so that ``--help`` is quick."""

from __future__ import annotations

import gc
import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from registration.commands import checking, gone, keys, ledger, retaining
from registration.commands.frame import (
    check_signing_key,
    run,
    say,
    settings_now,
    stop,
    with_databases,
)

app = typer.Typer(
    help="Training and event registration that keeps its privacy policy by construction.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
account_app = typer.Typer(help="Personal accounts.", no_args_is_help=True)
token_app = typer.Typer(help="Tokens for programs.", no_args_is_help=True)
jobs_app = typer.Typer(help="What the service does by itself.", no_args_is_help=True)
app.add_typer(account_app, name="account")
app.add_typer(token_app, name="token")
app.add_typer(jobs_app, name="jobs")
app.add_typer(ledger.app, name="ledger")
app.add_typer(keys.app, name="key")
app.add_typer(gone.app, name="gone")
app.command()(checking.verify)
app.command()(retaining.retention)


class RoleWord(StrEnum):
    STAFF = "staff"
    ORGANISER = "organiser"
    COORDINATOR = "coordinator"
    COMPANY = "company"
    TRAINER = "trainer"


class ScopeWord(StrEnum):
    STAFF = "staff"
    ORGANISER = "organiser"
    COMPANY = "company"
    TRAINER = "trainer"


class RoleName(StrEnum):
    STAFF = "staff"
    ORGANISER = "organiser"
    COORDINATOR = "coordinator"
    TRAINER = "trainer"
    PARTICIPANT = "participant"


class LanguageWord(StrEnum):
    FI = "fi"
    SV = "sv"
    EN = "en"


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.", envvar="PORT", max=65535)] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64)] = 1,
    demo: Annotated[bool, typer.Option("--demo", help="Demo data and a mailbox.")] = False,
) -> None:
    """Migrate both databases, then serve."""
    from registration.privacy.gone_list import GoneRefused

    gc.disable()  # of what is being loaded nothing goes: the collector would walk it in vain
    from registration.serving import PortTaken, serve_forever

    gc.enable()
    settings = settings_now(demo=demo)
    check_signing_key(settings)
    try:
        serve_forever(settings, host=host, port=port, workers=workers, say=say)
    except (PortTaken, GoneRefused) as refused:
        stop(str(refused))


@app.command()
def migrate() -> None:
    """Bring both databases to the newest schema."""
    from registration.upkeep import migrate_once

    run(migrate_once(settings_now()))
    say("Both databases have the newest schema.")


@app.command()
def demo(
    json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Load a fictional organisation into an empty database."""
    from dataclasses import asdict

    import orjson

    from registration.demo import load

    settings = settings_now(demo=True)
    result = with_databases(settings, lambda: load(settings))
    if json:
        say(orjson.dumps(asdict(result), option=orjson.OPT_INDENT_2).decode())
        return
    for login in result.logins:
        say(f"{login.role:<12} {login.email:<40} {login.link}")


@account_app.command("add")
def account_add(
    email: str,
    name: Annotated[str, typer.Option()],
    role: Annotated[RoleWord, typer.Option()],
    company: Annotated[UUID | None, typer.Option(help="A coordinator's company.")] = None,
    nda: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="When the agreement was signed."),
    ] = None,
    language: Annotated[LanguageWord, typer.Option()] = LanguageWord.FI,
) -> None:
    """Add a personal account, or a role to one; prints its first login link."""
    from registration import clock
    from registration.accounts.logins import new_link
    from registration.accounts.rules import NEEDS_NDA, PRINTED_LINK_LIFE, Role
    from registration.accounts.service import add_account
    from registration.forms import FieldRefused

    settings = settings_now()
    held = Role.COORDINATOR if role is RoleWord.COMPANY else Role(role.value)
    signed: date | None = nda.date() if nda else None

    async def work() -> str:
        now = clock.now()
        account_id = await add_account(
            email,
            name,
            held,
            company_id=company,
            nda_on=signed,
            language=language.value,
            now=now,
        )
        return await new_link(account_id, confirmed=False, life=PRINTED_LINK_LIFE, now=now)

    try:
        path = with_databases(settings, work)
    except FieldRefused as wrong:
        stop(f"EMAIL: {wrong.message}", code=2)
    say(settings.base_url + path)
    if held in NEEDS_NDA and signed is None:
        typer.echo(
            "The account can log in, and sees nothing until --nda DATE records its agreement.",
            err=True,
        )


@account_app.command("unlock")
def account_unlock(email: str) -> None:
    """Take lost second factors away and print a login link, where no colleague can confirm it."""
    from registration import clock
    from registration.accounts.factors import reset_factors
    from registration.accounts.logins import new_link
    from registration.accounts.queries import account_ids
    from registration.accounts.rules import PRINTED_LINK_LIFE, AccountNotFound

    settings = settings_now()

    async def work() -> str:
        now = clock.now()
        if not (found := await account_ids(email.strip().lower())):
            raise AccountNotFound
        await reset_factors(found[0], actor_id=None, now=now)
        return await new_link(found[0], confirmed=False, life=PRINTED_LINK_LIFE, now=now)

    say(settings.base_url + with_databases(settings, work))


@token_app.command("add")
def token_add(
    email: str,
    scope: Annotated[ScopeWord, typer.Option()],
    days: Annotated[int, typer.Option(min=1, max=3650)] = 365,
) -> None:
    """Add an API token; it is shown this once."""
    from registration import clock
    from registration.accounts.rules import Scope
    from registration.accounts.tokens import add_token
    from registration.forms import FieldRefused

    async def work() -> str:
        return await add_token(email, Scope(scope.value), days=days, now=clock.now())

    try:
        say(with_databases(settings_now(), work))
    except FieldRefused as wrong:
        stop(f"EMAIL: {wrong.message}", code=2)


@jobs_app.command("list")
def jobs_list() -> None:
    """What is scheduled, and what is overdue."""
    from registration import clock
    from registration.scheduler import look

    for line in with_databases(settings_now(), lambda: look(now=clock.now())):
        due = line.due_at.isoformat(timespec="seconds") if line.due_at else "-"
        late = "  overdue" if line.overdue else ""
        say(f"{line.name:<24} every {line.every!s:<12} next due {due}{late}")


@jobs_app.command("run")
def jobs_run(
    name: Annotated[str | None, typer.Argument()] = None,
    due: Annotated[bool, typer.Option("--due", help="All that is due.")] = False,
) -> None:
    """Run one job now, or all that is due; exit 1 if anything failed."""
    from registration import clock
    from registration.scheduler import JOBS, Done, run_due
    from registration.scheduler import run as run_job

    if (name is None) is not due:
        stop("give the name of one job, or --due; `registration jobs list` shows them", code=2)
    chosen = [job for job in JOBS if job.name == name]
    if name is not None and not chosen:
        stop(f"there is no job {name}; `registration jobs list` shows them", code=2)
    settings = settings_now()

    async def work() -> list[Done]:
        if chosen:
            return [await run_job(chosen[0], settings)]
        return await run_due(settings, now=clock.now())

    results = with_databases(settings, work)
    for each in results:
        say(f"{each.name}: {'failed, ' + each.failed if each.failed else each.did}")
    if any(each.failed for each in results):
        raise typer.Exit(1)


@app.command()
def worker() -> None:
    """Run the jobs without serving."""
    from registration.serving import work_forever

    settings = settings_now()
    check_signing_key(settings)
    run(work_forever(settings, say=say))


TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and tries again


@app.command()
def bounce(
    address: Annotated[
        str, typer.Argument(help="The address that it came to, if the mail server says so.")
    ] = "",
) -> None:
    """Read mail that came back, from a mail server's pipe: exit 0 taken, 75 try again later."""
    from registration import clock
    from registration.mail.bounces import take_report
    from registration.mail.reports import MOST_READ, Said, read_report

    settings = settings_now()
    content = sys.stdin.buffer.read(MOST_READ)
    while sys.stdin.buffer.read(MOST_READ):
        pass  # a server that cannot write all of it takes that for a failure
    report = read_report(content, sent_to=address)
    if report.said is not Said.FAILED:
        say("it is no report" if report.said is Said.NOTHING else f"no failure: {report.said}")
        return
    try:
        state = with_databases(
            settings, lambda: take_report(report, settings=settings, now=clock.now())
        )
    except typer.Exit:
        raise typer.Exit(TRY_LATER) from None
    say(f"the mail came back: {report.status}" if state else "it is of no mail of ours")


@app.command()
def backup(folder: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Copy the register while it serves; diets and their keys are never in it."""
    from registration.backups import BackupRefused, back_up

    try:
        names = back_up(settings_now(), folder)
    except BackupRefused as refusal:
        stop(str(refusal))
    say(f"{folder}: {', '.join(names)}")


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    gone: Annotated[
        list[Path] | None,
        typer.Option(help="A list of whose data is gone, kept beside the backups."),
    ] = None,
) -> None:
    """Bring a backup into an empty installation; who was erased since is erased again."""
    from registration.backups import BackupRefused
    from registration.backups import restore as bring_back
    from registration.privacy.gone_list import GoneRefused, read
    from registration.upkeep import answers, holds_data, migrate_once

    settings, lists = settings_now(), gone or []
    try:
        for path in lists:
            read(path)
    except GoneRefused as refused:
        stop(str(refused))
    if with_databases(settings, holds_data):
        stop("this database holds data already; restore into an empty one")
    try:
        names = bring_back(settings, folder)
    except BackupRefused as refusal:
        stop(str(refusal))
    run(migrate_once(settings))
    say(f"Restored: {', '.join(names)}")
    settings = settings_now()  # with the secret that came with the copy
    with_databases(settings, lambda: answers(settings), gone=lists)


@app.command()
def notice(
    lang: Annotated[LanguageWord, typer.Option("--lang")] = LanguageWord.FI,
) -> None:
    """Print the privacy notice."""
    from registration import clock
    from registration.privacy.notice import render_text
    from registration.privacy.notice_versions import transfers

    settings = settings_now()
    abroad = with_databases(settings, lambda: transfers(now=clock.now()))
    say(render_text(lang.value, settings.organisation, abroad))


@app.command()
def routes(
    role: Annotated[RoleName | None, typer.Option(help="Only what this role may.")] = None,
) -> None:
    """Print every route: who may call it, and of whose data."""
    from registration.accounts.rules import Role
    from registration.app import route_table

    asked = Role(role.value) if role else None
    for row in route_table():
        if row.access.anyone:
            said = f"anyone: {row.granted(None)}"
        else:
            held = [(each, row.granted(each)) for each in ([asked] if asked else Role)]
            said = ", ".join(f"{each}: {whose}" for each, whose in held if whose)
        if said:
            say(f"{'/'.join(row.methods):<10} {row.path:<55} {said}")


@app.command()
def openapi() -> None:
    """Print the API's description (OpenAPI 3.1)."""
    import orjson

    from registration.api.openapi import document

    say(orjson.dumps(document(settings_now()), option=orjson.OPT_INDENT_2).decode())


def main() -> None:
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
