"""A browser for the tests of the pages."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from lab.browser.chromium import chromium


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened
