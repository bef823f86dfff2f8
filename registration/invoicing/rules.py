"""Sums, numbers and refusals of invoicing; money is in integer cents.

What is invoiced: seats that were kept (confirmed, attended, not come) on sessions with a price,
taken by a company, once the session has begun; before that a place may still be given up. What
was cancelled is not invoiced, however late. The price is the one of the moment the place was
taken, and so is the VAT rate, which goes by the day of the session.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from registration.errors import Conflict, NotFound
from registration.forms import Command, FieldRefused
from registration.i18n import N_
from registration.people.rules import clean_text

PAYMENT_DAYS = 14
WHOLE = 10_000
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])\Z", re.ASCII)
_WEIGHTS = (7, 3, 1)


class InvoiceNotFound(NotFound):
    message = N_("There is no such invoicing basis.")


class NothingToInvoice(Conflict):
    message = N_(
        "Nothing of this company and month is left to be invoiced. It may have been done already: "
        "look at the list of what was made."
    )


class AlreadyUndone(Conflict):
    message = N_("This invoicing basis was undone already.")


class NoNames(Conflict):
    message = N_("An invoicing basis that was undone has no names: its places are free again.")


class EInvoiceIncomplete(Conflict):
    message = N_(
        "The e-invoice cannot be written yet. What is missing: {missing}. The spreadsheet can be "
        "downloaded meanwhile."
    )


class InvoiceFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    UBL = "ubl"


def _month(value: str) -> str:
    if not _MONTH.match(value):
        raise FieldRefused(N_("Give a month as 2026-10."), code="month")
    return value


MonthText = Annotated[str, BeforeValidator(clean_text), AfterValidator(_month)]


class BasisGiven(Command):
    company: UUID
    month: MonthText


class UndoGiven(Command):
    reason: Annotated[str, BeforeValidator(clean_text), Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Line:
    """``price_cents`` is of one person, without VAT; days are local ones, both included."""

    position: int
    session_id: UUID
    title: Mapping[str, str]
    first_day: date
    last_day: date
    order_number: str
    people: int
    price_cents: int
    vat_basis_points: int

    @property
    def net_cents(self) -> int:
        return self.people * self.price_cents


@dataclass(frozen=True, slots=True)
class RateTotal:
    """The sums of one VAT rate."""

    vat_basis_points: int
    net_cents: int
    vat_cents: int


def totals(lines: Sequence[Line]) -> tuple[RateTotal, ...]:
    """The sums by VAT rate, the lowest first.

    VAT is counted once for each rate, on the sum of its lines, and rounded half up to a cent
    (EN 16931-1, BR-CO-17); rounding line by line would miss that by cents.
    """
    nets: dict[int, int] = {}
    for line in lines:
        nets[line.vat_basis_points] = nets.get(line.vat_basis_points, 0) + line.net_cents
    return tuple(
        RateTotal(rate, net, (net * rate + WHOLE // 2) // WHOLE)
        for rate, net in sorted(nets.items())
    )


def month_of(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m")


def span_of(month: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of the month in ``zone`` and of the next one, both in UTC: SQLite compares
    them as texts, so they must be written alike."""
    year, number = (int(part) for part in month.split("-"))
    after = (year + number // 12, number % 12 + 1)
    return (
        datetime(year, number, 1, tzinfo=zone).astimezone(UTC),
        datetime(*after, 1, tzinfo=zone).astimezone(UTC),
    )


def days_of(month: str) -> tuple[date, date]:
    """The month's first and last day."""
    start, end = span_of(month, ZoneInfo("UTC"))
    return start.date(), end.date() - timedelta(days=1)


def number_text(year: int, count: int) -> str:
    """``2026-00042``."""
    return f"{year}-{count:05}"


def reference_of(number: str) -> str:
    """The Finnish payment reference of a number: its digits and their check digit (weights 7, 3, 1
    from the right)."""
    digits = re.sub(r"\D", "", number)
    total = sum(int(digit) * _WEIGHTS[place % 3] for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def due_on(issued_on: date) -> date:
    return issued_on + timedelta(days=PAYMENT_DAYS)
