"""Certificates and what prints and signs them."""

from __future__ import annotations

from collections.abc import Mapping

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap.columns import (
    DUTY_KEEP,
    DUTY_PURPOSE,
    Erasure,
    Keep,
    Kind,
    Since,
    Table,
    columns_of,
    nobodys,
)
from registration.privacy.datamap.parties import Activity, Category, Receiver

# fmt: off
TABLES: Mapping[str, Table] = {
    "certificate": Table(
        heading=N_("Your certificates"),
        subject="person_id",
        columns=columns_of(Kind.NAME, "person_name")
        | columns_of(Kind.COMPANY, "company_name")
        | columns_of(
            Kind.OUTCOME,
            "number", "training_title", "qualifies_for", "grade", "grade_scale", "length_minutes",
            "held", "venue", "trainer_organisation", "issued_on", "valid_until", "revoked_at",
            "revoked_because", "language", "design", "reissued_because",
        )
        | columns_of(
            Kind.LINK,
            "id", "place_id", "person_id", "training_id", "token", "current", "status_index",
            "replaces_id", "told_at",
        ),
        erasure=Erasure.KEEP_BY_DUTY,
        blanked=("revoked_because", "reissued_because"),
        activity=Activity.CERTIFICATES,
        categories=(Category.TRAINING_PARTICIPANT,),
        receivers=(Receiver.ENROLLING_COMPANY, Receiver.CERTIFICATE_CHECKER),
        purpose=DUTY_PURPOSE,
        basis=Basis.LEGAL_DUTY,
        keep=DUTY_KEEP,
    ),
    "printed": Table(
        heading=N_("Files of your certificates, ready to be downloaded"),
        subject="certificate__person_id",
        columns=columns_of(Kind.OUTCOME, "content", "made_at")
        | columns_of(
            Kind.LINK,
            "id", "certificate_id", "key_id", "failure", "claimed_by", "claimed_until", "drop_at",
        ),
        erasure=Erasure.DELETE,
        activity=Activity.CERTIFICATES,
        categories=(Category.TRAINING_PARTICIPANT,),
        receivers=(Receiver.ENROLLING_COMPANY,),
        purpose=N_("to give you and whoever arranges the training the file without a wait"),
        basis=Basis.LEGAL_DUTY,
        keep=Keep(
            Since.DEADLINE, said=N_("at most 14 days; it is made anew when it is asked for")
        ),
    ),
    "revoked_place": nobodys("id", "status_index"),
    "certificate_series": nobodys("id", "year", "issued"),
    "signing_certificate": nobodys(
        "id", "kid", "pem", "first_used_at", "retired_at", "distrusted_at",
    ),
    "print_order": nobodys("id", "session_id", "ordered_by", "ordered_at", "stepped_at"),
}
# fmt: on
