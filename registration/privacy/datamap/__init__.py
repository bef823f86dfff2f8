"""The data map: for every column of every table, whose it is, what it is for, how long it stays.

The privacy notice, the record of processing, the export and the erasure are made from this one
table, and a column that is not in it fails the tests: policy and program cannot drift apart. Each
domain's tables stand in a file of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from registration.privacy.datamap import (
    accounts,
    catalogue,
    catering,
    companies,
    enrolment,
    feedback,
    invoicing,
    ledger,
    mail,
    people,
    privacy,
    qualifications,
    teaching,
    tries,
    webhooks,
)
from registration.privacy.datamap.columns import (
    KIND_NAMES,
    Erasure,
    Keep,
    Kind,
    Since,
    Table,
    kept_words,
)
from registration.teaching.rules import PackPurpose

__all__ = [
    "DATA_MAP", "KIND_NAMES", "TO_TRAINERS", "Erasure", "Keep", "Kind", "Since", "Table",
    "kept_words", "personal", "tables",
]  # fmt: skip

# In the order in which the notice speaks of them.
DATA_MAP: Mapping[str, Table] = {
    **people.TABLES,
    **enrolment.TABLES,
    **companies.TABLES,
    **teaching.TABLES,
    **qualifications.TABLES,
    **feedback.TABLES,
    **mail.TABLES,
    **accounts.TABLES,
    **privacy.TABLES,
    **ledger.TABLES,
    **tries.TABLES,
    **webhooks.TABLES,
    **invoicing.TABLES,
    **catalogue.TABLES,
    **catering.TABLES,
}

_ANY = frozenset(PackPurpose)
_GRANTING = frozenset({PackPurpose.CERTIFICATE, PackPurpose.PERMIT})

# What a trainer's pack for a purpose may hold (P7). Nothing else goes to a trainer as a file.
TO_TRAINERS: Mapping[tuple[str, str], frozenset[PackPurpose]] = {
    ("person", "first_name"): _ANY,
    ("person", "last_name"): _ANY,
    ("person", "company_name"): _ANY,
    ("company", "name"): _ANY,
    ("training", "title"): _GRANTING,
    ("session_day", "starts_at"): _GRANTING,
    ("outcome", "grade"): frozenset({PackPurpose.CERTIFICATE}),
    ("outcome", "completed"): _GRANTING,
}


def tables() -> Mapping[str, Table]:
    """Every table of both stores, by its name in the database."""
    return DATA_MAP


def personal() -> dict[str, Table]:
    """The tables that the notice and the record of processing speak of."""
    return {name: table for name, table in DATA_MAP.items() if table.purpose}
