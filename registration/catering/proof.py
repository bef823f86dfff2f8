"""The proof of a deletion on paper, for whoever has to answer for it."""

from __future__ import annotations

from dataclasses import dataclass

from registration.i18n import _, language
from registration.press import SheetDocument, SheetRow, SheetTable, print_sheet
from registration.settings import Settings


@dataclass(frozen=True, slots=True)
class ProofSaid:
    """A proof in the reader's language: ``facts`` are (label, value), ``steps`` what was done and
    looked at again, ``notes`` how to check it."""

    title: str
    receipt: str
    facts: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    printed: str


async def print_proof(said: ProofSaid, *, settings: Settings) -> bytes:
    """A tagged PDF. Raises ``SheetsBusy``."""
    steps = tuple(SheetRow(f"{at}. {step}", "✓", ()) for at, step in enumerate(said.steps, 1))
    tables = (SheetTable(_("What was done"), _("Step"), _("Seen"), (), steps),) if steps else ()
    document = SheetDocument(
        language=language(),
        heading=_("Proof of deletion"),
        title=said.title,
        version=said.receipt,
        facts=said.facts,
        tables=tables,
        notes=said.notes,
        printed=said.printed,
        page=_("Page"),
    )
    return await print_sheet(document, settings=settings)
