"""Files of certificates that staff take: one, or all of a session in one archive.

Each is on record, for the person to see (P15).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from registration.catalogue import queries as catalogue
from registration.db import transaction
from registration.i18n import DEFAULT_ZONE
from registration.ledger.rules import Act, Basis, Note
from registration.ledger.service import Shown, disclose, record
from registration.qualifications import printed, printing
from registration.qualifications.models import Certificate, Printed
from registration.qualifications.rules import NothingPrinted
from registration.settings import Settings

PURPOSE = "certificate"
FIELDS = ("name", "company", "training", "certificate")
AT_ONCE = 20
_UNFIT = re.compile(r"[^\w .,-]+")


async def look(
    certificate_id: UUID, person_id: UUID, *, actor_id: UUID | None, now: datetime
) -> None:
    """That staff opened a certificate's page."""
    await _on_record([(certificate_id, person_id)], road="page", actor_id=actor_id, now=now)


async def file(
    certificate_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> bytes:
    """The file, for staff; that it was taken is on record. Raises as ``printing.pdf``."""
    content = await printing.pdf(certificate_id, settings=settings, now=now)
    row = await Certificate.get(id=certificate_id)
    await _on_record([(row.id, row.person_id)], road="pack", actor_id=actor_id, now=now)
    return content


async def archive(
    session_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> AsyncIterator[bytes]:
    """All files of the session that are ready, as a ZIP in pieces, so that no process holds them
    all. Whose are in it is on record before the first piece.

    Raises ``SessionNotFound``, ``NothingPrinted``.
    """
    session = await catalogue.session(session_id)
    key_id = await printing.key_in_use(settings, now=now)
    held = await Certificate.filter(place__seating_id=session.seating_id, current=True).values_list(
        "id", "person_id"
    )
    persons = {UUID(str(each)): UUID(str(person)) for each, person in held}
    ids = await printed.ready(list(persons), key_id=key_id, now=now)
    if not ids:
        raise NothingPrinted
    async with transaction():
        about = [(each, persons[each]) for each in ids]
        await _on_record(about, road="pack", actor_id=actor_id, now=now)
        await record(
            Act.DISCLOSED,
            now=now,
            actor_id=actor_id,
            object_id=session_id,
            note=Note(fields=FIELDS, count=len(ids), purpose=PURPOSE),
        )
    return _pieces(ids, now=now)


async def _pieces(ids: Sequence[UUID], *, now: datetime) -> AsyncIterator[bytes]:
    """What was revoked or erased since is left out."""
    sink = _Sink()
    local = now.astimezone(DEFAULT_ZONE)
    moment = (local.year, local.month, local.day, local.hour, local.minute, local.second)
    with ZipFile(sink, "w", ZIP_STORED) as opened:
        for at in range(0, len(ids), AT_ONCE):
            part = ids[at : at + AT_ONCE]
            rows = await Printed.filter(
                certificate_id__in=part, certificate__current=True, content__isnull=False
            ).select_related("certificate")
            for row in sorted(rows, key=lambda each: each.certificate.number):
                name = file_name(row.certificate.number, row.certificate.person_name)
                content = bytes(row.content or b"")
                opened.writestr(ZipInfo(name, moment), content)  # compressed already
                yield sink.taken()
    yield sink.taken()


def file_name(number: str, person_name: str) -> str:
    """``2027-000001 Aino Virtanen.pdf``: letters that any system takes."""
    plain = " ".join(_UNFIT.sub(" ", person_name).split()).strip(" .")[:80]
    return f"{number} {plain}.pdf" if plain else f"{number}.pdf"


class _Sink:
    """Takes what the archive writes, to be sent on; it cannot be wound back."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, piece: bytes, /) -> int:
        self._held += piece
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Whoever reads decides when it ends."""

    def taken(self) -> bytes:
        held = bytes(self._held)
        self._held.clear()
        return held


async def _on_record(
    about: Sequence[tuple[UUID, UUID]], *, road: str, actor_id: UUID | None, now: datetime
) -> None:
    await disclose(
        [
            Shown(
                person_id=person_id,
                fields=FIELDS,
                purpose=PURPOSE,
                basis=Basis.LEGAL_DUTY,
                road=road,
                actor_id=actor_id,
                object_id=certificate_id,
            )
            for certificate_id, person_id in about
        ],
        now=now,
    )
