"""Logs: JSON lines on standard error, without anything of a person in them.

No addresses, no query strings, no bodies, no raw paths (they may hold secrets), and of an
exception only its type and where it was raised: its text may quote what somebody typed.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType

import structlog
from structlog.typing import EventDict, WrappedLogger

FRAMES = 12


def configure(level: str) -> None:
    """This process logs as said above, other libraries' loggers included."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_values,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # These quote values, or say once a second what our own jobs say when it matters.
    for name in ("apscheduler", "asyncio", "tortoise", "aiosqlite", "fontTools", "weasyprint"):
        logging.getLogger(name).setLevel(logging.WARNING)


def without_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Exceptions become their type and code locations; only a message's first line stays."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event.update(described(error))
    event.pop("stack_info", None)
    record = event.get("_record")
    if record is not None and record.name == "asyncio":
        event["event"] = str(event["event"]).partition("\n")[0]
    return event


def described(error: BaseException) -> dict[str, object]:
    """The types of an exception and its causes, and where it was raised; no texts."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < FRAMES:
        kinds.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return {"error": kinds, "at": locations(error.__traceback__)}


def locations(trace: TracebackType | None) -> list[str]:
    """``file:line function`` of the innermost frames, the innermost last."""
    found = traceback.extract_tb(trace)[-FRAMES:]
    return [
        f"{each.filename.rpartition('site-packages/')[2]}:{each.lineno} {each.name}"
        for each in found
    ]
