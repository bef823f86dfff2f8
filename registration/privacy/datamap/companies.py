"""Companies, and who works for them."""

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
from registration.privacy.datamap.parties import PARTICIPANTS, Activity, Category, Receiver

# fmt: off
TABLES: Mapping[str, Table] = {
    "employment": Table(
        heading=N_("Companies that you work for"),
        subject="person_id",
        columns=columns_of(Kind.COMPANY, "company_id", "since", "until", "source")
        | columns_of(Kind.LINK, "id", "person_id"),
        erasure=Erasure.DELETE,
        activity=Activity.ENROLLED,
        categories=PARTICIPANTS,
        receivers=(Receiver.ENROLLING_COMPANY,),
        purpose=N_("to let your company enrol you and see what you are qualified for"),
        basis=Basis.LEGITIMATE_INTEREST,
        keep=Keep(
            Since.ENDED,
            ("employment",),
            "until",
            N_("as long as you work there, and {employment} after that"),
        ),
    ),
    "company_approver": Table(
        heading=N_("Companies for which you approve what is booked"),
        subject="account__person_id",
        columns=columns_of(Kind.ACCESS, "company_id", "account_id", "named_by", "named_at")
        | columns_of(Kind.LINK, "id"),
        erasure=Erasure.DELETE,
        activity=Activity.COMPANY,
        categories=(Category.CUSTOMER_CONTACT, Category.COORDINATOR),
        receivers=(Receiver.ENROLLING_COMPANY,),
        purpose=N_("to let a company decide who approves its bookings"),
        basis=Basis.CONTRACT,
        keep=Keep(said=N_("as long as you approve for the company")),
    ),
    "company_application": Table(
        heading=N_("Applications to become a customer"),
        columns=columns_of(Kind.NAME, "name")
        | columns_of(Kind.CONTACT, "email", "language")
        | columns_of(Kind.COMPANY, "company_name", "business_id")
        | columns_of(
            Kind.LINK,
            "id", "asked_at", "decided_at", "decided_by", "company_id", "reason", "drop_at",
        ),
        erasure=Erasure.BY_ITSELF,
        activity=Activity.COMPANY,
        categories=(Category.POTENTIAL_CUSTOMER, Category.CUSTOMER_CONTACT),
        receivers=(),
        purpose=N_("to answer a company that asks to become a customer"),
        basis=Basis.CONTRACT,
        keep=Keep(
            Since.DEADLINE,
            said=N_("90 days after it was answered, or after it came if nobody answers"),
        ),
    ),
    "company": nobodys(
        "id", "name", "business_id", "street", "postal_code", "city", "country",
        "invoice_email", "einvoice_address", "einvoice_operator", "reference", "created_at",
        "vat_number", "order_needed", "cost_centre", "verified_at", "verified_by", "ended_at",
    ),
}
# fmt: on
