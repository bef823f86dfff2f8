"""Diets through every road in, then gone: no byte of them is left anywhere (P4, P5)."""

from __future__ import annotations

import asyncio
import base64
import gzip
import io
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
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
from registration.app import route_table
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import EventGiven
from registration.catalogue.service import add_event
from registration.catering.models import SealedDiet
from registration.settings import Settings
from tests.bench.client import TOKEN
from tests.bench.server import HOST, environ_of, free_port, ours
from tests.builders import SIGNED

# Guests besides the eight whose roads are told apart; with more, the event is open for longer.
MORE_GUESTS = int(os.environ.get("REGISTRATION_GUESTS", "12"))
OPEN_SECONDS = 25 + MORE_GUESTS // 5
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Party:
    id: UUID
    slug: str
    link: str
    token: str

    @property
    def api(self) -> str:
        return f"/api/v1/events/{self.id}/diets"


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
                capacity=50 + MORE_GUESTS,
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
    """Words that stand nowhere else, all with one stem, so that thousands are looked for as one."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.stem = f"q{uuid4().hex[:15]}"

    def new(self) -> str:
        self.made.append(f"{self.stem}x{len(self.made):05}z")
        return self.made[-1]

    def wanted(self) -> re.Pattern[bytes]:
        """The stem as it is, in capitals, in UTF-16, backwards, in hexadecimal, and in Base64 at
        each of its three offsets. Web addresses and JSON leave such words as they are."""
        stem = self.stem.encode()
        forms = {stem, stem.upper(), stem[::-1], stem.hex().encode(), stem.hex().upper().encode()}
        forms |= {self.stem.encode("utf-16-le"), self.stem.encode("utf-16-be")}
        for offset in range(3):
            whole = base64.b64encode(bytes(offset) + stem)
            forms.add(whole[offset and 4 : len(whole) // 4 * 4 - 4])
        return re.compile(b"|".join(re.escape(form) for form in forms))

    def found_below(self, *folders: Path) -> list[str]:
        """Files that hold one, in plain or in a part of theirs that is zipped."""
        wanted = self.wanted()
        return [
            str(path)
            for folder in folders
            for path in (folder.rglob("*") if folder.is_dir() else [folder])
            if path.is_file() and _holds(path.read_bytes(), wanted)
        ]


def _holds(content: bytes, wanted: re.Pattern[bytes]) -> bool:
    return bool(wanted.search(content)) or any(wanted.search(part) for part in _unzipped(content))


def _unzipped(content: bytes) -> Iterator[bytes]:
    """Every stream of zlib (as in PDF), gzip or deflate (as in ZIP) that begins in ``content``."""
    for head in re.finditer(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08|PK\x03\x04", content):
        at, kind = head.start(), 47
        if content[at : at + 2] == b"PK":
            at, kind = at + 30 + sum(content[at + 26 : at + 30 : 1][::2]), -15
        with suppress(zlib.error):
            yield zlib.decompressobj(kind).decompress(content[at:], 1 << 20)


FORMS: tuple[Callable[[str], bytes], ...] = (
    lambda mark: mark.encode(),
    lambda mark: mark.upper().encode(),
    lambda mark: mark.encode("utf-16-le"),
    lambda mark: mark.encode("utf-16-be"),
    lambda mark: mark[::-1].encode(),
    lambda mark: mark.encode().hex().encode(),
    lambda mark: base64.b64encode(mark.encode()),
    lambda mark: base64.b64encode(b"1" + mark.encode()),
    lambda mark: base64.b64encode(b"22" + mark.encode()),
    lambda mark: orjson.dumps({"other": mark}),
    lambda mark: quote(f"other={mark}").encode(),
    lambda mark: zlib.compress(mark.encode() * 9),
    lambda mark: gzip.compress(mark.encode() * 9),
    lambda mark: _zip_of(mark),
)


def _zip_of(mark: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("a.txt", mark * 9)
    return out.getvalue()


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


def _walk(base: str, party: Party, marks: Marks) -> None:
    """Every page that needs no more than an id, as everybody: none but the organiser's own pages
    tells a diet, and no page of theirs may be kept by a browser."""
    paths = [row.path for row in route_table() if "GET" in row.methods]
    paths = [re.sub(r"\{id\}", str(party.id), path) for path in paths]
    paths = [re.sub(r"\{slug\}", party.slug, path) for path in paths]
    paths = [path for path in paths if "{" not in path and path not in {"/logout"}]
    assert len(paths) > 40
    with httpx.Client(base_url=base) as organiser, httpx.Client(base_url=base) as nobody:
        organiser.get(party.link)
        for path in paths:
            assert not marks.wanted().search(nobody.get(path).content), path
            shown = organiser.get(path)
            if marks.wanted().search(shown.content):
                assert path in {f"/staff/events/{party.id}/diets", party.api}, path
                assert "no-store" in shown.headers["cache-control"], path


def _organise(base: str, party: Party, marks: Marks) -> None:
    """The organiser sees them, on the page and over the API."""
    api = f"{base}/api/v1/events/{party.id}/diets"
    shown = httpx.get(api, headers={"Authorization": f"Bearer {party.token}"})
    assert sum(mark in shown.text for mark in marks.made) == 8 + MORE_GUESTS
    with httpx.Client(base_url=base) as browser:
        browser.get(party.link)
        page = browser.get(f"/staff/events/{party.id}/diets")
        assert sum(mark in page.text for mark in marks.made) == 8 + MORE_GUESTS
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
        _walk(base, party, marks)
        sealed = asyncio.run(_ciphertexts(settings))
        assert len(sealed) == 8 + MORE_GUESTS
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
    # What was sealed is gone from the store's own files as well; a server's journal may hold it
    # for a while, and the old copy does, without a key that opens it.
    own = [settings.data] if not server_address else [places[2] / "base"]
    assert _with_any(sealed, *own) == []
    assert server_address or _with_any(sealed, old) != []
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
