"""What the holders of certificates are told by mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.db import transaction
from registration.i18n import LANGUAGES, _, speaking
from registration.ledger.rules import Act
from registration.ledger.service import entry, record_many
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, own, queue_many
from registration.people.models import Person
from registration.qualifications.models import Certificate
from registration.qualifications.rules import (
    QUIET,
    CertificateNotFound,
    CertificateRevoked,
    NoAddress,
    ToldJustNow,
)
from registration.settings import Settings


@dataclass(frozen=True, slots=True)
class CertificateMail:
    """What the mail says. ``valid_until`` is the last valid day, None for no end; ``replaces`` the
    number of the certificate in whose stead it was issued, or empty."""

    title: str
    number: str
    valid_until: date | None
    me_url: str
    verify_url: str
    privacy_url: str
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class RevokedMail:
    """``reason`` is in the holder's language, or as staff wrote it."""

    title: str
    number: str
    reason: str
    me_url: str
    privacy_url: str


@dataclass(frozen=True, slots=True)
class Told:
    """How many were written to; ``just_now`` were within the last hour, ``unreachable`` have no
    address on record."""

    sent: int
    just_now: int
    unreachable: int


async def tell(
    made: Sequence[Certificate], *, actor_id: UUID | None, settings: Settings, now: datetime
) -> None:
    """Each holder has a mail that leads to the new certificate, and the ledger an entry."""
    await _write(made, settings=settings, now=now)
    await record_many(
        [
            entry(
                Act.CERTIFICATE_REISSUED if row.replaces_id else Act.CERTIFICATE_ISSUED,
                now=now,
                actor_id=actor_id,
                subject_id=row.person_id,
                object_id=row.id,
            )
            for row in made
        ]
    )


async def tell_revoked(row: Certificate, *, settings: Settings, now: datetime) -> None:
    """The holder is told that it does not hold any more, and why."""
    person = await Person.get_or_none(id=row.person_id)
    if person is None or not person.email:
        return
    with speaking(person.language or LANGUAGES[0]):
        reason = _(row.revoked_because) if row.revoked_because else "–"
    page = RevokedMail(
        title=row.training_title,
        number=row.number,
        reason=reason,
        me_url=f"{settings.base_url}/me",
        privacy_url=f"{settings.base_url}/privacy",
    )
    addressee = Addressee(person.email, row.person_name, person.language, person.id)
    mail = compose(
        "certificate-revoked",
        addressee,
        page,
        settings=settings,
        purpose=MailPurpose.PLACE,
        now=now,
    )
    await queue_many([mail])


async def resend(
    certificate_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> None:
    """The holder has the mail of the certificate once more. Raises ``CertificateNotFound``,
    ``CertificateRevoked``, ``ToldJustNow``, ``NoAddress``."""
    async with transaction():
        row = await Certificate.filter(id=certificate_id).select_for_update().first()
        if row is None:
            raise CertificateNotFound
        if row.revoked_at is not None:
            raise CertificateRevoked
        told = await _resend([row], actor_id=actor_id, settings=settings, now=now)
        if told.just_now:
            raise ToldJustNow
        if told.unreachable:
            raise NoAddress


async def resend_session(
    session_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> Told:
    """All holders of the session have the mail once more, but for those who just had it. Raises
    ``SessionNotFound``."""
    session = await catalogue.session(session_id)
    async with transaction():
        found = Certificate.filter(place__seating_id=session.seating_id, current=True)
        ids = await found.values_list("id", flat=True)
        rows = await Certificate.filter(id__in=list(ids), current=True).select_for_update()
        return await _resend(rows, actor_id=actor_id, settings=settings, now=now)


async def _resend(
    rows: Sequence[Certificate], *, actor_id: UUID | None, settings: Settings, now: datetime
) -> Told:
    due = [row for row in rows if row.told_at is None or row.told_at <= now - QUIET]
    reached = await _write(due, settings=settings, now=now)
    await Certificate.filter(id__in=[row.id for row in reached]).update(told_at=now)
    await record_many(
        [
            entry(
                Act.CERTIFICATE_TOLD,
                now=now,
                actor_id=actor_id,
                subject_id=row.person_id,
                object_id=row.id,
            )
            for row in reached
        ]
    )
    return Told(len(reached), len(rows) - len(due), len(due) - len(reached))


async def _write(
    rows: Sequence[Certificate], *, settings: Settings, now: datetime
) -> list[Certificate]:
    """Those of these whose holder has an address, and now a mail."""
    persons = {
        person.id: person for person in await Person.filter(id__in=[row.person_id for row in rows])
    }
    before = [row.replaces_id for row in rows if row.replaces_id]
    numbers = dict(await Certificate.filter(id__in=before).values_list("id", "number"))
    replaced = {UUID(str(each)): str(number) for each, number in numbers.items()}
    reached = [row for row in rows if row.person_id in persons and persons[row.person_id].email]
    await queue_many(
        [
            _mail(
                row,
                persons[row.person_id],
                replaced.get(row.replaces_id, "") if row.replaces_id else "",
                settings=settings,
                now=now,
            )
            for row in reached
        ]
    )
    return reached


def _mail(
    row: Certificate, person: Person, replaces: str, *, settings: Settings, now: datetime
) -> Mail:
    """Rendered once for all who took the same training, and filled in for each."""
    page = CertificateMail(
        title=row.training_title,
        number=own("number"),
        valid_until=row.valid_until,
        me_url=f"{settings.base_url}/me",
        verify_url=own("verify_url"),
        privacy_url=f"{settings.base_url}/privacy",
        replaces=own("replaces") if replaces else "",
    )
    return compose(
        "certificate-replaced" if replaces else "certificate-issued",
        Addressee(person.email, row.person_name, person.language, person.id),
        page,
        settings=settings,
        purpose=MailPurpose.PLACE,
        now=now,
        filled={
            "number": row.number,
            "verify_url": f"{settings.base_url}/verify/{row.token}",
            "replaces": replaces,
        },
    )
