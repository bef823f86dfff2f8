"""Companies' own systems."""

from __future__ import annotations

from collections.abc import Mapping

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap.columns import (
    Erasure,
    Kind,
    Table,
    columns_of,
    nobodys,
)

# fmt: off
TABLES: Mapping[str, Table] = {
    "webhook_delivery": Table(
        heading=N_("Messages to your company's own systems"),
        columns=columns_of(
            Kind.LINK,
            "id", "webhook_id", "event", "place_id", "session_id", "event_id", "status",
            "happened_at", "state", "due_at", "tries", "answer", "tried_at",
        ),
        erasure=Erasure.BY_ITSELF,
        purpose=N_("to tell a company's own system that a place it took for you has changed"),
        basis=Basis.CONTRACT,
        kept=N_("two weeks, under ids without your name"),
    ),
    "webhook": nobodys(
        "id", "company_id", "url", "sealed_secret", "events", "made_by", "made_at",
        "failing_since", "ended_at", "ended_because",
    ),
    "webhook_cursor": nobodys("id", "position"),
}
# fmt: on
