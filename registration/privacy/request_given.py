"""What is typed about a request, checked and cleaned."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator, model_validator

from registration.forms import Command, FieldRefused
from registration.i18n import LANGUAGES, N_
from registration.people.rules import Email, Line, clean_text
from registration.privacy.request_rules import (
    Behalf,
    Channel,
    Decision,
    Ground,
    Identity,
    RequestKind,
    overall,
)

MOST_ASKED = 10_000
MOST_REASON = 4_000
MOST_PARTS = 12
NUMBER_DIGITS = 6
_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d{2}-\d{2}")


def long_text(value: object) -> object:
    """Without control and invisible characters, line by line."""
    if not isinstance(value, str):
        return value
    lines = [str(clean_text(line)) for line in value.splitlines()]
    return "\n".join(lines).strip()


Asked = Annotated[str, Field(max_length=MOST_ASKED), BeforeValidator(long_text)]
Reason = Annotated[str, Field(max_length=MOST_REASON), BeforeValidator(long_text)]
Short = Annotated[str, Field(max_length=500), BeforeValidator(clean_text)]
Seen = Annotated[str, Field(max_length=300), BeforeValidator(clean_text)]
Contact = Annotated[str, Field(max_length=600), BeforeValidator(long_text)]


class RequestGiven(Command):
    """A request as it came. ``received_on`` empty: today. ``asker_…`` are for who has no record
    here, or asks for another."""

    kind: RequestKind
    channel: Channel
    asked: Asked = ""
    received_on: date | None = None
    language: str = LANGUAGES[0]
    behalf: Behalf = Behalf.SELF
    asker_name: Line = ""
    asker_email: Email | None = None
    asker_contact: Contact = ""

    @field_validator("language")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise FieldRefused(N_("Choose fi, sv or en."), code="language")
        return value


class PartGiven(Command):
    """One thing of several that were asked for, and what becomes of it."""

    what: Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(clean_text)]
    decision: Decision
    because: Short = ""


class DecisionGiven(Command):
    """What becomes of a request; with parts, ``decision`` follows from them."""

    decision: Decision | None = None
    ground: Ground = Ground.NONE
    because: Reason = ""
    parts: Annotated[tuple[PartGiven, ...], Field(max_length=MOST_PARTS)] = ()

    @model_validator(mode="after")
    def _reasoned(self) -> DecisionGiven:
        if self.decision is None and not self.parts:
            raise FieldRefused(N_("Say what was decided."), code="missing")
        return self

    @property
    def outcome(self) -> Decision:
        if self.parts:
            return overall([part.decision for part in self.parts])
        assert self.decision is not None  # noqa: S101 -- checked above, narrows the type for mypy
        return self.decision


class IdentityGiven(Command):
    """How it was made sure who asks, and what was looked at: never a number of a document."""

    how: Identity
    seen: Seen = ""

    @field_validator("seen")
    @classmethod
    def _no_number(cls, value: str) -> str:
        if sum(char.isdigit() for char in _DATE.sub("", value)) >= NUMBER_DIGITS:
            raise FieldRefused(
                N_("Say what you looked at, without any number of the document or the person."),
                code="document",
            )
        return value
