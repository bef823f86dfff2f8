"""Staff, an organiser and strangers to an event, each in a browser of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.applications import Starlette

from registration import clock
from registration.accounts.grants import grant
from registration.accounts.rules import Role
from registration.settings import Settings
from tests.builders import log_in, make_account
from tests.conftest import browser


@dataclass(frozen=True, slots=True)
class House:
    """``organiser`` holds the role and organises nothing yet; ``coordinator`` may not come in."""

    settings: Settings
    staff: httpx.AsyncClient
    staff_id: UUID
    organiser: httpx.AsyncClient
    organiser_id: UUID
    trainer: httpx.AsyncClient
    trainer_id: UUID

    async def organise(self, event_id: UUID) -> None:
        await grant(self.organiser_id, Role.ORGANISER, scope_id=event_id, now=clock.now())


@pytest.fixture
async def house(
    app: Starlette, client: httpx.AsyncClient, settings: Settings
) -> AsyncIterator[House]:
    staff = await make_account()
    organiser = await make_account(Role.ORGANISER, "olli@example.fi", "Olli Organiser")
    trainer = await make_account(Role.TRAINER, "tea@example.fi", "Tea Trainer", nda_on=None)
    async with browser(app) as second, browser(app) as third:
        await log_in(client, staff)
        await log_in(second, organiser)
        await log_in(third, trainer)
        yield House(settings, client, staff, second, organiser, third, trainer)


def words(response: httpx.Response, selector: str) -> list[str]:
    """The texts that match, with single spaces."""
    tree = LexborHTMLParser(response.text)
    return [" ".join(node.text().split()) for node in tree.css(selector)]


def value(response: httpx.Response, name: str) -> str:
    """What a field of the form shows: typed, chosen, or empty."""
    tree = LexborHTMLParser(response.text)
    for node in tree.css(f'[name="{name}"]'):
        if node.tag == "textarea":
            return node.text().strip()
        if node.tag == "select":
            chosen = node.css_first("option[selected]")
            return (chosen.attributes.get("value") or "") if chosen else ""
        kind = node.attributes.get("type")
        if kind in {"checkbox", "radio"} and "checked" not in node.attributes:
            continue
        return node.attributes.get("value") or ""
    return ""


def error(response: httpx.Response, name: str) -> list[str]:
    """What stands beside a field that is wrong."""
    tree = LexborHTMLParser(response.text)
    field = tree.css_first(f"#f-{name}")
    assert field is not None, name
    ids = (field.attributes.get("aria-describedby") or "").split()
    found = [tree.css_first(f"#{each}") for each in ids if "-error" in each]
    return [" ".join(node.text().split()) for node in found if node is not None]


def ticked(response: httpx.Response, name: str) -> list[str]:
    tree = LexborHTMLParser(response.text)
    return [
        node.attributes.get("value") or "" for node in tree.css(f'input[name="{name}"][checked]')
    ]
