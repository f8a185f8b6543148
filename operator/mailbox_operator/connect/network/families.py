"""Takes what is known about one address family where the answer about both is slow.

The system's resolver waits for both. About a name whose servers are silent about one family it says
nothing for many seconds, and then that it failed, although the other family has an address.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from itertools import chain
from typing import Final, TypeVar

SECONDS_FOR_BOTH: Final = 1.0
"""So long both families are waited for. To ask about each of them costs two more threads."""

RESOLUTION_DELAY_SECONDS: Final = 0.05
"""So long the other family is waited for once one has an answer (RFC 8305 section 3)."""

FAMILIES: Final = (socket.AF_INET6, socket.AF_INET)

Found = TypeVar("Found")


async def first(
    asked: Future[Sequence[Found]],
    of_family: Callable[[socket.AddressFamily], Awaitable[Sequence[Found]]],
    seconds_for_both: float,
    resolution_delay_seconds: float = RESOLUTION_DELAY_SECONDS,
) -> Sequence[Found]:
    """Return the answer about both families, or where it is slow, what is known of either.

    No address of a family without an answer is dialled, so none has to be permitted.

    Args:
        asked: The question about both; its error counts where neither family is known.
        of_family: Asks about one; returns nothing where nothing is known.
        seconds_for_both: How long the answer about both has.
        resolution_delay_seconds: How long the other family has, once one has an answer.
    """
    both = asyncio.wrap_future(asked)
    families = list[asyncio.Future[Sequence[Found]]]()
    try:
        await asyncio.wait([both], timeout=seconds_for_both)
        if not both.done():
            families += [asyncio.ensure_future(of_family(each)) for each in FAMILIES]
            await _await_enough(both, families, resolution_delay_seconds)
        known = [*chain.from_iterable(_known(families))]
        is_answered = both.done() and both.exception() is None
        return known if known and not is_answered else both.result()
    finally:
        for each in (both, *families):
            each.cancel()


async def _await_enough(
    both: asyncio.Future[Sequence[Found]],
    families: Sequence[asyncio.Future[Sequence[Found]]],
    resolution_delay_seconds: float,
) -> None:
    """Wait for the answer about both families, or about one and a moment longer."""
    everything = (both, *families)
    while not both.done() and not any(_known(families)):
        pending = [each for each in everything if not each.done()]
        await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    pending = [each for each in families if not each.done()]
    if pending and not both.done():
        await asyncio.wait(pending, timeout=resolution_delay_seconds)


def _known(
    families: Sequence[asyncio.Future[Sequence[Found]]],
) -> Sequence[Sequence[Found]]:
    return [each.result() for each in families if each.done()]
