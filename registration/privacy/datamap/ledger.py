"""What happened, under ids without names."""

from __future__ import annotations

from collections.abc import Mapping

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap.columns import (
    Erasure,
    Keep,
    Kind,
    Table,
    columns_of,
    nobodys,
)
from registration.privacy.datamap.parties import EVERYBODY, Activity

FOR_GOOD = Keep(said=N_("for good; once your data is deleted, under a number that leads nowhere"))

# fmt: off
TABLES: Mapping[str, Table] = {
    "disclosure": Table(
        heading=N_("Who saw your data"),
        subject="person_id",
        columns=columns_of(
            Kind.TRACE,
            "at", "purpose", "basis", "road", "fields_shown", "actor_id", "recipient_id",
            "object_id",
        )
        | columns_of(Kind.LINK, "id", "person_id", "block", "leaf"),
        erasure=Erasure.PSEUDONYMOUS,
        activity=Activity.RECORD,
        categories=EVERYBODY,
        receivers=(),
        purpose=N_("to show you who saw what, and to be able to prove it"),
        basis=Basis.LEGAL_DUTY,
        keep=FOR_GOOD,
    ),
    "ledger_entry": Table(
        heading=N_("What was done with your data"),
        subject="subject_id",
        columns=columns_of(Kind.TRACE, "at", "act", "actor_id", "object_id", "detail")
        | columns_of(Kind.LINK, "number", "subject_id"),
        erasure=Erasure.PSEUDONYMOUS,
        activity=Activity.RECORD,
        categories=EVERYBODY,
        receivers=(),
        purpose=N_("to show you who saw what, and to be able to prove it"),
        basis=Basis.LEGAL_DUTY,
        keep=FOR_GOOD,
    ),
    "ledger_block": nobodys(
        "id", "position", "sealed_at", "entries", "disclosures", "receipts", "seals_to", "settled",
        "root", "digest",
    ),
    "ledger_seal": nobodys("id", "position", "entry_number", "digest"),
    "receipt": nobodys(
        "id", "event_id", "reason", "diets", "due_at", "done_at", "lateness_seconds",
        "deletion_id", "steps", "entry_number", "block", "leaf",
    ),
}
# fmt: on
