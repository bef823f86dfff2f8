"""Files of certificates: one at once, or all of a session in steps that any process may go on with.

A step claims some certificates, prints them outside of any transaction, and keeps them in a second
one. After a crash the claim ends by itself, and nothing is printed twice that was kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from certificates.document import CertificateDocument, CertificateError, InvalidDocument
from certificates.press import Press, PressBroken, PressBusy, PressClosed
from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import SessionNotFound
from registration.db import transaction
from registration.qualifications import keys, printed
from registration.qualifications.documents import document_of, issuer_of
from registration.qualifications.models import Certificate, Printed, PrintOrder
from registration.qualifications.rules import (
    CertificateNotFound,
    CertificateReplaced,
    CertificateRevoked,
    CertificatesBusy,
    CertificateUnprintable,
    NobodyCertified,
)
from registration.settings import Settings

STEP = 80
STALLED = timedelta(seconds=30)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the files of a session are: ``done`` of ``total`` are ready or cannot be printed
    (``failed``). ``ordered``: more are on their way; ``slow``: nobody went on for a while."""

    total: int
    done: int
    failed: int
    ordered: bool
    slow: bool

    @property
    def ready(self) -> int:
        return self.done - self.failed


async def pdf(certificate_id: UUID, *, settings: Settings, now: datetime) -> bytes:
    """The certificate as a signed file: the one that is kept, or printed now by a worker process.

    Raises ``CertificateNotFound``, ``CertificateRevoked``, ``CertificateReplaced``,
    ``CertificatesBusy``, ``CertificateUnprintable``.
    """
    row = await _holding(certificate_id)
    press = await keys.press(settings, now=now)
    key_id = await keys.current_kid(settings, now=now)
    kept = await printed.content_of(row.id, key_id=key_id, now=now)
    if kept is not None:
        return kept
    try:
        (made,) = await press.print_certificates([document_of(row, settings)])
    except (PressBusy, PressBroken, PressClosed):
        raise CertificatesBusy from None
    except CertificateError as refused:
        logger.warning("certificate_unprintable", extra={"why": type(refused).__name__})
        raise CertificateUnprintable from None
    first = await printed.keep(row.id, made, key_id=key_id, now=now)
    if first is None:  # revoked while it was printed
        await _holding(certificate_id)
        raise CertificateRevoked
    return first


async def badge(certificate_id: UUID, *, settings: Settings, now: datetime) -> bytes:
    """The certificate as a signed Open Badge (a compact JWT), for a wallet. Raises as ``pdf``."""
    row = await _holding(certificate_id)
    try:
        (made,) = await keys.make_badges([document_of(row, settings)], settings=settings, now=now)
    except CertificateError:
        raise CertificateUnprintable from None
    return made


async def _holding(certificate_id: UUID) -> Certificate:
    row = await Certificate.get_or_none(id=certificate_id)
    if row is None:
        raise CertificateNotFound
    if row.revoked_at is not None:
        newer = await Certificate.filter(replaces_id=row.id).first()
        raise CertificateReplaced(number=newer.number) if newer else CertificateRevoked
    return row


async def order(session_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """Every certificate of the session is to have its file; what could not be printed is tried
    again. ``go_on`` does it. Raises ``SessionNotFound``, ``NobodyCertified``."""
    session = await catalogue.session(session_id)
    async with transaction():
        ids = await Certificate.filter(
            place__seating_id=session.seating_id, current=True
        ).values_list("id", flat=True)
        if not ids:
            raise NobodyCertified
        await Printed.filter(certificate_id__in=list(ids), failure__not="").delete()
        if not await PrintOrder.filter(session_id=session_id).exists():
            await PrintOrder.create(
                id=uuid4(),
                session_id=session_id,
                ordered_by=actor_id,
                ordered_at=now,
                stepped_at=now,
            )


async def go_on(session_id: UUID, *, settings: Settings) -> int:
    """What was ordered is printed, as far as nobody else prints it; says how many were now."""
    try:
        session = await catalogue.session(session_id)
    except SessionNotFound:
        await PrintOrder.filter(session_id=session_id).delete()
        return 0
    me, did = uuid4(), 0
    try:
        while True:
            now = clock.now()
            press = await keys.press(settings, now=now)
            key_id = await keys.current_kid(settings, now=now)
            rows = await printed.claim(
                session_id, session.seating_id, many=STEP, by=me, key_id=key_id, now=now
            )
            if not rows:
                return did
            files, troubles = await _print(press, rows, settings)
            await printed.fulfil(files, troubles, by=me, key_id=key_id, now=clock.now())
            did += len(rows)
    except (PressBusy, PressClosed, keys.KeyUnusable):  # the job goes on when it can
        return did
    finally:
        await asyncio.shield(printed.give_back(me))


async def go_on_with_stalled(settings: Settings, *, now: datetime) -> int:
    """Orders that nobody goes on with, as after a crash, are printed to the end."""
    rows = await PrintOrder.filter(stepped_at__lte=now - STALLED).values_list(
        "session_id", flat=True
    )
    return sum([await go_on(UUID(str(each)), settings=settings) for each in rows])


async def stalled_at() -> datetime | None:
    """When the first order counts as left alone."""
    first = await PrintOrder.all().order_by("stepped_at").first()
    return first.stepped_at + STALLED if first else None


async def progress(session_id: UUID, *, settings: Settings, now: datetime) -> Progress:
    """Raises ``SessionNotFound``."""
    session = await catalogue.session(session_id)
    found = await Certificate.filter(
        place__seating_id=session.seating_id, current=True
    ).values_list("id", flat=True)
    ids = [UUID(str(each)) for each in found]
    key_id = await key_in_use(settings, now=now)
    failed = len(await printed.failures(ids, now=now))
    done = failed + len(await printed.ready(ids, key_id=key_id, now=now))
    ordered = await PrintOrder.get_or_none(session_id=session_id)
    slow = ordered is not None and ordered.stepped_at <= now - STALLED
    return Progress(len(ids), done, failed, ordered is not None, slow)


async def key_in_use(settings: Settings, *, now: datetime) -> str:
    """The key whose files are given out; empty when there is none that is trusted."""
    try:
        return await keys.current_kid(settings, now=now)
    except keys.KeyUnusable:
        return ""


Files = dict[UUID, bytes]
Troubles = dict[UUID, str]


async def _print(
    press: Press, rows: Sequence[Certificate], settings: Settings
) -> tuple[Files, Troubles]:
    """Together; and each by itself when one of them cannot be printed, so that it is known which.

    Raises ``PressBusy``, ``PressClosed``.
    """
    troubles: Troubles = {}
    documents: dict[UUID, CertificateDocument] = {}
    try:
        issuer = issuer_of(settings)
    except InvalidDocument as wrong:
        return {}, {row.id: wrong.field[:40] for row in rows}
    for row in rows:
        try:
            documents[row.id] = document_of(row, settings, issuer=issuer)
        except InvalidDocument as wrong:
            troubles[row.id] = wrong.field[:40]
    try:
        made = await press.print_certificates(list(documents.values()))
        return dict(zip(documents, made, strict=True)), troubles
    except (PressBusy, PressClosed):
        raise
    except CertificateError:
        files: Files = {}
        for each, document in documents.items():
            try:
                (files[each],) = await press.print_certificates([document])
            except (PressBusy, PressClosed):
                raise
            except CertificateError as refused:
                troubles[each] = type(refused).__name__[:40]
        return files, troubles
