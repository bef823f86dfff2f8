"""What is worth recording, in words that hold no person's data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import orjson

GENESIS = bytes(32)


class Act(StrEnum):
    """The kinds of entry. A kind says what happened; ids say to whom; never a name or a text."""

    LOGIN = "login"
    LOGIN_REFUSED = "login-refused"
    LOGOUT = "logout"
    LOGIN_REVOKED = "login-revoked"
    FACTOR_ADDED = "factor-added"
    FACTOR_USED = "factor-used"
    FACTOR_REFUSED = "factor-refused"
    FACTOR_REMOVED = "factor-removed"
    RECOVERY_USED = "recovery-used"
    ACCOUNT_ADDED = "account-added"
    ACCOUNT_CHANGED = "account-changed"
    ACCOUNT_ENDED = "account-ended"
    AGREEMENT_SIGNED = "agreement-signed"
    GRANT_GIVEN = "grant-given"
    GRANT_KEPT = "grant-kept"
    GRANT_ENDED = "grant-ended"
    TOKEN_ADDED = "token-added"  # noqa: S105 -- the name of an act
    TOKEN_REVOKED = "token-revoked"  # noqa: S105 -- the name of an act
    HELP_ASKED = "help-asked"
    HELP_CHECKED = "help-checked"
    HELP_REFUSED = "help-refused"
    PERSON_ADDED = "person-added"
    PERSON_CHANGED = "person-changed"
    PERSON_EXPORTED = "person-exported"
    PERSON_ERASED = "person-erased"
    CONSENT_GIVEN = "consent-given"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    CATALOGUE_CHANGED = "catalogue-changed"
    PLACE_TAKEN = "place-taken"
    PLACE_CHANGED = "place-changed"
    IMPORT_DONE = "import-done"
    INVOICE_MADE = "invoice-made"
    INVOICE_UNDONE = "invoice-undone"
    WEBHOOK_ADDED = "webhook-added"
    WEBHOOK_ENDED = "webhook-ended"
    OUTCOME_RECORDED = "outcome-recorded"
    ASSIGNMENT_GIVEN = "assignment-given"
    ASSIGNMENT_ACCEPTED = "assignment-accepted"
    ASSIGNMENT_DECLINED = "assignment-declined"
    ASSIGNMENT_ENDED = "assignment-ended"
    RESULTS_LOCKED = "results-locked"
    RESULTS_REOPENED = "results-reopened"
    CERTIFICATE_ISSUED = "certificate-issued"
    CERTIFICATE_REVOKED = "certificate-revoked"
    CERTIFICATE_REISSUED = "certificate-reissued"
    CERTIFICATE_TOLD = "certificate-told"
    LIST_SEEN = "list-seen"
    DIETS_SEEN = "diets-seen"
    DIETS_DELETED = "diets-deleted"
    DIETS_ASKED = "diets-asked"
    SHEET_HANDED_OUT = "sheet-handed-out"
    CATERER_LINK_MADE = "caterer-link-made"
    CATERER_LINK_REVOKED = "caterer-link-revoked"
    CATERER_LINK_OPENED = "caterer-link-opened"
    DISCLOSED = "disclosed"
    PACK_DESTROYED = "pack-destroyed"
    # The ledger's own.
    LEDGER_SEARCHED = "ledger-searched"
    LEDGER_EXPORTED = "ledger-exported"
    HEADS_TAKEN = "heads-taken"
    EXPOSURE_ASKED = "exposure-asked"
    REQUEST_OPENED = "request-opened"
    REQUEST_MATCHED = "request-matched"
    REQUEST_IDENTITY_ASKED = "request-identity-asked"
    REQUEST_IDENTIFIED = "request-identified"
    REQUEST_EXTENDED = "request-extended"
    REQUEST_FEE_SET = "request-fee-set"
    REQUEST_REDACTED = "request-redacted"
    REQUEST_COPIED = "request-copied"
    REQUEST_DECIDED = "request-decided"
    REQUEST_CARRIED_OUT = "request-carried-out"
    REQUEST_ANSWERED = "request-answered"
    REQUEST_WITHDRAWN = "request-withdrawn"
    RESTRICTION_MADE = "restriction-made"
    RESTRICTION_DECIDED = "restriction-decided"
    RESTRICTION_LIFTED = "restriction-lifted"
    # Retention and holds.
    HOLD_PLACED = "hold-placed"
    HOLD_REVIEWED = "hold-reviewed"
    HOLD_LIFTED = "hold-lifted"
    RETENTION_SWEPT = "retention-swept"
    RELATIONSHIP_ENDED = "relationship-ended"
    # The privacy notice.
    NOTICE_MADE = "notice-made"
    NOTICE_DECIDED = "notice-decided"
    NOTICE_TOLD = "notice-told"
    FORBIDDEN = "forbidden"
    MAILING_SENT = "mailing-sent"


class Basis(StrEnum):
    """On what legal ground something is shown or sent (GDPR Art. 6 and 9)."""

    CONTRACT = "contract"
    LEGAL_DUTY = "legal-duty"
    LEGITIMATE_INTEREST = "legitimate-interest"
    CONSENT = "consent"
    EXPLICIT_CONSENT = "explicit-consent"


@dataclass(frozen=True, slots=True)
class Note:
    """What an entry adds to its ids: field names, counts and codes. Never a person's data."""

    fields: tuple[str, ...] = ()
    count: int | None = None
    purpose: str = ""
    codes: tuple[str, ...] = field(default_factory=tuple)
    receipt: UUID | None = None


def seal(
    previous: bytes,
    *,
    number: int,
    at_iso: str,
    act: str,
    actor_id: UUID | None,
    subject_id: UUID | None,
    object_id: UUID | None,
    detail: str,
) -> bytes:
    """SHA-256 over the seal before and this entry's canonical JSON: any change breaks the chain."""
    content = orjson.dumps(
        [number, at_iso, act, _text(actor_id), _text(subject_id), _text(object_id), detail]
    )
    return sha256(previous + content).digest()


def _text(given: UUID | None) -> str:
    return str(given) if given else ""
