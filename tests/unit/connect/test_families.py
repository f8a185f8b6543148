"""One address family is enough where the other is silent, and both count where both are known."""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import Future

from mailbox_operator.connect.network.families import first

NEVER = 3600.0
SOON = 0.01
DEADLINE_SECONDS = 20


async def of_family(family: socket.AddressFamily) -> Sequence[str]:
    """Answer about IPv6 at once, and about IPv4 some turns of the loop later."""
    if family is socket.AF_INET:
        for _ in range(20):
            await asyncio.sleep(0)
    return [family.name]


async def test_the_other_family_is_waited_for_a_moment() -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        found = await first(Future[Sequence[str]](), of_family, SOON, NEVER)

    assert found == ["AF_INET6", "AF_INET"]


async def test_the_other_family_is_not_waited_for_longer() -> None:
    async def silent(family: socket.AddressFamily) -> Sequence[str]:
        if family is socket.AF_INET:
            await asyncio.Event().wait()
        return [family.name]

    async with asyncio.timeout(DEADLINE_SECONDS):
        found = await first(Future[Sequence[str]](), silent, SOON, SOON)

    assert found == ["AF_INET6"]


async def test_the_answer_about_both_counts_once_it_is_there() -> None:
    asked = Future[Sequence[str]]()

    async def late(_: socket.AddressFamily) -> Sequence[str]:
        if not asked.done():
            asked.set_result(["both"])
        await asyncio.Event().wait()
        return ()

    async with asyncio.timeout(DEADLINE_SECONDS):
        assert await first(asked, late, SOON, NEVER) == ["both"]


async def test_no_family_is_asked_about_where_the_answer_about_both_is_quick() -> None:
    asked, families = Future[Sequence[str]](), list[str]()
    asked.set_result(["both"])

    async def noted(family: socket.AddressFamily) -> Sequence[str]:
        families.append(family.name)
        return ()

    assert await first(asked, noted, NEVER) == ["both"]
    assert families == []
