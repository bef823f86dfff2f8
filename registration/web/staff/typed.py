"""What staff type into forms, as the commands of the catalogue take it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from registration.catalogue.rules import DEFAULT_ZONE, State, at_local
from registration.errors import FieldError
from registration.forms import MESSAGES, C, FieldRefused, Refused, parse
from registration.i18n import DEFAULT_ZONE as HOME_ZONE
from registration.i18n import LANGUAGES, N_, NATIVE_NAMES
from registration.people.rules import clean_text

NEEDED = MESSAGES["missing"]
NO_DATE = N_("Give a date and a time, as 2026-04-01 and 09:00.")
NO_PRICE = N_("Give an amount in euros, as 120 or 120,50.")
NO_HOURS = N_("Give the hours as 7 or 7,5.")
ZONES = (
    "Europe/Helsinki",
    "Europe/Stockholm",
    "Europe/Oslo",
    "Europe/Copenhagen",
    "Europe/Tallinn",
    "Europe/Berlin",
    "Europe/London",
    "UTC",
)
# Cancelling has its own page, for it tells people.
CHOOSABLE = (State.PUBLISHED, State.DRAFT)
_EUROS = re.compile(r"\d{1,7}(?:[.,]\d{1,2})?\Z")
_HOURS = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?\Z")


def own_name(error: FieldError) -> str:
    """Where the form calls a field what the command calls it."""
    return error.field


class Reading:
    """Reads a form field by field; what is wrong is collected, so that all is said at once."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given
        self.errors: list[FieldError] = []

    def text(self, name: str) -> str:
        return str(clean_text(self.given.get(name, "")))

    def texts(self, name: str) -> dict[str, str]:
        """``title_fi``, ``title_sv``, ``title_en`` as one map."""
        return {
            code: self.given[f"{name}_{code}"]
            for code in LANGUAGES
            if self.given.get(f"{name}_{code}", "").strip()
        }

    def command(
        self,
        kind: type[C],
        given: Mapping[str, object],
        *,
        place: Callable[[FieldError], str] = own_name,
        rests: Collection[str] = ("",),
    ) -> C:
        """``given`` as a command. Raises ``Refused`` with all that is wrong, by the form's names,
        which ``place`` gives. A field that could not be read is not blamed a second time; nor,
        then, are those that rest on it (``rests``: the first word of the command's paths)."""
        found = {error.field: error for error in self.errors}
        try:
            made = parse(kind, given)
        except Refused as refused:
            for error in refused.errors:
                if not (self.errors and error.field.partition(".")[0] in rests):
                    name = place(error)
                    found.setdefault(name, replace(error, field=name))
            raise Refused(*found.values()) from None
        if found:
            raise Refused(*found.values())
        return made

    def some(self, **names: str) -> dict[str, object]:
        """Of these (command's name = form's name) what is not empty, so that defaults hold."""
        return {name: self.text(typed) for name, typed in names.items() if self.text(typed)}

    def wrong(self, name: str, message: str, code: str = "invalid") -> None:
        self.errors.append(FieldError(name, code, message))

    def zone(self, name: str = "time_zone") -> ZoneInfo:
        """The zone that was chosen; an unknown one is for the command to refuse."""
        try:
            return ZoneInfo(self.text(name) or DEFAULT_ZONE)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return HOME_ZONE

    def moment(self, name: str, zone: ZoneInfo, *, needed: bool = False) -> datetime | None:
        """A field ``2026-04-01T09:00``, local in ``zone``."""
        day, _sep, clock = self.text(name).replace(" ", "T").partition("T")
        return self.local(name, day, clock, zone, needed=needed)

    def local(
        self, name: str, day: str, clock: str, zone: ZoneInfo, *, needed: bool = False
    ) -> datetime | None:
        if not day and not clock:
            if needed:
                self.wrong(name, NEEDED, "missing")
            return None
        try:
            return at_local(date.fromisoformat(day), time.fromisoformat(clock), zone)
        except FieldRefused as refused:
            self.wrong(name, refused.message, refused.code)
        except (ValueError, OverflowError):
            self.wrong(name, NO_DATE, "datetime")
        return None

    def cents(self, name: str) -> int | None:
        """Euros with a comma or a point; empty is nothing to pay."""
        typed = re.sub(r"[\s€]", "", self.text(name))
        if not typed:
            return 0
        if not _EUROS.match(typed):
            self.wrong(name, NO_PRICE, "price")
            return None
        return int(Decimal(typed.replace(",", ".")) * 100)

    def minutes(self, name: str) -> int | None:
        typed = self.text(name)
        if not typed:
            return 0
        if not _HOURS.match(typed):
            self.wrong(name, NO_HOURS, "hours")
            return None
        return int(Decimal(typed.replace(",", ".")) * 60)

    def state(self, name: str = "state") -> str:
        typed = self.text(name) or State.PUBLISHED.value
        if typed not in {state.value for state in CHOOSABLE}:
            self.wrong(name, N_("Choose whether it is published or a draft."), "state")
        return typed


def text_values(name: str, texts: Mapping[str, str]) -> dict[str, str]:
    """A map by language as the form's fields."""
    return {f"{name}_{code}": texts.get(code, "") for code in LANGUAGES}


def moment_value(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if moment else ""


def euros(cents: int) -> str:
    """``120,50``, and ``120`` without cents; empty for nothing."""
    if not cents:
        return ""
    whole, rest = divmod(cents, 100)
    return f"{whole},{rest:02}" if rest else str(whole)


def hours(minutes: int) -> str:
    if not minutes:
        return ""
    whole, rest = divmod(Decimal(minutes), 60)
    part = (rest / 60).quantize(Decimal("0.01")).normalize()
    return f"{whole + part:f}".replace(".", ",")


def zones(chosen: str) -> tuple[tuple[str, str], ...]:
    """``chosen`` is among them whatever it is."""
    named = ZONES if chosen in ZONES or not chosen else (*ZONES, chosen)
    return tuple((zone, zone) for zone in named)


def languages() -> tuple[tuple[str, str], ...]:
    return tuple((code, NATIVE_NAMES[code]) for code in LANGUAGES)
