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


class Todo(StrEnum):
    """The one thing that is to be done next."""

    MATCH = "match"
    IDENTIFY = "identify"
    MANDATE = "mandate"
    DECIDE = "decide"
    CARRY_OUT = "carry-out"
    ANSWER = "answer"
    NOTHING = "nothing"


def todo(
    state: State,
    *,
    kind: RequestKind,
    matched: Matched,
    identity: Identity,
    lacks_mandate: bool,
    waits: bool,
) -> Todo:
    """What is to be done next about a request; ``waits``: what was granted is not carried out."""
    if state in CLOSED:
        return Todo.NOTHING
    if state is State.DECIDED:
        return Todo.CARRY_OUT if waits else Todo.ANSWER
    if matched is Matched.NOT_YET:
        return Todo.MATCH
    if matched is Matched.FOUND and not is_established(kind, identity):
        return Todo.IDENTIFY
    return Todo.MANDATE if lacks_mandate and matched is Matched.FOUND else Todo.DECIDE


def waits_for_deed(kind: RequestKind, decision: Decision | None, *, done: bool) -> bool:
    """Whether something was granted and is not carried out yet."""
    return decision in GRANTED and kind in CARRIED_OUT and not done
