"""Persons, and what they allow."""

from __future__ import annotations

from collections.abc import Mapping

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap.columns import (
    PLACE_PURPOSE,
    RELATION_KEPT,
    Erasure,
    Kind,
    Table,
    columns_of,
    nobodys,
)

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
        | columns_of(
            Kind.LINK,
            "id", "source", "calendar_number", "created_at", "changed_at", "address_changed_at",
        ),
        erasure=Erasure.KEEP_BY_DUTY,
        purpose=PLACE_PURPOSE,
        basis=Basis.CONTRACT,
        kept=RELATION_KEPT,
    ),
    "suggestion": Table(
        heading=N_("Changes that somebody proposed to your data"),
        subject="person_id",
        columns=columns_of(Kind.CONTACT, "value")
        | columns_of(
            Kind.LINK, "id", "person_id", "field", "source", "company_id", "suggested_at"
        ),
        erasure=Erasure.DELETE,
        purpose=N_("to let you accept or refuse contact data that your company gave"),
        basis=Basis.LEGITIMATE_INTEREST,
        kept=RELATION_KEPT,
    ),
    "prohibition": Table(
        heading=N_("What you forbade us"),
        columns=columns_of(Kind.CHOICE, "address_key", "purpose", "channel", "since")
        | columns_of(Kind.LINK, "id", "source"),
        erasure=Erasure.BY_ITSELF,
        purpose=N_("to never again send what you said no to, even after your data is deleted"),
        basis=Basis.LEGAL_DUTY,
        kept=N_("for good, under a key that does not say who you are, unless you say yes again"),
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
        purpose=N_("to do only what you allowed"),
        basis=Basis.LEGAL_DUTY,
        kept=RELATION_KEPT,
    ),
    "mailing": nobodys(
        "id", "purpose", "texts", "state", "made_by", "made_at", "changed_at", "tested_at",
        "sent_by", "started_at", "ended_at", "drop_at", "cursor", "total", "queued", "withheld",
    ),
}
# fmt: on
