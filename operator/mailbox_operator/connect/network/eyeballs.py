"""Dials the addresses of a host so that one which does not answer delays nobody: happy eyeballs.

aiohappyeyeballs does not fit: here a place at a server is awaited before its address is dialled, and
a verdict needs the error of each address. A host with one address costs neither a task nor a timer.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Sequence
from itertools import chain, islice, zip_longest
from typing import Any, Final

from mailbox_operator.connect.network.name_service import Address
from mailbox_operator.decide.failure.fault import Postponed

STAGGER_SECONDS: Final = 0.25
"""Connection Attempt Delay (RFC 8305 section 5)."""

Dialled = socket.socket | OSError | Postponed
"""What came of an address: it is connected, or why it is not."""

Dial = Callable[[Address], Coroutine[Any, Any, Dialled]]


def in_turn(addresses: Sequence[Address], most: int) -> Sequence[Address]:
    """Return the first addresses to dial, each once; the families take turns.

    Source:
        RFC 8305 section 4. The system's resolver has sorted them (RFC 6724).
    """
    if len(addresses) == 1:
        return addresses
    families: dict[int, list[Address]] = {}
    for address in dict.fromkeys(addresses):
        families.setdefault(address[0], []).append(address)
    turns = chain.from_iterable(zip_longest(*families.values()))
    return list(islice((each for each in turns if each is not None), most))


async def race(
    addresses: Sequence[Address], dial: Dial, stagger_seconds: float
) -> Sequence[Dialled | None]:
    """Dial one address after the other until one is connected, and give the rest up.

    The next one is dialled as soon as one has failed, or after some time without an answer.

    Args:
        addresses: One or more, in the order they are dialled.
        dial: Dials one.
        stagger_seconds: How long an address has before the next one is dialled as well.

    Returns:
        What came of each address; None where it was given up. One of them is a socket at most.
    """
    if len(addresses) == 1:
        return [await dial(addresses[0])]
    begun = list[asyncio.Task[Dialled]]()
    won: asyncio.Task[Dialled] | None = None
    try:
        while won is None and (pending := _next(begun, addresses, dial)):
            is_last = len(begun) == len(addresses)
            patience = None if is_last else stagger_seconds
            await asyncio.wait(pending, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            won = next(filter(_is_connected, begun), None)
        tried = [each.result() if each is won or _has_failed(each) else None for each in begun]
        return [*tried, *[None] * (len(addresses) - len(tried))]
    finally:
        await _give_up([each for each in begun if each is not won])


def _next(
    begun: list[asyncio.Task[Dialled]], addresses: Sequence[Address], dial: Dial
) -> Sequence[asyncio.Task[Dialled]]:
    """Begin to dial the next address if there is one, and return what is under way."""
    if len(begun) < len(addresses):
        begun.append(asyncio.create_task(dial(addresses[len(begun)])))
    return [each for each in begun if not each.done()]


async def _give_up(begun: Sequence[asyncio.Task[Dialled]]) -> None:
    """End what is under way, and close what was connected a moment too late."""
    for each in begun:
        each.cancel()
    for late in await asyncio.gather(*begun, return_exceptions=True):
        if isinstance(late, socket.socket):
            late.close()


def _is_connected(begun: asyncio.Task[Dialled]) -> bool:
    return begun.done() and isinstance(begun.result(), socket.socket)


def _has_failed(begun: asyncio.Task[Dialled]) -> bool:
    return begun.done() and not isinstance(begun.result(), socket.socket)
