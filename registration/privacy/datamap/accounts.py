"""Who logs in, and by what."""

from __future__ import annotations

from collections.abc import Mapping

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap.columns import (
    FACTOR_KEPT,
    FACTOR_PURPOSE,
    RELATION_KEPT,
    Erasure,
    Kind,
    Table,
    columns_of,
    nobodys,
)

# fmt: off
TABLES: Mapping[str, Table] = {
    "account": Table(
        heading=N_("Your account"),
        subject="person_id",
        columns=columns_of(Kind.NAME, "name")
        | columns_of(Kind.CONTACT, "email", "login_email", "language")
        | columns_of(Kind.ACCESS, "nda_on", "created_at", "ended_at")
        | columns_of(Kind.LINK, "id", "person_id"),
        erasure=Erasure.DELETE,
        purpose=N_("to let you log in"),
        basis=Basis.CONTRACT,
        kept=RELATION_KEPT,
    ),
    "login": Table(
        heading=N_("Your logins"),
        subject="account__person_id",
        columns=columns_of(
            Kind.ACCESS,
            "device", "how", "strong", "proved_at", "created_at", "seen_at", "expires_at",
            "revoked_at",
        )
        | columns_of(Kind.LINK, "id", "account_id", "secret_hash"),
        erasure=Erasure.DELETE,
        purpose=N_("to keep you logged in, and to let you end a login"),
        basis=Basis.CONTRACT,
        kept=N_("until shortly after it has ended"),
    ),
    "login_link": Table(
        heading=N_("Login links sent to you"),
        subject="account__person_id",
        columns=columns_of(Kind.ACCESS, "created_at", "expires_at", "used_at")
        | columns_of(Kind.LINK, "id", "account_id", "secret_hash", "next_path", "confirmed"),
        erasure=Erasure.DELETE,
        purpose=N_("to let you log in"),
        basis=Basis.CONTRACT,
        kept=N_("until shortly after it has ended"),
    ),
    "passkey": Table(
        heading=N_("Your passkeys"),
        subject="account__person_id",
        columns=columns_of(Kind.ACCESS, "name", "created_at", "used_at")
        | columns_of(Kind.LINK, "id", "account_id", "credential", "public_key", "sign_count"),
        erasure=Erasure.DELETE,
        purpose=FACTOR_PURPOSE,
        basis=Basis.CONTRACT,
        kept=FACTOR_KEPT,
    ),
    "authenticator": Table(
        heading=N_("Your authenticator app"),
        subject="account__person_id",
        columns=columns_of(Kind.ACCESS, "created_at", "used_at")
        | columns_of(Kind.LINK, "id", "account_id", "sealed_secret", "last_step"),
        erasure=Erasure.DELETE,
        purpose=FACTOR_PURPOSE,
        basis=Basis.CONTRACT,
        kept=FACTOR_KEPT,
    ),
    "recovery_code": Table(
        heading=N_("Your recovery codes"),
        subject="account__person_id",
        columns=columns_of(Kind.ACCESS, "created_at")
        | columns_of(Kind.LINK, "id", "account_id", "salt", "code_hash"),
        erasure=Erasure.DELETE,
        purpose=FACTOR_PURPOSE,
        basis=Basis.CONTRACT,
        kept=FACTOR_KEPT,
    ),
    "outside_login": Table(
        heading=N_("Your organisation's login"),
        subject="account__person_id",
        columns=columns_of(Kind.ACCESS, "outside_subject", "created_at", "used_at")
        | columns_of(Kind.LINK, "id", "account_id", "issuer"),
        erasure=Erasure.DELETE,
        purpose=FACTOR_PURPOSE,
        basis=Basis.CONTRACT,
        kept=FACTOR_KEPT,
    ),
    "code_guess": Table(
        heading=N_("Wrong codes typed for your account"),
        subject="account__person_id",
        columns=columns_of(Kind.ACCESS, "wrong", "closed_until")
        | columns_of(Kind.LINK, "id", "account_id"),
        erasure=Erasure.DELETE,
        purpose=FACTOR_PURPOSE,
        basis=Basis.CONTRACT,
        kept=N_("until the next right code"),
    ),
    "api_token": Table(
        columns=columns_of(Kind.ACCESS, "created_at", "expires_at", "used_at", "revoked_at")
        | columns_of(Kind.LINK, "id", "account_id", "secret_hash", "scope", "name"),
        erasure=Erasure.DELETE,
        subject="account__person_id",
        heading=N_("Your API tokens"),
        purpose=N_("to let your own systems in"),
        basis=Basis.CONTRACT,
        kept=N_("until shortly after it has ended"),
    ),
    "account_grant": Table(
        columns=columns_of(
            Kind.ACCESS,
            "role", "reason", "starts_at", "ends_at", "end_reason", "reviewed_at", "reminded_at",
        )
        | columns_of(Kind.LINK, "id", "account_id", "scope_id", "granted_by", "reviewed_by"),
        erasure=Erasure.DELETE,
        subject="account__person_id",
        heading=N_("What your account may do"),
        purpose=N_("to give access only to those whose duties need it"),
        basis=Basis.LEGITIMATE_INTEREST,
        kept=RELATION_KEPT,
    ),
    "login_help": Table(
        columns=columns_of(
            Kind.ACCESS, "asked_at", "expires_at", "checked_how", "checked_at", "closed_at", "done"
        )
        | columns_of(Kind.LINK, "id", "account_id", "asked_by", "checked_by", "closed_by"),
        erasure=Erasure.DELETE,
        subject="account__person_id",
        heading=N_("Help with your login"),
        purpose=N_("to let you in again when you have lost a second factor"),
        basis=Basis.CONTRACT,
        kept=N_("until shortly after it has ended"),
    ),
    "spent_proof": nobodys("id", "expires_at"),
}
# fmt: on
