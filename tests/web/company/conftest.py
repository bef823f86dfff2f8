"""A company, its coordinator's browser, and a session to enrol people on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.applications import Starlette

from registration import clock
from registration.accounts.rules import Role
from registration.catalogue.lines import SessionLine
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from tests.builders import log_in, make_account
from tests.conftest import browser
from tests.web.makers import make_session

DATA = Path(__file__).parents[2] / "data"


async def make_company(name: str = "Pohjolan Rata Oy") -> UUID:
    return await add_company(CompanyGiven(name=name), actor_id=None, now=clock.now())


@dataclass(frozen=True, slots=True)
class Office:
    """``coordinator`` is logged in for ``company``; ``stranger`` for another company."""

    app: Starlette
    company: UUID
    account: UUID
    coordinator: httpx.AsyncClient
    stranger: httpx.AsyncClient
    session: SessionLine

    @property
    def path(self) -> str:
        return f"/company/sessions/{self.session.id}"

    async def send(
        self,
        content: bytes,
        name: str = "people.csv",
        *,
        by: httpx.AsyncClient | None = None,
        language: str = "en",
    ) -> httpx.Response:
        return await (by or self.coordinator).post(
            f"{self.path}/upload?lang={language}",
            files={"file": (name, content, "application/octet-stream")},
        )

    async def upload(self, content: bytes, name: str = "people.csv") -> str:
        """The address of the list's page."""
        sent = await self.send(content, name)
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])


@pytest.fixture
async def office(app: Starlette, client: httpx.AsyncClient) -> AsyncIterator[Office]:
    company, other = await make_company(), await make_company("Toinen Oy")
    account = await make_account(
        Role.COORDINATOR, "kaisa@example.fi", "Kaisa Korhonen", company_id=company, nda_on=None
    )
    others = await make_account(
        Role.COORDINATOR, "olli@example.fi", "Olli Other", company_id=other, nda_on=None
    )
    session = await make_session(capacity=6000)
    async with browser(app) as stranger:
        await log_in(client, account)
        await log_in(stranger, others)
        yield Office(app, company, account, client, stranger, session)


def words(response: httpx.Response, selector: str) -> list[str]:
    """The texts that match, with single spaces."""
    tree = LexborHTMLParser(response.text)
    return [" ".join(node.text().split()) for node in tree.css(selector)]


def figures(response: httpx.Response) -> dict[str, int]:
    """The page's figures by what they count."""
    labels, numbers = words(response, ".stats dt"), words(response, ".stats dd")
    return {label: int(number) for label, number in zip(labels, numbers, strict=True)}
