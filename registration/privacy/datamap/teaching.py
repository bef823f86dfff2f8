"""What happened at a training, and who was told of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap.columns import (
    DUTY_KEEP,
    DUTY_PURPOSE,
    Erasure,
    Keep,
    Kind,
    Table,
    columns_of,
    nobodys,
)
from registration.privacy.datamap.parties import Activity, Category, Receiver

# What a place came to, as long as it must be provable.
result = partial(
    Table,
    subject="place__person_id",
    erasure=Erasure.KEEP_BY_DUTY,
    activity=Activity.RESULTS,
    categories=(Category.TRAINING_PARTICIPANT,),
    purpose=DUTY_PURPOSE,
    basis=Basis.LEGAL_DUTY,
    keep=DUTY_KEEP,
)

# fmt: off
TABLES: Mapping[str, Table] = {
    "attendance": result(
        heading=N_("Your attendance"),
        columns=columns_of(Kind.OUTCOME, "present", "recorded_at")
        | columns_of(Kind.LINK, "id", "place_id", "day_id", "recorded_by"),
        receivers=(Receiver.ENROLLING_COMPANY, Receiver.TRAINER_ORGANISATION),
    ),
    "outcome": result(
        heading=N_("Your grades and completions"),
        columns=columns_of(Kind.OUTCOME, "grade", "completed", "overridden_because", "recorded_at")
        | columns_of(Kind.LINK, "id", "place_id", "version", "recorded_by"),
        blanked=("overridden_because",),
        receivers=(Receiver.ENROLLING_COMPANY, Receiver.TRAINER_ORGANISATION),
    ),
    "outcome_change": result(
        heading=N_("Corrections of your grades and completions"),
        columns=columns_of(
            Kind.OUTCOME,
            "changed_at", "attendance_before", "attendance_after", "grade_before", "grade_after",
            "completed_before", "completed_after", "no_show_before", "no_show_after",
            "because_before", "because_after",
        )
        | columns_of(Kind.LINK, "id", "place_id", "changed_by"),
        blanked=("because_before", "because_after"),
        receivers=(),
    ),
    "pack": Table(
        columns=columns_of(
            Kind.NONE,
            "id", "assignment_id", "recipient_id", "purpose", "format", "people", "made_at",
            "ends_at", "asked_at", "reminded_at", "destroyed_at", "destroyed_by", "destroyed_how",
        ),
        erasure=Erasure.NOT_PERSONAL,
    ),
    "assignment": Table(
        heading=N_("Sessions that you were asked to teach"),
        subject="account__person_id",
        columns=columns_of(
            Kind.ACCESS, "ends_at", "created_at", "accepted_at", "declined_at", "declined_because"
        )
        | columns_of(Kind.LINK, "id", "session_id", "account_id", "recipient_id"),
        erasure=Erasure.PSEUDONYMOUS,
        blanked=("declined_because",),
        activity=Activity.WORK,
        categories=(Category.TRAINER,),
        receivers=(),
        purpose=N_("to agree with you on what you teach, and to show you only those people"),
        basis=Basis.CONTRACT,
        keep=Keep(said=N_("as long as the session is on record, to say who taught it")),
    ),
    "recipient": nobodys("id", "name", "country", "agreement_on", "agreement_until", "safeguard"),
    "result_lock": nobodys(
        "id", "session_id", "locked_at", "locked_by", "reopened_at", "reopened_by",
        "reopened_because",
    ),
}
# fmt: on
