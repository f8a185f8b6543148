"""Waits for a state with a deadline; nothing in these tests sleeps and hopes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

LOOK_EVERY_SECONDS: Final = 0.05

Seen = TypeVar("Seen")


async def eventually(
    look: Callable[[], Awaitable[Seen]],
    accept: Callable[[Seen], object] = bool,
    within: float = 15,
    tell: Callable[[], str] = str,
) -> Seen:
    """Look until what is seen is accepted, and return it.

    Args:
        look: Fetches the present state.
        accept: Says whether that is the one waited for.
        within: Seconds until the test fails.
        tell: What else to say then, such as the end of a log.

    Raises:
        AssertionError: It did not come to that; the message has the last state seen.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while not accept(seen := await look()):
        if loop.time() > deadline:
            raise AssertionError(f"not within {within} s; last seen: {seen}\n{tell()}")
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    return seen
