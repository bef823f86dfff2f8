from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest

from certificates.document import Language
from certificates.labels import LABELS, Labels, written_days, written_hours, written_until

FI, SV, EN = Language.FINNISH, Language.SWEDISH, Language.ENGLISH
APRIL = [date(2026, 4, day) for day in range(1, 31)]


@pytest.mark.parametrize(
    ("days", "language", "written"),
    [
        ([APRIL[0]], FI, "1.4.2026"),
        ([APRIL[0]], EN, "1 April 2026"),
        (APRIL[0:3], SV, "1.–3.4.2026"),
        (APRIL[0:3], EN, "1–3 April 2026"),
        ([APRIL[29], date(2026, 5, 1)], FI, "30.4.–1.5.2026"),
        ([APRIL[29], date(2026, 5, 1)], EN, "30 April – 1 May 2026"),
        ([date(2026, 12, 31), date(2027, 1, 1)], FI, "31.12.2026–1.1.2027"),
        ([date(2026, 12, 31), date(2027, 1, 1)], EN, "31 December 2026 – 1 January 2027"),
        ([APRIL[0], APRIL[2], APRIL[3]], FI, "1.4.2026, 3.–4.4.2026"),
        (APRIL[::3], FI, "1.–28.4.2026, yhteensä 10 päivää"),
    ],
)
def test_days_are_written_as_people_write_them(
    days: list[date], language: Language, written: str
) -> None:
    assert written_days(days, language) == written


@pytest.mark.parametrize(
    ("hours", "language", "written"),
    [
        ("15.50", FI, "15,5 tuntia"),
        ("8", SV, "8 timmar"),
        ("7.25", EN, "7.25 hours"),
        ("1", FI, "1 tunti"),
        ("1", SV, "1 timme"),
        ("1.0", EN, "1 hour"),
        ("100", FI, "100 tuntia"),
    ],
)
def test_hours_are_written_in_the_language(hours: str, language: Language, written: str) -> None:
    assert written_hours(Decimal(hours), language) == written


def test_end_of_validity_is_written_in_the_language() -> None:
    day = date(2031, 4, 2)
    assert [written_until(day, language) for language in (FI, SV, EN)] == [
        "2.4.2031 asti",
        "till 2.4.2031",
        "until 2 April 2031",
    ]


def test_every_label_differs_between_the_languages() -> None:
    for field in fields(Labels):
        words = {getattr(labels, field.name) for labels in LABELS.values()}
        assert len(words) == 3, field.name
