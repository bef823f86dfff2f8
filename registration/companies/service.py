from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from registration.companies.models import Company, Employment
from registration.companies.rules import CompanyGiven, CompanyKnown, CompanyNotFound
from registration.db import transaction
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.people.rules import Source


async def add_company(given: CompanyGiven, *, actor_id: UUID | None, now: datetime) -> UUID:
    """Raises ``CompanyKnown`` when the business ID is on record."""
    async with transaction():
        await _check_free(given.business_id, besides=None)
        made = uuid4()
        columns = given.model_dump(exclude={"business_id"})
        await Company.create(
            id=made, business_id=given.business_id or None, created_at=now, **columns
        )
        await record(
            Act.CATALOGUE_CHANGED,
            now=now,
            actor_id=actor_id,
            object_id=made,
            note=Note(purpose="company"),
        )
    return made


async def change_company(
    company_id: UUID, given: CompanyGiven, *, actor_id: UUID | None, now: datetime
) -> None:
    """Raises ``CompanyNotFound``, ``CompanyKnown``."""
    async with transaction():
        await _check_free(given.business_id, besides=company_id)
        columns = given.model_dump(exclude={"business_id"})
        if not await Company.filter(id=company_id).update(
            business_id=given.business_id or None, **columns
        ):
            raise CompanyNotFound
        await record(
            Act.CATALOGUE_CHANGED,
            now=now,
            actor_id=actor_id,
            object_id=company_id,
            note=Note(purpose="company"),
        )


async def _check_free(business_id: str, *, besides: UUID | None) -> None:
    holder = await Company.get_or_none(business_id=business_id) if business_id else None
    if holder is not None and holder.id != besides:
        raise CompanyKnown


async def employ(
    company_id: UUID, person_ids: Collection[UUID], *, source: Source, now: datetime
) -> None:
    """Each of these works for the company, as far as the company says (P6). Inside the caller's
    transaction."""
    known = {
        row.person_id: row
        for start in range(0, len(person_ids), 500)
        for row in await Employment.filter(
            company_id=company_id, person_id__in=list(person_ids)[start : start + 500]
        )
    }
    returned = [row.id for row in known.values() if row.until is not None]
    if returned:
        await Employment.filter(id__in=returned).update(until=None, since=now)
    await Employment.bulk_create(
        [
            Employment(
                id=uuid4(),
                company_id=company_id,
                person_id=person_id,
                source=source.value,
                since=now,
            )
            for person_id in dict.fromkeys(person_ids)
            if person_id not in known
        ],
        batch_size=500,
    )
