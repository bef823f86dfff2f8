"""The one thing that is to be done next about a request."""

from __future__ import annotations

from enum import StrEnum

from registration.privacy.request_rules import (
    CARRIED_OUT,
    CLOSED,
    GRANTED,
    Decision,
    Identity,
    Matched,
    RequestKind,
    State,
    is_established,
)


class NextStep(StrEnum):
    """What can be the next thing to do about a request."""

    MATCH = "match"
    IDENTIFY = "identify"
    MANDATE = "mandate"
    DECIDE = "decide"
    CARRY_OUT = "carry-out"
    ANSWER = "answer"
    NOTHING = "nothing"


def next_step(
    state: State,
    *,
    kind: RequestKind,
    matched: Matched,
    identity: Identity,
    lacks_mandate: bool,
    waits: bool,
) -> NextStep:
    """What is to be done next about a request; ``waits``: what was granted is not carried out."""
    if state in CLOSED:
        return NextStep.NOTHING
    if state is State.DECIDED:
        return NextStep.CARRY_OUT if waits else NextStep.ANSWER
    if matched is Matched.NOT_YET:
        return NextStep.MATCH
    if matched is Matched.FOUND and not is_established(kind, identity):
        return NextStep.IDENTIFY
    return NextStep.MANDATE if lacks_mandate and matched is Matched.FOUND else NextStep.DECIDE


def waits_for_deed(kind: RequestKind, decision: Decision | None, *, done: bool) -> bool:
    """Whether something was granted and is not carried out yet."""
    return decision in GRANTED and kind in CARRIED_OUT and not done
