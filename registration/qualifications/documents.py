"""What stands on a certificate's page, from its row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from certificates.document import CertificateDocument, Design, Issuer, Language
from registration.catalogue.rules import GradeScale
from registration.i18n import speaking
from registration.qualifications.models import Certificate
from registration.qualifications.rules import clip
from registration.qualifications.status import status_entry
from registration.settings import Settings
from registration.teaching.packs import grade_words


def issuer_of(settings: Settings) -> Issuer:
    """The organisation as it stands on its certificates."""
    house = settings.organisation
    return Issuer(
        clip(house.name, 120),
        clip(house.address, 240),
        accent=house.brand,
        logo=house.logo.read_bytes() if house.logo else None,
        signer_name=clip(house.signer, 120) or None,
        signer_title=clip(house.signer_title, 120) or None,
        signature=house.signature.read_bytes() if house.signature else None,
        url=settings.base_url,
    )


def document_of(
    row: Certificate, settings: Settings, *, issuer: Issuer | None = None
) -> CertificateDocument:
    """What stands on the page; texts longer than a page has room for end in an ellipsis.

    ``issuer`` spares reading its pictures again for each of many. Raises ``InvalidDocument``.
    """
    with speaking(row.language):
        grade = grade_words(row.grade, GradeScale(row.grade_scale))
    return CertificateDocument(
        number=row.number,
        person_name=clip(row.person_name, 160),
        training_title=clip(row.training_title, 200),
        days=tuple(date.fromisoformat(day) for day in row.held),
        issued_on=row.issued_on,
        language=Language(row.language),
        issuer=issuer or issuer_of(settings),
        verify_url=f"{settings.base_url}/verify/{row.token}",
        company=clip(row.company_name, 160) or None,
        qualifies_for=row.qualifies_for or None,
        grade=grade or None,
        hours=(Decimal(row.length_minutes) / 60).quantize(Decimal("0.01")) or None,
        valid_until=row.valid_until,
        place=clip(row.venue, 120) or None,
        trainer_organisation=clip(row.trainer_organisation, 160) or None,
        design=Design(row.design),
        status_entry=status_entry(row.status_index, settings),
    )
