"""The words of rights requests on pages of staff: kinds, ways, states, steps."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from registration.i18n import N_, _, ngettext
from registration.privacy.letters import LetterKind
from registration.privacy.request_next import NextStep
from registration.privacy.request_rules import (
    Behalf,
    Channel,
    Decision,
    Ground,
    Identity,
    RequestKind,
    State,
)

Option = tuple[str, str]
E = TypeVar("E", bound=StrEnum)

KINDS: Mapping[RequestKind, str] = {
    RequestKind.ACCESS: N_("Copy of one's data"),
    RequestKind.PORTABILITY: N_("Data to take elsewhere"),
    RequestKind.RECTIFICATION: N_("Correction"),
    RequestKind.ERASURE: N_("Deletion"),
    RequestKind.RESTRICTION: N_("Restriction"),
    RequestKind.OBJECTION: N_("Objection"),
    RequestKind.NO_MARKETING: N_("No marketing"),
    RequestKind.WITHDRAW_CONSENT: N_("End of a consent"),
    RequestKind.COMPLAINT: N_("Complaint"),
    RequestKind.OTHER: N_("Something else"),
}
CHANNELS: Mapping[Channel, str] = {
    Channel.LETTER: N_("By letter"),
    Channel.MAIL: N_("By e-mail"),
    Channel.VISIT: N_("At a visit"),
    Channel.PHONE: N_("By phone"),
    Channel.PAGE: N_("On a page"),
}
BEHALVES: Mapping[Behalf, str] = {
    Behalf.SELF: N_("For themselves"),
    Behalf.GUARDIAN: N_("As a parent or guardian"),
    Behalf.PROXY: N_("With a power of attorney"),
    Behalf.LAWYER: N_("As a lawyer"),
    Behalf.ESTATE: N_("For an estate: the person has died"),
}
IDENTITIES: Mapping[Identity, str] = {
    Identity.NOT_ESTABLISHED: N_("Not established"),
    Identity.SECOND_FACTOR: N_("Logged in with a second factor"),
    Identity.MAILED_LINK: N_("Logged in by a link to the known address"),
    Identity.ID_SHOWN: N_("Showed an identity document at a visit"),
    Identity.SIGNED_LETTER: N_("Signed letter with the address on record"),
    Identity.CALLED_BACK: N_("Called back on a number on record"),
}
# What staff can have done; a login is seen by the program.
BY_STAFF = (Identity.ID_SHOWN, Identity.SIGNED_LETTER, Identity.CALLED_BACK)
STATES: Mapping[State, str] = {
    State.RECEIVED: N_("Received"),
    State.WAITING: N_("Waiting for identity"),
    State.IN_HAND: N_("In hand"),
    State.DECIDED: N_("Decided"),
    State.ANSWERED: N_("Answered"),
    State.WITHDRAWN: N_("No longer asked"),
}
# The look of a badge (components/status.html).
LOOKS: Mapping[State, str] = {
    State.RECEIVED: "open",
    State.WAITING: "pending",
    State.IN_HAND: "open",
    State.DECIDED: "passed",
    State.ANSWERED: "closed",
    State.WITHDRAWN: "cancelled",
}
DECISIONS: Mapping[Decision, str] = {
    Decision.GRANTED: N_("Granted"),
    Decision.PARTLY: N_("Granted in part"),
    Decision.REFUSED: N_("Not granted"),
    Decision.NOTHING_HELD: N_("Nothing is held"),
}
GROUND_NAMES: Mapping[Ground, str] = {
    Ground.IDENTITY: N_("It is not established who asks"),
    Ground.NO_MANDATE: N_("Nothing shows that they may ask for another"),
    Ground.DUTY: N_("A law or an authority's rule requires the data"),
    Ground.HOLD: N_("An authority's hold"),
    Ground.OTHERS: N_("It would show another person"),
    Ground.EXCESSIVE: N_("It repeats earlier requests without reason"),
    Ground.DECEASED: N_("The person has died"),
    Ground.OTHER: N_("Another reason, said below"),
}
NEXT_STEPS: Mapping[NextStep, str] = {
    NextStep.MATCH: N_("Whose data is it about?"),
    NextStep.IDENTIFY: N_("Who asks?"),
    NextStep.MANDATE: N_("May they ask for another?"),
    NextStep.DECIDE: N_("Decide"),
    NextStep.CARRY_OUT: N_("Do what was granted"),
    NextStep.ANSWER: N_("Answer"),
    NextStep.NOTHING: N_("Nothing"),
}
LETTERS: Mapping[LetterKind, str] = {
    LetterKind.RECEIVED: N_("The request has come"),
    LetterKind.IDENTITY: N_("Question who asks"),
    LetterKind.EXTENSION: N_("The answer takes longer"),
    LetterKind.DECISION: N_("The decision"),
}
ACTS: Mapping[str, str] = {
    "request-opened": N_("Opened"),
    "request-matched": N_("It was found out whose data it is about"),
    "request-identity-asked": N_("Asked to show who they are"),
    "request-identified": N_("It was noted who asks"),
    "request-extended": N_("The time was made longer"),
    "request-fee-set": N_("The fee was decided"),
    "request-redacted": N_("Something was left out of the copy"),
    "request-copied": N_("A copy was made"),
    "request-decided": N_("Decided"),
    "request-carried-out": N_("What was granted was done"),
    "request-answered": N_("Answered"),
    "request-withdrawn": N_("No longer asked"),
}


def options(words: Mapping[E, str]) -> tuple[Option, ...]:
    """For a select or radios, in the reader's language."""
    return tuple((each.value, _(text)) for each, text in words.items())


def left_text(days: int) -> str:
    """How long there is to answer, or how late it is."""
    if days < 0:
        return ngettext("{num} day late", "{num} days late", -days).format(num=-days)
    if days == 0:
        return _("Today is the last day")
    return ngettext("{num} day left", "{num} days left", days).format(num=days)
