"""The data map: for every column of every table, whose it is, what it is for, how long it stays.

The privacy notice, the record of processing, the export and the erasure are made from this one
table, and a column that is not in it fails the tests: policy and program cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.teaching.rules import PackPurpose


class Kind(StrEnum):
    """What sort of data a column holds."""

    NAME = "name"
    CONTACT = "contact"
    COMPANY = "company"
    PARTICIPATION = "participation"
    OUTCOME = "outcome"
    DIET = "diet"
    CHOICE = "choice"
    ACCESS = "access"
    TRACE = "trace"
    LETTER = "letter"
    LINK = "link"  # an id or a state: says nothing of a person by itself
    NONE = "none"  # not about a person


KIND_NAMES: Mapping[Kind, str] = {
    Kind.NAME: N_("name"),
    Kind.CONTACT: N_("e-mail address, phone number, postal address, language"),
    Kind.COMPANY: N_("the company you work for"),
    Kind.PARTICIPATION: N_("which trainings and events you signed up for, and when they were"),
    Kind.OUTCOME: N_("attendance, grade, completion and certificates"),
    Kind.DIET: N_("food restrictions that you gave for one event"),
    Kind.CHOICE: N_("what you allowed or forbade us, and when"),
    Kind.ACCESS: N_("your account, your logins and the kind of device"),
    Kind.TRACE: N_("which acts on your data were done, under ids without your name"),
    Kind.LETTER: N_("mail that waits to be sent to you"),
}


class Erasure(StrEnum):
    """What happens to a table's rows of a person when that person's data is erased."""

    DELETE = "delete"
    KEEP_BY_DUTY = "keep-by-duty"  # while a completed training must stay provable (P8)
    PSEUDONYMOUS = "pseudonymous"  # ids that lead nowhere once the person is gone
    NOT_PERSONAL = "not-personal"
    BY_ITSELF = "by-itself"  # has a deadline of its own


@dataclass(frozen=True, slots=True)
class Table:
    """``subject`` is the ORM path from a row to the person's id, or empty. ``purpose``,
    ``kept`` are msgids; they are empty where nothing is about a person."""

    columns: Mapping[str, Kind]
    erasure: Erasure
    subject: str = ""
    purpose: str = ""
    basis: Basis | None = None
    kept: str = ""
    store: str = "main"
    heading: str = ""


def _all(kind: Kind, *names: str) -> dict[str, Kind]:
    return dict.fromkeys(names, kind)


_PLACE_PURPOSE = N_("to arrange the training or event and to tell you about it")
_DUTY_PURPOSE = N_("to prove that you may work at a site, and to see what training you need next")
_DUTY_KEPT = N_("as long as the qualification must be provable; you see each record on your page")
_RELATION_KEPT = N_("until you ask us to delete it, or our relationship ends")
_FACTOR_PURPOSE = N_("to make sure that it is you who logs in")
_FACTOR_KEPT = N_("until you remove it, or your account ends")

# fmt: off
DATA_MAP: Mapping[str, Table] = {
    "person": Table(
        heading=N_("Your contact data"),
        subject="id",
        columns=_all(Kind.NAME, "first_name", "last_name", "name_key")
        | _all(
            Kind.CONTACT,
            "email", "phone", "street", "postal_code", "city", "country", "language",
        )
        | _all(Kind.COMPANY, "company_name")
        | _all(Kind.LINK, "id", "source", "calendar_number", "created_at", "changed_at"),
        erasure=Erasure.KEEP_BY_DUTY,
        purpose=_PLACE_PURPOSE,
        basis=Basis.CONTRACT,
        kept=_RELATION_KEPT,
    ),
    "suggestion": Table(
        heading=N_("Changes that somebody proposed to your data"),
        subject="person_id",
        columns=_all(Kind.CONTACT, "value")
        | _all(
            Kind.LINK, "id", "person_id", "field", "source", "company_id", "suggested_at"
        ),
        erasure=Erasure.DELETE,
        purpose=N_("to let you accept or refuse contact data that your company gave"),
        basis=Basis.LEGITIMATE_INTEREST,
        kept=_RELATION_KEPT,
    ),
    "consent": Table(
        heading=N_("What you allowed"),
        subject="person_id",
        columns=_all(Kind.CHOICE, "purpose", "text_version", "given_at", "withdrawn_at")
        | _all(Kind.LINK, "id", "person_id", "source"),
        erasure=Erasure.DELETE,
        purpose=N_("to do only what you allowed"),
        basis=Basis.LEGAL_DUTY,
        kept=_RELATION_KEPT,
    ),
    "place": Table(
        heading=N_("Your places"),
        subject="person_id",
        columns=_all(
            Kind.PARTICIPATION,
            "status", "awaits", "created_at", "changed_at", "ended_at", "source", "until",
            "reminded_at",
        )
        | _all(Kind.CHOICE, "agreed_at", "objected_at")
        | _all(
            Kind.LINK,
            "id", "seating_id", "person_id", "current", "turn", "company_id", "enrolled_by",
            "submission", "diet_token", "price_cents", "vat_basis_points", "order_number",
            "moved_from", "invoice_id",
        ),
        erasure=Erasure.KEEP_BY_DUTY,
        purpose=_PLACE_PURPOSE,
        basis=Basis.CONTRACT,
        kept=_RELATION_KEPT,
    ),
    "interest": Table(
        heading=N_("Trainings that you want to hear of"),
        subject="person_id",
        columns=_all(Kind.CHOICE, "training_id", "created_at", "told_at", "drop_at")
        | _all(Kind.LINK, "id", "person_id"),
        erasure=Erasure.DELETE,
        purpose=N_("to tell you when a date opens for a training that you asked about"),
        basis=Basis.CONSENT,
        kept=N_("a year, or until you say that you no longer want to hear of it"),
    ),
    "held_seat": Table(
        heading=N_("Seats that a company keeps without names"),
        columns=_all(
            Kind.LINK,
            "id", "seating_id", "company_id", "held_by", "order_number", "price_cents",
            "vat_basis_points", "until", "created_at",
        ),
        erasure=Erasure.BY_ITSELF,
        purpose=_PLACE_PURPOSE,
        basis=Basis.CONTRACT,
        kept=N_("until the seat has a name or is given back"),
    ),
    "employment": Table(
        heading=N_("Companies that you work for"),
        subject="person_id",
        columns=_all(Kind.COMPANY, "company_id", "since", "until", "source")
        | _all(Kind.LINK, "id", "person_id"),
        erasure=Erasure.DELETE,
        purpose=N_("to let your company enrol you and see what you have earned"),
        basis=Basis.LEGITIMATE_INTEREST,
        kept=_RELATION_KEPT,
    ),
    "company_approver": Table(
        heading=N_("Companies for which you approve what is booked"),
        subject="account__person_id",
        columns=_all(Kind.ACCESS, "company_id", "account_id", "named_by", "named_at")
        | _all(Kind.LINK, "id"),
        erasure=Erasure.DELETE,
        purpose=N_("to let a company decide who approves its bookings"),
        basis=Basis.CONTRACT,
        kept=_RELATION_KEPT,
    ),
    "company_application": Table(
        heading=N_("Applications to become a customer"),
        columns=_all(Kind.NAME, "name")
        | _all(Kind.CONTACT, "email", "language")
        | _all(Kind.COMPANY, "company_name", "business_id")
        | _all(
            Kind.LINK,
            "id", "asked_at", "decided_at", "decided_by", "company_id", "reason", "drop_at",
        ),
        erasure=Erasure.BY_ITSELF,
        purpose=N_("to answer a company that asks to become a customer"),
        basis=Basis.CONTRACT,
        kept=N_("90 days after it was answered, or after it came if nobody answers"),
    ),
    "attendance": Table(
        heading=N_("Your attendance"),
        subject="place__person_id",
        columns=_all(Kind.OUTCOME, "present", "recorded_at")
        | _all(Kind.LINK, "id", "place_id", "day_id", "recorded_by"),
        erasure=Erasure.KEEP_BY_DUTY,
        purpose=_DUTY_PURPOSE,
        basis=Basis.LEGAL_DUTY,
        kept=_DUTY_KEPT,
    ),
    "outcome": Table(
        heading=N_("Your grades and completions"),
        subject="place__person_id",
        columns=_all(Kind.OUTCOME, "grade", "completed", "overridden_because", "recorded_at")
        | _all(Kind.LINK, "id", "place_id", "version", "recorded_by"),
        erasure=Erasure.KEEP_BY_DUTY,
        purpose=_DUTY_PURPOSE,
        basis=Basis.LEGAL_DUTY,
        kept=_DUTY_KEPT,
    ),
    "outcome_change": Table(
        heading=N_("Corrections of your grades and completions"),
        subject="place__person_id",
        columns=_all(
            Kind.OUTCOME,
            "changed_at", "attendance_before", "attendance_after", "grade_before", "grade_after",
            "completed_before", "completed_after", "no_show_before", "no_show_after",
            "because_before", "because_after",
        )
        | _all(Kind.LINK, "id", "place_id", "changed_by"),
        erasure=Erasure.KEEP_BY_DUTY,
        purpose=_DUTY_PURPOSE,
        basis=Basis.LEGAL_DUTY,
        kept=_DUTY_KEPT,
    ),
    "certificate": Table(
        heading=N_("Your certificates"),
        subject="person_id",
        columns=_all(Kind.NAME, "person_name")
        | _all(Kind.COMPANY, "company_name")
        | _all(
            Kind.OUTCOME,
            "number", "training_title", "qualifies_for", "grade", "grade_scale", "length_minutes",
            "held", "venue", "trainer_organisation", "issued_on", "valid_until", "revoked_at",
            "revoked_because", "language", "design", "reissued_because",
        )
        | _all(
            Kind.LINK,
            "id", "place_id", "person_id", "training_id", "token", "current", "status_index",
            "replaces_id", "told_at",
        ),
        erasure=Erasure.KEEP_BY_DUTY,
        purpose=_DUTY_PURPOSE,
        basis=Basis.LEGAL_DUTY,
        kept=_DUTY_KEPT,
    ),
    "printed": Table(
        heading=N_("Files of your certificates, ready to be downloaded"),
        subject="certificate__person_id",
        columns=_all(Kind.OUTCOME, "content", "made_at")
        | _all(
            Kind.LINK,
            "id", "certificate_id", "key_id", "failure", "claimed_by", "claimed_until", "drop_at",
        ),
        erasure=Erasure.DELETE,
        purpose=N_("to give you and whoever arranges the training the file without a wait"),
        basis=Basis.LEGAL_DUTY,
        kept=N_("at most 14 days; it is made anew when it is asked for"),
    ),
    "mail": Table(
        heading=N_("Mail to you"),
        subject="person_id",
        columns=_all(
            Kind.LETTER, "address", "subject", "body_text", "body_html", "calendar"
        )
        | _all(
            Kind.LINK,
            "id", "template", "purpose", "person_id", "account_id", "language",
            "calendar_method", "state", "queued_at", "next_try_at", "claimed_by", "address_hash",
            "drop_at", "tries", "sent_at", "failure",
        ),
        erasure=Erasure.DELETE,
        purpose=_PLACE_PURPOSE,
        basis=Basis.CONTRACT,
        kept=N_("the text until it is sent; that it was sent, for 13 months"),
    ),
    "dead_address": Table(
        heading=N_("Addresses from which mail came back"),
        subject="person_id",
        columns=_all(Kind.CONTACT, "address_hash")
        | _all(Kind.LINK, "id", "person_id", "code", "bounced_at", "again_at"),
        erasure=Erasure.DELETE,
        purpose=N_("to stop mail to an address that does not work, and to tell you of it"),
        basis=Basis.LEGITIMATE_INTEREST,
        kept=N_("until the address is corrected or works again, at most 13 months"),
    ),
    "objection": Table(
        heading=N_("Your objections to being enrolled"),
        subject="person_id",
        columns=_all(Kind.CHOICE, "reason", "made_at", "settled_at")
        | _all(Kind.LINK, "id", "place_id", "person_id", "company_id", "settled_by"),
        erasure=Erasure.DELETE,
        purpose=N_("to deal with what you object to, and to be able to prove it"),
        basis=Basis.LEGAL_DUTY,
        kept=_RELATION_KEPT,
    ),
    "account": Table(
        heading=N_("Your account"),
        subject="person_id",
        columns=_all(Kind.NAME, "name")
        | _all(Kind.CONTACT, "email", "login_email", "language")
        | _all(Kind.ACCESS, "nda_on", "created_at", "ended_at")
        | _all(Kind.LINK, "id", "person_id"),
        erasure=Erasure.DELETE,
        purpose=N_("to let you log in"),
        basis=Basis.CONTRACT,
        kept=_RELATION_KEPT,
    ),
    "login": Table(
        heading=N_("Your logins"),
        subject="account__person_id",
        columns=_all(
            Kind.ACCESS,
            "device", "how", "strong", "proved_at", "created_at", "seen_at", "expires_at",
            "revoked_at",
        )
        | _all(Kind.LINK, "id", "account_id", "secret_hash"),
        erasure=Erasure.DELETE,
        purpose=N_("to keep you logged in, and to let you end a login"),
        basis=Basis.CONTRACT,
        kept=N_("until shortly after it has ended"),
    ),
    "login_link": Table(
        heading=N_("Login links sent to you"),
        subject="account__person_id",
        columns=_all(Kind.ACCESS, "created_at", "expires_at", "used_at")
        | _all(Kind.LINK, "id", "account_id", "secret_hash", "next_path", "confirmed"),
        erasure=Erasure.DELETE,
        purpose=N_("to let you log in"),
        basis=Basis.CONTRACT,
        kept=N_("until shortly after it has ended"),
    ),
    "passkey": Table(
        heading=N_("Your passkeys"),
        subject="account__person_id",
        columns=_all(Kind.ACCESS, "name", "created_at", "used_at")
        | _all(Kind.LINK, "id", "account_id", "credential", "public_key", "sign_count"),
        erasure=Erasure.DELETE,
        purpose=_FACTOR_PURPOSE,
        basis=Basis.CONTRACT,
        kept=_FACTOR_KEPT,
    ),
    "authenticator": Table(
        heading=N_("Your authenticator app"),
        subject="account__person_id",
        columns=_all(Kind.ACCESS, "created_at", "used_at")
        | _all(Kind.LINK, "id", "account_id", "sealed_secret", "last_step"),
        erasure=Erasure.DELETE,
        purpose=_FACTOR_PURPOSE,
        basis=Basis.CONTRACT,
        kept=_FACTOR_KEPT,
    ),
    "recovery_code": Table(
        heading=N_("Your recovery codes"),
        subject="account__person_id",
        columns=_all(Kind.ACCESS, "created_at")
        | _all(Kind.LINK, "id", "account_id", "salt", "code_hash"),
        erasure=Erasure.DELETE,
        purpose=_FACTOR_PURPOSE,
        basis=Basis.CONTRACT,
        kept=_FACTOR_KEPT,
    ),
    "outside_login": Table(
        heading=N_("Your organisation's login"),
        subject="account__person_id",
        columns=_all(Kind.ACCESS, "outside_subject", "created_at", "used_at")
        | _all(Kind.LINK, "id", "account_id", "issuer"),
        erasure=Erasure.DELETE,
        purpose=_FACTOR_PURPOSE,
        basis=Basis.CONTRACT,
        kept=_FACTOR_KEPT,
    ),
    "code_guess": Table(
        heading=N_("Wrong codes typed for your account"),
        subject="account__person_id",
        columns=_all(Kind.ACCESS, "wrong", "closed_until") | _all(Kind.LINK, "id", "account_id"),
        erasure=Erasure.DELETE,
        purpose=_FACTOR_PURPOSE,
        basis=Basis.CONTRACT,
        kept=N_("until the next right code"),
    ),
    "api_token": Table(
        columns=_all(Kind.ACCESS, "created_at", "expires_at", "used_at", "revoked_at")
        | _all(Kind.LINK, "id", "account_id", "secret_hash", "scope", "name"),
        erasure=Erasure.DELETE,
        subject="account__person_id",
        heading=N_("Your API tokens"),
        purpose=N_("to let your own systems in"),
        basis=Basis.CONTRACT,
        kept=N_("until shortly after it has ended"),
    ),
    "account_grant": Table(
        columns=_all(
            Kind.ACCESS,
            "role", "reason", "starts_at", "ends_at", "end_reason", "reviewed_at", "reminded_at",
        )
        | _all(Kind.LINK, "id", "account_id", "scope_id", "granted_by", "reviewed_by"),
        erasure=Erasure.DELETE,
        subject="account__person_id",
        heading=N_("What your account may do"),
        purpose=N_("to give access only to those whose duties need it"),
        basis=Basis.LEGITIMATE_INTEREST,
        kept=_RELATION_KEPT,
    ),
    "login_help": Table(
        columns=_all(
            Kind.ACCESS, "asked_at", "expires_at", "checked_how", "checked_at", "closed_at", "done"
        )
        | _all(Kind.LINK, "id", "account_id", "asked_by", "checked_by", "closed_by"),
        erasure=Erasure.DELETE,
        subject="account__person_id",
        heading=N_("Help with your login"),
        purpose=N_("to let you in again when you have lost a second factor"),
        basis=Basis.CONTRACT,
        kept=N_("until shortly after it has ended"),
    ),
    "disclosure": Table(
        heading=N_("Who saw your data"),
        subject="person_id",
        columns=_all(
            Kind.TRACE,
            "at", "purpose", "basis", "road", "fields_shown", "actor_id", "recipient_id",
            "object_id",
        )
        | _all(Kind.LINK, "id", "person_id"),
        erasure=Erasure.PSEUDONYMOUS,
        purpose=N_("to show you who saw what, and to be able to prove it"),
        basis=Basis.LEGAL_DUTY,
        kept=N_("under an id that leads nowhere once your data is erased"),
    ),
    "ledger_entry": Table(
        heading=N_("What was done with your data"),
        subject="subject_id",
        columns=_all(Kind.TRACE, "at", "act", "actor_id", "object_id", "detail")
        | _all(Kind.LINK, "number", "subject_id"),
        erasure=Erasure.PSEUDONYMOUS,
        purpose=N_("to show you who saw what, and to be able to prove it"),
        basis=Basis.LEGAL_DUTY,
        kept=N_("under an id that leads nowhere once your data is erased"),
    ),
    "upload": Table(
        heading=N_("Lists that a company uploads to enrol its employees"),
        columns=_all(Kind.CONTACT, "reading", "file_name", "kept")
        | _all(
            Kind.LINK,
            "id", "company_id", "account_id", "session_id", "digest", "state", "created_at",
            "drop_at", "enrolled", "actor_id", "language", "order_number", "total", "done", "tally",
            "stepped_at",
        ),
        erasure=Erasure.BY_ITSELF,
        purpose=N_("to let a company check a list before it enrols the people on it"),
        basis=Basis.LEGITIMATE_INTEREST,
        kept=N_("at most a day"),
    ),
    "stored_answer": Table(
        columns=_all(Kind.LINK, "key", "request_digest", "status", "body", "created_at"),
        erasure=Erasure.BY_ITSELF,
        kept=N_("a day"),
    ),
    "tries": Table(
        heading=N_("Counts of tries, against guessing"),
        columns=_all(Kind.TRACE, "hits", "ends_at") | _all(Kind.LINK, "id"),
        erasure=Erasure.BY_ITSELF,
        purpose=N_("to slow down who guesses secrets or sends too much"),
        basis=Basis.LEGITIMATE_INTEREST,
        kept=N_("some minutes, under a key that does not say who it was"),
    ),
    "webhook_delivery": Table(
        heading=N_("Messages to your company's own systems"),
        columns=_all(
            Kind.LINK,
            "id", "webhook_id", "event", "place_id", "session_id", "event_id", "status",
            "happened_at", "state", "due_at", "tries", "answer", "tried_at",
        ),
        erasure=Erasure.BY_ITSELF,
        purpose=N_("to tell a company's own system that a place it took for you has changed"),
        basis=Basis.CONTRACT,
        kept=N_("two weeks, under ids without your name"),
    ),
    "sealed_diet": Table(
        heading=N_("Food restrictions for one event"),
        store="dietary",
        columns=_all(Kind.DIET, "content") | _all(Kind.LINK, "token", "event_id", "written_at"),
        erasure=Erasure.BY_ITSELF,
        purpose=N_("to cater for you at that event; only its organisers see them"),
        basis=Basis.EXPLICIT_CONSENT,
        kept=N_("until the event is over: they delete themselves, at the latest 7 days after"),
    ),
    "handed_sheet": Table(
        store="dietary",
        columns=_all(
            Kind.NONE, "id", "event_id", "version", "content", "road", "made_at", "made_by"
        ),
        erasure=Erasure.NOT_PERSONAL,
    ),
    "caterer_link": Table(
        store="dietary",
        columns=_all(
            Kind.NONE,
            "id", "event_id", "secret_hash", "caterer", "made_by", "made_at",
            "ends_at", "revoked_at", "openings", "opened_at",
        ),
        erasure=Erasure.NOT_PERSONAL,
    ),
    "vault": Table(
        store="dietary",
        columns=_all(
            Kind.NONE,
            "event_id", "key_id", "keyed", "opened_at", "closed_at", "reason", "due_at", "diets",
            "deleted_at", "finished_at", "tries", "next_try_at", "trouble", "days_gone",
            "old_key_id", "day_diets", "day_due_at",
        ),
        erasure=Erasure.NOT_PERSONAL,
    ),
    "pack": Table(
        columns=_all(
            Kind.NONE,
            "id", "assignment_id", "recipient_id", "purpose", "format", "people", "made_at",
            "ends_at", "asked_at", "reminded_at", "destroyed_at", "destroyed_by", "destroyed_how",
        ),
        erasure=Erasure.NOT_PERSONAL,
    ),
    "assignment": Table(
        columns=_all(
            Kind.NONE, "id", "session_id", "account_id", "recipient_id", "ends_at", "created_at",
            "accepted_at", "declined_at", "declined_because",
        ),
        erasure=Erasure.NOT_PERSONAL,
    ),
}

_NOT_PERSONAL: Mapping[str, tuple[str, ...]] = {
    "spent_proof": ("id", "expires_at"),
    "ledger_seal": ("id", "position", "entry_number", "digest"),
    "receipt": (
        "id", "event_id", "reason", "diets", "due_at", "done_at", "lateness_seconds",
        "deletion_id", "steps", "entry_number",
    ),
    "company": (
        "id", "name", "business_id", "street", "postal_code", "city", "country",
        "invoice_email", "einvoice_address", "einvoice_operator", "reference", "created_at",
        "vat_number", "order_needed", "cost_centre", "verified_at", "verified_by",
    ),
    "training": (
        "id", "slug", "title", "summary", "aims", "qualifies_for", "topic", "length_minutes",
        "grade_scale", "valid_months", "attendance_percent", "lowest_grade", "certificate_design",
        "published", "changed_at",
    ),
    "prerequisite": ("id", "training_id", "needed_id", "valid"),
    "venue": ("id", "name", "street", "postal_code", "city", "country"),
    "seating": (
        "id", "seats", "waiting_open", "offer_hours", "company_quota", "minimum", "sure_at",
        "decide_by", "cancels_until", "names_until", "remind_hours", "turn", "revision",
    ),
    "session": (
        "id", "training_id", "seating_id", "venue_id", "link", "language", "starts_at",
        "ends_at", "time_zone", "opens_at", "closes_at", "price_cents", "state", "changed_at",
    ),
    "result_lock": (
        "id", "session_id", "locked_at", "locked_by", "reopened_at", "reopened_by",
        "reopened_because",
    ),
    "session_day": ("id", "session_id", "starts_at", "ends_at"),
    "event": (
        "id", "slug", "seating_id", "title", "summary", "venue_id", "link", "starts_at",
        "ends_at", "time_zone", "opens_at", "closes_at", "catered", "erase_diets_seconds",
        "erase_daily", "erase_at", "latest_erase_at", "diets_deleted_at", "diets_until", "state",
        "changed_at",
    ),
    "meal": ("id", "event_id", "on", "kind", "name"),
    "recipient": (
        "id", "name", "country", "agreement_on", "agreement_until", "safeguard",
    ),
    "certificate_series": ("id", "year", "issued"),
    "signing_certificate": (
        "id", "kid", "pem", "first_used_at", "retired_at", "distrusted_at",
    ),
    "print_order": ("id", "session_id", "ordered_by", "ordered_at", "stepped_at"),
    "invoice": (
        "id", "number", "company_id", "month", "issued_on", "made_at", "made_by", "people",
        "net_cents", "vat_cents", "undone_at", "undone_by", "undone_because", "credit_number",
    ),
    "invoice_line": (
        "id", "invoice_id", "position", "session_id", "title", "first_day", "last_day",
        "order_number", "people", "price_cents", "vat_basis_points",
    ),
    "invoice_series": ("id", "year", "issued"),
    "webhook": (
        "id", "company_id", "url", "sealed_secret", "events", "made_by", "made_at",
        "failing_since", "ended_at", "ended_because",
    ),
    "webhook_cursor": ("id", "position"),
}
# fmt: on

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


def tables() -> dict[str, Table]:
    """Every table of both stores, by its name in the database."""
    return dict(DATA_MAP) | {
        name: Table(columns=_all(Kind.NONE, *columns), erasure=Erasure.NOT_PERSONAL)
        for name, columns in _NOT_PERSONAL.items()
    }


def personal() -> dict[str, Table]:
    """The tables that the notice and the record of processing speak of."""
    return {name: table for name, table in DATA_MAP.items() if table.purpose}
