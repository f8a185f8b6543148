"""What the tests of an attempt wait for: a state, or the fault it ends in."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mailbox_operator.decide.failure.fault import Fault


async def until(state: Callable[[], bool]) -> None:
    """Wait for a state, not forever."""
    async with asyncio.timeout(10):
        while not state():  # noqa: ASYNC110 - a server's state, which tells nobody
            await asyncio.sleep(0.01)


async def refusal(attempt: Awaitable[Any]) -> Fault:
    """Make an attempt that must fail; tell the fault."""
    with pytest.raises(Fault) as caught:
        await attempt
    return caught.value
