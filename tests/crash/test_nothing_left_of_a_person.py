"""A person who has done everything, erased: no byte of them is left but what a duty keeps, and the
reason of that was shown; and no copy brings them back (P8, P11, P13)."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson
import pytest

from registration import clock, db
from registration.accounts.rules import Role, Scope
from registration.accounts.service import participant_account
from registration.accounts.tokens import add_token
from registration.backups import ARCHIVE, COPY
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.catalogue.rules import EventGiven
from registration.catalogue.service import add_event
from registration.catering.models import SealedDiet
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.enrolment import uploads
from registration.enrolment.models import Place
from registration.mail.models import Mail
from registration.people.models import Person, Prohibition
from registration.people.rules import name_key
from registration.privacy import erasure_jobs
from registration.privacy.gone import path_of
from registration.privacy.held_words import SECRET, UNTOLD
from registration.qualifications.service import issue_for_session
from registration.settings import Settings
from tests.bench.client import TOKEN
from tests.bench.server import environ_of, postgres_programs
from tests.builders import make_account
from tests.conftest import settings_in
from tests.crash import test_nothing_left as diets
from tests.crash.marks import Marks
from tests.privacy.filler import Filled, fill_rest
from tests.teaching.makers import enrol, make_school, record
from tests.web.makers import make_session

house = diets.house
T = TypeVar("T")
FIELDS = ("street", "city", "postal_code")


@dataclass(frozen=True, slots=True)
class Scene:
    """``given`` is the person as they type themselves. ``past`` is where they completed."""

    given: dict[str, str]
    past: str
    future: tuple[SessionLine, ...]
    event: tuple[UUID, str]
    company: UUID
    coordinator: UUID
    token: str


def within(settings: Settings, work: Callable[[], Awaitable[T]]) -> T:
    async def done() -> T:
        await db.connect(settings)
        try:
            return await work()
        finally:
            await db.disconnect()

    return asyncio.run(done())


async def _prepare(settings: Settings, kept: Marks, marks: Marks) -> Scene:
    now = clock.now()
    given = {
        "first_name": f"Aino{kept.new()}",
        "last_name": f"Virtanen{kept.new()}",
        "email": f"{marks.new()}@example.fi",
        "phone": "+358401230456",
        "street": f"{marks.new()}tie 1",
        "postal_code": "00100",
        "city": marks.new(),
        "company": f"Oy {kept.new()}",
    }
    start = (now - timedelta(days=30)).replace(minute=0, second=0, microsecond=0)
    school = await make_school(settings, start=start)
    taken = await enrol(
        school, f"{given['first_name']} {given['last_name']}", email=given["email"],
        company_name=given["company"],
    )  # fmt: skip
    over = start + timedelta(days=3)
    completed = {"place_id": taken.id, "grade": "4", "completed": True}
    await record(school, completed, now=over)
    await record(school, {**completed, "completed": True, "because": marks.new()}, now=over)
    await issue_for_session(school.id, actor_id=None, settings=settings, now=over)
    company = await add_company(CompanyGiven(name="Rata Oy"), actor_id=None, now=now)
    coordinator = await make_account(
        Role.COORDINATOR, "kaisa@rata.example", company_id=company, nda_on=None, now=now
    )
    event_id = await add_event(
        EventGiven(
            title={"en": "Party"}, starts_at=now + timedelta(days=5),
            ends_at=now + timedelta(days=5, hours=3), capacity=20, catered=True,
        ),
        actor_id=None,
        now=now,
    )  # fmt: skip
    event = await catalogue.event(event_id)
    return Scene(
        given=given,
        past="Track safety",
        future=tuple([await make_session(capacity=1 + number % 2) for number in range(4)]),
        event=(event_id, event.slug),
        company=company,
        coordinator=coordinator,
        token=await add_token("kaisa@rata.example", Scope.COMPANY, days=1, now=now),
    )


def _form(browser: httpx.Client, path: str, data: dict[str, str]) -> int:
    token = TOKEN.search(browser.get(path).text)
    assert token
    return browser.post(path, data={"token": token[1], "language": "en"} | data).status_code


def _do_everything(base: str, scene: Scene, marks: Marks) -> None:
    given = scene.given
    with httpx.Client(base_url=base, timeout=60) as browser:
        assert _form(browser, f"/sessions/{scene.future[0].id}/enrol", given) == 200
        diet = {"needs": "vegan", "other": marks.some(3), "consent": "1"}
        assert _form(browser, f"/events/{scene.event[1]}/register", given | diet) == 200
    person = {key: given[key] for key in ("first_name", "last_name", "email")}
    headers = {"Authorization": f"Bearer {scene.token}"}
    for number, extra in ((1, {}), (2, headers), (3, {})):
        body: dict[str, object] = {"people": [person]} if extra else {"person": person}
        answer = httpx.post(
            f"{base}/api/v1/sessions/{scene.future[number].id}/enrolments",
            json=body,
            headers={"Idempotency-Key": uuid4().hex} | extra,
        )
        assert answer.status_code in {200, 201, 207}, answer.text


async def _person(scene: Scene) -> Person:
    key = name_key(scene.given["first_name"], scene.given["last_name"])
    return await Person.get(email=scene.given["email"], name_key=key)


async def _way_in(scene: Scene) -> str:
    person = await _person(scene)
    name = f"{person.first_name} {person.last_name}"
    account = await participant_account(person.id, person.email, name, "en", clock.now())
    return await diets._link(account)


async def _the_rest(scene: Scene, marks: Marks) -> Filled:
    """A row in every table that said nothing of them yet, and an uploaded list."""
    line = f"{scene.given['first_name']};{scene.given['last_name']};{scene.given['email']}"
    content = f"First name;Last name;E-mail;City\n{line};{marks.new()}\nBo;Ek;bo@example.fi;Oulu\n"
    await uploads.receive(
        content.encode(), "people.csv", company_id=scene.company, account_id=scene.coordinator,
        session_id=scene.future[3].id, now=clock.now(),
    )  # fmt: skip
    await Prohibition.create(
        id=uuid4(), address_key="b" * 64, purpose="newsletter", channel="email", source="self",
        since=clock.now(),
    )  # fmt: skip
    return await fill_rest((await _person(scene)).id, marks.new)


def _look_and_change(browser: httpx.Client, scene: Scene, marks: Marks) -> None:
    """On their own pages, with all that these keep of what was typed."""
    changed = scene.given | {"city": marks.new(), "language": "en"}
    assert browser.post("/me/data", data=changed).status_code == 303
    assert browser.post("/me/consents", data={"purpose": "newsletter"}).status_code == 303
    for path in ("/me", "/me/data", "/me/seen", "/me/consents"):
        assert browser.get(path).status_code == 200, path


def _erase(browser: httpx.Client, scene: Scene) -> None:
    before = browser.get("/me/erase").text
    assert scene.past in before
    assert "It may have to be proved that you may work at a site." in before
    after = browser.post("/me/erase", data={"sure": "1"})
    assert after.status_code == 200
    assert scene.past in after.text
    assert browser.get("/me").status_code == 303


@pytest.mark.slow
@pytest.mark.promise("P8")
@pytest.mark.promise("P11")
@pytest.mark.promise("P13")
def test_no_byte_of_an_erased_person_is_left_but_what_must_be(
    house: Settings, tmp_path: Path
) -> None:
    settings, on_server = house, bool(house.database_url)
    kept, marks, log = Marks(), Marks(), tmp_path / "server.log"
    scene = within(settings, lambda: _prepare(settings, kept, marks))
    server = asyncio.run(diets._data_folder(settings)) / "base" if on_server else None
    files = [settings.data, log, *([server] if server else [])]
    with diets._served(settings, log) as base:
        _do_everything(base, scene, marks)
        with httpx.Client(base_url=base, timeout=60, headers={"Accept-Language": "en"}) as browser:
            browser.get(within(settings, lambda: _way_in(scene)))
            _look_and_change(browser, scene, marks)
            filled = within(settings, lambda: _the_rest(scene, marks))
            person_id = filled.id
            _check_export(browser.get("/me/export.json").text, filled)
            if on_server:
                within(settings, _checkpoint)
            assert marks.found_below(*files) != [], "the search is worth nothing"
            assert marks.found_below(_backed_up(settings, tmp_path / "before")) != []
            _erase(browser, scene)
        if on_server:
            within(settings, lambda: _settle(settings))
        left = within(settings, lambda: _left(person_id))
    assert left == 1, "the place of the completed training alone"
    files.append(_backed_up(settings, tmp_path / "after"))
    assert marks.found_below(*files) == []
    assert kept.found_below(*files) != []
    assert kept.found_below(log, path_of(settings)) == []
    _bring_back(settings, tmp_path, scene, person_id)


def _check_export(text: str, filled: Filled) -> None:
    orjson.loads(text)
    for name, word in filled.words.items():
        if name.partition(".")[2] not in SECRET | UNTOLD:
            assert word in text, name


async def _settle(settings: Settings) -> None:
    """What the night does on PostgreSQL: files without the room where deleted rows stood."""
    assert await erasure_jobs.write_anew(settings) > 0
    await _checkpoint()


async def _checkpoint() -> None:
    """What the server has in its memory is in its files."""
    await db.connection().execute_query("CHECKPOINT")


async def _left(person_id: UUID) -> int:
    person = await Person.get(id=person_id)
    assert [getattr(person, name) for name in ("email", "phone", *FIELDS)] == [""] * 5
    assert await Mail.filter(person_id=person_id).count() == 0
    assert await SealedDiet.all().count() == 0
    return await Place.filter(person_id=person_id).count()


def _environ(settings: Settings) -> dict[str, str]:
    """Of a command on this installation; PostgreSQL's own programs are those of its server."""
    urls = (settings.database_url, settings.dietary_url) if settings.database_url else None
    environ = os.environ | environ_of(settings.data, 1, urls)
    environ["PATH"] = f"{postgres_programs()}{os.pathsep}{environ['PATH']}"
    environ["REGISTRATION_SECRET"] = settings.secret
    return environ


def _run(settings: Settings, *command: str) -> None:
    done = subprocess.run(
        command, env=_environ(settings), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def _command(settings: Settings, *arguments: str) -> None:
    _run(settings, sys.executable, "-m", "registration", *arguments)


def _backed_up(settings: Settings, folder: Path) -> Path:
    """A backup made by the command; PostgreSQL's archive is there as plain text, too."""
    _command(settings, "backup", str(folder))
    if settings.on_postgres:
        archive = folder / ARCHIVE
        _run(settings, "pg_restore", f"--file={archive}.sql", str(archive))
    return folder


async def _empty(settings: Settings, folder: Path) -> Settings:
    """Another installation of the same kind and secret, with nothing in it."""
    if not settings.on_postgres:
        return settings_in(folder, secret=settings.secret)
    urls = {}
    admin = await asyncpg.connect(settings.main_url)
    for name, url in (("database_url", settings.main_url), ("dietary_url", settings.diets_url)):
        made = f"{folder.name.replace('-', '_')}_{name}"
        await admin.execute(f"CREATE DATABASE {made}")
        urls[name] = re.sub(r"/(register|diets)(?=\?)", f"/{made}", url)
    await admin.close()
    return settings_in(folder, secret=settings.secret, **urls)


def _bring_back(settings: Settings, folder: Path, scene: Scene, person_id: UUID) -> None:
    """With the list nobody is served before they are erased again; without it they are back."""
    copy = folder / "before"
    emails = []
    for name, listed in (("without", False), ("command", True), ("by-hand", True)):
        fresh = asyncio.run(_empty(settings, folder / name))
        if name == "by-hand":
            if settings.on_postgres:
                _run(fresh, "pg_restore", f"--dbname={fresh.main_url}", str(copy / ARCHIVE))
            else:
                shutil.copyfile(copy / COPY, fresh.data / COPY)
            shutil.copyfile(path_of(settings), path_of(fresh))
            with diets._served(fresh, folder / "by-hand.log"):
                emails.append(within(fresh, lambda: _email(person_id)))
            continue
        more = ("--gone", str(path_of(settings))) if listed else ()
        _command(fresh, "restore", str(copy), *more)
        emails.append(within(fresh, lambda: _email(person_id)))
    assert emails == [scene.given["email"], "", ""]


async def _email(person_id: UUID) -> str:
    return (await Person.get(id=person_id)).email
