"""Programs of every audience in front of the application."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from tortoise.backends.base.executor import EXECUTOR_CACHE

from tests.api.makers import House, made_house


@pytest.fixture
async def house(app: Starlette) -> AsyncIterator[House]:
    EXECUTOR_CACHE.clear()
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://testserver") as opened,
    ):
        yield await made_house(opened)
