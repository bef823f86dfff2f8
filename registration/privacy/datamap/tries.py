"""What slows down who guesses."""

from __future__ import annotations

from collections.abc import Mapping

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap.columns import (
    LOGIN_PURPOSE,
    Erasure,
    Keep,
    Kind,
    Since,
    Table,
    columns_of,
)
from registration.privacy.datamap.parties import EVERYBODY, Activity

# fmt: off
TABLES: Mapping[str, Table] = {
    "tries": Table(
        heading=N_("Counts of tries, against guessing"),
        columns=columns_of(Kind.TRACE, "hits", "ends_at") | columns_of(Kind.LINK, "id"),
        erasure=Erasure.BY_ITSELF,
        activity=Activity.LOGIN,
        categories=EVERYBODY,
        receivers=(),
        purpose=LOGIN_PURPOSE,
        basis=Basis.LEGITIMATE_INTEREST,
        keep=Keep(
            Since.DEADLINE,
            said=N_("some minutes, under a key that does not say who it was"),
        ),
    ),
}
# fmt: on
