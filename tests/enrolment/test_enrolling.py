"""Long lists become places step by step: resumed, stopped, repeated, on both databases (P6)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from registration import clock
from registration.accounts.models import Grant
from registration.accounts.rules import Role
from registration.catalogue import queries as catalogue
from registration.catalogue.models import Session
from registration.catalogue.rules import State
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.db import transaction
from registration.enrolment import enrolling, uploads
from registration.enrolment.enrolling import STEP, Outcome
from registration.enrolment.jobs import JOBS
from registration.enrolment.models import Place, Upload
from registration.enrolment.rules import PlaceStatus, SignUpClosed
from registration.enrolment.service import SignUp, sign_up
from registration.enrolment.uploads import UploadDone, UploadState
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people.models import Person
from registration.people.rules import Contact, Source
from registration.settings import Settings
from tests.builders import make_account
from tests.web.makers import make_session

MANY = STEP + 20


def named(number: int) -> str:
    """A last name that sorts as its number."""
    return "E" + "".join("abcdefghij"[int(digit)] for digit in f"{number:04}")


def employees(count: int, mark: str = "") -> bytes:
    rows = (f"Eeva{mark};{named(number)};e{mark}{number}@example.fi" for number in range(count))
    return "\n".join(("First name;Last name;E-mail", *rows)).encode()


class Office:
    """A company's coordinator with a list on a session."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.company = self.account = self.session = self.upload = UUID(int=0)
        self.seating = UUID(int=0)

    async def open(self, content: bytes, *, capacity: int = 5000) -> Office:
        self.company = await add_company(
            CompanyGiven(name="Rata Oy"), actor_id=None, now=clock.now()
        )
        self.account = await make_account(
            Role.COORDINATOR, "kaisa@example.fi", company_id=self.company, nda_on=None
        )
        line = await make_session(capacity=capacity)
        self.session, self.seating = line.id, line.seating_id
        self.upload = await self.receive(content)
        return self

    async def receive(self, content: bytes) -> UUID:
        return await uploads.receive(
            content,
            "people.csv",
            company_id=self.company,
            account_id=self.account,
            session_id=self.session,
            now=clock.now(),
        )

    async def enrol(self, upload: UUID | None = None) -> UploadState:
        return await enrolling.enrol(
            upload or self.upload,
            company_id=self.company,
            actor_id=self.account,
            language="fi",
            settings=self.settings,
            now=clock.now(),
        )

    async def go_on(self, upload: UUID | None = None) -> int:
        return await enrolling.go_on(upload or self.upload, settings=self.settings)

    async def line(self, upload: UUID | None = None) -> uploads.UploadLine:
        return await uploads.upload(
            upload or self.upload, company_ids=[self.company], now=clock.now()
        )

    async def outcome(self, upload: UUID | None = None) -> Outcome:
        return await enrolling.outcome_of(await self.line(upload))


async def last_names() -> list[str]:
    """Of everybody with a place, in the order of their turns."""
    return [
        str(name)
        for name in await Place.all().order_by("turn").values_list("person__last_name", flat=True)
    ]


async def test_long_list_is_enrolled_in_steps_in_the_order_of_the_file(store: Settings) -> None:
    office = await Office(store).open(employees(MANY))
    assert await office.enrol() is UploadState.ENROLLING
    line = await office.line()
    assert (line.state, line.done, line.total, line.enrolled) == (
        UploadState.ENROLLING, STEP, MANY, STEP,
    )  # fmt: skip
    assert await Place.all().count() == STEP
    with pytest.raises(UploadDone):
        await office.enrol()
    assert await office.go_on() == MANY - STEP
    assert await office.go_on() == 0
    outcome = await office.outcome()
    assert (outcome.confirmed, outcome.already, outcome.left) == (MANY, 0, ())
    assert await last_names() == [named(number) for number in range(MANY)]
    assert await Mail.filter(template="place-confirmed").count() == MANY
    assert await Entry.filter(act="import-done").count() == 1
    row = await Upload.get(id=office.upload)
    assert (row.kept, row.tally, row.enrolled) == (None, None, MANY)


async def test_three_that_go_on_at_once_do_no_row_twice(store: Settings) -> None:
    office = await Office(store).open(employees(MANY))
    await office.enrol()
    did = await asyncio.gather(*(office.go_on() for _ in range(3)))
    while (await office.line()).state is UploadState.ENROLLING:
        await office.go_on()
    assert sum(did) <= MANY - STEP
    assert (await office.outcome()).confirmed == MANY
    assert await Place.all().count() == await Person.all().count() == MANY
    assert await Mail.filter(template="place-confirmed").count() == MANY


async def test_a_crash_between_steps_leaves_whole_people_and_the_job_goes_on(
    register: Settings,
) -> None:
    many = MANY + STEP
    office = await Office(register).open(employees(many))
    await office.enrol()
    work = asyncio.create_task(office.go_on())
    while (await office.line()).done == STEP:
        await asyncio.sleep(0)
    work.cancel()  # as when the server is stopped
    with pytest.raises(asyncio.CancelledError):
        await work
    line = await office.line()
    assert line.state is UploadState.ENROLLING
    places = await Place.all().count()
    assert places == await Mail.filter(template="place-confirmed").count() == line.done
    (job,) = [job for job in JOBS if job.name == "go-on-enrolling"]
    assert job.due_at is not None
    assert await job.body(register) == 0  # somebody may still be at it
    due = await job.due_at()
    assert line.stepped_at is not None
    assert due == line.stepped_at + enrolling.STALLED
    late = clock.now() + enrolling.STALLED
    assert await enrolling.go_on_with_stalled(register, now=late) == many - line.done
    assert await job.due_at() is None
    assert (await office.outcome()).confirmed == many
    assert await Place.all().count() == many


async def test_who_signs_up_between_steps_keeps_their_turn(store: Settings) -> None:
    office = await Office(store).open(employees(MANY), capacity=STEP)
    await office.enrol()
    offering = catalogue.session_offering(await catalogue.session(office.session))
    stranger = SignUp(Contact("Sanna", "Stranger", "s@example.fi", language="fi"), Source.SELF)
    taken = await sign_up(offering, stranger, settings=store, now=clock.now())
    assert (taken.status, taken.position) == (PlaceStatus.WAITING, 1)
    await office.go_on()
    waiting = await Place.filter(status="waiting").order_by("turn").values_list(
        "person__last_name", flat=True
    )  # fmt: skip
    assert [str(name) for name in waiting] == ["Stranger"] + [named(n) for n in range(STEP, MANY)]
    outcome = await office.outcome()
    assert (outcome.confirmed, outcome.waiting) == (STEP, MANY - STEP)


async def end_grant(office: Office) -> None:
    await Grant.filter(account_id=office.account).update(ends_at=clock.now())


async def call_off(office: Office) -> None:
    await Session.filter(id=office.session).update(state=State.CANCELLED.value)


async def close(office: Office) -> None:
    await Session.filter(id=office.session).update(closes_at=clock.now())


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (end_grant, enrolling.CUT_SHORT),
        (call_off, "This has been cancelled, so nobody can sign up for it."),
        (close, "Sign-up has closed."),
    ],
    ids=["coordinator removed", "session called off", "sign-up closed"],
)
async def test_what_happens_meanwhile_stops_the_rest_and_says_so(
    register: Settings, happens: Callable[[Office], Awaitable[None]], said: str
) -> None:
    office = await Office(register).open(employees(MANY))
    await office.enrol()
    async with transaction():
        await happens(office)
    assert await office.go_on() == 0
    outcome = await office.outcome()
    assert (outcome.confirmed, len(outcome.left)) == (STEP, MANY - STEP)
    assert outcome.stopped is not None
    assert outcome.stopped.message == said
    assert {row.reasons[0].message for row in outcome.left} == {said}
    assert outcome.left[0].cells == ("Eeva", named(STEP), f"e{STEP}@example.fi")
    assert await Place.all().count() == await Mail.all().count() == STEP


async def test_closed_before_the_first_step_enrols_nobody_and_keeps_the_list(
    store: Settings,
) -> None:
    office = await Office(store).open(employees(3))
    async with transaction():
        await close(office)
    with pytest.raises(SignUpClosed):
        await office.enrol()
    line = await office.line()
    assert (line.state, line.total, line.done) == (UploadState.OPEN, 0, 0)
    assert len((await uploads.worklist_of(line)).rows) == 3
    assert await Person.all().count() == 0


async def test_the_same_people_in_two_lists_at_once_have_one_place_each(store: Settings) -> None:
    office = await Office(store).open(employees(MANY))
    other = await office.receive(employees(MANY) + b"\n")
    assert other != office.upload
    await asyncio.gather(office.enrol(), office.enrol(other))
    await asyncio.gather(office.go_on(), office.go_on(other))
    both = [await office.outcome(), await office.outcome(other)]
    assert sum(one.confirmed for one in both) == MANY
    assert [one.confirmed + one.already for one in both] == [MANY, MANY]
    assert await Place.all().count() == await Person.all().count() == MANY
    assert await Mail.filter(template="place-confirmed").count() == MANY


async def test_the_same_file_while_it_is_enrolled_is_the_same_list(register: Settings) -> None:
    office = await Office(register).open(employees(MANY))
    await office.enrol()
    assert await office.receive(employees(MANY)) == office.upload
    await office.go_on()
    again = await office.receive(employees(MANY))
    assert again != office.upload
    await office.enrol(again)
    await office.go_on(again)
    outcome = await office.outcome(again)
    assert (outcome.confirmed, outcome.already) == (0, MANY)
    assert await Place.all().count() == MANY


async def test_a_list_that_was_dropped_meanwhile_ends_quietly(register: Settings) -> None:
    office = await Office(register).open(employees(MANY))
    await office.enrol()
    assert await uploads.drop_due(now=clock.now() + timedelta(days=2)) == 1
    assert await office.go_on() == 0
    assert await Place.all().count() == STEP


async def test_a_list_left_alone_is_not_taken_up_before_its_time(register: Settings) -> None:
    office = await Office(register).open(employees(MANY))
    await office.enrol()
    stepped = (await office.line()).stepped_at
    assert stepped is not None
    before = stepped + enrolling.STALLED - timedelta(seconds=1)
    assert await enrolling.go_on_with_stalled(register, now=before) == 0
    assert await enrolling.stalled_at() == stepped + enrolling.STALLED
