from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from lab.servers.authority import Authority
from system.connect.cases import GOOD
from system.connect.conftest import Serve
from system.connect.sending.senders import Out, way_out

Build = Callable[..., Awaitable[Out]]


@pytest.fixture
async def out(serve: Serve, authority: Authority) -> AsyncIterator[Out]:
    async with way_out(await serve(GOOD), authority) as built:
        yield built


@pytest.fixture
async def build(serve: Serve, authority: Authority) -> AsyncIterator[Build]:
    async with AsyncExitStack() as stack:

        async def made(**options: Any) -> Out:
            server = await serve(GOOD)
            return await stack.enter_async_context(way_out(server, authority, **options))

        yield made
