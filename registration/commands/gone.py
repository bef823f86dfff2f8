"""The list of who was erased, so that no backup brings them back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from registration.commands.frame import say, settings_now, stop, with_databases

app = typer.Typer(help="Whose data is gone, without names.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(metavar="FILE")]


@app.command()
def export(file: File) -> None:
    """Write the list to a file that may be kept beside the backups."""
    from registration.privacy.gone import known
    from registration.privacy.gone_list import write

    listed = with_databases(settings_now(), known)
    try:
        write(file, listed)
    except OSError as refused:
        stop(f"cannot write {file}: {refused.strerror}")
    say(f"{file}: {len(listed.erased)} erased, {len(listed.forbidden)} prohibitions")


@app.command()
def apply(file: File) -> None:
    """Erase again whom the list names, as after a restore by other means."""
    from registration.upkeep import answers

    settings = settings_now()
    with_databases(settings, lambda: answers(settings), gone=[file])
