"""What slows down who guesses."""

from __future__ import annotations

from collections.abc import Mapping

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap.columns import (
    Erasure,
    Kind,
    Table,
    columns_of,
)

# fmt: off
TABLES: Mapping[str, Table] = {
    "tries": Table(
        heading=N_("Counts of tries, against guessing"),
        columns=columns_of(Kind.TRACE, "hits", "ends_at") | columns_of(Kind.LINK, "id"),
        erasure=Erasure.BY_ITSELF,
        purpose=N_("to slow down who guesses secrets or sends too much"),
        basis=Basis.LEGITIMATE_INTEREST,
        kept=N_("some minutes, under a key that does not say who it was"),
    ),
}
# fmt: on
