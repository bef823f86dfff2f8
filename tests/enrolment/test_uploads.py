"""Uploaded lists on both databases: claimed once, rolled back whole, gone after a day."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from uuid import UUID

import pytest

from registration import clock
from registration.accounts.rules import Role
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.enrolment import enrolling, uploads
from registration.enrolment.desk import Desk
from registration.enrolment.enrolling import NobodyReady, NoLongerCoordinator
from registration.enrolment.jobs import JOBS
from registration.enrolment.models import Place, Upload
from registration.enrolment.rules import SignUpClosed
from registration.enrolment.uploads import UploadDone, UploadNotFound, UploadState
from registration.people.models import Person
from registration.settings import Settings
from tests.builders import make_account
from tests.web.makers import make_session

TWO = b"First name;Last name;E-mail\nAino;Virtanen;aino@example.fi\nBo;Ek;bo@example.fi\n"


async def make_list(content: bytes = TWO) -> tuple[UUID, UUID, UUID]:
    """(upload, company, coordinator)."""
    now = clock.now()
    company = await add_company(CompanyGiven(name="Rata Oy"), actor_id=None, now=now)
    account = await make_account(
        Role.COORDINATOR, "kaisa@example.fi", company_id=company, nda_on=None
    )
    session = await make_session()
    made = await uploads.receive(
        content,
        "C:\\lists\\people.csv",
        company_id=company,
        account_id=account,
        session_id=session.id,
        now=now,
    )
    return made, company, account


async def test_many_enrol_at_once_and_one_does(store: Settings) -> None:
    made, company, account = await make_list()

    async def enrol() -> UploadState:
        return await enrolling.enrol(
            made,
            company_id=company,
            actor_id=account,
            language="fi",
            settings=store,
            now=clock.now(),
        )

    results = await asyncio.gather(*(enrol() for _ in range(6)), return_exceptions=True)
    assert [one for one in results if isinstance(one, UploadState)] == [UploadState.DONE]
    assert [type(one) for one in results].count(UploadDone) == 5
    assert await Place.all().count() == 2
    line = await uploads.upload(made, company_ids=[company], now=clock.now())
    assert (line.file_name, line.enrolled, line.done, line.total) == ("people.csv", 2, 2, 2)
    outcome = await enrolling.outcome_of(line)
    assert (outcome.confirmed, outcome.already) == (2, 0)


async def test_refused_enrolment_leaves_the_list_open(register: Settings) -> None:
    made, company, account = await make_list()
    late = clock.now() + timedelta(hours=20)
    session = await make_session(closes_at=clock.now() + timedelta(hours=1))
    await Upload.filter(id=made).update(session_id=session.id)
    with pytest.raises(SignUpClosed):
        await enrolling.enrol(
            made,
            company_id=company,
            actor_id=account,
            language="fi",
            settings=register,
            now=late,
        )
    line = await uploads.upload(made, company_ids=[company], now=late)
    assert len((await uploads.worklist_of(line)).rows) == 2
    assert await Person.all().count() == 0


async def test_only_a_coordinator_of_the_company_enrols(register: Settings) -> None:
    made, company, _account = await make_list()
    other = await make_account(Role.STAFF)
    with pytest.raises(NoLongerCoordinator):
        await enrolling.enrol(
            made,
            company_id=company,
            actor_id=other,
            language="fi",
            settings=register,
            now=clock.now(),
        )
    assert await Place.all().count() == 0


async def test_list_without_a_ready_row_enrols_nobody(register: Settings) -> None:
    made, company, account = await make_list(b"First name;Last name;E-mail\nAino;Virtanen;-\n")
    with pytest.raises(NobodyReady):
        await enrolling.enrol(
            made,
            company_id=company,
            actor_id=account,
            language="fi",
            settings=register,
            now=clock.now(),
        )


async def test_lists_go_when_their_day_is_over(register: Settings) -> None:
    made, company, _account = await make_list()
    assert await uploads.drop_due(now=clock.now() + timedelta(hours=23)) == 0
    late = clock.now() + timedelta(hours=25)
    with pytest.raises(UploadNotFound):
        await uploads.upload(made, company_ids=[company], now=late)
    assert await uploads.drop_due(now=late) == 1
    assert await Upload.all().count() == 0
    (drop,) = [job for job in JOBS if job.name == "drop-uploads"]
    assert await drop.body(register) == 0


async def test_reader_that_was_killed_is_started_anew() -> None:
    desk = Desk()
    first = await desk.open_file(TWO, "a.csv")
    assert desk._pool is not None
    for process in desk._pool._processes.values():
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
    assert await desk.open_file(TWO, "a.csv") == first
    desk._end(desk._pool)
