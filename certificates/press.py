"""Prints certificates without blocking: an asynchronous front over warm worker processes."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from types import TracebackType
from typing import Final, Self, TypeVar

from certificates import worker
from certificates.document import CertificateDocument, CertificateError, Issuer
from certificates.key import SigningKey, certificate_of
from certificates.paper import PaperDocument
from certificates.sheet import SheetDocument

# Enough to share the style sheet's cost, few enough that a single one is not kept waiting long.
MAX_BATCH: Final = 20


Given = TypeVar("Given")
Made = TypeVar("Made")


class PressBusy(CertificateError):
    """More certificates are waiting than the press takes; try again later."""


class PressBroken(CertificateError):
    """The worker processes died twice in a row; their log says why."""


class PressClosed(CertificateError):
    """The press was closed and takes no more work."""


class Press:
    """Worker processes that start at the first use and stay warm until ``close``.

    With ``key`` every certificate is signed. At most ``max_pending`` certificates may be
    asked for and not yet printed. Raises ``UnusableKey``.
    """

    def __init__(
        self, key: SigningKey | None = None, *, workers: int = 2, max_pending: int = 1000
    ) -> None:
        if key is not None:
            certificate_of(key)
        self._key = key
        self._workers = workers
        self._max_pending = max_pending
        self._pending = 0
        self._pool: ProcessPoolExecutor | None = None
        self._closed = False

    async def print_certificates(self, documents: Sequence[CertificateDocument]) -> list[bytes]:
        """One PDF per document, in their order; one that cannot be printed fails the call.

        Raises ``PressBusy``, ``PressBroken``, ``PressClosed``, ``DoesNotFit``, ``AssetRefused``,
        ``LettersMissing``.
        """
        if self._closed:
            raise PressClosed("takes no more work")
        if self._pending + len(documents) > self._max_pending:
            raise PressBusy(f"{self._pending} are waiting")
        self._pending += len(documents)
        try:
            batches = _batches(_sharing_issuers(documents), self._workers)
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._run(batch)) for batch in batches]
        except* CertificateError as errors:
            raise _first(errors) from None
        finally:
            self._pending -= len(documents)
        return [file for task in tasks for file in task.result()]

    async def print_sheet(self, sheet: SheetDocument) -> bytes:
        """The sheet as a PDF. Raises ``PressBusy``, ``PressBroken``, ``PressClosed``."""
        return await self._one(worker.print_sheet, sheet)

    async def print_paper(self, paper: PaperDocument) -> bytes:
        """The paper as a PDF. Raises ``TooLong`` too."""
        return await self._one(worker.print_paper, paper)

    async def _one(self, work: Callable[[Given], Made], given: Given) -> Made:
        if self._closed:
            raise PressClosed("takes no more work")
        if self._pending >= self._max_pending:
            raise PressBusy(f"{self._pending} are waiting")
        self._pending += 1
        try:
            return await self._submitted(work, given)
        finally:
            self._pending -= 1

    async def close(self) -> None:
        """Ends the workers once what they are printing is done; may be called twice."""
        self._closed = True
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _run(self, batch: Sequence[CertificateDocument]) -> list[bytes]:
        return await self._submitted(worker.print_batch, batch)

    async def _submitted(self, work: Callable[[Given], Made], given: Given) -> Made:
        for _ in range(2):
            pool = self._running_pool()
            try:
                return await asyncio.wrap_future(pool.submit(work, given))
            except BrokenProcessPool:
                self._discard(pool)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if self._closed and task is not None and not task.cancelling():
                    raise PressClosed("closed before its turn came") from None
                raise
        raise PressBroken("the workers died twice")

    def _running_pool(self) -> ProcessPoolExecutor:
        if self._closed:
            raise PressClosed("takes no more work")
        if self._pool is None:
            # Spawned, not forked: the server has threads and an event loop.
            self._pool = ProcessPoolExecutor(
                self._workers,
                mp_context=get_context("spawn"),
                initializer=worker.start,
                initargs=(self._key,),
            )
        return self._pool

    def _discard(self, pool: ProcessPoolExecutor) -> None:
        # Several batches see the same pool break; only the first may drop it.
        if self._pool is pool:
            self._pool = None
            pool.shutdown(wait=False, cancel_futures=True)


def _sharing_issuers(documents: Sequence[CertificateDocument]) -> list[CertificateDocument]:
    """The documents with one issuer in place of equal ones: its pictures then travel to a worker
    once a batch, and are read there once."""
    known: dict[Issuer, Issuer] = {}
    return [
        replace(document, issuer=issuer) if issuer is not document.issuer else document
        for document in documents
        for issuer in (known.setdefault(document.issuer, document.issuer),)
    ]


def _batches(
    documents: Sequence[CertificateDocument], workers: int
) -> list[Sequence[CertificateDocument]]:
    size = min(MAX_BATCH, max(1, -(-len(documents) // workers)))
    return [documents[start : start + size] for start in range(0, len(documents), size)]


def _first(errors: BaseExceptionGroup[CertificateError]) -> CertificateError:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
