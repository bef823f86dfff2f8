"""Until when a pack may be kept, and that its trainer is asked, reminded and heard (P7, P16)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import orjson
import pytest

from registration.accounts.models import Account
from registration.forms import parse
from registration.i18n import DEFAULT_ZONE
from registration.ledger.models import Disclosure, Entry
from registration.mail.models import Mail
from registration.settings import Settings
from registration.teaching.handing import make_pack
from registration.teaching.keeping import (
    OVERDUE_AFTER,
    REMINDED_AFTER,
    PackNotFound,
    PackState,
    keep_until,
    shortened,
    state_of,
)
from registration.teaching.models import Assignment, Pack
from registration.teaching.pack_lines import (
    given_to_recipients,
    overdue_packs,
    packs_of_recipient,
    packs_of_trainer,
    packs_to_confirm,
)
from registration.teaching.returning import (
    DestroyedGiven,
    ask,
    confirm_destroyed,
    confirm_ended,
    note_destroyed,
)
from registration.teaching.rules import (
    NoAgreement,
    NoSafeguard,
    PackFormat,
    PackPurpose,
    RecipientGiven,
    Terms,
)
from registration.teaching.service import (
    assign,
    change_recipient,
    decline,
    end_assignment,
)
from tests.teaching.makers import END, LATER, School, enrol, make_recipient, make_school
from tests.web.counting import statements

DAY = timedelta(days=1)
OPEN_TO = END + 14 * DAY
TERMS = Terms(OPEN_TO, date(2020, 1, 1), None, "FI", "")
LONG = END + 90 * DAY


def finnish(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=DEFAULT_ZONE)


def until(purpose: PackPurpose, **terms: object) -> datetime:
    made = Terms(**{name: terms.get(name, getattr(TERMS, name)) for name in TERMS.__slots__})  # type: ignore[arg-type]  # of their own types
    return keep_until(purpose, made, session_ends_at=END)


def test_a_roll_is_kept_while_the_trainer_teaches_and_others_90_days_more() -> None:
    assert [until(purpose) for purpose in PackPurpose] == [OPEN_TO, LONG, LONG]
    late = END + 200 * DAY
    assert [until(purpose, ends_at=late) for purpose in PackPurpose] == [late] * 3


def test_no_pack_outlives_the_agreement_whose_last_day_counts() -> None:
    last = {"agreement_until": date(2027, 4, 10)}
    assert [until(purpose, **last) for purpose in PackPurpose] == [finnish(2027, 4, 11)] * 3


@pytest.mark.parametrize(
    ("terms", "ends"),
    [
        ({}, [OPEN_TO, LONG]),
        ({"ends_at": LATER}, [LATER, LONG]),
        ({"agreement_until": date(2027, 4, 10)}, [finnish(2027, 4, 11)] * 2),
        ({"agreement_until": date(2027, 4, 1)}, [LATER] * 2),
        ({"agreement_on": None}, [LATER] * 2),
        ({"country": "US"}, [LATER] * 2),
        ({"country": "US", "safeguard": "Standard clauses 2026"}, [OPEN_TO, LONG]),
        ({"ends_at": LONG + DAY}, [OPEN_TO, LONG]),
        ({"accepted": False}, [LATER] * 2),
    ],
    ids=["same", "ended", "shorter", "over", "none", "outside", "safe", "longer", "declined"],
)
def test_a_pack_that_is_out_ends_earlier_never_later(
    terms: dict[str, object], ends: list[datetime]
) -> None:
    made = Terms(**{name: terms.get(name, getattr(TERMS, name)) for name in TERMS.__slots__})  # type: ignore[arg-type]  # of their own types
    found = [
        shortened(ends_at, purpose, made, now=LATER)
        for purpose, ends_at in ((PackPurpose.ATTENDANCE, OPEN_TO), (PackPurpose.PERMIT, LONG))
    ]
    assert found == ends


def test_a_pack_that_has_ended_stays_ended() -> None:
    assert shortened(END, PackPurpose.PERMIT, TERMS, now=LATER) == END


def test_a_pack_is_overdue_two_weeks_after_its_end() -> None:
    second = timedelta(seconds=1)
    assert [state_of(END, None, now=now) for now in (END - second, END)] == [
        PackState.KEPT,
        PackState.ENDED,
    ]
    late = END + OVERDUE_AFTER
    assert [state_of(END, None, now=now) for now in (late - second, late)] == [
        PackState.ENDED,
        PackState.OVERDUE,
    ]
    assert state_of(END, END, now=late) is PackState.DESTROYED


async def take(
    school: School, purpose: PackPurpose = PackPurpose.PERMIT, *, now: datetime = LATER
) -> UUID:
    file = await make_pack(
        school.id,
        purpose,
        PackFormat.JSON,
        identity=school.trainer,
        settings=school.settings,
        now=now,
    )
    return UUID(orjson.loads(file.content)["pack"])


async def ends() -> dict[str, datetime]:
    return {row.purpose: row.ends_at for row in await Pack.all()}


@pytest.mark.promise("P7")
async def test_a_pack_says_when_it_ends_and_for_whom_it_was_taken(store: Settings) -> None:
    school = await make_school(store)
    await enrol(school)
    for purpose in PackPurpose:
        await take(school, purpose)
    assert await ends() == {"attendance": OPEN_TO, "certificate": LONG, "permit": LONG}
    other = await make_recipient()
    await Assignment.filter(session_id=school.id).update(recipient_id=other)
    given = await given_to_recipients(now=LATER)
    assert set(given) == {school.recipient_id}
    assert (given[school.recipient_id].people, given[school.recipient_id].out) == (3, 3)


async def test_ending_the_assignment_ends_the_roll_but_not_the_rest(register: Settings) -> None:
    school = await make_school(register)
    for purpose in PackPurpose:
        await take(school, purpose)
    (assignment,) = await Assignment.all()
    await end_assignment(assignment.id, actor_id=None, now=LATER + DAY)
    assert await ends() == {"attendance": LATER + DAY, "certificate": LONG, "permit": LONG}


async def test_who_declines_after_all_has_nothing_to_keep(register: Settings) -> None:
    school = await make_school(register)
    for purpose in PackPurpose:
        await take(school, purpose)
    await decline(school.id, identity=school.trainer, now=LATER + DAY)
    assert set((await ends()).values()) == {LATER + DAY}


async def test_an_assignment_given_again_for_less_time_ends_the_roll(register: Settings) -> None:
    school = await make_school(register)
    await take(school, PackPurpose.ATTENDANCE)
    for ends_at, stands in ((LATER + DAY, LATER + DAY), (OPEN_TO, LATER + DAY)):
        await assign(
            school.id,
            school.trainer.account_id,
            school.recipient_id,
            ends_at=ends_at,
            agreed=True,
            actor_id=None,
            settings=register,
            now=LATER,
        )
        assert await ends() == {"attendance": stands}


async def change(school: School, **given: object) -> None:
    whole = {"name": "Raidekoulu", "country": "FI", "agreement_on": "2020-01-01", **given}
    await change_recipient(
        school.recipient_id, parse(RecipientGiven, whole), actor_id=None, now=LATER + DAY
    )


@pytest.mark.promise("P16")
@pytest.mark.parametrize(
    ("given", "ends_at"),
    [
        ({"country": "US"}, LATER + DAY),
        ({"country": "US", "safeguard": "Standard clauses"}, LONG),
        ({"agreement_on": None}, LATER + DAY),
        ({"agreement_until": "2027-04-10"}, finnish(2027, 4, 11)),
        ({"name": "Raidekoulu uusi"}, LONG),
    ],
    ids=["outside", "safe", "none", "sooner", "renamed"],
)
async def test_what_changes_for_the_recipient_holds_for_packs_that_are_out(
    register: Settings, given: dict[str, object], ends_at: datetime
) -> None:
    school = await make_school(register)
    await take(school)
    await change(school, **given)
    assert await ends() == {"permit": ends_at}


@pytest.mark.promise("P16")
async def test_a_safeguard_taken_away_ends_what_is_out_and_stops_what_would_follow(
    store: Settings,
) -> None:
    school = await make_school(
        store, recipient_id=await make_recipient(country="US", safeguard="Standard clauses")
    )
    await take(school)
    await change(school, country="US")
    assert [row.ends_at for row in await Pack.all()] == [LATER + DAY]
    with pytest.raises(NoSafeguard):
        await take(school, now=LATER + DAY)
    await change(school, country="US", safeguard="New clauses")
    assert [row.ends_at for row in await Pack.all()] == [LATER + DAY]


@pytest.mark.promise("P7")
async def test_the_last_day_of_the_agreement_counts_and_the_next_does_not(
    register: Settings,
) -> None:
    last = date(2027, 4, 3)
    school = await make_school(register, recipient_id=await make_recipient(agreement_until=last))
    evening = datetime(2027, 4, 3, 20, 59, 59, tzinfo=UTC)  # 23.59.59 in Finland
    await take(school, now=evening)
    assert await ends() == {"permit": evening + timedelta(seconds=1)}
    with pytest.raises(NoAgreement):
        await take(school, now=evening + timedelta(seconds=1))


@pytest.mark.promise("P7")
async def test_the_trainer_confirms_also_when_nothing_is_shown_any_more(store: Settings) -> None:
    school = await make_school(store)
    await enrol(school)
    pack_id = await take(school)
    before = await Disclosure.all().count()
    (assignment,) = await Assignment.all()
    await end_assignment(assignment.id, actor_id=None, now=LATER + DAY)
    for day in (100, 101):
        await confirm_destroyed(pack_id, identity=school.trainer, now=LATER + day * DAY)
    (row,) = await Pack.all()
    assert (row.destroyed_at, row.destroyed_by) == (
        LATER + 100 * DAY,
        school.trainer.account_id,
    )
    (entry,) = await Entry.filter(act="pack-destroyed")
    assert (entry.object_id, entry.subject_id) == (pack_id, school.recipient_id)
    assert orjson.loads(entry.detail) == {"purpose": "permit", "count": 1}
    assert await Disclosure.all().count() == before


async def test_nobody_confirms_for_another(register: Settings) -> None:
    school, other = await make_school(register), await make_school(register)
    pack_id = await take(school)
    for wanted in (pack_id, uuid4()):
        with pytest.raises(PackNotFound):
            await confirm_destroyed(wanted, identity=other.trainer, now=LATER)
    with pytest.raises(PackNotFound):
        await confirm_ended(school.id, identity=other.trainer, now=LATER)
    assert [row.destroyed_at for row in await Pack.all()] == [None]


async def test_all_that_have_ended_are_confirmed_at_once_and_no_other(register: Settings) -> None:
    school = await make_school(register)
    for purpose in (PackPurpose.ATTENDANCE, PackPurpose.CERTIFICATE):
        await take(school, purpose)
    await take(school, PackPurpose.ATTENDANCE, now=LATER + DAY)
    later = OPEN_TO + DAY
    assert await confirm_ended(school.id, identity=school.trainer, now=later) == 2
    assert await confirm_ended(school.id, identity=school.trainer, now=later) == 0
    assert {(row.purpose, row.destroyed_at) for row in await Pack.all()} == {
        ("attendance", later),
        ("certificate", None),
    }


async def test_staff_record_what_they_were_told(register: Settings) -> None:
    school = await make_school(register)
    pack_id, staff = await take(school), uuid4()
    given = parse(DestroyedGiven, {"told": "  Called  on 3.5. "})
    await note_destroyed(pack_id, given, actor_id=staff, now=LONG)
    (row,) = await Pack.all()
    assert (row.destroyed_at, row.destroyed_by, row.destroyed_how) == (
        LONG,
        staff,
        "Called on 3.5.",
    )
    with pytest.raises(PackNotFound):
        await note_destroyed(uuid4(), given, actor_id=staff, now=LONG)


@pytest.mark.promise("P7")
async def test_a_trainer_is_asked_once_and_reminded_once(store: Settings) -> None:
    school = await make_school(store)
    await enrol(school, "Secret Person")
    for purpose in (PackPurpose.CERTIFICATE, PackPurpose.PERMIT):
        await take(school, purpose)
    moments = [LONG - DAY, LONG, LONG + DAY, LONG + REMINDED_AFTER, LONG + 30 * DAY]
    assert [await ask(store, now=now) for now in moments] == [0, 2, 0, 2, 0]
    asked, again = await Mail.filter(template="packs-ended").order_by("queued_at")
    assert (asked.queued_at, again.queued_at) == (LONG, LONG + REMINDED_AFTER)
    assert asked.account_id == again.account_id == school.trainer.account_id
    assert asked.subject.startswith("2 packs of participants' data have ended")
    for mail in (asked, again):
        for words in (mail.subject, mail.body_text, mail.body_html):
            assert "Secret" not in words
        assert mail.body_text.count("Track safety") == 2
        assert f"{store.base_url}/trainer/packs" in mail.body_text
    assert ["a week ago" in mail.body_text for mail in (asked, again)] == [False, True]


async def test_who_has_confirmed_is_not_asked_or_reminded(register: Settings) -> None:
    school = await make_school(register)
    first, second = await take(school), await take(school, PackPurpose.CERTIFICATE)
    await confirm_destroyed(first, identity=school.trainer, now=LONG)
    assert await ask(register, now=LONG) == 1
    await confirm_destroyed(second, identity=school.trainer, now=LONG)
    assert await ask(register, now=LONG + REMINDED_AFTER) == 0
    assert await Mail.filter(template="packs-ended").count() == 1


async def test_who_has_no_account_any_more_gets_no_mail_but_is_overdue(register: Settings) -> None:
    school = await make_school(register)
    await take(school)
    await Account.filter(id=school.trainer.account_id).update(ended_at=LATER)
    assert await ask(register, now=LONG) == 1
    assert await Mail.filter(template="packs-ended").count() == 0
    assert await overdue_packs(now=LONG + OVERDUE_AFTER) == 1


async def test_staff_see_what_has_ended_the_oldest_first(register: Settings) -> None:
    school = await make_school(register)
    permit, roll = await take(school), await take(school, PackPurpose.ATTENDANCE)
    found = await packs_to_confirm(now=LONG)
    assert [(line.id, line.state) for line in found] == [
        (roll, PackState.OVERDUE),
        (permit, PackState.ENDED),
    ]
    assert [(line.trainer, line.recipient_id) for line in found] == [
        ("Tuija Trainer", school.recipient_id)
    ] * 2
    assert await overdue_packs(now=LONG) == 1
    assert await packs_to_confirm(now=LATER) == []


async def test_lists_ask_as_much_for_many_as_for_one(register: Settings) -> None:
    school = await make_school(register)
    await take(school)
    counts = []
    for _more in range(2):
        async with statements() as asked:
            await packs_of_trainer(school.trainer.account_id, now=LONG)
            await packs_to_confirm(now=LONG)
            await packs_of_recipient(school.recipient_id, now=LONG)
            await given_to_recipients(now=LONG)
        counts.append(len(asked))
        for number in range(1, 9):
            await take(school, now=LATER + number * DAY)
    assert counts[0] == counts[1]
    assert len(await packs_of_trainer(school.trainer.account_id, now=LONG)) == 17
