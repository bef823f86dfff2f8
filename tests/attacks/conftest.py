"""The world of two sides: built once, copied for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from tests.attacks.world import World, build, living


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> World:
    return build(tmp_path_factory.mktemp("world"), migrated)


@pytest.fixture
async def app(world: World, tmp_path: Path) -> AsyncIterator[Starlette]:
    """The application over a copy of the world."""
    async with living(world.settings(tmp_path / "var")) as opened:
        yield opened
