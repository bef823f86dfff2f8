"""Diets through every road in, then gone: no byte of them is left anywhere (P4, P5)."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson
import pytest

from registration import clock, db
from registration.accounts.grants import grant
from registration.accounts.logins import new_link
from registration.accounts.rules import Role, Scope
from registration.accounts.service import add_account, participant_account
from registration.accounts.tokens import add_token
from registration.app import route_table
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import EventGiven
from registration.catalogue.service import add_event
from registration.catering.models import SealedDiet
from registration.enrolment.models import Place
from registration.people.models import Person
from registration.settings import Settings
from registration.upkeep import migrate_once
from tests.bench.client import TOKEN
from tests.bench.server import HOST, environ_of, free_port, ours, postgres
from tests.builders import SIGNED, make_account
from tests.conftest import settings_in
from tests.crash.marks import FORMS, Marks

# Guests besides the eight whose roads are told apart, and the marked words that each one gives.
MORE_GUESTS = int(os.environ.get("REGISTRATION_GUESTS", "200"))
WORDS_EACH = 10
BY_HAND = 4
PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Party:
    """``link`` and ``links`` log in once each: the organiser, and who they are named after."""

    id: UUID
    slug: str
    token: str
    link: str
    links: Mapping[str, str]

    @property
    def api(self) -> str:
        return f"/api/v1/events/{self.id}/diets"


async def _prepare(settings: Settings) -> Party:
    """A catered event that has begun, who organises it, and one of every other role."""
    await db.connect(settings)
    try:
        now = clock.now()
        event_id = await add_event(
            EventGiven(
                title={"fi": "Juhla", "en": "Party"},
                starts_at=now - timedelta(hours=1),
                ends_at=now + timedelta(hours=1),
                capacity=50 + MORE_GUESTS,
                catered=True,
                erase_diets_after=timedelta(0),
            ),
            actor_id=None,
            now=now,
        )
        email = "olli@example.fi"
        organiser = await add_account(email, "Olli", Role.ORGANISER, nda_on=SIGNED, now=now)
        await grant(organiser, Role.ORGANISER, scope_id=event_id, now=now)
        accounts = {"organiser": organiser}
        for role in (Role.STAFF, Role.TRAINER):
            accounts[role.value] = await make_account(role, f"{role}@example.fi", now=now)
        return Party(
            event_id,
            (await catalogue.event(event_id)).slug,
            await add_token(email, Scope.ORGANISER, days=1, now=clock.now()),
            await _link(organiser),
            {name: await _link(account) for name, account in accounts.items()},
        )
    finally:
        await db.disconnect()


async def _link(account: UUID) -> str:
    return await new_link(account, confirmed=False, life=timedelta(hours=1), now=clock.now())


async def _guests(settings: Settings) -> dict[str, tuple[str, UUID]]:
    """Of those who came by the page: a link that logs in once, and the id of their place."""
    await db.connect(settings)
    try:
        found = {}
        for number in range(BY_HAND):
            person = await Person.get(email=f"page{number}@example.fi")
            account = await participant_account(
                person.id, person.email, person.first_name, person.language, clock.now()
            )
            place = await Place.get(person_id=person.id)
            found[person.email] = await _link(account), place.id
        return found
    finally:
        await db.disconnect()


@contextmanager
def _served(settings: Settings, log: Path) -> Iterator[str]:
    urls = (settings.database_url, settings.dietary_url) if settings.database_url else None
    port = free_port()
    environ = environ_of(settings.data, port, urls) | {
        "REGISTRATION_LOG_LEVEL": "debug",
        "REGISTRATION_SECRET": settings.secret,
    }
    with log.open("wb") as written:
        process = subprocess.Popen(
            ours(port), env={**os.environ, **environ}, stdout=written, stderr=written
        )
        try:
            base = f"http://{HOST}:{port}"
            _until(lambda: process.poll() is None and _answers(base))
            yield base
        finally:
            process.terminate()
            process.wait(20)


def _answers(base: str) -> bool:
    try:
        return httpx.get(f"{base}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


def _until(true: object) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if callable(true) and true():
            return
        time.sleep(0.1)  # another process's doing; there is nothing to wait on but to look again
    raise AssertionError("it did not happen in time")


@pytest.mark.promise("P5")
@pytest.mark.parametrize("form", FORMS, ids=[str(at) for at in range(len(FORMS))])
def test_a_planted_leak_is_found(tmp_path: Path, form: Callable[[str], bytes]) -> None:
    """The positive control: the search is worth nothing if it cannot find."""
    marks = Marks()
    for _each in range(3):
        marks.new()
    (tmp_path / "innocent").write_bytes(os.urandom(5000))
    assert marks.found_below(tmp_path) == []
    leak = tmp_path / "deep" / "leak.bin"
    leak.parent.mkdir()
    leak.write_bytes(os.urandom(999) + form(marks.made[1]) + os.urandom(999))
    assert marks.found_below(tmp_path) == [str(leak)]


def _by_page(base: str, party: Party, marks: Marks, number: int, **more: str) -> int:
    with httpx.Client(
        base_url=base, headers={"Accept-Language": "en"}, timeout=PATIENCE_SECONDS
    ) as browser:
        form = f"/events/{party.slug}/register"
        token = TOKEN.search(browser.get(form).text)
        assert token
        given = {
            "token": token[1],
            "first_name": "Aino",
            "last_name": "Virtanen",
            "email": f"page{number}@example.fi",
            "needs": "vegan",
            "other": marks.some(WORDS_EACH),
            "consent": "1",
            "language": "en",
        }
        return browser.post(form, data=given | more).status_code


def _by_api(base: str, party: Party, marks: Marks, number: int, **more: object) -> int:
    person = {"first_name": "Eero", "last_name": "Laine", "email": f"api{number}@example.fi"}
    diet = {"needs": ["vegan"], "other": marks.some(WORDS_EACH), "consent": True} | more
    return httpx.post(
        f"{base}/api/v1/events/{party.id}/registrations",
        json={"person": person, "diet": diet},
        headers={"Idempotency-Key": uuid4().hex},
        verify=False,  # no TLS here, and to read all authorities takes longer than the call
    ).status_code


def _fill(base: str, party: Party, marks: Marks) -> None:
    """Through the form and the API, well and badly."""
    assert [_by_page(base, party, marks, number) for number in range(BY_HAND)] == [200] * BY_HAND
    assert [_by_api(base, party, marks, number) for number in range(BY_HAND)] == [201] * BY_HAND
    assert _by_page(base, party, marks, 9, email="no address") == 422
    assert _by_page(base, party, marks, 9, consent="") == 422
    assert _by_page(base, party, marks, 0) == 409
    assert _by_api(base, party, marks, 9, consent=False) == 422
    assert _by_api(base, party, marks, 9, allergies=[marks.new()]) == 422
    assert _by_api(base, party, marks, 0) == 409
    _in_vain(base, party, marks)
    for number in range(MORE_GUESTS):
        assert _by_api(base, party, marks, 100 + number) == 201


def _in_vain(base: str, party: Party, marks: Marks) -> None:
    """By roads that must not take a diet, and with what provokes errors."""
    api = f"{base}/api/v1/events/{party.id}/registrations"
    bearer = {"Authorization": f"Bearer {party.token}", "Idempotency-Key": uuid4().hex}
    refused = [
        httpx.post(api, content=b'{"diet": "' + marks.new().encode()),
        httpx.post(api, json={"diet": marks.new()}, headers={"Idempotency-Key": uuid4().hex}),
        httpx.post(api, json={marks.new(): {"diet": marks.new()}}, headers=bearer),
        httpx.post(f"{base}/events/{party.slug}/register", data={"other": marks.new()}),
        httpx.post(f"{base}/api/v1/sessions/{party.id}/enrolments", json={"diet": marks.new()}),
    ]
    assert [answer.status_code // 100 for answer in refused] == [4] * len(refused)


def _edit(base: str, marks: Marks, guests: Mapping[str, tuple[str, UUID]]) -> None:
    """Each guest says something else by hand; the last one takes it all back."""
    last = len(guests) - 1
    for number, (link, place) in enumerate(guests.values()):
        with httpx.Client(base_url=base, timeout=PATIENCE_SECONDS) as browser:
            browser.get(link)
            form = f"/me/places/{place}/diet"
            given = {"needs": "vegan", "other": marks.some(WORDS_EACH), "consent": "1"}
            assert browser.post(form, data=given).status_code == 303
            assert browser.post(form, data=given | {"consent": ""}).status_code == 422
            if number == last:
                assert browser.post(f"{form}/withdraw").status_code == 303


def _walk(base: str, party: Party, marks: Marks, guests: Mapping[str, tuple[str, UUID]]) -> None:
    """Every page that needs no more than an id, as everybody: none but the organiser's own pages
    and the guest's tells a diet, and none of these may be kept by a browser."""
    (guest, place), *_others = guests.values()
    may = {"organiser": {f"/staff/events/{party.id}/diets", party.api}}
    may["guest"] = {f"/me/places/{place}/diet", "/me/export", "/me/export.json"}
    for name, link in {"nobody": "/", "guest": guest, **party.links}.items():
        met = set()
        with httpx.Client(base_url=base, timeout=PATIENCE_SECONDS) as browser:
            browser.get(link)
            for path in _paths(party, place):
                shown = browser.get(path)
                assert shown.status_code < 500, path
                if marks.wanted().search(shown.content):
                    met.add(path)
                    assert "no-store" in shown.headers["cache-control"], path
        assert met <= may.get(name, set()), name
        assert bool(met) == (name in may), name


def _paths(party: Party, place: UUID) -> list[str]:
    found = set()
    for row in route_table():
        if "GET" in row.methods and row.path != "/logout":
            for id_ in (party.id, place):
                path = row.path.replace("{id}", str(id_)).replace("{slug}", party.slug)
                found.add(re.sub(r"\{[a-z_]+\}", "x", path))
    assert len(found) > 100
    return sorted(found)


def _organise(base: str, party: Party, marks: Marks) -> None:
    """The organiser sees them, on the page and over the API."""
    told = (BY_HAND + BY_HAND - 1 + MORE_GUESTS) * WORDS_EACH
    api = httpx.get(f"{base}{party.api}", headers={"Authorization": f"Bearer {party.token}"})
    assert len(marks.read_in(api.text)) == told
    with httpx.Client(base_url=base, timeout=PATIENCE_SECONDS) as browser:
        browser.get(party.link)
        page = browser.get(f"/staff/events/{party.id}/diets")
        assert len(marks.read_in(page.text)) == told
        assert "no-store" in page.headers["cache-control"]


def _end(base: str, party: Party) -> None:
    """The event is over in a moment: its organiser moves its end."""
    answer = httpx.patch(
        f"{base}/api/v1/events/{party.id}",
        json={"ends_at": (clock.now() + timedelta(seconds=2)).isoformat()},
        headers={"Authorization": f"Bearer {party.token}"},
    )
    assert answer.status_code == 200, answer.text


def _receipts(base: str, party: Party) -> bool:
    return "receipt" in httpx.get(
        f"{base}/events/{party.slug}", headers={"Accept-Language": "en"}
    ).text.lower() and _gone(base, party)


def _gone(base: str, party: Party) -> bool:
    answer = httpx.get(f"{base}/api/v1/events/{party.id}")
    return bool(orjson.loads(answer.content)["diets_deleted_at"])


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An installation of its own, its PostgreSQL too: every byte of it is read."""
    if request.param == "sqlite":
        yield request.getfixturevalue("settings")
        return
    with postgres(tmp_path / "server") as address:
        yield asyncio.run(_on_postgres(address, tmp_path / "var"))


async def _on_postgres(address: str, folder: Path) -> Settings:
    admin = await asyncpg.connect(address.format("postgres"))
    for name in ("register", "diets"):
        await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    urls = {"database_url": address.format("register"), "dietary_url": address.format("diets")}
    settings = settings_in(folder, **urls)
    await migrate_once(settings)
    return settings


@pytest.mark.slow
@pytest.mark.promise("P4")
@pytest.mark.promise("P5")
def test_no_byte_of_a_diet_is_outside_its_store_or_left_after_it(
    house: Settings, tmp_path: Path
) -> None:
    settings, on_server = house, bool(house.database_url)
    marks, log = Marks(), tmp_path / "server.log"
    party = asyncio.run(_prepare(settings))
    old = tmp_path / "old"
    places = [settings.data, log]
    if on_server:
        places.append(asyncio.run(_data_folder(settings)))
    with _served(settings, log) as base:
        _fill(base, party, marks)
        _edit(base, marks, asyncio.run(_guests(settings)))
        _organise(base, party, marks)
        _walk(base, party, marks, asyncio.run(_guests(settings)))
        sealed = asyncio.run(_ciphertexts(settings))
        assert len(sealed) == BY_HAND + BY_HAND - 1 + MORE_GUESTS
        assert marks.found_below(*places) == [], "plain text of a diet before its deletion"
        shutil.copytree(settings.data, old, ignore=shutil.ignore_patterns("keys"))
        if not on_server:
            _back_up(settings, tmp_path / "backup")
        _end(base, party)
        _until(lambda: _receipts(base, party))
        assert _by_api(base, party, marks, 20) == 409
        closed = httpx.get(f"{base}/events/{party.slug}/register")
        assert TOKEN.search(closed.text) is None, "the form is still open"
    places += [old, tmp_path / "backup"]
    assert marks.found_below(*[place for place in places if place.exists()]) == []
    # What was sealed is gone from the store's own files as well; a server's journal may hold it
    # for a while, and the old copy does, without a key that opens it.
    own = [settings.data] if not on_server else [places[2] / "base"]
    assert _with_any(sealed, *own) == []
    assert on_server or _with_any(sealed, old) != []
    assert list(settings.keys_folder.rglob("*.key")) == []
    assert list(old.rglob("*.key")) == []


async def _ciphertexts(settings: Settings) -> list[bytes]:
    """The first bytes of each sealed answer: a nonce of its own and some of what follows."""
    await db.connect(settings)
    try:
        return [bytes(row.content)[:24] for row in await SealedDiet.all()]
    finally:
        await db.disconnect()


def _with_any(sealed: list[bytes], *folders: Path) -> list[str]:
    wanted = re.compile(b"|".join(re.escape(each) for each in sealed), re.DOTALL)
    return [
        path.name
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and wanted.search(path.read_bytes())
    ]


def _back_up(settings: Settings, folder: Path) -> None:
    environ = os.environ | environ_of(settings.data, 1, None)
    command = [sys.executable, "-m", "registration", "backup", str(folder)]
    subprocess.run(command, env=environ, check=True, capture_output=True)
    names = {path.name for path in folder.rglob("*")}
    assert "registration.sqlite3" in names
    assert not [name for name in names if "diet" in name or name.endswith(".key")]


async def _data_folder(settings: Settings) -> Path:
    await db.connect(settings)
    try:
        rows = await db.connection().execute_query_dict("SHOW data_directory")
        return Path(rows[0]["data_directory"])
    finally:
        await db.disconnect()
