"""What happened, under ids without names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

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

# What was done, as long as there is a ledger.
trace = partial(
    Table,
    erasure=Erasure.PSEUDONYMOUS,
    activity=Activity.RECORD,
    categories=EVERYBODY,
    receivers=(),
    purpose=N_("to show you who saw what, and to be able to prove it"),
    basis=Basis.LEGAL_DUTY,
    keep=Keep(said=N_("for good; once your data is deleted, under a number that leads nowhere")),
)

# fmt: off
TABLES: Mapping[str, Table] = {
    "disclosure": trace(
        heading=N_("Who saw your data"),
        subject="person_id",
        columns=columns_of(
            Kind.TRACE,
            "at", "purpose", "basis", "road", "fields_shown", "actor_id", "recipient_id",
            "object_id",
        )
        | columns_of(Kind.LINK, "id", "person_id", "block", "leaf"),
    ),
    "ledger_entry": trace(
        heading=N_("What was done with your data"),
        subject="subject_id",
        columns=columns_of(Kind.TRACE, "at", "act", "actor_id", "object_id", "detail")
        | columns_of(Kind.LINK, "number", "subject_id"),
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
