"""A company with a place on a session, on an installation that may call this machine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from registration import clock
from registration.catalogue.lines import SessionLine
from registration.ledger.service import seal_entries
from registration.settings import Settings
from registration.webhooks.delivery import send_due
from registration.webhooks.gathering import gather
from registration.webhooks.models import WebhookDelivery
from registration.webhooks.rules import CHOOSABLE, Event, WebhookGiven
from registration.webhooks.service import add_webhook, secret_of
from tests.invoicing.makers import Seat, make_run, seat
from tests.web.company.conftest import make_company
from tests.web.makers import soon

BASE_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Firm:
    settings: Settings
    company: UUID
    session: SessionLine

    async def enrol(self, company: UUID | None = None, last_name: str = "Salainen") -> Seat:
        return await seat(
            self.session,
            company or self.company,
            self.settings,
            last_name=last_name,
            now=clock.now(),
        )

    async def listen(
        self,
        url: str,
        events: Sequence[Event] = CHOOSABLE,
        *,
        company: UUID | None = None,
    ) -> tuple[UUID, str]:
        """The webhook's id and its secret."""
        made = await add_webhook(
            company or self.company,
            WebhookGiven(url=url, events=tuple(events)),
            actor_id=None,
            settings=self.settings,
            now=clock.now(),
        )
        return made, await secret_of(made, settings=self.settings)

    async def tell(self) -> int:
        """What happened until now is gathered and sent."""
        await seal_entries()
        await gather(now=clock.now())
        return await send_due(self.settings)


async def firm_in(settings: Settings) -> Firm:
    local = settings.model_copy(update={"base_url": BASE_URL})
    return Firm(local, await make_company(), await make_run(starts_at=soon()))


@pytest.fixture
async def firm(register: Settings) -> Firm:
    return await firm_in(register)


@pytest.fixture
async def both(store: Settings) -> Firm:
    """On SQLite and on PostgreSQL."""
    return await firm_in(store)


@pytest.fixture
def later() -> Callable[[], Awaitable[None]]:
    """The pause before the next try is over."""

    async def pass_by() -> None:
        waiting = WebhookDelivery.filter(state="waiting")
        await waiting.update(due_at=clock.now() - timedelta(seconds=1))

    return pass_by
