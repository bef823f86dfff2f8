"""What a mail was and what became of it, in words, for who may know that it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from registration.i18n import N_, _
from registration.mail.overview import LoggedMail
from registration.mail.rules import NO_YES, MailState

KINDS: Mapping[str, str] = {
    "news": N_("Newsletter or offer"),
    "consent-asked": N_("A question whether you want something"),
    "login": N_("Login link"),
    "login-changed": N_("A change in how you log in"),
    "login-help": N_("Help with logging in"),
    "address-changed": N_("Another login address"),
    "invited": N_("Invitation to a company's portal"),
    "access-ending": N_("Access that is about to end"),
    "access-review": N_("Access to review"),
    "certificate-issued": N_("Certificate"),
    "certificate-replaced": N_("Certificate issued anew"),
    "certificate-revoked": N_("Certificate revoked"),
    "feedback": N_("A question how it was"),
    "objected": N_("Objection to an enrolment"),
    "place-confirmed": N_("Place confirmed"),
    "place-waiting": N_("On the waiting list"),
    "place-moved-up": N_("Moved up from the waiting list"),
    "place-changed": N_("New time or place"),
    "place-cancelled": N_("Place cancelled"),
    "place-called-off": N_("Called off"),
    "place-diet-again": N_("Food restrictions to tell again"),
    "place-reminder": N_("Reminder"),
}
OTHER, OF_PLACE = N_("Another notice"), N_("About a place")
STATES: Mapping[MailState, tuple[str, str]] = {
    MailState.QUEUED: ("pending", N_("Waits to be sent")),
    MailState.SENDING: ("pending", N_("On its way")),
    MailState.SENT: ("passed", N_("Sent")),
    MailState.UNSURE: ("due", N_("Not known whether it was sent")),
    MailState.FAILED: ("failed", N_("Could not be sent")),
    MailState.BOUNCED: ("failed", N_("Came back")),
    MailState.STOPPED: ("revoked", N_("Not sent: the address does not work")),
    MailState.DROPPED: ("deleted", N_("Not sent: it was out of date")),
}


@dataclass(frozen=True, slots=True)
class MailRow:
    """``badge`` and ``state`` are how it stands; ``at``: when it was sent, else when it was
    written."""

    kind: str
    badge: str
    state: str
    at: datetime


def kind_of(template: str) -> str:
    return _(KINDS.get(template) or (OF_PLACE if template.startswith("place-") else OTHER))


def mail_row(line: LoggedMail) -> MailRow:
    badge, state = STATES[line.state]
    if line.state is MailState.DROPPED and line.failure == NO_YES:
        state = N_("Not sent: it was no longer wanted")
    return MailRow(kind_of(line.template), badge, _(state), line.sent_at or line.queued_at)
