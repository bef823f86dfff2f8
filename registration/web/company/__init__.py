"""Pages for a company's coordinators: their people, and enrolling them."""

from __future__ import annotations

from registration.edge import Endpoint
from registration.web.company import (
    access,
    answers,
    approvals,
    billing,
    book,
    enrolments,
    home,
    instead,
    leaving,
    lists,
    people,
    places,
    seats,
    sessions,
    webhooks,
)

ROUTES: tuple[Endpoint, ...] = (
    *home.ROUTES,
    *people.ROUTES,
    *leaving.ROUTES,
    *sessions.ROUTES,
    *book.ROUTES,
    *seats.ROUTES,
    *places.ROUTES,
    *instead.ROUTES,
    *lists.ROUTES,
    *approvals.ROUTES,
    *billing.ROUTES,
    *enrolments.ROUTES,
    *access.ROUTES,
    *answers.ROUTES,
    *webhooks.ROUTES,
)
