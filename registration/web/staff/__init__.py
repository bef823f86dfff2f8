"""Pages of staff, and of organisers for the events that they organise; a file per topic."""

from __future__ import annotations

from registration.edge import Endpoint
from registration.web.staff import (
    access,
    access_table,
    accounts,
    certificates,
    companies,
    deletions,
    event_page,
    events,
    grants,
    home,
    invoicing,
    kitchen,
    ledger,
    login_help,
    people,
    places,
    proofs,
    recipients,
    session_page,
    sessions,
    trainings,
    unusual,
    venues,
)

MODULES = (
    access,
    access_table,
    accounts,
    certificates,
    companies,
    deletions,
    event_page,
    events,
    grants,
    home,
    invoicing,
    kitchen,
    ledger,
    login_help,
    people,
    places,
    proofs,
    recipients,
    session_page,
    sessions,
    trainings,
    unusual,
    venues,
)
ROUTES: tuple[Endpoint, ...] = tuple(each for module in MODULES for each in module.ROUTES)
