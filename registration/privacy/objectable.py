"""What one can object to: made from the data map, so that no use is forgotten (GDPR Art. 21)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap import DATA_MAP


class RestrictionKind(StrEnum):
    RESTRICT = "restrict"
    OBJECT = "object"


class Ground(StrEnum):
    """Why a person may have their data only kept (GDPR Art. 18(1) a–d)."""

    ACCURACY = "accuracy"
    UNLAWFUL = "unlawful"
    CLAIMS = "claims"
    OBJECTION = "objection"


GROUNDS: Mapping[Ground, str] = {
    Ground.ACCURACY: N_("Something in it is wrong, and you are to look at it"),
    Ground.UNLAWFUL: N_("You use it without a right to, but I do not want it deleted"),
    Ground.CLAIMS: N_("You no longer need it, but I need it for a legal claim"),
    Ground.OBJECTION: N_("I have objected to something, and wait for your answer"),
}


@dataclass(frozen=True, slots=True)
class Use:
    """What is done on the ground of our legitimate interest (``what``), and what changes at once
    when somebody objects to it (``effect``); both msgids."""

    what: str
    effect: str


USES: Mapping[str, Use] = {
    "employment": Use(
        N_("Your company sees what you have earned"),
        N_(
            "Your company sees only the places that it took for you and what you earned on them. "
            "All other certificates are hidden from it."
        ),
    ),
    "suggestion": Use(
        N_("Your company or another sign-up can propose changes to your contact data"),
        N_("What was proposed is deleted, and nothing more that others propose is kept."),
    ),
}
# Rests on our interest too, but is not one person's, or ends by other means that each can use.
BY_OTHER_MEANS: Mapping[str, str] = {
    "dead_address": "/me/mail",
    "account_grant": "/account/data",
}


def on_interest() -> frozenset[str]:
    """The tables that hold data of persons on the ground of our legitimate interest."""
    return frozenset(
        name
        for name, table in DATA_MAP.items()
        if table.basis is Basis.LEGITIMATE_INTEREST and table.subject
    )
