"""Diets through every road in, then gone: no byte of them is left anywhere (P4, P5)."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from registration import clock, db
from registration.accounts.grants import grant
from registration.accounts.logins import new_link
from registration.accounts.rules import Role, Scope
from registration.accounts.service import add_account
from registration.accounts.tokens import add_token
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import EventGiven
from registration.catalogue.service import add_event
from registration.settings import Settings
from tests.bench.client import TOKEN
from tests.bench.server import HOST, environ_of, free_port, ours
from tests.builders import SIGNED

OPEN_SECONDS = 15
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Party:
    id: UUID
    slug: str
    link: str
    token: str


async def _prepare(settings: Settings) -> Party:
    """A catered event that is over in some seconds, and who organises it."""
    await db.connect(settings)
    try:
        now = clock.now()
        event_id = await add_event(
            EventGiven(
                title={"fi": "Juhla", "en": "Party"},
                starts_at=now - timedelta(hours=1),
                ends_at=now + timedelta(seconds=OPEN_SECONDS),
                capacity=50,
                catered=True,
                erase_diets_after=timedelta(0),
            ),
            actor_id=None,
            now=now,
        )
        email = "olli@example.fi"
        account = await add_account(email, "Olli", Role.ORGANISER, nda_on=SIGNED, now=now)
        await grant(account, Role.ORGANISER, scope_id=event_id, now=now)
        return Party(
            event_id,
            (await catalogue.event(event_id)).slug,
            await new_link(account, confirmed=False, life=timedelta(hours=1), now=now),
            await add_token(email, Scope.ORGANISER, days=1, now=clock.now()),
        )
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


class Marks:
    """Words that stand nowhere else."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def new(self) -> str:
        self.made.append(f"mark{uuid4().hex}")
        return self.made[-1]

    def found_below(self, *folders: Path) -> list[str]:
        wanted = [mark.encode() for mark in self.made]
        wanted += [mark.encode("utf-16-le") for mark in self.made]
        return [
            str(path)
            for folder in folders
            for path in (folder.rglob("*") if folder.is_dir() else [folder])
            if path.is_file() and any(word in path.read_bytes() for word in wanted)
        ]


def _by_page(base: str, party: Party, marks: Marks, number: int, **more: str) -> int:
    with httpx.Client(base_url=base, headers={"Accept-Language": "en"}) as browser:
        form = f"/events/{party.slug}/register"
        token = TOKEN.search(browser.get(form).text)
        assert token
        given = {
            "token": token[1],
            "first_name": "Aino",
            "last_name": "Virtanen",
            "email": f"page{number}@example.fi",
            "needs": "vegan",
            "other": marks.new(),
            "consent": "1",
            "language": "en",
        }
        return browser.post(form, data=given | more).status_code


def _by_api(base: str, party: Party, marks: Marks, number: int, **more: object) -> int:
    person = {"first_name": "Eero", "last_name": "Laine", "email": f"api{number}@example.fi"}
    diet = {"needs": ["vegan"], "other": marks.new(), "consent": True} | more
    return httpx.post(
        f"{base}/api/v1/events/{party.id}/registrations",
        json={"person": person, "diet": diet},
        headers={"Idempotency-Key": uuid4().hex},
    ).status_code


def _fill(base: str, party: Party, marks: Marks) -> None:
    """Through the form and the API, well and badly."""
    assert [_by_page(base, party, marks, number) for number in range(4)] == [200] * 4
    assert [_by_api(base, party, marks, number) for number in range(4)] == [201] * 4
    assert _by_page(base, party, marks, 9, email="no address") == 422
    assert _by_page(base, party, marks, 9, consent="") == 422
    assert _by_page(base, party, marks, 0) == 409
    assert _by_api(base, party, marks, 9, consent=False) == 422
    assert _by_api(base, party, marks, 9, allergies=[marks.new()]) == 422
    assert _by_api(base, party, marks, 0) == 409


def _organise(base: str, party: Party, marks: Marks) -> None:
    """The organiser sees them, on the page and over the API."""
    api = f"{base}/api/v1/events/{party.id}/diets"
    shown = httpx.get(api, headers={"Authorization": f"Bearer {party.token}"})
    assert sum(mark in shown.text for mark in marks.made) == 8
    with httpx.Client(base_url=base) as browser:
        browser.get(party.link)
        page = browser.get(f"/staff/events/{party.id}/diets")
        assert sum(mark in page.text for mark in marks.made) == 8
        assert "no-store" in page.headers["cache-control"]


def _receipts(base: str, party: Party) -> bool:
    return "receipt" in httpx.get(
        f"{base}/events/{party.slug}", headers={"Accept-Language": "en"}
    ).text.lower() and _gone(base, party)


def _gone(base: str, party: Party) -> bool:
    answer = httpx.get(f"{base}/api/v1/events/{party.id}")
    return bool(orjson.loads(answer.content)["diets_deleted_at"])


@pytest.mark.slow
@pytest.mark.promise("P4")
@pytest.mark.promise("P5")
def test_no_byte_of_a_diet_is_outside_its_store_or_left_after_it(
    server_address: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    settings: Settings = request.getfixturevalue("postgres" if server_address else "settings")
    marks, log = Marks(), tmp_path / "server.log"
    party = asyncio.run(_prepare(settings))
    old = tmp_path / "old"
    places = [settings.data, log]
    if server_address:
        places.append(asyncio.run(_data_folder(settings)))
    with _served(settings, log) as base:
        _fill(base, party, marks)
        _organise(base, party, marks)
        assert marks.found_below(*places) == [], "plain text of a diet before its deletion"
        shutil.copytree(settings.data, old, ignore=shutil.ignore_patterns("keys"))
        if not server_address:
            _back_up(settings, tmp_path / "backup")
        _until(lambda: _receipts(base, party))
        assert _by_api(base, party, marks, 20) == 409
        closed = httpx.get(f"{base}/events/{party.slug}/register")
        assert TOKEN.search(closed.text) is None, "the form is still open"
    places += [old, tmp_path / "backup"]
    assert marks.found_below(*[place for place in places if place.exists()]) == []
    assert list(settings.keys_folder.rglob("*.key")) == []
    assert list(old.rglob("*.key")) == []


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
