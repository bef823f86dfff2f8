"""Processes that stay: the server, with as many workers as asked for, and the worker of jobs."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import tempfile
from collections.abc import Callable
from functools import partial

from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from registration import clock, db, upkeep
from registration.app import serving
from registration.edge.wire import BoundedProtocol
from registration.press import missing_scripts
from registration.privacy.restored import catch_up
from registration.scheduler import Scheduler
from registration.settings import PREFIX, Settings

GRACE_SECONDS = 10
# A worker answers its supervisor when it has been loaded, which a busy machine may take long for.
START_SECONDS = 60
BACKLOG = 2048
Say = Callable[[str], None]


class PortTaken(Exception):
    """The text is one line that says what to do."""


def serve_forever(settings: Settings, *, host: str, port: int, workers: int, say: Say) -> None:
    """Both databases are brought up to date, then the pages are served until a signal comes.

    Raises ``PortTaken``, ``GoneRefused``.
    """
    listening = _listen(host, port)
    settings = _with_address(settings, listening)
    asyncio.run(_prepare(settings, say))
    if workers > 1:
        # Before the first import of the counters: each worker writes its own there.
        folder = tempfile.mkdtemp(prefix="registration-metrics-")
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", folder)
    config = Config(
        partial(serving, settings),
        factory=True,
        workers=workers,
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # the application sees to it, by its own setting
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=START_SECONDS,
        backlog=BACKLOG,
    )
    say(f"Serving {settings.base_url} with {workers} worker{'s' if workers > 1 else ''}.")
    try:
        if workers > 1:
            Multiprocess(config, sockets=[listening]).run()
        else:
            Server(config).run(sockets=[listening])
    finally:
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as refused:
        raise PortTaken(
            f"cannot listen on {host}:{port} ({refused.strerror}); choose another with --port"
        ) from None


def _with_address(settings: Settings, listening: socket.socket) -> Settings:
    """Links lead to where we listen, unless ``BASE_URL`` says what people see."""
    if os.environ.get(f"{PREFIX}BASE_URL"):
        return settings
    host, port = listening.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 -- compared, not listened on
        host = "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    return settings.model_copy(update={"base_url": f"http://{shown}:{port}"})


async def _prepare(settings: Settings, say: Say) -> None:
    await upkeep.migrate_once(settings)
    say(f"Data: {'PostgreSQL' if settings.on_postgres else settings.data.absolute()}")
    await _catch_up(settings, say)
    if settings.demo:
        await _load_demo(settings, say)
    if not settings.smtp_url:
        say(f"Mail stays in the outbox, because {PREFIX}SMTP_URL is not set.")
    if settings.base_url.startswith("https:") and not settings.trusted_proxies:
        say(
            f"No proxy is trusted, because {PREFIX}TRUSTED_PROXIES is not set: behind one, all "
            "requests count as its own."
        )
    if settings.signing_key is None:
        say(f"Certificates get a self-signed key, because {PREFIX}SIGNING_KEY is not set.")
    for package, scripts in missing_scripts().items():
        say(f"No certificate can bear a name in {', '.join(scripts)}: install {package}.")


async def _catch_up(settings: Settings, say: Say) -> None:
    """Raises ``GoneRefused`` when a person who was erased may be there again."""
    await db.connect(settings)
    try:
        again = await catch_up(settings, now=clock.now())
    finally:
        await db.disconnect()
    if again:
        say(f"Erased again after an older copy was brought back: {again}.")


async def _load_demo(settings: Settings, say: Say) -> None:
    from registration.demo import load

    await db.connect(settings)
    try:
        if await upkeep.holds_data():
            say(f"Demo: the data is there already. Mail: {settings.base_url}/dev/mail")
            return
        result = await load(settings)
        say(f"Demo data is loaded. Mail: {settings.base_url}/dev/mail. Log in, once each:")
        for login in result.logins:
            say(f"  {login.role:<12} {login.link}")
    finally:
        await db.disconnect()


async def work_forever(settings: Settings, *, say: Say) -> None:
    """The jobs run in this process until a signal comes. Raises ``GoneRefused``."""
    await upkeep.migrate_once(settings)
    await _catch_up(settings, say)
    await db.connect(settings)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    scheduler = Scheduler(settings)
    scheduler.start()
    say("The jobs run. Stop with Ctrl-C.")
    try:
        await ended.wait()
    finally:
        await scheduler.stop()
        await db.disconnect()
