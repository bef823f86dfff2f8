"""Persons, and what they allow."""

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
from registration.privacy.datamap.parties import KNOWN, PARTICIPANTS, WHO_SEES_PLACES, Activity

# fmt: off
TABLES: Mapping[str, Table] = {
    "person": Table(
        heading=N_("Your contact data"),
        subject="id",
        columns=columns_of(Kind.NAME, "first_name", "last_name", "name_key")
        | columns_of(
            Kind.CONTACT,
            "email", "phone", "street", "postal_code", "city", "country", "language",
        )
        | columns_of(Kind.COMPANY, "company_name")
        | columns_of(Kind.CHOICE, "restricted_at", "untold_at", "unsuggested_at")
        | columns_of(
            Kind.LINK,
            "id", "source", "calendar_number", "created_at", "changed_at", "tied_until",
            "address_changed_at",
        ),
        erasure=Erasure.KEEP_BY_DUTY,
        blanked=(
            "first_name", "last_name", "name_key", "email", "phone", "street", "postal_code",
            "city", "country", "language", "company_name", "restricted_at", "untold_at",
            "unsuggested_at",
        ),
        proves=("first_name", "last_name", "company_name"),
        activity=Activity.CONTACT,
        categories=KNOWN,
        receivers=WHO_SEES_PLACES,
        purpose=PLACE_PURPOSE,
        basis=Basis.CONTRACT,
        keep=Keep(
            Since.RELATION,
            ("relation",),
            said=N_(
                "until nothing has tied you to us for {relation}: no place, no employment, no "
                "login and no consent"
            ),
        ),
    ),
    "suggestion": Table(
        heading=N_("Changes that somebody proposed to your data"),
        subject="person_id",
        columns=columns_of(Kind.CONTACT, "value")
        | columns_of(
            Kind.LINK, "id", "person_id", "field", "source", "company_id", "suggested_at"
        ),
        erasure=Erasure.DELETE,
        activity=Activity.ENROLLED,
        categories=PARTICIPANTS,
        receivers=(),
        purpose=N_("to let you accept or refuse contact data that your company gave"),
        basis=Basis.LEGITIMATE_INTEREST,
        keep=Keep(
            Since.MADE,
            ("suggestions",),
            "suggested_at",
            N_("until you accept or refuse it, at most {suggestions}"),
        ),
    ),
    "prohibition": Table(
        heading=N_("What you forbade us"),
        columns=columns_of(Kind.CHOICE, "address_key", "purpose", "channel", "since")
        | columns_of(Kind.LINK, "id", "source"),
        erasure=Erasure.BY_ITSELF,
        activity=Activity.CHOICES,
        categories=KNOWN,
        receivers=(),
        purpose=N_("to never again send what you said no to, even after your data is deleted"),
        basis=Basis.LEGAL_DUTY,
        keep=Keep(
            said=N_("for good, under a key that does not say who you are, unless you say yes again")
        ),
    ),
    "consent": Table(
        heading=N_("What you allowed"),
        subject="person_id",
        columns=columns_of(
            Kind.CHOICE,
            "purpose", "channel", "text_version", "language", "given_at", "confirmed_at",
            "withdrawn_at", "withdrawn_source",
        )
        | columns_of(
            Kind.LINK,
            "id", "person_id", "source", "address_key", "text_digest", "ask_id", "asked_at",
        ),
        erasure=Erasure.DELETE,
        activity=Activity.CHOICES,
        categories=KNOWN,
        receivers=(),
        purpose=N_("to do only what you allowed"),
        basis=Basis.LEGAL_DUTY,
        keep=Keep(
            Since.ENDED,
            ("consents",),
            "withdrawn_at",
            N_("as long as it stands, and {consents} after you take it back"),
        ),
    ),
    "mailing": nobodys(
        "id", "purpose", "texts", "state", "made_by", "made_at", "changed_at", "tested_at",
        "sent_by", "started_at", "ended_at", "drop_at", "cursor", "total", "queued", "withheld",
    ),
}
# fmt: on
