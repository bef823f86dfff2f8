from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from certificates.document import InvalidDocument, Issuer
from tests.certificates.makers import Changes, make_document

LONG_AGO = date(2020, 1, 1)


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"person_name": "  "}, "person_name", "is empty"),
        ({"number": ""}, "number", "is empty"),
        ({"company": ""}, "company", "is empty"),
        ({"person_name": "A" * 161}, "person_name", "is longer than 160 letters"),
        ({"training_aims": "A" * 1201}, "training_aims", "is longer than 1200 letters"),
        ({"person_name": "A\x00"}, "person_name", "holds a character that cannot be printed"),
        ({"person_name": "A\u202eB"}, "person_name", "holds a character that cannot be printed"),
        ({"days": ()}, "days", "is empty"),
        (
            {"days": tuple(LONG_AGO + timedelta(days=n) for n in range(367))},
            "days",
            "holds more than 366 days",
        ),
        (
            {"days": (datetime(2026, 4, 1, tzinfo=UTC),)},
            "days",
            "must be a date without a time of day",
        ),
        (
            {"issued_on": datetime(2026, 4, 1, tzinfo=UTC)},
            "issued_on",
            "must be a date without a time of day",
        ),
        ({"valid_until": LONG_AGO}, "valid_until", "is before the day of issue"),
        ({"hours": Decimal(0)}, "hours", "must be above 0 and at most 10 000"),
        ({"hours": Decimal("NaN")}, "hours", "must be above 0 and at most 10 000"),
        (
            {"verify_url": "javascript:alert(1)"},
            "verify_url",
            "must be an absolute http or https address",
        ),
        ({"verify_url": "https://[::1"}, "verify_url", "is no web address"),
        (
            {"verify_url": "https://å.fi/"},
            "verify_url",
            "must be ASCII, so that anyone can type it",
        ),
        ({"language": "de"}, "language", "must be fi, sv or en"),
        ({"design": "baroque"}, "design", "must be formal, modern or card"),
        ({"qr_text": "WIFI:S:x;;"}, "qr_text", "must be an absolute http or https address"),
        ({"qr_text": "https://a.fi/#" + "x" * 790}, "qr_text", "is longer than 790 letters"),
        ({"status_entry": "/1"}, "status_entry", "must be an absolute http or https address"),
        ({"badge": b"a.b"}, "badge", "is no compact JWT"),
        ({"badge": b"a.b.c" * 20_000}, "badge", "is larger than 64 KiB"),
    ],
)
def test_document_refuses_what_cannot_be_printed(changes: Changes, field: str, why: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        make_document(**changes)
    assert (refused.value.field, refused.value.why) == (field, why)


def test_issuer_refuses_accent_that_is_no_colour() -> None:
    with pytest.raises(InvalidDocument, match="accent"):
        Issuer("Rata Oy", accent="#fff}*{display:none")


def test_days_are_kept_in_order_once_each() -> None:
    document = make_document(days=(date(2026, 4, 2), date(2026, 4, 1), date(2026, 4, 2)))
    assert document.days == (date(2026, 4, 1), date(2026, 4, 2))
