"""A session that is going on now, and its trainer's browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.settings import Settings
from registration.teaching.service import assign
from tests.builders import log_in
from tests.conftest import browser
from tests.teaching.makers import School, make_recipient, make_school


@dataclass(frozen=True, slots=True)
class Desk:
    """``trainer`` is logged in; ``client`` is nobody."""

    app: Starlette
    school: School
    trainer: httpx.AsyncClient
    client: httpx.AsyncClient

    @property
    def path(self) -> str:
        return f"/trainer/sessions/{self.school.id}"


async def give(
    session_id: UUID, account_id: UUID, settings: Settings, *, agreed: bool = True
) -> None:
    """The session is the trainer's, or (not ``agreed``) they are asked."""
    await assign(
        session_id,
        account_id,
        await make_recipient(),
        agreed=agreed,
        actor_id=None,
        settings=settings,
        now=clock.now(),
    )


@pytest.fixture
async def desk(
    app: Starlette, client: httpx.AsyncClient, settings: Settings
) -> AsyncIterator[Desk]:
    """The session's second and last day is going on."""
    start = clock.now() - timedelta(days=1, hours=1)
    school = await make_school(settings, start=start)
    async with browser(app) as trainer:
        await log_in(trainer, school.trainer.account_id)
        yield Desk(app, school, trainer, client)
