"""From what was sent to a typed command, or to errors by field: one way for pages, API, imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from registration.errors import FieldError, Invalid
from registration.i18n import N_, _

MAX_TEXT = 2000


class Command(BaseModel):
    """What a person asks for, checked: unknown fields are refused, texts are stripped, and no
    error repeats what was given."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )


C = TypeVar("C", bound=BaseModel)


class Refused(Invalid):
    message = N_("Some of what you gave needs a correction.")


# pydantic's error types, said for people. ``{name}`` placeholders come from its context.
MESSAGES: Mapping[str, str] = {
    "missing": N_("This is needed."),
    "string_too_short": N_("This is needed."),
    "string_too_long": N_("Use at most {max_length} characters."),
    "string_pattern_mismatch": N_("This is not in the form that is expected here."),
    "string_type": N_("Give this as text."),
    "int_parsing": N_("Give a whole number."),
    "int_type": N_("Give a whole number."),
    "int_parsing_size": N_("This number is too large."),
    "int_from_float": N_("Give a whole number."),
    "float_parsing": N_("Give a number."),
    "decimal_parsing": N_("Give a number."),
    "bool_parsing": N_("Say yes or no (true or false)."),
    "bool_type": N_("Say yes or no (true or false)."),
    "greater_than_equal": N_("Give at least {ge}."),
    "greater_than": N_("Give more than {gt}."),
    "less_than_equal": N_("Give at most {le}."),
    "less_than": N_("Give less than {lt}."),
    "enum": N_("Choose one of: {expected}."),
    "literal_error": N_("Choose one of: {expected}."),
    "uuid_parsing": N_("This is not an id that we know."),
    "uuid_type": N_("This is not an id that we know."),
    "date_from_datetime_parsing": N_("Give a date, as 2026-04-01."),
    "date_parsing": N_("Give a date, as 2026-04-01."),
    "datetime_parsing": N_("Give a date and time, as 2026-04-01T09:00:00+03:00."),
    "datetime_from_date_parsing": N_("Give a date and time, as 2026-04-01T09:00:00+03:00."),
    "timezone_aware": N_("Give the time with its offset, as 2026-04-01T09:00:00+03:00."),
    "time_delta_parsing": N_("Give a duration, as PT24H."),
    "extra_forbidden": N_("There is no such field."),
    "list_type": N_("Give a list."),
    "too_long": N_("Give at most {max_length}."),
    "too_short": N_("Give at least {min_length}."),
    "dict_type": N_("Give an object."),
    "model_type": N_("Give an object."),
    "model_attributes_type": N_("Give an object."),
    "json_invalid": N_("This is not valid JSON."),
}
OTHERWISE = N_("This cannot be used here.")


class FieldRefused(ValueError):
    """Raised by a validator of ours: its text is a msgid, ``params`` fill its placeholders."""

    def __init__(self, message: str, *, code: str = "invalid", **params: str | int) -> None:
        super().__init__(message)
        self.message, self.code, self.params = message, code, params


def parse(command: type[C], given: Mapping[str, object], *, strict: bool = False) -> C:
    """``given`` as a ``command``. Raises ``Refused`` with every field that is wrong."""
    try:
        return command.model_validate(dict(given), strict=strict)
    except ValidationError as wrong:
        raise Refused(*field_errors(wrong)) from None


def field_errors(wrong: ValidationError) -> tuple[FieldError, ...]:
    """pydantic's findings as ours; the field's name is its path, as ``person.email``."""
    found: list[FieldError] = []
    for each in wrong.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in each["loc"])
        context = each.get("ctx", {})
        cause = context.get("error")
        if isinstance(cause, FieldRefused):
            found.append(FieldError(where, cause.code, cause.message, cause.params))
            continue
        params = {key: str(value) for key, value in context.items() if key != "error"}
        kind = each["type"]
        found.append(FieldError(where, kind, MESSAGES.get(kind, OTHERWISE), params))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Form:
    """A form as a page shows it: what was typed, and what is wrong with it (translated)."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    token: str = ""

    def with_errors(self, errors: Iterable[FieldError]) -> Form:
        """The same form with ``errors`` said in the reader's language, beside their fields."""
        by_field: dict[str, list[str]] = {}
        for error in errors:
            by_field.setdefault(error.field, []).append(_(error.message, **error.params))
        return Form(self.values, by_field, self.chosen, self.token)
