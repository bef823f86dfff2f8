"""Places, and what leads to them."""

from __future__ import annotations

from collections.abc import Mapping

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap.columns import (
    PLACE_PURPOSE,
    RELATION_KEPT,
    Erasure,
    Kind,
    Table,
    columns_of,
)

# fmt: off
TABLES: Mapping[str, Table] = {
    "place": Table(
        heading=N_("Your places"),
        subject="person_id",
        columns=columns_of(
            Kind.PARTICIPATION,
            "status", "awaits", "created_at", "changed_at", "ended_at", "source", "until",
            "reminded_at",
        )
        | columns_of(Kind.CHOICE, "agreed_at", "objected_at")
        | columns_of(
            Kind.LINK,
            "id", "seating_id", "person_id", "current", "turn", "company_id", "enrolled_by",
            "submission", "diet_token", "price_cents", "vat_basis_points", "order_number",
            "moved_from", "invoice_id",
        ),
        erasure=Erasure.KEEP_BY_DUTY,
        purpose=PLACE_PURPOSE,
        basis=Basis.CONTRACT,
        kept=RELATION_KEPT,
    ),
    "interest": Table(
        heading=N_("Trainings that you want to hear of"),
        subject="person_id",
        columns=columns_of(Kind.CHOICE, "training_id", "created_at", "told_at", "drop_at")
        | columns_of(Kind.LINK, "id", "person_id"),
        erasure=Erasure.DELETE,
        purpose=N_("to tell you when a date opens for a training that you asked about"),
        basis=Basis.CONSENT,
        kept=N_("a year, or until you say that you no longer want to hear of it"),
    ),
    "held_seat": Table(
        heading=N_("Seats that a company keeps without names"),
        columns=columns_of(
            Kind.LINK,
            "id", "seating_id", "company_id", "held_by", "order_number", "price_cents",
            "vat_basis_points", "until", "created_at",
        ),
        erasure=Erasure.BY_ITSELF,
        purpose=PLACE_PURPOSE,
        basis=Basis.CONTRACT,
        kept=N_("until the seat has a name or is given back"),
    ),
    "objection": Table(
        heading=N_("Your objections to being enrolled"),
        subject="person_id",
        columns=columns_of(Kind.CHOICE, "reason", "made_at", "settled_at")
        | columns_of(Kind.LINK, "id", "place_id", "person_id", "company_id", "settled_by"),
        erasure=Erasure.DELETE,
        purpose=N_("to deal with what you object to, and to be able to prove it"),
        basis=Basis.LEGAL_DUTY,
        kept=RELATION_KEPT,
    ),
    "upload": Table(
        heading=N_("Lists that a company uploads to enrol its employees"),
        columns=columns_of(Kind.CONTACT, "reading", "file_name", "kept")
        | columns_of(
            Kind.LINK,
            "id", "company_id", "account_id", "session_id", "digest", "state", "created_at",
            "drop_at", "enrolled", "actor_id", "language", "order_number", "total", "done", "tally",
            "stepped_at",
        ),
        erasure=Erasure.BY_ITSELF,
        purpose=N_("to let a company check a list before it enrols the people on it"),
        basis=Basis.LEGITIMATE_INTEREST,
        kept=N_("at most a day"),
    ),
    "stored_answer": Table(
        columns=columns_of(Kind.LINK, "key", "request_digest", "status", "body", "created_at"),
        erasure=Erasure.BY_ITSELF,
        kept=N_("a day"),
    ),
}
# fmt: on
