from collections.abc import AsyncIterator

import aiohttp
import pytest

from system.consent.site import Served


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with Served().running() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
