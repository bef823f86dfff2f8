"""The keys that certificates are signed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from registration.commands.frame import say, settings_now, stop, with_databases

if TYPE_CHECKING:
    from registration.qualifications.keys import KeyLine

app = typer.Typer(help="The keys that certificates are signed with.", no_args_is_help=True)


@app.command("list")
def list_keys() -> None:
    """All there were, the newest first."""
    from registration import clock
    from registration.qualifications.keys import keys
    from registration.settings import BadSetting

    settings = settings_now()
    try:
        lines = with_databases(settings, lambda: keys(settings, now=clock.now()))
    except BadSetting as wrong:
        stop(str(wrong), code=2)
    for line in lines:
        say(f"{line.kid}  {line.first_used_at:%Y-%m-%d}  {_state(line):<24} {line.subject}")


def _state(line: KeyLine) -> str:
    if line.distrusted_at is not None:
        return f"distrusted {line.distrusted_at:%Y-%m-%d}"
    if line.signs:
        return "signs"
    return f"retired {line.retired_at:%Y-%m-%d}" if line.retired_at else "signs elsewhere"


@app.command()
def rotate() -> None:
    """Make a new self-signed key. What the old one signed stays valid; its private part goes."""
    from registration import clock
    from registration.qualifications.keys import rotate as make_new
    from registration.settings import BadSetting

    settings = settings_now()
    try:
        kid = with_databases(settings, lambda: make_new(settings, now=clock.now()))
    except BadSetting as wrong:
        stop(str(wrong), code=2)
    say(f"{kid} signs from now on. Old certificates stay valid with /verify/key.pem.")


# A thumbprint may begin with a hyphen.
@app.command(context_settings={"ignore_unknown_options": True})
def distrust(
    kid: Annotated[str, typer.Argument(help="As `registration key list` shows it.")],
) -> None:
    """A key fell into wrong hands: nothing that it signed is believed any more."""
    from registration import clock
    from registration.qualifications.keys import distrust as give_up
    from registration.settings import BadSetting

    settings = settings_now()
    try:
        anew = with_databases(settings, lambda: give_up(kid, settings=settings, now=clock.now()))
    except BadSetting as wrong:
        stop(str(wrong), code=2)
    say(
        f"{kid} is distrusted. Holders download their certificates again; those that were printed "
        "are checked by their code."
    )
    if anew:
        say("Another key signs from now on.")
