"""The demo's companies have been invoiced for the oldest month, and owe for what came after."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from registration.invoicing.queries import to_invoice
from registration.invoicing.rules import BasisGiven
from registration.invoicing.service import make_basis
from registration.settings import Settings


async def invoice_oldest(settings: Settings, *, staff_id: UUID, now: datetime) -> None:
    """What is owed for the oldest month stands on invoicing bases; the rest is left to be made."""
    owed = await to_invoice(zone=settings.time_zone, now=now)
    for each in owed:
        if each.month == owed[-1].month:
            given = BasisGiven(company=each.company_id, month=each.month)
            await make_basis(given, actor_id=staff_id, settings=settings, now=now)
