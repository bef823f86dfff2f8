"""The calendar deletes what is due, nothing else, and leaves what is true without persons (P13)."""

from __future__ import annotations

import asyncio
from contextvars import Context
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from registration.accounts.models import Account, Grant
from registration.db import transaction
from registration.enrolment.models import KeptCount, Objection, Place
from registration.enrolment.queries import counts
from registration.ledger.models import Entry
from registration.ledger.rules import Act
from registration.ledger.service import seal_entries, verify_chain
from registration.people.models import Consent, Person
from registration.privacy.holds import HoldEnded, HoldGiven, lift_hold, place_hold
from registration.privacy.models import Restriction, RightsRequest
from registration.privacy.receipts import last_runs
from registration.privacy.rules import Why
from registration.privacy.sweeping import Pace, Swept, sweep
from registration.qualifications.models import Certificate, RevokedPlace
from registration.settings import Settings
from registration.teaching.models import Assignment, Outcome
from tests.privacy import past

NIGHT = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)  # 2.30 in Helsinki
LONG_AGO = datetime(2010, 5, 4, 12, tzinfo=UTC)
ACTOR = UUID(int=7)


async def swept(settings: Settings, now: datetime = NIGHT) -> Swept:
    return await sweep(settings, now=now, pace=Pace(rest=0))


async def hold_given(person_id: UUID, **more: object) -> UUID:
    given = {
        "authority": "Traficom",
        "reference": "TRA/1",
        "reason": "Checks what happened at the site.",
        "review_on": date(2027, 1, 1),
    }
    return await place_hold(
        person_id,
        HoldGiven.model_validate(given | more),
        actor_id=ACTOR,
        today=date(2026, 11, 22),
        now=NIGHT,
    )


async def left(*ids: UUID) -> set[UUID]:
    rows = await Place.filter(id__in=list(ids)).values_list("id", flat=True)
    return {UUID(str(each)) for each in rows}


@pytest.mark.promise("P13")
async def test_places_go_a_day_after_their_period_and_not_before(store: Settings) -> None:
    person = await past.person_of_old(LONG_AGO)
    # The period ends with 21.11.2026: one year, or two, after the last day.
    on_time, too_new = (datetime(2025, 11, day, 12, tzinfo=UTC) for day in (21, 22))
    event_due = await past.place_on(await past.event_ended(on_time), person)
    event_new = await past.place_on(await past.event_ended(too_new), person)
    due = await past.session_ended(on_time.replace(year=2024))
    new = await past.session_ended(too_new.replace(year=2024))
    places = [await past.place_on(due, person), await past.place_on(new, person)]
    assert (await swept(store)).deleted == {"event-place": 1, "training-place": 1}
    assert await left(event_due, event_new, *places) == {event_new, places[1]}


@pytest.mark.promise("P8")
async def test_a_completed_training_stays_until_its_qualification_is_long_over(
    store: Settings,
) -> None:
    ended = datetime(2015, 3, 1, 12, tzinfo=UTC)
    seating = await past.session_ended(ended, await past.training(60))
    endless = await past.session_ended(ended + timedelta(days=900))

    async def place(on: UUID) -> UUID:
        return await past.place_on(on, await past.person_of_old(LONG_AGO), "attended")

    over, valid, unended, bare, bare_endless, failed = [
        await place(on) for on in (seating, seating, endless, seating, endless, endless)
    ]
    await past.certified(over, date(2024, 11, 21))
    await past.certified(valid, date(2024, 11, 22))
    await past.certified(unended, None)
    for each in (bare, bare_endless):
        await past.completed(each)
    await past.completed(failed, done=False)
    done = await swept(store)
    # 2015 and five years of validity and two: over; without an end ten years from 2017: not.
    assert (done.deleted["training-record"], done.deleted["training-place"]) == (2, 1)
    assert await left(over, valid, unended, bare, bare_endless, failed) == {
        valid, unended, bare_endless,
    }  # fmt: skip
    later = datetime(2027, 11, 1, 0, 30, tzinfo=UTC)
    await swept(store, later)
    assert await left(valid, unended, bare_endless) == set()


async def test_one_certificate_in_force_keeps_the_whole_record(store: Settings) -> None:
    seating = await past.session_ended(datetime(2012, 3, 1, 12, tzinfo=UTC))
    place = await past.place_on(seating, await past.person_of_old(LONG_AGO), "attended")
    await past.certified(place, date(2020, 1, 1), current=None, revoked_at=NIGHT)
    await past.certified(place, date(2026, 1, 1))
    assert (await swept(store)).total == 0
    assert await left(place) == {place}


@pytest.mark.promise("P13")
async def test_what_is_deleted_takes_its_records_along_and_leaves_counts(store: Settings) -> None:
    ended = datetime(2012, 3, 1, 12, tzinfo=UTC)
    seating = await past.session_ended(ended)
    people = [await past.person_of_old(LONG_AGO) for _each in range(4)]
    places = [await past.place_on(seating, each, "attended") for each in people[:2]]
    places += [await past.place_on(seating, people[2], "no_show")]
    places += [await past.place_on(seating, people[3], "cancelled")]
    await past.completed(places[0])
    await past.completed(places[1])
    revoked = await past.certified(places[1], None, current=None, revoked_at=ended)
    index = (await Certificate.get(id=revoked)).status_index
    before = await counts([seating])
    await swept(store)
    assert await Place.all().count() + await Outcome.all().count() == 0
    assert await Certificate.all().count() == 0
    assert await counts([seating]) == before == {seating: (3, 0)}
    rows = await KeptCount.all().values_list("status", "outcome", "number")
    assert sorted(tuple(row) for row in rows) == [
        ("attended", "completed", 2), ("cancelled", "", 1), ("no_show", "", 1),
    ]  # fmt: skip
    assert [row.status_index for row in await RevokedPlace.all()] == [index]


@pytest.mark.promise("P13")
async def test_a_person_goes_when_nothing_has_tied_them_for_the_period(store: Settings) -> None:
    alone = await past.person_of_old(LONG_AGO)
    read_notice = await past.person_of_old(LONG_AGO)
    await past.consented(read_notice, LONG_AGO, None, "notice")
    tied = {
        await past.person_of_old(datetime(2024, 11, 22, 12, tzinfo=UTC)),
        await past.person_of_old(LONG_AGO, changed_at=datetime(2025, 1, 1, tzinfo=UTC)),
        await past.person_of_old(LONG_AGO, tied_until=datetime(2025, 1, 1, tzinfo=UTC)),
    }
    for since, until in ((LONG_AGO, None), (LONG_AGO, datetime(2025, 1, 1, tzinfo=UTC))):
        tied |= {employee := await past.person_of_old(LONG_AGO)}
        await past.employed(employee, since, until)
        tied |= {reader := await past.person_of_old(LONG_AGO)}
        await past.consented(reader, since, until)
    tied |= {logged_in := await past.person_of_old(LONG_AGO)}
    await Entry.create(at=datetime(2025, 1, 1, tzinfo=UTC), act="login", subject_id=logged_in)
    done = await swept(store)
    assert done.deleted == {"person": 2}
    assert set(await Person.all().values_list("id", flat=True)) == tied
    erased = Entry.filter(act=Act.PERSON_ERASED.value)
    assert set(await erased.values_list("subject_id", flat=True)) == {alone, read_notice}


async def test_the_relation_counts_from_what_was_deleted_last(store: Settings) -> None:
    """The place goes after a year; the person two years after the event, not after the sign-up."""
    ended = datetime(2025, 6, 1, 12, tzinfo=UTC)
    person = await past.person_of_old(LONG_AGO)
    await past.place_on(await past.event_ended(ended), person)
    assert (await swept(store)).deleted == {"event-place": 1}
    assert (await Person.get(id=person)).tied_until == ended
    assert (await swept(store, datetime(2027, 6, 1, 0, 30, tzinfo=UTC))).deleted == {}
    assert (await swept(store, datetime(2027, 6, 2, 0, 30, tzinfo=UTC))).deleted == {"person": 1}


@pytest.mark.promise("P17")
async def test_each_role_of_one_human_goes_by_its_own_rule(store: Settings) -> None:
    """Coordinator, trainer and participant with one address: three records, three ends."""
    person = await past.person_of_old(LONG_AGO, email="same@example.fi")
    twin = await past.person_of_old(
        LONG_AGO, email="same@example.fi", changed_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    coordinator, trainer, running = uuid4(), uuid4(), uuid4()
    for made, end in ((coordinator, LONG_AGO), (trainer, LONG_AGO), (running, None)):
        await Account.create(
            id=made, email="same@example.fi", name="Sama Henkilö", language="fi",
            created_at=LONG_AGO, ended_at=end,
        )  # fmt: skip
    await Grant.create(id=uuid4(), account_id=coordinator, role="coordinator", starts_at=LONG_AGO)
    seating = await past.session_ended(datetime(2026, 1, 1, tzinfo=UTC))
    await Assignment.create(
        id=uuid4(), session_id=await _session_of(seating), account_id=trainer,
        recipient_id=await _recipient(), created_at=LONG_AGO,
    )  # fmt: skip
    assert (await swept(store)).deleted == {"account": 2, "person": 1}
    assert not await Person.filter(id=person).exists()
    assert await Person.filter(id=twin).exists()
    accounts = await Account.all().values_list("id", "name", "email")
    assert {tuple(row) for row in accounts} == {
        (trainer, "", ""), (running, "Sama Henkilö", "same@example.fi"),
    }  # fmt: skip
    assert (await swept(store)).total == 0


async def _session_of(seating: UUID) -> UUID:
    from registration.catalogue.models import Session

    return (await Session.get(seating_id=seating)).id


async def _recipient() -> UUID:
    from registration.teaching.models import Recipient

    return (await Recipient.create(id=uuid4(), name="Raidekoulu Oy", country="FI")).id


@pytest.mark.promise("P13")
@pytest.mark.parametrize("what", ["person", "place", "outcome", "certificate", "columns"])
async def test_what_an_authority_holds_stays_until_it_is_lifted(store: Settings, what: str) -> None:
    seating = await past.session_ended(datetime(2012, 3, 1, 12, tzinfo=UTC))
    person = await past.person_of_old(LONG_AGO)
    place = await past.place_on(seating, person, "attended")
    other = await past.place_on(await past.event_ended(LONG_AGO), person)
    outcome, paper = await past.completed(place), await past.certified(place, date(2013, 3, 1))
    scope: dict[str, object] = {
        "person": {},
        "place": {"table": "place", "record_id": place},
        "outcome": {"table": "outcome", "record_id": outcome},
        "certificate": {"table": "certificate", "record_id": paper},
        "columns": {"table": "certificate", "record_id": paper, "columns": ("person_name",)},
    }[what]
    hold = await hold_given(person, **scope)
    done = await swept(store)
    assert await left(place, other) == ({place, other} if what == "person" else {place})
    assert done.left["training-record"] == {Why.HOLD: 1}
    assert await Person.filter(id=person).exists()
    await lift_hold(hold, HoldEnded(because="The case is closed."), actor_id=ACTOR, now=NIGHT)
    assert (await swept(store)).deleted["training-record"] == 1
    assert (await swept(store)).deleted == {"person": 1}
    assert await left(place, other) == set()


async def test_a_restriction_or_an_open_matter_pauses_the_calendar(store: Settings) -> None:
    restricted, asking, objecting, unsettled, refused = [
        await past.person_of_old(LONG_AGO) for _each in range(5)
    ]
    for person, kind, upheld in (
        (restricted, "restrict", None), (objecting, "object", None), (refused, "restrict", False),
    ):  # fmt: skip
        await Restriction.create(
            id=uuid4(), person_id=person, kind=kind, made_at=LONG_AGO, upheld=upheld
        )
    await RightsRequest.create(
        id=uuid4(), reference="A-1", person_id=asking, kind="access", channel="letter",
        language="fi", received_at=LONG_AGO, due_at=LONG_AGO, state="received",
    )  # fmt: skip
    place = await past.place_on(await past.event_ended(LONG_AGO), unsettled)
    await Objection.create(id=uuid4(), place_id=place, person_id=unsettled, made_at=LONG_AGO)
    done = await swept(store)
    assert done.deleted == {"person": 1}
    assert done.left["person"] == {Why.RESTRICTION: 1, Why.PENDING: 2}
    assert done.left["event-place"] == {Why.PENDING: 1}
    assert not await Person.filter(id=refused).exists()


async def test_own_rows_go_by_their_own_dates(store: Settings) -> None:
    person = await past.person_of_old(NIGHT)
    old = await past.consented(person, LONG_AGO, LONG_AGO)
    new = await past.consented(person, LONG_AGO, NIGHT, "surveys")
    await past.employed(person, LONG_AGO, LONG_AGO)
    await past.employed(person, LONG_AGO, NIGHT)
    assert (await swept(store)).deleted == {"consent": 1, "employment": 1}
    assert await Consent.all().values_list("id", flat=True) == [new] != [old]


@pytest.mark.promise("P13")
async def test_each_run_has_receipts_that_the_ledger_proves(store: Settings) -> None:
    for _each in range(3):
        person = await past.person_of_old(LONG_AGO)
        await past.place_on(await past.event_ended(LONG_AGO), person)
    held = await past.person_of_old(LONG_AGO)
    await hold_given(held)
    for _night in range(3):
        await swept(store)
    third, second, first = await last_runs()
    assert [
        [(line.rule, line.months, line.deleted, line.held) for line in run.lines]
        for run in (first, second, third)
    ] == [
        [("event-place", "12", 3, 0), ("person", "24", 0, 1)],
        [("person", "24", 3, 1)],
        [("person", "24", 0, 1)],
    ]
    entries = await Entry.filter(act=Act.RETENTION_SWEPT.value).order_by("number")
    proved = [first.lines[0], second.lines[0]]
    assert [row.number for row in entries] == [line.entry_number for line in proved]
    assert all(str(line.id) in row.detail for line, row in zip(proved, entries, strict=True))
    assert [row.subject_id for row in entries] == [None, None]
    await seal_entries()
    assert (await verify_chain()).broken_at is None


async def test_two_sweeps_at_once_do_each_piece_once(store: Settings) -> None:
    seating = await past.event_ended(LONG_AGO)
    for _each in range(60):
        await past.place_on(seating, await past.person_of_old(LONG_AGO))
    done = [*await asyncio.gather(swept(store), swept(store), swept(store)), await swept(store)]
    done += [*await asyncio.gather(swept(store), swept(store), swept(store)), await swept(store)]
    assert sum(each.total for each in done) == 120
    assert [row.number for row in await KeptCount.all()] == [60]
    lines = [line for run in await last_runs() for line in run.lines]
    assert sum(line.deleted for line in lines) == 120
    assert await Entry.filter(act=Act.PERSON_ERASED.value).count() == 60
    assert (await swept(store)).total == 0


async def test_a_hold_placed_during_a_sweep_wins_from_its_commit(store: Settings) -> None:
    """It is placed between the look for what is due and the deletion of it."""
    seating = await past.event_ended(LONG_AGO)
    people = [await past.person_of_old(LONG_AGO) for _each in range(30)]
    for person in people:
        await past.place_on(seating, person)
    held: list[UUID] = []

    class Interrupted(Pace):
        async def pause(self, took: float) -> None:
            remaining = await Place.filter(person_id__not_in=held).order_by("id").first()
            if remaining is not None and len(held) < 10:
                await hold_given(remaining.person_id)
                held.append(remaining.person_id)

    await sweep(store, now=NIGHT, pace=Interrupted(size=2, most=2, least=1))
    await swept(store)
    assert set(await Place.all().values_list("person_id", flat=True)) == set(held)
    assert set(await Person.all().values_list("id", flat=True)) == set(held)
    assert len(held) == 10


async def test_what_another_has_locked_is_left_for_the_next_night(postgres: Settings) -> None:
    from registration import db

    await db.connect(postgres)
    try:
        first, second = sorted([await past.person_of_old(LONG_AGO) for _each in range(2)])
        async with transaction():
            await Person.filter(id=first).select_for_update().get()
            assert await asyncio.create_task(_in_new_context(postgres), context=Context()) == {
                "person": 1
            }
        assert await Person.all().values_list("id", flat=True) == [first]
        assert (await swept(postgres)).deleted == {"person": 1}
        assert second != first
    finally:
        await db.disconnect()


async def _in_new_context(settings: Settings) -> dict[str, int]:
    return (await swept(settings)).deleted
