"""Places, and what leads to them."""

from __future__ import annotations

from collections.abc import Mapping

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap.columns import (
    PLACE_PURPOSE,
    Erasure,
    Keep,
    Kind,
    Since,
    Table,
    columns_of,
    nobodys,
)
from registration.privacy.datamap.parties import (
    PARTICIPANTS,
    WHO_SEES_PLACES,
    Activity,
    Category,
    Receiver,
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
        blanked=("order_number", "submission", "agreed_at", "objected_at"),
        activity=Activity.PLACES,
        categories=PARTICIPANTS,
        receivers=WHO_SEES_PLACES,
        purpose=PLACE_PURPOSE,
        basis=Basis.CONTRACT,
        keep=Keep(
            Since.OFFERING,
            ("event_places", "training_places", "qualification", "lasting_qualification"),
            said=N_(
                "an event: {event_places} after it; a training that was not completed, or a "
                "place that was cancelled: {training_places} after it; a completed training: "
                "{qualification} after the qualification has ended, without an end "
                "{lasting_qualification} after the training"
            ),
        ),
    ),
    "interest": Table(
        heading=N_("Trainings that you want to hear of"),
        subject="person_id",
        columns=columns_of(Kind.CHOICE, "training_id", "created_at", "told_at", "drop_at")
        | columns_of(Kind.LINK, "id", "person_id"),
        erasure=Erasure.DELETE,
        activity=Activity.NEWS,
        categories=(Category.POTENTIAL_CUSTOMER,),
        receivers=(),
        purpose=N_("to tell you when a date opens for a training that you asked about"),
        basis=Basis.CONSENT,
        keep=Keep(
            Since.DEADLINE,
            said=N_("a year, or until you say that you no longer want to hear of it"),
        ),
    ),
    "held_seat": Table(
        heading=N_("Seats that a company keeps without names"),
        columns=columns_of(
            Kind.LINK,
            "id", "seating_id", "company_id", "held_by", "order_number", "price_cents",
            "vat_basis_points", "until", "created_at",
        ),
        erasure=Erasure.BY_ITSELF,
        activity=Activity.COMPANY,
        categories=(Category.CUSTOMER_CONTACT, Category.COORDINATOR),
        receivers=(Receiver.ENROLLING_COMPANY,),
        purpose=N_("to keep seats for people whose names the company gives later"),
        basis=Basis.CONTRACT,
        keep=Keep(Since.DEADLINE, said=N_("until the seat has a name or is given back")),
    ),
    "objection": Table(
        heading=N_("Your objections to being enrolled"),
        subject="person_id",
        columns=columns_of(Kind.CHOICE, "reason", "made_at", "settled_at")
        | columns_of(Kind.LINK, "id", "place_id", "person_id", "company_id", "settled_by"),
        erasure=Erasure.DELETE,
        activity=Activity.ENROLLED,
        categories=PARTICIPANTS,
        receivers=(Receiver.ENROLLING_COMPANY,),
        purpose=N_("to deal with what you object to, and to be able to prove it"),
        basis=Basis.LEGAL_DUTY,
        keep=Keep(
            Since.ENDED,
            ("settled",),
            "settled_at",
            N_("until it is settled, and {settled} after that"),
        ),
    ),
    "kept_count": nobodys("id", "seating_id", "status", "outcome", "number"),
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
        activity=Activity.ENROLLED,
        categories=PARTICIPANTS,
        receivers=(Receiver.ENROLLING_COMPANY,),
        purpose=N_("to let a company check a list before it enrols the people on it"),
        basis=Basis.LEGITIMATE_INTEREST,
        keep=Keep(Since.DEADLINE, said=N_("at most a day")),
    ),
    "stored_answer": Table(
        columns=columns_of(Kind.LINK, "key", "request_digest", "status", "body", "created_at"),
        erasure=Erasure.BY_ITSELF,
        keep=Keep(Since.DEADLINE, said=N_("a day")),
    ),
}
# fmt: on
