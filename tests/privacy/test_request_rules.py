"""How sure we must be, by when there is an answer, and what a further copy may cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.errors import DomainError
from registration.forms import Command, Refused, parse
from registration.i18n import DEFAULT_ZONE
from registration.privacy.request_given import DecisionGiven, IdentityGiven, RequestGiven
from registration.privacy.request_rules import (
    CLOSED,
    NEEDED,
    OPEN,
    RUNGS,
    BadExtension,
    Behalf,
    Decision,
    ExtendedBefore,
    FeeNote,
    Identity,
    IdentityMissing,
    MandateMissing,
    Matched,
    NotMatched,
    RequestKind,
    Rung,
    SomebodyHeld,
    State,
    TooLateToExtend,
    check_decision,
    check_extension,
    days_left,
    drop_at,
    due,
    end_of,
    fee_note,
    is_established,
    is_late,
    latest_extension,
    may_send_to,
    months_after,
    number_text,
    overall,
)

ZONE = DEFAULT_ZONE
SECONDS = st.integers(1_527_206_400, 2_840_140_800)  # 25.5.2018 to 1.1.2060
MOMENTS = SECONDS.map(lambda second: datetime.fromtimestamp(second, UTC))


def on(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 22), 1, date(2026, 12, 22)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_same_day_of_a_later_month_or_its_last(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


@pytest.mark.promise("P12")
@pytest.mark.parametrize(
    ("received", "last"),
    [
        (on(2026, 1, 31), date(2026, 2, 28)),
        (on(2026, 11, 22, 0), date(2026, 12, 22)),
        (on(2026, 11, 22, 23), date(2026, 12, 22)),
        (on(2026, 11, 25), date(2026, 12, 25)),  # a holiday stays the last day
        (on(2026, 3, 1), date(2026, 4, 1)),  # over the change to summer time
    ],
)
def test_due_at_the_end_of_the_same_day_a_month_later(received: datetime, last: date) -> None:
    assert due(received, ZONE) == datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=ZONE)


@pytest.mark.promise("P12")
@given(received=MOMENTS)
def test_due_is_never_later_than_one_calendar_month(received: datetime) -> None:
    first, last = received.astimezone(ZONE).date(), due(received, ZONE).astimezone(ZONE).date()
    months = (last.year - first.year) * 12 + last.month - first.month
    assert (months, last.day <= first.day) == (1, True)
    assert last - first <= timedelta(days=31)
    # Nor is a day taken away: the day after is another number, or the month has no such day.
    assert last.day == first.day or (last + timedelta(days=1)).month != last.month


@given(received=MOMENTS, days=st.integers(-5, 120))
def test_extension_ends_within_two_more_months_or_is_refused(received: datetime, days: int) -> None:
    due_at = due(received, ZONE)
    until = due_at.astimezone(ZONE).date() + timedelta(days=days)
    most = months_after(due_at.astimezone(ZONE).date(), 2)
    try:
        chosen = check_extension(until, due_at=due_at, extended=False, now=due_at, zone=ZONE)
    except BadExtension:
        assert days <= 0 or until > most
    else:
        assert chosen == end_of(until, ZONE)
        assert due_at < chosen <= latest_extension(due_at, ZONE)
        assert chosen.astimezone(ZONE).date() <= months_after(received.astimezone(ZONE).date(), 3)


def test_time_is_made_longer_once_and_before_the_month_is_over() -> None:
    due_at = due(on(2026, 11, 1), ZONE)
    day = date(2026, 12, 20)
    with pytest.raises(ExtendedBefore):
        check_extension(day, due_at=due_at, extended=True, now=on(2026, 11, 2), zone=ZONE)
    with pytest.raises(TooLateToExtend):
        check_extension(day, due_at=due_at, extended=False, now=on(2026, 12, 2), zone=ZONE)


def test_days_left_are_local_ones() -> None:
    until = due(on(2026, 11, 1), ZONE)
    assert days_left(until, now=on(2026, 11, 30, 23), zone=ZONE) == 1
    assert days_left(until, now=on(2026, 12, 1, 23), zone=ZONE) == 0
    assert days_left(until, now=on(2026, 12, 2, 0), zone=ZONE) == -1


def test_nothing_is_kept_three_years_after_the_answer() -> None:
    assert drop_at(on(2024, 2, 29), ZONE) == datetime(2027, 2, 28, 23, 59, 59, tzinfo=ZONE)


@pytest.mark.promise("P12")
@pytest.mark.parametrize(
    ("last", "note"),
    [
        (None, FeeNote(False)),
        (on(2025, 11, 22), FeeNote(False, on(2025, 11, 22), date(2026, 11, 22))),
        (on(2025, 11, 23), FeeNote(True, on(2025, 11, 23), date(2026, 11, 23))),
        (on(2026, 11, 21), FeeNote(True, on(2026, 11, 21), date(2027, 11, 21))),
        (on(2026, 11, 23), FeeNote(False, on(2026, 11, 23), date(2027, 11, 23))),
    ],
    ids=["none", "a-year", "a-day-less", "yesterday", "after"],
)
def test_a_further_copy_within_twelve_months_may_cost(last: datetime | None, note: FeeNote) -> None:
    assert fee_note(last, on(2026, 11, 22), ZONE) == note


@pytest.mark.promise("P11")
def test_every_kind_needs_a_step_and_every_way_gives_one() -> None:
    assert set(NEEDED) == set(RequestKind)
    assert set(RUNGS) == set(Identity)
    free = {kind for kind in RequestKind if is_established(kind, Identity.NOT_ESTABLISHED)}
    assert free == {
        RequestKind.NO_MARKETING,
        RequestKind.WITHDRAW_CONSENT,
        RequestKind.COMPLAINT,
        RequestKind.OTHER,
    }
    for kind, how in product(RequestKind, Identity):
        assert is_established(kind, how) == (kind in free or RUNGS[how] >= Rung.REACHED)


@pytest.mark.parametrize("how", list(Identity), ids=lambda how: how.name.lower())
def test_data_goes_to_a_new_address_only_of_who_has_shown_who_they_are(how: Identity) -> None:
    assert may_send_to(known=False, identity=how) == (
        how in {Identity.ID_SHOWN, Identity.SECOND_FACTOR}
    )
    assert may_send_to(known=True, identity=how) == (how is not Identity.NOT_ESTABLISHED)


def _refusal(
    decision: Decision,
    kind: RequestKind,
    identity: Identity,
    matched: Matched,
    behalf: Behalf,
    mandate: bool,
) -> type[DomainError] | None:
    if decision is Decision.REFUSED:
        return None
    if matched is Matched.NOT_YET:
        return NotMatched
    if decision is Decision.NOTHING_HELD:
        return SomebodyHeld if matched is Matched.FOUND else None
    if RUNGS[identity] < NEEDED[kind]:
        return IdentityMissing
    return MandateMissing if behalf is not Behalf.SELF and not mandate else None


@pytest.mark.promise("P12")
def test_what_may_be_decided_in_every_case() -> None:
    for case in product(Decision, RequestKind, Identity, Matched, Behalf, (False, True)):
        decision, kind, identity, matched, behalf, mandate = case
        expected = _refusal(*case)
        found: type[DomainError] | None = None
        try:
            check_decision(
                decision,
                kind=kind,
                identity=identity,
                matched=matched,
                behalf=behalf,
                mandate=mandate,
            )
        except DomainError as refused:
            found = type(refused)
        assert (case, found) == (case, expected)


def test_only_what_waits_is_late() -> None:
    assert set(OPEN) | set(CLOSED) == set(State)
    for state in OPEN:
        assert is_late(state, on(2026, 11, 1), now=on(2026, 11, 2))
    assert not is_late(State.ANSWERED, on(2026, 11, 1), now=on(2026, 11, 2))


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([Decision.GRANTED, Decision.GRANTED], Decision.GRANTED),
        ([Decision.REFUSED], Decision.REFUSED),
        ([Decision.GRANTED, Decision.REFUSED], Decision.PARTLY),
        ([Decision.PARTLY, Decision.GRANTED], Decision.PARTLY),
    ],
    ids=["all", "none", "some", "partly"],
)
def test_one_word_for_several_parts(parts: list[Decision], whole: Decision) -> None:
    assert overall(parts) == whole


def test_numbers_are_by_year() -> None:
    assert [number_text(2026, 1), number_text(2027, 12345)] == ["TP-2026-0001", "TP-2027-12345"]


def refused_for(command: type[Command], given: Mapping[str, object], what: str) -> str:
    """The code or the field of what is wrong, or empty."""
    try:
        parse(command, given)
    except Refused as refused:
        return " ".join(str(getattr(error, what)) for error in refused.errors)
    return ""


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        ("driving licence", ""),
        ("signed letter of 1.4.2026, the address on record", ""),
        ("passport XP1234567", "document"),
        ("henkilötunnus 131052-308T", "document"),
        ("040 123 4567", "document"),
    ],
)
def test_no_number_of_a_document_is_kept(seen: str, code: str) -> None:
    assert refused_for(IdentityGiven, {"how": "id-shown", "seen": seen}, "code") == code


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"kind": "access", "channel": "letter"}, ""),
        ({"kind": "everything", "channel": "letter"}, "kind"),
        ({"kind": "access", "channel": "pigeon"}, "channel"),
        ({"kind": "access", "channel": "letter", "asked": "a" * 10_001}, "asked"),
        ({"kind": "access", "channel": "letter", "language": "de"}, "language"),
        ({"kind": "access", "channel": "mail", "asker_email": "x"}, "asker_email"),
        ({"kind": "access", "channel": "mail", "behalf": "neighbour"}, "behalf"),
        ({"kind": "access", "channel": "mail", "hetu": "131052-308T"}, "hetu"),
    ],
    ids=["good", "kind", "channel", "oversized", "language", "email", "behalf", "unknown"],
)
def test_what_is_typed_of_a_request(given: dict[str, str], wrong: str) -> None:
    assert refused_for(RequestGiven, given, "field") == wrong


def test_hostile_text_is_kept_as_text_without_what_cannot_be_seen() -> None:
    asked = "<script>alert(1)</script>\r\n\u202e=cmd()\x07 \u200b\n\n{{ 7*7 }}"
    made = parse(RequestGiven, {"kind": "other", "channel": "mail", "asked": asked})
    assert made.asked == "<script>alert(1)</script>\n=cmd()\n\n{{ 7*7 }}"


def test_a_decision_is_one_word_or_several_parts() -> None:
    with pytest.raises(Refused):
        parse(DecisionGiven, {})
    parts = [
        {"what": "a copy", "decision": "granted"},
        {"what": "the certificates deleted", "decision": "refused", "because": "duty"},
    ]
    assert parse(DecisionGiven, {"parts": parts}).outcome is Decision.PARTLY
