"""What was said of trainings and events afterwards."""

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
from registration.privacy.datamap.parties import PARTICIPANTS, Activity

# fmt: off
FEEDBACK_PURPOSE = N_("to make our trainings and events better")
ANSWERS = ("overall", "content", "arrangements", "recommend", "own_1", "own_2", "good", "better")
TABLES: Mapping[str, Table] = {
    "named_feedback": Table(
        heading=N_("Feedback that you gave under your name"),
        subject="person_id",
        columns=columns_of(Kind.OPINION, *ANSWERS, "made_at", "changed_at")
        | columns_of(Kind.LINK, "id", "survey_id", "person_id", "place_id")
        | columns_of(Kind.NONE, "drop_at"),
        erasure=Erasure.DELETE,
        activity=Activity.FEEDBACK,
        categories=PARTICIPANTS,
        receivers=(),
        purpose=FEEDBACK_PURPOSE,
        basis=Basis.CONSENT,
        keep=Keep(
            Since.DEADLINE,
            said=N_("two years, or until you delete it"),
        ),
    ),
    # Nobody's by itself; but a comment may say more than its writer meant.
    "feedback": Table(
        heading=N_("Feedback that you gave without your name"),
        columns=columns_of(Kind.OPINION, *ANSWERS)
        | columns_of(Kind.NONE, "id", "survey_id", "way", "shown", "drop_at"),
        erasure=Erasure.BY_ITSELF,
        activity=Activity.FEEDBACK,
        categories=PARTICIPANTS,
        receivers=(),
        purpose=FEEDBACK_PURPOSE,
        basis=Basis.LEGITIMATE_INTEREST,
        keep=Keep(
            Since.DEADLINE,
            said=N_("two years; nobody can tell that it is yours"),
        ),
    ),
    "spent_ticket": nobodys("key", "drop_at"),
    "survey": nobodys("id", "kind", "offering_id", "own", "asked_at", "closed_at"),
}
# fmt: on
