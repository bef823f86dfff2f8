"""The four families of refusal, known to every domain and translated only at the edges.

A concrete error stands beside the rule that raises it, names its ``message`` (an English msgid
that tells the person what to do next) and gives the values of its placeholders as keywords.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field: ``message`` is a msgid, ``params`` fill its placeholders."""

    field: str
    code: str
    message: str
    params: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


class DomainError(Exception):
    """A refusal that a person can read. ``code`` is the class's name in snake case."""

    message: ClassVar[str] = ""

    def __init__(self, **params: str | int) -> None:
        self.params: Mapping[str, str | int] = params
        super().__init__(type(self).__name__)

    @property
    def code(self) -> str:
        return _WORD_START.sub("_", type(self).__name__).lower()


class NotFound(DomainError):
    """There is no such thing, or the person may not know of it."""


class Forbidden(DomainError):
    """The thing exists and this person may not do this with it."""


class Conflict(DomainError):
    """The request was well-formed, and the state of things does not allow it."""


class Invalid(DomainError):
    """What was given cannot be used; ``errors`` says which field and why."""

    def __init__(self, *errors: FieldError, **params: str | int) -> None:
        super().__init__(**params)
        self.errors = errors
