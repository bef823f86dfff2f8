"""The dietary store."""

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
)
from registration.privacy.datamap.parties import Activity, Category, Receiver

# fmt: off
TABLES: Mapping[str, Table] = {
    "sealed_diet": Table(
        heading=N_("Food restrictions for one event"),
        store="dietary",
        columns=columns_of(Kind.DIET, "content")
        | columns_of(Kind.LINK, "token", "event_id", "written_at"),
        erasure=Erasure.BY_ITSELF,
        activity=Activity.DIETS,
        categories=(Category.EVENT_PARTICIPANT,),
        receivers=(Receiver.ORGANISERS, Receiver.CATERER),
        purpose=N_("to cater for you at that event; only its organisers see them"),
        basis=Basis.EXPLICIT_CONSENT,
        keep=Keep(
            Since.DEADLINE,
            said=N_("until the event is over: they delete themselves, at the latest 7 days after"),
        ),
    ),
    "handed_sheet": Table(
        store="dietary",
        columns=columns_of(
            Kind.NONE, "id", "event_id", "version", "content", "road", "made_at", "made_by"
        ),
        erasure=Erasure.NOT_PERSONAL,
    ),
    "caterer_link": Table(
        store="dietary",
        columns=columns_of(
            Kind.NONE,
            "id", "event_id", "secret_hash", "caterer", "made_by", "made_at",
            "ends_at", "revoked_at", "openings", "opened_at",
        ),
        erasure=Erasure.NOT_PERSONAL,
    ),
    "vault": Table(
        store="dietary",
        columns=columns_of(
            Kind.NONE,
            "event_id", "key_id", "keyed", "opened_at", "closed_at", "reason", "due_at", "diets",
            "deleted_at", "finished_at", "tries", "next_try_at", "trouble", "days_gone",
            "old_key_id", "day_diets", "day_due_at",
        ),
        erasure=Erasure.NOT_PERSONAL,
    ),
}
# fmt: on
