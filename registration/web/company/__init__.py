"""Pages for a company's coordinators: their people, and enrolling them."""

from __future__ import annotations

from registration.edge import Endpoint
from registration.web.company import (
    access,
    answers,
    enrolments,
    home,
    lists,
    places,
    sessions,
    webhooks,
)

ROUTES: tuple[Endpoint, ...] = (
    *home.ROUTES,
    *sessions.ROUTES,
    *places.ROUTES,
    *lists.ROUTES,
    *enrolments.ROUTES,
    *access.ROUTES,
    *answers.ROUTES,
    *webhooks.ROUTES,
)
