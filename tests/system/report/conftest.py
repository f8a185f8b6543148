"""A collector for those that deliver traces."""

from collections.abc import AsyncIterator

import pytest

from lab.servers.collector import Collector


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    async with Collector.running() as running:
        yield running
