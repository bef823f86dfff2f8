"""Who may give what: nobody more than they hold, nor for longer, nor to themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.accounts.rules import (
    LONGEST_GRANT,
    USUAL_GRANT,
    EndNeeded,
    Held,
    MayNotGrant,
    NotToOneself,
    Role,
    TooLong,
    closes_at,
    counts,
    granted_until,
    may_grant,
    reminds_at,
)

NOON = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SIGNED = NOON.date()
FIRM, OTHER_FIRM = UUID(int=1), UUID(int=2)
EVENT, OTHER_EVENT = UUID(int=3), UUID(int=4)
STAFF = Held(Role.STAFF, None)
ORGANISER = Held(Role.ORGANISER, EVENT)
COORDINATOR = Held(Role.COORDINATOR, FIRM)
ALLOWED = [
    (STAFF, Role.STAFF, None),
    (STAFF, Role.ORGANISER, None),
    (STAFF, Role.ORGANISER, EVENT),
    (STAFF, Role.COORDINATOR, FIRM),
    (STAFF, Role.TRAINER, None),
    (ORGANISER, Role.ORGANISER, EVENT),
    (COORDINATOR, Role.COORDINATOR, FIRM),
]
REFUSED = [
    (STAFF, Role.COORDINATOR, None),
    (STAFF, Role.PARTICIPANT, None),
    (STAFF, Role.STAFF, EVENT),
    (STAFF, Role.TRAINER, FIRM),
    (ORGANISER, Role.ORGANISER, OTHER_EVENT),
    (ORGANISER, Role.ORGANISER, None),
    (ORGANISER, Role.STAFF, None),
    (Held(Role.ORGANISER, None), Role.ORGANISER, EVENT),
    (Held(Role.ORGANISER, None), Role.ORGANISER, None),
    (COORDINATOR, Role.COORDINATOR, OTHER_FIRM),
    (COORDINATOR, Role.ORGANISER, FIRM),
    (Held(Role.TRAINER, None), Role.TRAINER, None),
    (Held(Role.PARTICIPANT, None), Role.STAFF, None),
]


def name_of(value: object) -> str | None:
    if isinstance(value, Held):
        return f"{value.role}-{value.scope_id.int if value.scope_id else 0}"
    return str(value.int) if isinstance(value, UUID) else None


@pytest.mark.promise("P14")
@pytest.mark.parametrize(("held", "role", "scope"), ALLOWED, ids=name_of)
def test_one_may_give_what_one_holds(held: Held, role: Role, scope: UUID | None) -> None:
    assert may_grant([held], role, scope, to_oneself=False) == held


@pytest.mark.promise("P14")
@pytest.mark.parametrize(("held", "role", "scope"), REFUSED, ids=name_of)
def test_one_may_not_give_more(held: Held, role: Role, scope: UUID | None) -> None:
    with pytest.raises(MayNotGrant):
        may_grant([held], role, scope, to_oneself=False)


@pytest.mark.promise("P3")
def test_staff_give_themselves_no_event() -> None:
    with pytest.raises(NotToOneself):
        may_grant([STAFF], Role.ORGANISER, EVENT, to_oneself=True)


def test_it_rests_on_what_lasts_longest() -> None:
    short, long = Held(Role.STAFF, None, NOON + DAY), Held(Role.STAFF, None, NOON + 2 * DAY)
    assert may_grant([short, long], Role.TRAINER, None, to_oneself=False).ends_at == NOON + 2 * DAY
    endless = may_grant([short, STAFF, long], Role.TRAINER, None, to_oneself=False)
    assert endless.ends_at is None


def test_an_end_is_a_year_ahead_or_as_wished_and_never_after_the_givers() -> None:
    assert granted_until(STAFF, None, now=NOON) == NOON + USUAL_GRANT
    assert granted_until(STAFF, NOON + LONGEST_GRANT, now=NOON) == NOON + LONGEST_GRANT
    ending = Held(Role.STAFF, None, NOON + DAY)
    assert granted_until(ending, None, now=NOON) == NOON + DAY
    assert granted_until(ending, NOON + timedelta(hours=1), now=NOON) == NOON + timedelta(hours=1)
    with pytest.raises(TooLong):
        granted_until(STAFF, NOON + LONGEST_GRANT + timedelta(seconds=1), now=NOON)
    with pytest.raises(EndNeeded):
        granted_until(STAFF, NOON, now=NOON)


def test_a_grant_counts_from_its_beginning_to_before_its_end() -> None:
    def at(now: datetime, *, nda_on: date | None = SIGNED, ended: bool = False) -> bool:
        return counts(
            Role.STAFF,
            starts_at=NOON,
            ends_at=NOON + DAY,
            nda_on=nda_on,
            account_ended=ended,
            now=now,
        )

    moment = timedelta(microseconds=1)
    assert [at(NOON - moment), at(NOON), at(NOON + DAY - moment), at(NOON + DAY)] == [
        False,
        True,
        True,
        False,
    ]
    assert not at(NOON, nda_on=None)
    assert not at(NOON, nda_on=(NOON + DAY).date())
    assert not at(NOON, ended=True)


def test_nothing_ends_unreviewed_before_it_was_said_a_month_ahead() -> None:
    def close(reviewed: datetime | None, reminded: datetime | None, end: datetime | None) -> int:
        closes = closes_at(NOON, reviewed_at=reviewed, reminded_at=reminded, ends_at=end)
        return (closes - NOON).days

    assert close(None, None, None) == 365
    assert close(NOON + 100 * DAY, None, None) == 465
    assert close(None, NOON + 335 * DAY, None) == 365
    assert close(None, NOON + 400 * DAY, None) == 430
    assert close(None, NOON + 400 * DAY, NOON + 90 * DAY) == 90


def test_the_person_hears_a_month_ahead_unless_it_was_for_a_short_time() -> None:
    def told(end: datetime | None) -> int | None:
        at = reminds_at(NOON, reviewed_at=None, ends_at=end)
        return (at - NOON).days if at else None

    assert told(None) == 335
    assert told(NOON + 100 * DAY) == 70
    assert told(NOON + 60 * DAY) is None
    assert told(NOON + 396 * DAY) == 335


@dataclass(frozen=True)
class Given:
    holder: int
    held: Held
    by: int | None
    rested_on: Held | None


@dataclass
class World:
    """Accounts 0 to 4: number 0 begins with staff access that ends, 1 with an event, 2 with a
    company; whatever they try is decided by the rules alone."""

    now: datetime = NOON
    given: list[Given] = field(default_factory=list)

    def held(self, who: int) -> list[Held]:
        return [
            each.held
            for each in self.given
            if each.holder == who and each.held.ends_at and self.now < each.held.ends_at
        ]

    def delegate(self, by: int, to: int, role: Role, scope: UUID | None, days: int) -> None:
        try:
            rests_on = may_grant(self.held(by), role, scope, to_oneself=by == to)
            end = granted_until(rests_on, self.now + days * DAY, now=self.now)
        except (NotToOneself, MayNotGrant, EndNeeded, TooLong):
            return
        self.given.append(Given(to, Held(role, scope, end), by, rests_on))

    def end(self, index: int) -> None:
        if self.given:
            at = index % len(self.given)
            old = self.given[at]
            ended = Held(old.held.role, old.held.scope_id, min(self.now, old.held.ends_at or NOON))
            self.given[at] = Given(old.holder, ended, old.by, old.rested_on)


def covers(above: Held, below: Held) -> bool:
    """Whether who holds ``above`` could have given ``below``."""
    return above.role is Role.STAFF or (above.role, above.scope_id) == (below.role, below.scope_id)


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("give"),
            st.integers(0, 4),
            st.integers(0, 4),
            st.sampled_from(list(Role)),
            st.sampled_from([None, FIRM, OTHER_FIRM, EVENT, OTHER_EVENT]),
            st.integers(-5, 400),
        ),
        st.tuples(st.just("end"), st.integers(0, 50)),
        st.tuples(st.just("wait"), st.integers(1, 120)),
    ),
    max_size=40,
)


@pytest.mark.promise("P14")
@given(STEPS)
def test_no_sequence_gives_more_or_longer_than_the_givers_had(
    steps: list[tuple[object, ...]],
) -> None:
    world = World()
    roots = [
        Given(0, Held(Role.STAFF, None, NOON + 200 * DAY), None, None),
        Given(1, Held(Role.ORGANISER, EVENT, NOON + 300 * DAY), None, None),
        Given(2, Held(Role.COORDINATOR, FIRM, NOON + 390 * DAY), None, None),
    ]
    world.given += roots
    for step in steps:
        match step:
            case ("give", int(by), int(to), Role() as role, scope, int(days)):
                assert scope is None or isinstance(scope, UUID)
                world.delegate(by, to, role, scope, days)
            case ("end", int(index)):
                world.end(index)
            case ("wait", int(days)):
                world.now += days * DAY
    for each in world.given:
        if each.by is None or each.rested_on is None:
            continue
        assert each.by != each.holder
        assert covers(each.rested_on, each.held)
        assert each.rested_on.ends_at is not None
        assert each.held.ends_at is not None
        assert each.held.ends_at <= each.rested_on.ends_at
    ends = {role: max_end(world, role) for role in (Role.STAFF, Role.TRAINER)}
    assert all(end <= NOON + 200 * DAY for end in ends.values())
    others = {each.held.scope_id for each in world.given if each.held.ends_at > NOON + 200 * DAY}  # type: ignore[operator]  # all have an end
    assert others <= {EVENT, FIRM}


def max_end(world: World, role: Role) -> datetime:
    found = [each.held.ends_at for each in world.given if each.held.role is role]
    return max((end for end in found if end), default=NOON)
