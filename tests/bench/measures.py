"""What is measured, one function a figure; each leaves nothing behind."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import asyncpg
import psutil

from certificates.document import CertificateDocument, Issuer, Language
from certificates.key import SigningKey, make_self_signed
from certificates.press import Press
from registration import db, upkeep
from registration.accounts.logins import new_link
from registration.accounts.rules import Role
from registration.accounts.service import add_account
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import EventGiven, SessionGiven, TrainingGiven
from registration.catalogue.service import add_event, add_session, add_training
from registration.catering import jobs as catering_jobs
from registration.catering import store
from registration.catering.deletion import delete_due
from registration.catering.models import SealedDiet, Vault
from registration.catering.sealing import new_token
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.enrolment.queries import counts
from registration.ledger.queries import receipts
from registration.scheduler import Scheduler
from registration.settings import Settings, load
from tests.bench.client import Connection, Load, drive, getting, rush, signing_up
from tests.bench.server import HOST, bare, environ_of, free_port, ours, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# As long as a sealed answer of few words.
SEALED_BYTES = 540
FILE_5000 = Path(__file__).parents[1] / "data" / "employees-5000.csv"
Urls = tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class House:
    """A furnished installation to measure on."""

    settings: Settings
    urls: Urls
    roomy: UUID
    tight: UUID
    large: UUID
    event: str
    training: str
    coordinator: UUID


def commits(folder: Path, *, many: int = 400) -> float:
    """Commits a second that this disk makes with ``synchronous=FULL``, bare of everything."""
    with closing(sqlite3.connect(folder / "raw.sqlite3", isolation_level=None)) as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("PRAGMA synchronous=FULL")
        opened.execute("CREATE TABLE line (text TEXT)")
        began = perf_counter()
        for number in range(many):
            opened.execute("INSERT INTO line VALUES (?)", (f"line {number}",))
        return many / (perf_counter() - began)


def bare_pages() -> Load:
    port = free_port()
    with running(bare(port), port, {}):
        return asyncio.run(drive(HOST, port, getting(["/"]), clients=16, seconds=4))


@contextmanager
def serving(house: House, *, workers: int = 1) -> Iterator[tuple[int, psutil.Process]]:
    port = free_port()
    environ = environ_of(house.settings.data, port, house.urls)
    with running(ours(port, workers), port, environ) as process:
        yield port, process


def pages(house: House) -> Load:
    paths = ["/", f"/sessions/{house.roomy}", f"/trainings/{house.training}"]
    paths += [f"/events/{house.event}", f"/sessions/{house.tight}"]
    with serving(house) as (port, _process):
        return asyncio.run(drive(HOST, port, getting(paths), clients=16, seconds=6))


def sign_ups(
    house: House, *, workers: int = 1, clients: int = 8, session: UUID | None = None
) -> Load:
    page = f"/sessions/{session or house.roomy}"
    work = signing_up(page, f"{page}/enrol", f"s{uuid4().hex[:6]}", [])
    with serving(house, workers=workers) as (port, _process):
        return asyncio.run(drive(HOST, port, work, clients=clients, seconds=8))


def company_page(house: House) -> float:
    """Milliseconds until a coordinator has the page of all employees, the median of 20, once
    ``import_of_5000`` is done."""
    with serving(house) as (port, _process):
        return asyncio.run(_company_page(house, port))


async def _company_page(house: House, port: int) -> float:
    browser = Connection(HOST, port)
    await browser.ask("GET", await new_login(house))
    durations = []
    for _each in range(20):
        began = perf_counter()
        shown = await browser.ask("GET", "/company/people")
        durations.append(perf_counter() - began)
        if shown.status != 200:
            raise RuntimeError(f"/company/people: {shown.status}")
    browser.close()
    return median(durations) * 1000


@dataclass(frozen=True, slots=True)
class Rush:
    seconds: float
    confirmed: int
    waiting: int


def rush_of_300(house: House) -> Rush:
    """300 people at once for 50 seats, each with three requests."""
    page = f"/sessions/{house.tight}"
    work = signing_up(page, f"{page}/enrol", f"r{uuid4().hex[:6]}", [])
    with serving(house) as (port, _process):
        _load, took = asyncio.run(rush(HOST, port, work, people=300))
    confirmed, waiting = asyncio.run(_counted(house, house.tight))
    return Rush(took, confirmed, waiting)


async def _counted(house: House, session_id: UUID) -> tuple[int, int]:
    async with connected(house.settings):
        line = await catalogue.session(session_id)
        return (await counts([line.seating_id])).get(line.seating_id, (0, 0))


def import_of_5000(house: House) -> float:
    """Seconds from sending the file to the answer that all are enrolled, as a coordinator does."""
    with serving(house) as (port, _process):
        return asyncio.run(_import(house, port))


async def _import(house: House, port: int) -> float:
    browser = Connection(HOST, port)
    await browser.ask("GET", await new_login(house))
    boundary = uuid4().hex
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
        f'filename="employees.csv"\r\nContent-Type: text/csv\r\n\r\n'
    ).encode()
    body += FILE_5000.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    began = perf_counter()
    kind = f"multipart/form-data; boundary={boundary}"
    sent = await browser.ask("POST", f"/company/sessions/{house.large}/upload", body, kind)
    if sent.status != 303:
        raise RuntimeError(f"upload: {sent.status}")
    preview = sent.headers["location"]
    shown = await browser.ask("GET", preview)
    action = re.search(rf'action="({re.escape(preview)}/enrol)"', shown.body.decode())
    if action is None:
        raise RuntimeError(f"{preview}: {shown.status}, and no way to enrol")
    done = await browser.ask("POST", action[1])
    while done.status == 303 or b"<progress" in done.body:  # the rest of the rows follow in steps
        await asyncio.sleep(0.05)
        done = await browser.ask("GET", done.headers.get("location", preview))
    took = perf_counter() - began
    confirmed, waiting = await _counted(house, house.large)
    if done.status != 200 or confirmed + waiting != 5000:
        raise RuntimeError(f"import: {done.status}, {confirmed} + {waiting} enrolled")
    browser.close()
    return took


@dataclass(frozen=True, slots=True)
class Printed:
    """Seconds: the first certificate with the workers' start, one when they are warm (the median
    of nine), 200 and 1,000 together; milliseconds of a core for one of these; MiB that the workers
    hold after them, what they share counted once."""

    first: float
    warm: float
    many: float
    thousand: float
    work: float
    held: float


async def certificates() -> Printed:
    key = SigningKey(make_self_signed("Bench", now=datetime.now(UTC)))
    async with Press(key) as press:

        async def took(start: int, many: int) -> float:
            documents = [_document(number) for number in range(start, start + many)]
            began = perf_counter()
            await press.print_certificates(documents)
            return perf_counter() - began

        first = await took(0, 1)
        warm = median([await took(number, 1) for number in range(1, 10)])
        many = await took(100, 200)
        workers = psutil.Process().children()
        worked = _worked(workers)
        thousand = await took(1000, 1000)
        work = _worked(workers) - worked
        shares = [worker.memory_full_info().pss for worker in workers]
        return Printed(first, warm, many, thousand, work, sum(shares) / 1024 / 1024)


def _worked(workers: Sequence[psutil.Process]) -> float:
    """Seconds that the processes have used of the cores."""
    return sum(sum(worker.cpu_times()[:2]) for worker in workers)


def _document(number: int) -> CertificateDocument:
    return CertificateDocument(
        number=f"2026-{number:06}",
        person_name=f"Matti Meikäläinen {chr(97 + number % 26)}",
        training_title="Ratatyöturvallisuus",
        days=(date(2026, 4, 1), date(2026, 4, 2)),
        issued_on=date(2026, 4, 3),
        language=Language("fi"),
        issuer=Issuer(
            "Pohjan Raide Oy",
            "Asemakatu 12\n33100 Tampere",
            signer_name="Marja-Leena Väänänen",
            signer_title="Koulutuspäällikkö",
            url="https://registration.example",
        ),
        verify_url=f"https://registration.example/verify/{number:029}",
        status_entry=f"https://registration.example/verify/status/0#{number}",
        company="Esimerkki Rakennus Oy",
        qualifies_for="Työskentely rautatiealueella",
        grade="Hyväksytty",
        valid_until=date(2031, 4, 2),
        place="Tampere",
        trainer_organisation="Raidekoulutus Oy",
    )


@dataclass(frozen=True, slots=True)
class Erased:
    """Seconds until the key was destroyed, with which no copy can be read any more, and until the
    rows were swept and the receipt was given."""

    diets: int
    unreadable: float
    seconds: float


async def erasing(settings: Settings, *, many: int = 100_000) -> Erased:
    async with connected(settings):
        now = datetime.now(UTC)
        event_id = await _due_event(now, settings)
        for start in range(0, many, 5_000):
            await SealedDiet.bulk_create(
                [
                    SealedDiet(
                        token=new_token(),
                        event_id=event_id,
                        content=token_bytes(SEALED_BYTES),
                        written_at=now,
                    )
                    for _each in range(min(5_000, many - start))
                ],
                batch_size=500,
            )
        vault = await Vault.get(event_id=event_id)
        key = settings.keys_folder / f"{vault.key_id}.key"
        began = perf_counter()
        deletion = asyncio.create_task(delete_due(settings, now=now + timedelta(hours=2)))
        while key.exists():
            await asyncio.sleep(0)
        unreadable = perf_counter() - began
        await deletion
        return Erased(many, unreadable, perf_counter() - began)


async def _due_event(now: datetime, settings: Settings) -> UUID:
    """An event that is over in two hours, with a key."""
    given = EventGiven(
        title={"fi": "Suurtapahtuma"},
        starts_at=now + timedelta(hours=1),
        ends_at=now + timedelta(hours=2),
        capacity=100_000,
        catered=True,
        erase_diets_after=timedelta(0),
    )
    event_id = await add_event(given, actor_id=None, now=now)
    offering = catalogue.event_offering(await catalogue.event(event_id))
    await store.key_of(offering, settings=settings, now=now)
    return event_id


async def catching_up(settings: Settings, *, many: int = 1_000) -> float:
    """Seconds until ``many`` overdue events are deleted, each with its receipt."""
    async with connected(settings):
        now = datetime.now(UTC)
        for _each in range(many):
            await _due_event(now, settings)
        began = perf_counter()
        await delete_due(settings, now=now + timedelta(hours=3))
        return perf_counter() - began


async def lateness(settings: Settings, *, many: int = 100) -> float:
    """The 99th percentile of what receipts say, of events that end one after the other while the
    jobs run; seconds."""
    async with connected(settings):
        scheduler = Scheduler(settings, catering_jobs.JOBS)
        scheduler.start()
        now = datetime.now(UTC)
        ids: list[UUID] = []
        for number in range(many):
            ends_at = now + timedelta(seconds=12, milliseconds=100 * number)
            given = EventGiven(
                title={"fi": "Hetki"},
                starts_at=now - timedelta(hours=1),
                ends_at=ends_at,
                capacity=10,
                catered=True,
                erase_diets_after=timedelta(0),
            )
            ids.append(await add_event(given, actor_id=None, now=now))
        try:
            found: list[float] = []
            while len(found) < many:
                await asyncio.sleep(0.5)
                lines = await receipts(limit=100_000)
                found = [line.lateness_seconds for line in lines if line.event_id in set(ids)]
        finally:
            await scheduler.stop()
        return sorted(found)[int(many * 0.99) - 1]


def cold_start(house: House) -> tuple[float, float]:
    """(seconds from the command to the first answer, MiB that the idle server holds)."""
    began = perf_counter()
    with serving(house) as (port, process):
        took = perf_counter() - began
        asyncio.run(drive(HOST, port, getting(["/"]), clients=4, seconds=1))
        held = process.memory_info().rss
        held += sum(child.memory_info().rss for child in process.children(recursive=True))
        return took, held / 1024 / 1024


async def new_login(house: House) -> str:
    """A link that logs the coordinator in, once."""
    async with connected(house.settings):
        hour = timedelta(hours=1)
        return await new_link(house.coordinator, confirmed=False, life=hour, now=datetime.now(UTC))


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[None]:
    await db.connect(settings)
    try:
        yield
    finally:
        await db.disconnect()


async def furnish(data: Path, *, postgres: str = "") -> House:
    """An installation with thirty sessions, an event, a company and its coordinator."""
    urls: Urls = None
    environ = {"REGISTRATION_DATA": str(data), "REGISTRATION_RATE_LIMIT": "off"}
    if postgres:
        admin = await asyncpg.connect(postgres.format("postgres"))
        for name in ("bench", "bench_dietary"):
            await admin.execute(f"CREATE DATABASE {name}")
        await admin.close()
        urls = postgres.format("bench"), postgres.format("bench_dietary")
        environ |= {"REGISTRATION_DATABASE_URL": urls[0], "REGISTRATION_DIETARY_URL": urls[1]}
    settings = load(environ)
    await upkeep.migrate_once(settings)
    async with connected(settings):
        return await _furnish(settings, urls)


async def _furnish(settings: Settings, urls: Urls) -> House:
    now = datetime.now(UTC)
    training = await add_training(
        TrainingGiven(title={"fi": "Ratatyöturvallisuus", "en": "Track work safety"}),
        actor_id=None,
        now=now,
    )

    async def session(seats: int, days: int) -> UUID:
        starts_at = now + timedelta(days=days)
        given = SessionGiven(
            training=training,
            capacity=seats,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=7),
            price_cents=29_000,
        )
        return await add_session(given, actor_id=None, now=now)

    for number in range(27):
        await session(20, 30 + number)
    event_id = await add_event(
        EventGiven(
            title={"fi": "Asiakaspäivä"},
            starts_at=now + timedelta(days=20),
            ends_at=now + timedelta(days=20, hours=6),
            capacity=500,
            catered=True,
        ),
        actor_id=None,
        now=now,
    )
    company_id = await add_company(CompanyGiven(name="Suuryritys Oy"), actor_id=None, now=now)
    account = await add_account(
        "bench@suuryritys.example", "Bea Bench", Role.COORDINATOR, company_id=company_id, now=now
    )
    return House(
        settings=settings,
        urls=urls,
        roomy=await session(100_000, 10),
        tight=await session(50, 11),
        large=await session(10_000, 12),
        event=(await catalogue.event(event_id)).slug,
        training=(await catalogue.training(training)).slug,
        coordinator=account,
    )
