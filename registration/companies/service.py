from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from tortoise.expressions import Q

from registration.companies.models import Company, Employment
from registration.companies.numbers import vat_of
from registration.companies.rules import (
    BillingGiven,
    CompanyGiven,
    CompanyGone,
    CompanyKnown,
    CompanyNotFound,
    NotEmployed,
    NothingToVerify,
    VatKnown,
)
from registration.db import transaction
from registration.ledger.rules import Act, Note
from registration.ledger.service import entry, record, record_many
from registration.people.rules import Source

_APART = {"business_id", "vat_number"}


async def add_company(given: CompanyGiven, *, actor_id: UUID | None, now: datetime) -> UUID:
    """Raises ``CompanyKnown``, ``VatKnown`` when its number is on record."""
    async with transaction():
        await _check_free(given, besides=None)
        made = uuid4()
        await Company.create(
            id=made,
            business_id=given.business_id or None,
            vat_number=given.vat,
            created_at=now,
            **given.model_dump(exclude=_APART),
        )
        await _record(made, "company", actor_id, now)
    return made


async def change_company(
    company_id: UUID, given: CompanyGiven, *, actor_id: UUID | None, now: datetime
) -> None:
    """A company whose number has changed is no longer verified.

    Raises ``CompanyNotFound``, ``CompanyKnown``, ``VatKnown``.
    """
    async with transaction():
        await _check_free(given, besides=company_id)
        row = await Company.filter(id=company_id).select_for_update().first()
        if row is None:
            raise CompanyNotFound
        if (row.business_id or "", row.vat_number) != (given.business_id, given.vat):
            row.verified_at = row.verified_by = None
        row.update_from_dict(given.model_dump(exclude=_APART))
        row.business_id, row.vat_number = given.business_id or None, given.vat
        await row.save()
        await _record(company_id, "company", actor_id, now)


async def verify_company(
    company_id: UUID, *, verified: bool = True, actor_id: UUID, now: datetime
) -> None:
    """Somebody of the staff has looked that the number is the company's own; or takes that back.

    Raises ``CompanyNotFound``, ``NothingToVerify``.
    """
    async with transaction():
        row = await Company.filter(id=company_id).select_for_update().first()
        if row is None:
            raise CompanyNotFound
        if not row.business_id and not row.vat_number:
            raise NothingToVerify
        row.verified_at, row.verified_by = (now, actor_id) if verified else (None, None)
        await row.save(update_fields=["verified_at", "verified_by"])
        await _record(company_id, "company-verified" if verified else "company", actor_id, now)


async def change_billing(
    company_id: UUID, given: BillingGiven, *, actor_id: UUID, now: datetime
) -> None:
    """The company's invoices go there from now on. Raises ``CompanyNotFound``."""
    async with transaction():
        if not await Company.filter(id=company_id).update(**given.model_dump()):
            raise CompanyNotFound
        await _record(company_id, "billing", actor_id, now)


async def end_company(
    company_id: UUID, *, until: datetime, actor_id: UUID, now: datetime
) -> list[UUID]:
    """The company is a customer until then, and with it all its employments end that had no earlier
    end; says whose. Inside the caller's transaction. Raises ``CompanyNotFound``, ``CompanyGone``.
    """
    row = await Company.filter(id=company_id).select_for_update().first()
    if row is None:
        raise CompanyNotFound
    if row.ended_at is not None and row.ended_at <= now:
        raise CompanyGone
    row.ended_at = until
    await row.save(update_fields=["ended_at"])
    open_ = Employment.filter(Q(until=None) | Q(until__gt=until), company_id=company_id)
    people = [UUID(str(each)) for each in await open_.values_list("person_id", flat=True)]
    await open_.update(until=until)
    await record_many(
        [
            entry(
                Act.PERSON_CHANGED,
                now=now,
                actor_id=actor_id,
                subject_id=person_id,
                object_id=company_id,
                note=Note(fields=("employment",)),
            )
            for person_id in people
        ]
    )
    await record(
        Act.RELATIONSHIP_ENDED,
        now=now,
        actor_id=actor_id,
        object_id=company_id,
        note=Note(count=len(people)),
    )
    return people


async def _record(company_id: UUID, purpose: str, actor_id: UUID | None, now: datetime) -> None:
    await record(
        Act.CATALOGUE_CHANGED,
        now=now,
        actor_id=actor_id,
        object_id=company_id,
        note=Note(purpose=purpose),
    )


async def _check_free(given: CompanyGiven, *, besides: UUID | None) -> None:
    others = Company.all() if besides is None else Company.exclude(id=besides)
    own = Q(business_id=given.business_id) | Q(vat_number=vat_of(given.business_id))
    if given.business_id and await others.filter(own).exists():
        raise CompanyKnown
    if not given.vat:
        return
    same = Q(vat_number=given.vat)
    if given.vat.startswith("FI"):
        same |= Q(business_id=f"{given.vat[2:9]}-{given.vat[9:]}")
    if await others.filter(same).exists():
        raise VatKnown


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
    returned = [row.id for row in known.values() if row.until is not None and row.until <= now]
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


async def end_employment(
    company_id: UUID, person_id: UUID, *, until: datetime, actor_id: UUID, now: datetime
) -> None:
    """The person works for the company until then; after it the company sees nothing of what they
    do (P6). Inside the caller's transaction. Raises ``NotEmployed``."""
    row = Employment.filter(company_id=company_id, person_id=person_id)
    if not await row.filter(Q(until=None) | Q(until__gt=now)).update(until=until):
        raise NotEmployed
    await record(
        Act.PERSON_CHANGED,
        now=now,
        actor_id=actor_id,
        subject_id=person_id,
        object_id=company_id,
        note=Note(fields=("employment",)),
    )
