"""A trainer's pages: invitations, the roll, attendance and grades, final results, packs."""

from __future__ import annotations

from registration.edge import Endpoint
from registration.web.trainer import feedback, final, home, invited, packs, paste, roll, session

ROUTES: tuple[Endpoint, ...] = (
    *home.ROUTES,
    *invited.ROUTES,
    *session.ROUTES,
    *roll.ROUTES,
    *paste.ROUTES,
    *final.ROUTES,
    *packs.ROUTES,
    *feedback.ROUTES,
)
