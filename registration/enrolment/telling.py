"""News that many hear at once: all on a seating, or the coordinators of a company."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from registration.catalogue.rules import Offering
from registration.companies import queries as companies
from registration.enrolment.company_letters import CompanyNews, company_letters
from registration.enrolment.letters import News, Told, letter
from registration.enrolment.models import Place
from registration.enrolment.placing import is_told
from registration.enrolment.rules import SURE, Awaits, PlaceStatus
from registration.mail.service import queue_many
from registration.settings import Settings

APPROVALS_PATH = "/company/approvals"


async def tell_all(
    news: News,
    offering: Offering,
    *,
    settings: Settings,
    now: datetime,
    besides: Collection[UUID] = (),
) -> None:
    """Everybody who knows of a place on it has a mail."""
    places = await Place.filter(seating_id=offering.seating_id, current=True).select_related(
        "person"
    )
    await queue_many(
        [
            letter(
                news,
                offering,
                Told.of(place.id, place.person),
                settings=settings,
                now=now,
                seated=place.status in SURE,
            )
            for place in places
            if is_told(place) and place.id not in besides
        ]
    )


async def ask_approvers(
    places: Sequence[Place], offering: Offering, *, settings: Settings, now: datetime
) -> None:
    """Those who approve for a company hear once of all its places that are held for them."""
    waiting = [
        place
        for place in places
        if place.awaits == Awaits.APPROVAL and place.status == PlaceStatus.HELD
    ]
    for company_id, held in _by_company(waiting):
        approvers = await companies.approvers(company_id, now=now)
        mails = await company_letters(
            CompanyNews.APPROVAL,
            offering,
            approvers,
            number=len(held),
            until=min(place.until for place in held if place.until),
            path=APPROVALS_PATH,
            settings=settings,
            now=now,
        )
        await queue_many(mails)


def _by_company(places: Sequence[Place]) -> list[tuple[UUID, list[Place]]]:
    owned = sorted(
        ((place.company_id, place) for place in places if place.company_id is not None),
        key=lambda pair: str(pair[0]),
    )
    return [
        (company_id, [place for _id, place in pairs])
        for company_id, pairs in groupby(owned, key=lambda pair: pair[0])
    ]


async def tell_refused(
    places: Sequence[Place],
    offering: Offering,
    *,
    reason: str,
    settings: Settings,
    now: datetime,
    besides: UUID | None = None,
    called_off: bool = False,
) -> None:
    """Of a company's places that were not approved (``reason``), not in time (without one) or
    ``called_off`` with all the rest, who booked them and who approves hear, but for ``besides``.
    The employees never heard of them."""
    for company_id, ended in _by_company(places):
        told = {place.enrolled_by for place in ended if place.enrolled_by is not None}
        told |= await companies.approvers(company_id, now=now)
        mails = await company_letters(
            CompanyNews.REFUSED,
            offering,
            told - {besides},
            number=len(ended),
            reason=reason,
            called_off=called_off,
            path=offering.path,
            settings=settings,
            now=now,
        )
        await queue_many(mails)
