"""A trainer's pages: the sessions given to them, attendance and grades, packs."""

from __future__ import annotations

from registration.edge import Endpoint
from registration.web.trainer import home, packs, session

ROUTES: tuple[Endpoint, ...] = (*home.ROUTES, *session.ROUTES, *packs.ROUTES)
