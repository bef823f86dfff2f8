"""What people asked of us, and what authorities require."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

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
from registration.privacy.datamap.parties import EVERYBODY, KNOWN, Activity

# What answers people who use their rights.
right = partial(
    Table,
    activity=Activity.RIGHTS,
    categories=KNOWN,
    receivers=(),
    basis=Basis.LEGAL_DUTY,
)
request = partial(
    right,
    erasure=Erasure.PSEUDONYMOUS,
    categories=EVERYBODY,
    purpose=N_("to answer what you ask, and to be able to prove that we did"),
)
ANSWERED = N_("{settled} after the answer; without your name once your data is deleted")

# fmt: off
TABLES: Mapping[str, Table] = {
    "rights_request": request(
        heading=N_("What you asked us, and what we answered"),
        subject="person_id",
        columns=columns_of(Kind.NAME, "asker_name")
        | columns_of(Kind.CONTACT, "asker_contact", "asker_email", "language")
        | columns_of(
            Kind.CHOICE,
            "kind", "channel", "received_at", "asked", "behalf", "mandate_seen", "identity",
            "identity_seen", "identity_at", "identity_asked_at", "due_at", "extended_until",
            "extended_because", "last_copy_at", "fee", "fee_cents", "fee_because", "state",
            "decision", "ground", "decision_because", "decided_at", "carried_out_at",
            "answered_how", "answered_at",
        )
        | columns_of(
            Kind.LINK,
            "id", "reference", "person_id", "account_id", "identity_by", "fee_by", "decided_by",
            "answered_by", "handler_id", "made_by", "drop_at", "matched",
        ),
        blanked=(
            "asker_name", "asker_contact", "asker_email", "asked", "mandate_seen",
            "identity_seen", "extended_because", "fee_because", "decision_because",
        ),
        keep=Keep(Since.ENDED, ("settled",), "answered_at", ANSWERED),
    ),
    "rights_part": request(
        heading=N_("What we decided on what you asked, part by part"),
        subject="request__person_id",
        columns=columns_of(Kind.CHOICE, "what", "decision", "because")
        | columns_of(Kind.LINK, "id", "request_id", "position"),
        blanked=("because",),
        keep=Keep(Since.NEEDED, ("settled",), said=ANSWERED),
    ),
    "redaction": request(
        heading=N_("What we left out of a copy for you, to protect somebody else"),
        subject="request__person_id",
        columns=columns_of(Kind.CHOICE, "record_table", "record_column", "because", "made_at")
        | columns_of(Kind.LINK, "id", "request_id", "record_id", "made_by"),
        blanked=("because",),
        categories=KNOWN,
        keep=Keep(Since.NEEDED, ("settled",), said=ANSWERED),
    ),
    "request_series": nobodys("id", "year", "issued"),
    "restriction": right(
        heading=N_("What you restricted or objected to"),
        subject="person_id",
        columns=columns_of(
            Kind.CHOICE,
            "kind", "scope", "ground", "because", "made_at", "upheld", "decided_because",
            "decided_at", "lifted_at",
        )
        | columns_of(Kind.LINK, "id", "person_id", "request_id", "decided_by"),
        erasure=Erasure.DELETE,
        purpose=N_("to use your data only as far as you left it open"),
        keep=Keep(
            Since.ENDED,
            ("settled",),
            "lifted_at",
            N_("as long as it stands, and {settled} after that"),
        ),
    ),
    "hold": right(
        heading=N_("What an authority requires us to keep"),
        subject="person_id",
        columns=columns_of(
            Kind.CHOICE,
            "record_table", "columns", "authority", "reference", "reason", "review_on",
            "placed_at", "lifted_at", "lifted_because",
        )
        | columns_of(
            Kind.LINK,
            "id", "person_id", "record_id", "silent", "reviewed_at", "reviewed_by", "placed_by",
            "lifted_by",
        ),
        erasure=Erasure.KEEP_BY_DUTY,
        purpose=N_("to keep what an authority requires, and nothing more"),
        keep=Keep(
            Since.ENDED,
            ("settled",),
            "lifted_at",
            N_("until the authority no longer requires it, and {settled} after that"),
        ),
    ),
    "retention_run": nobodys(
        "id", "started_at", "stepped_at", "ended_at", "actor_id", "longest_ms",
    ),
    "retention_receipt": nobodys(
        "id", "run_id", "rule", "months", "deleted", "held", "restricted", "pending", "done_at",
        "entry_number",
    ),
    "gone": right(
        heading=N_("Whose data was deleted"),
        columns=columns_of(Kind.TRACE, "subject_id", "erased_at")
        | columns_of(Kind.LINK, "id", "waits"),
        erasure=Erasure.BY_ITSELF,
        purpose=N_("to delete it again should a backup bring it back"),
        keep=Keep(
            Since.DEADLINE,
            said=N_("as long as a backup may hold it, under a number that leads nowhere"),
        ),
    ),
    "notice_version": nobodys(
        "id", "number", "digest", "content", "compared_with", "concerned", "summary", "state",
        "made_at", "tell_at", "decided_at", "decided_by", "because", "stage", "told_until", "told",
        "finished_at",
    ),
}
# fmt: on
