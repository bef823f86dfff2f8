"""Companies' own systems."""

from __future__ import annotations

from collections.abc import Mapping

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap.columns import (
    Erasure,
    Keep,
    Kind,
    Since,
    Table,
    columns_of,
    nobodys,
)
from registration.privacy.datamap.parties import PARTICIPANTS, Activity, Receiver

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
        activity=Activity.ENROLLED,
        categories=PARTICIPANTS,
        receivers=(Receiver.ENROLLING_COMPANY,),
        purpose=N_("to tell your company's own system of changes to a place that it booked"),
        basis=Basis.CONTRACT,
        keep=Keep(Since.DEADLINE, said=N_("two weeks, under numbers without your name")),
    ),
    "webhook": nobodys(
        "id", "company_id", "url", "sealed_secret", "events", "made_by", "made_at",
        "failing_since", "ended_at", "ended_because",
    ),
    "webhook_cursor": nobodys("id", "position"),
}
# fmt: on
