"""Pages of staff, and of organisers for the events that they organise; a file per topic."""

from __future__ import annotations

from registration.edge import Endpoint
from registration.web.staff import (
    accounts,
    certificates,
    companies,
    deletions,
    event_page,
    events,
    home,
    kitchen,
    ledger,
    people,
    places,
    proofs,
    recipients,
    session_page,
    sessions,
    trainings,
    venues,
)

MODULES = (
    accounts,
    certificates,
    companies,
    deletions,
    event_page,
    events,
    home,
    kitchen,
    ledger,
    people,
    places,
    proofs,
    recipients,
    session_page,
    sessions,
    trainings,
    venues,
)
ROUTES: tuple[Endpoint, ...] = tuple(each for module in MODULES for each in module.ROUTES)
