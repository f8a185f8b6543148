"""An attempt holds places where it dials, and none that it does not use while it waits for another."""

import asyncio
from contextlib import suppress

import pytest

from lab.attempts import until
from mailbox_operator.connect.network.servers import Servers, Visit
from mailbox_operator.decide.failure.fault import Postponed

LONG = 30.0
SOON = 0.01


async def dial(visit: Visit, server: str, refuses: asyncio.Event) -> None:
    """Dial a server that refuses once it is told."""
    with suppress(ConnectionRefusedError):
        async with visit.dialling(server):
            await refuses.wait()
            raise ConnectionRefusedError


async def refused(visit: Visit, server: str) -> None:
    """Dial a server that refuses at once."""
    told = asyncio.Event()
    told.set()
    await dial(visit, server, told)


async def test_a_failed_dial_keeps_its_place_for_a_second_look() -> None:
    servers = Servers(1, SOON)
    visit = Visit(servers, "x")
    await refused(visit, "a")

    with pytest.raises(Postponed):
        await servers.enter("a", "y")

    await refused(visit, "a")
    visit.leave()
    assert len(servers) == 0


async def test_a_place_at_a_server_that_failed_is_given_back_when_another_is_dialled() -> None:
    servers = Servers(1, SOON)
    visit = Visit(servers, "x")

    await refused(visit, "a")
    await refused(visit, "b")

    await servers.enter("a", "y")
    assert len(servers) == 2


async def test_visits_that_dial_the_same_servers_do_not_wait_for_each_other() -> None:
    servers, refuses, never = Servers(1, LONG), asyncio.Event(), asyncio.Event()
    one, other = Visit(servers, "x"), Visit(servers, "y")
    dials = [
        asyncio.create_task(dial(visit, server, told))
        for visit, server, told in (
            (one, "a", refuses), (other, "b", refuses), (one, "b", never), (other, "a", never),
        )
    ]  # fmt: skip
    await until(lambda: len(servers) == 2)

    refuses.set()

    async with asyncio.timeout(LONG / 2):
        await asyncio.wait(dials[:2])
        await until(lambda: {*one.held, *other.held} == {"a", "b"} and one.held == {"b"})
    for each in dials:
        each.cancel()


async def test_addresses_of_one_server_need_one_place() -> None:
    servers = Servers(1, SOON)
    visit = Visit(servers, "x")

    async with visit.dialling("a"), visit.dialling("a"):
        visit.reached("a")
    visit.leave()

    assert len(servers) == 0


async def test_addresses_of_one_server_wait_for_one_place() -> None:
    servers, told = Servers(1, LONG), asyncio.Event()
    await servers.enter("a", "busy")
    visit = Visit(servers, "x")
    dials = [asyncio.create_task(dial(visit, "a", told)) for _ in range(2)]
    await asyncio.wait(dials, timeout=SOON)

    servers.leave("a", "busy")
    told.set()

    async with asyncio.timeout(LONG / 2):
        await asyncio.gather(*dials)
    visit.leave()
    assert len(servers) == 0


async def test_a_server_that_was_reached_too_late_is_left() -> None:
    visit = Visit(Servers(1, SOON), "x")

    async with visit.dialling("a"), visit.dialling("b"):
        pass
    visit.reached("b")

    assert visit.held == {"b"}


async def test_a_server_takes_as_many_as_it_is_said_to_from_now_on() -> None:
    servers = Servers(1, SOON)
    await servers.enter("a", "x")

    servers.resize(2)
    await servers.enter("a", "y")
    with pytest.raises(Postponed):
        await servers.enter("a", "z")
    await servers.enter("b", "x")
    await servers.enter("b", "x")

    assert len(servers) == 2
