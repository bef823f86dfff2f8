"""The record of what happened: is it whole, what to keep of it elsewhere, who could see what."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from registration.commands.frame import say, settings_now, stop, with_databases

if TYPE_CHECKING:
    from registration.ledger.chain import Break
    from registration.ledger.inclusion import Head

MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
app = typer.Typer(help="The record of what happened.", no_args_is_help=True)


@app.command()
def verify(
    at: Annotated[
        int | None, typer.Option(min=1, help="Also print the hash at this place of the chain.")
    ] = None,
    head: Annotated[
        list[str] | None,
        typer.Option(metavar="PLACE:HASH", help="A head that was kept elsewhere; repeatable."),
    ] = None,
    heads: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Heads that were kept, one a line.")
    ] = None,
) -> None:
    """Walk the ledger's chain: exit 0 whole, 1 broken."""
    from registration.ledger.service import verify_chain

    kept = _kept(head or [], heads)
    found = with_databases(settings_now(), lambda: verify_chain(at=at, heads=kept))
    if found.broken is not None:
        stop(f"the ledger is broken at entry {found.broken_at}: {_said(found.broken)}")
    if at is not None and not found.wanted:
        stop(f"the chain has no place {at}; its end is {found.links}")
    say(f"The ledger is whole: {found.sealed} entries sealed, {found.unsealed} not sealed yet.")
    if found.disclosures or found.receipts:
        say(f"Sealed beside them: {found.disclosures} disclosures, {found.receipts} receipts.")
    if kept:
        say(f"Heads that were kept elsewhere and fit: {len(kept)}.")
    if found.head:
        say(f"End of the chain: {found.links}:{found.head}")
    if at is not None:
        say(f"Place {at}: {found.wanted}")


def _kept(given: list[str], file: Path | None) -> dict[int, str]:
    """Every head that was given, by its place. Ends with exit 2 where one cannot be read."""
    from registration.ledger.inclusion import HeadUnreadable, read_heads

    text = "\n".join(given)
    if file is not None:
        text += "\n" + _read(file).decode(errors="replace")
    try:
        return dict(read_heads(text))
    except HeadUnreadable as wrong:
        stop(wrong.message, code=2)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as unreadable:
        stop(f"{file}: {unreadable.strerror or 'cannot be read'}", code=2)


def _said(broken: Break) -> str:
    from registration.ledger.chain import Wrong

    place = f"place {broken.link} of the chain"
    words = {
        Wrong.ENTRY_CHANGED: f"entry {broken.entry} was changed ({place})",
        Wrong.ENTRY_GONE: f"entry {broken.entry} was deleted ({place})",
        Wrong.ENTRY_INSERTED: f"entry {broken.entry} was inserted after its time was sealed",
        Wrong.SEAL: f"a seal was changed, deleted or inserted ({place})",
        Wrong.CONTENT: f"the block at {place} does not hold what it held: "
        "a disclosure, a receipt or an order was changed",
        Wrong.BLOCK: f"a block was changed, deleted or inserted ({place})",
        Wrong.DISCLOSURE_INSERTED: f"disclosure {broken.named} was inserted",
        Wrong.RECEIPT_INSERTED: f"receipt {broken.named} was inserted",
        Wrong.HEAD: f"the hash at {place} is not the one that was kept elsewhere",
        Wrong.HEAD_GONE: f"{place}, which was kept elsewhere, is not there: the end was cut off",
        Wrong.UNREADABLE: f"a row at or after {place} cannot be read",
    }
    return words[broken.wrong]


@app.command()
def heads(
    since: Annotated[
        int | None, typer.Option(min=1, help="All from this place on, not only the newest.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Print heads of the chain, to keep where nobody who runs this can change them."""
    import orjson

    from registration.ledger.heads import heads_text, heads_values, newest_heads

    found = with_databases(settings_now(), lambda: newest_heads(since=since))
    if not found:
        stop("nothing was sealed yet" if since is None else f"the chain has no place {since}")
    if json:
        say(orjson.dumps(heads_values(found), option=orjson.OPT_INDENT_2).decode())
    else:
        say(heads_text(found).rstrip())


@app.command()
def proof(number: Annotated[int, typer.Argument(metavar="ENTRY", min=1)]) -> None:
    """Print the proof (JSON) that an entry is in the chain, for somebody who keeps a head."""
    from registration.ledger.inclusion import as_file
    from registration.ledger.proof import proof_of_entry

    found = with_databases(settings_now(), lambda: proof_of_entry(number, to_hand_on=True))
    if found.inclusion is None:
        stop(
            f"entry {number} is not sealed yet; try again in a minute"
            if found.seal is None
            else f"entry {number} is a link of its own ({found.seal}): "
            "only a walk of the whole chain proves it"
        )
    say(as_file(found.inclusion, head=found.head).decode())


@app.command()
def proven(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    head: Annotated[str, typer.Option(metavar="PLACE:HASH", help="The head that you keep.")],
) -> None:
    """Check a proof with a head and nothing else: exit 0 proven, 1 not, 2 unreadable."""
    from registration.ledger.inclusion import (
        HeadUnreadable,
        ProofUnreadable,
        read_file,
        read_head,
    )
    from registration.ledger.inclusion import proven as is_proven

    try:
        kept: Head = read_head(head)
        given = read_file(_read(file))
    except (HeadUnreadable, ProofUnreadable) as wrong:
        stop(wrong.message, code=2)
    if not is_proven(given, kept):
        stop(f"it does not lead to {kept}")
    say(f"Proven: {given.content}")


@app.command()
def exposed(
    account: Annotated[
        str, typer.Argument(help="An e-mail address, or the id of an account, login, token, pack.")
    ],
    since: Annotated[datetime, typer.Option(formats=MOMENTS, help="Local time.")],
    until: Annotated[datetime, typer.Option(formats=MOMENTS, help="Local time.")],
    json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """After a breach: whose data could this account have seen between then and then."""
    from dataclasses import asdict

    import orjson

    from registration import clock
    from registration.forms import Refused
    from registration.i18n import DEFAULT_ZONE
    from registration.privacy.breach import Exposure, check_period, exposure, suspect_of

    begin, end = (each.replace(tzinfo=DEFAULT_ZONE) for each in (since, until))
    try:
        check_period(begin, end, now=clock.now())
    except Refused as refused:
        stop(", ".join(f"--{each.field}: {each.message}" for each in refused.errors), code=2)

    async def work() -> Exposure:
        suspect = await suspect_of(await _meant(account))
        return await exposure(suspect, begin, end, actor_id=None, now=clock.now())

    found = with_databases(settings_now(), work)
    if json:
        say(orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2).decode())
        return
    times = f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
    say(f"{found.suspect.name} ({found.suspect.source}), {times}")
    say(f"People whose data it did see: {found.persons_seen}")
    say(f"People whose data it saw or could have seen: {found.persons_reached}")
    say(f"Sign-ups among that: {found.sign_ups}")
    say(f"Categories: {', '.join(found.kinds) or 'none by access'}")
    say(f"Food restrictions: {sum(each.held + each.deleted for each in found.diets)}")
    for line in found.reaches:
        say(f"  {line.role} {line.scope_id or ''}: {line.persons} people")


async def _meant(account: str) -> UUID:
    """The id itself, or the account of that address."""
    from registration.accounts.queries import account_ids
    from registration.privacy.breach import SuspectNotFound

    try:
        return UUID(account)
    except ValueError:
        ids = await account_ids(account.strip().lower())
    if len(ids) != 1:
        raise SuspectNotFound
    return ids[0]
