"""What the scenarios of consent share: an operator with a consent page, and people at a browser."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from lab.browser.person import Person
from lab.stand.consents import with_page
from lab.stand.installation import Installation
from lab.stand.operator_process import Operator
from lab.stand.world import World


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(installation: Installation, world: World) -> AsyncIterator[Operator]:
    """One operator for the tests of a module that have no special wishes."""
    configuration = installation.write_configuration(with_page(world))
    async with Operator.run(installation, configuration) as running:
        yield await running.wait_leading()


@pytest_asyncio.fixture(loop_scope="module")
async def person(browser: Browser) -> AsyncIterator[Person]:
    async with Person.of(browser) as somebody:
        yield somebody
