"""Mail that goes out, and what came back."""

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
)
from registration.privacy.datamap.parties import EVERYBODY, Activity, Receiver

# fmt: off
TABLES: Mapping[str, Table] = {
    "mail": Table(
        heading=N_("Mail to you"),
        subject="person_id",
        columns=columns_of(
            Kind.LETTER, "address", "subject", "body_text", "body_html", "calendar"
        )
        | columns_of(
            Kind.LINK,
            "id", "template", "purpose", "person_id", "account_id", "language",
            "calendar_method", "state", "queued_at", "next_try_at", "claimed_by", "address_hash",
            "drop_at", "tries", "sent_at", "failure",
        ),
        erasure=Erasure.DELETE,
        activity=Activity.MAIL,
        categories=EVERYBODY,
        receivers=(Receiver.CARRIER,),
        purpose=PLACE_PURPOSE,
        basis=Basis.CONTRACT,
        keep=Keep(
            Since.DEADLINE,
            said=N_("the text until it is sent; that it was sent, for 13 months"),
        ),
    ),
    "dead_address": Table(
        heading=N_("Addresses from which mail came back"),
        subject="person_id",
        columns=columns_of(Kind.CONTACT, "address_hash")
        | columns_of(Kind.LINK, "id", "person_id", "code", "bounced_at", "again_at"),
        erasure=Erasure.DELETE,
        activity=Activity.MAIL,
        categories=EVERYBODY,
        receivers=(),
        purpose=N_("to stop mail to an address that does not work, and to tell you of it"),
        basis=Basis.LEGITIMATE_INTEREST,
        keep=Keep(
            Since.DEADLINE,
            said=N_("until the address is corrected or works again, at most 13 months"),
        ),
    ),
}
# fmt: on
