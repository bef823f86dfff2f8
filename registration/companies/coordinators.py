"""Who books for a company: its coordinators, the last of whom stays, and who of them approves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from registration.accounts.grants import GrantNotFound, end_grant
from registration.accounts.overview import Holder, holders
from registration.accounts.rules import Role
from registration.companies.models import Company, CompanyApprover
from registration.companies.rules import ApproverNotCoordinator, CompanyNotFound, LastCoordinator
from registration.db import transaction
from registration.ledger.rules import Act, Note
from registration.ledger.service import record


async def coordinators(company_id: UUID, *, now: datetime) -> list[Holder]:
    """Those who book for the company now, by name."""
    return await holders(Role.COORDINATOR, scope_id=company_id, now=now)


async def end_coordinator(
    company_id: UUID, grant_id: UUID, *, actor_id: UUID, now: datetime
) -> None:
    """This coordinator books for the company no more. One ends one's own access too, but not as
    the last. Raises ``GrantNotFound`` for what is no access to this company, ``LastCoordinator``.
    """
    async with transaction():
        await _lock(company_id)
        known = await coordinators(company_id, now=now)
        ended = next((each for each in known if each.grant_id == grant_id), None)
        if ended is None:
            raise GrantNotFound
        if not {each.account_id for each in known} - {ended.account_id}:
            raise LastCoordinator
        await end_grant(grant_id, actor_id=actor_id, now=now)
        await CompanyApprover.filter(company_id=company_id, account_id=ended.account_id).delete()


async def name_approvers(
    company_id: UUID, account_ids: Collection[UUID], *, actor_id: UUID, now: datetime
) -> None:
    """What the company's coordinators book waits from now on until one of these approves it; with
    none, nothing waits that was not booked before.

    Raises ``CompanyNotFound``, ``ApproverNotCoordinator``.
    """
    async with transaction():
        await _lock(company_id)
        known = {each.account_id for each in await coordinators(company_id, now=now)}
        wanted = set(account_ids)
        if wanted - known:
            raise ApproverNotCoordinator
        rows = await CompanyApprover.filter(company_id=company_id)
        named = {row.account_id for row in rows}
        if named == wanted:
            return
        await CompanyApprover.filter(
            id__in=[row.id for row in rows if row.account_id not in wanted]
        ).delete()
        await CompanyApprover.bulk_create(
            [
                CompanyApprover(
                    id=uuid4(),
                    company_id=company_id,
                    account_id=each,
                    named_by=actor_id,
                    named_at=now,
                )
                for each in wanted - named
            ]
        )
        await record(
            Act.CATALOGUE_CHANGED,
            now=now,
            actor_id=actor_id,
            object_id=company_id,
            note=Note(purpose="approvers", count=len(wanted)),
        )


async def _lock(company_id: UUID) -> None:
    """Two who end each other's access at once take turns. Raises ``CompanyNotFound``."""
    if await Company.filter(id=company_id).select_for_update().first() is None:
        raise CompanyNotFound
