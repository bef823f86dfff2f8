"""Who logs in, and by what."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap.columns import (
    FACTOR_KEEP,
    LOGIN_PURPOSE,
    Erasure,
    Keep,
    Kind,
    Since,
    Table,
    columns_of,
    nobodys,
)
from registration.privacy.datamap.parties import EVERYBODY, WORKING, Activity

# An account lets its holder in, and so does what hangs on it.
lets_in = partial(
    Table,
    subject="account__person_id",
    erasure=Erasure.DELETE,
    activity=Activity.LOGIN,
    categories=EVERYBODY,
    receivers=(),
    purpose=LOGIN_PURPOSE,
    basis=Basis.CONTRACT,
)
SOON = Keep(Since.DEADLINE, said=N_("until shortly after they have ended"))

# fmt: off
TABLES: Mapping[str, Table] = {
    "account": lets_in(
        heading=N_("Your account"),
        subject="person_id",
        columns=columns_of(Kind.NAME, "name")
        | columns_of(Kind.CONTACT, "email", "login_email", "language")
        | columns_of(Kind.ACCESS, "nda_on", "created_at", "ended_at")
        | columns_of(Kind.LINK, "id", "person_id"),
        keep=Keep(
            Since.ENDED,
            ("accounts",),
            "ended_at",
            N_("as long as it is in use, and {accounts} after its end"),
        ),
    ),
    "login": lets_in(
        heading=N_("Your logins"),
        columns=columns_of(
            Kind.ACCESS,
            "device", "how", "strong", "proved_at", "created_at", "seen_at", "expires_at",
            "revoked_at",
        )
        | columns_of(Kind.LINK, "id", "account_id", "secret_hash"),
        keep=SOON,
    ),
    "login_link": lets_in(
        heading=N_("Login links sent to you"),
        columns=columns_of(Kind.ACCESS, "created_at", "expires_at", "used_at")
        | columns_of(Kind.LINK, "id", "account_id", "secret_hash", "next_path", "confirmed"),
        keep=SOON,
    ),
    "passkey": lets_in(
        heading=N_("Your passkeys"),
        columns=columns_of(Kind.ACCESS, "name", "created_at", "used_at")
        | columns_of(Kind.LINK, "id", "account_id", "credential", "public_key", "sign_count"),
        keep=FACTOR_KEEP,
    ),
    "authenticator": lets_in(
        heading=N_("Your authenticator app"),
        columns=columns_of(Kind.ACCESS, "created_at", "used_at")
        | columns_of(Kind.LINK, "id", "account_id", "sealed_secret", "last_step"),
        keep=FACTOR_KEEP,
    ),
    "recovery_code": lets_in(
        heading=N_("Your recovery codes"),
        columns=columns_of(Kind.ACCESS, "created_at")
        | columns_of(Kind.LINK, "id", "account_id", "salt", "code_hash"),
        keep=FACTOR_KEEP,
    ),
    "outside_login": lets_in(
        heading=N_("Your organisation's login"),
        columns=columns_of(Kind.ACCESS, "outside_subject", "created_at", "used_at")
        | columns_of(Kind.LINK, "id", "account_id", "issuer"),
        keep=FACTOR_KEEP,
    ),
    "code_guess": lets_in(
        heading=N_("Wrong codes typed for your account"),
        columns=columns_of(Kind.ACCESS, "wrong", "closed_until")
        | columns_of(Kind.LINK, "id", "account_id"),
        keep=Keep(said=N_("until the next right code")),
    ),
    "api_token": lets_in(
        columns=columns_of(Kind.ACCESS, "created_at", "expires_at", "used_at", "revoked_at")
        | columns_of(Kind.LINK, "id", "account_id", "secret_hash", "scope", "name"),
        heading=N_("Your API tokens"),
        categories=WORKING,
        keep=SOON,
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
        activity=Activity.WORK,
        categories=WORKING,
        receivers=(),
        purpose=N_("to give access only to those whose duties need it"),
        basis=Basis.LEGITIMATE_INTEREST,
        keep=Keep(
            Since.ENDED,
            ("accounts",),
            "ends_at",
            N_("as long as you may do it, and {accounts} after that"),
        ),
    ),
    "login_help": lets_in(
        columns=columns_of(
            Kind.ACCESS, "asked_at", "expires_at", "checked_how", "checked_at", "closed_at", "done"
        )
        | columns_of(Kind.LINK, "id", "account_id", "asked_by", "checked_by", "closed_by"),
        heading=N_("Help with your login"),
        keep=SOON,
    ),
    "spent_proof": nobodys("id", "expires_at"),
}
# fmt: on
