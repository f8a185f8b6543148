"""Places are few, and no tenant keeps another from its share."""

import asyncio
import threading

import pytest

from lab.attempts import until
from mailbox_operator.connect.network.servers import Servers, Visit
from mailbox_operator.connect.network.threads import Threads
from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.places import Places

LONG = 30.0


async def test_a_tenant_alone_leaves_room_for_others() -> None:
    places = Places(4, 0.01)
    await places.take("evil")
    await places.take("evil")

    with pytest.raises(Postponed):
        await places.take("evil")
    await places.take("honest")

    assert places.in_use == 3


async def test_a_place_is_taken_at_once_only_by_one_whose_turn_it_is() -> None:
    places, order = Places(1, reserved=False), list[str]()

    assert places.take_now("a")
    assert not places.take_now("a")

    waiting = asyncio.create_task(joined(places, "b", order))
    await asyncio.sleep(0)
    places.resize(2)
    await waiting
    waiting = asyncio.create_task(joined(places, "b", order))
    await asyncio.sleep(0)
    assert (places.take_now("b"), places.in_use) == (False, 2)

    places.give_back("a")
    await waiting
    assert order == ["b", "b"]


async def test_a_free_place_goes_to_the_tenant_that_holds_the_fewest() -> None:
    places, order = Places(3, LONG, reserved=False), list[str]()
    for _ in range(3):
        await places.take("evil")
    tenants = ("evil", "evil", "honest", "third")
    waiting = [asyncio.create_task(joined(places, tenant, order)) for tenant in tenants]
    await asyncio.sleep(0)

    for _ in waiting:
        places.give_back("evil")
        await until(lambda: places.in_use == 3)
    places.give_back("evil")
    await asyncio.gather(*waiting)

    assert order[:2] == ["honest", "third"]


async def joined(places: Places, tenant: str, order: list[str]) -> None:
    await places.take(tenant)
    order.append(tenant)


async def test_what_is_called_for_a_place_waits_in_the_same_line_as_tasks() -> None:
    places, order = Places(1, reserved=False), list[str]()
    places.call("a", lambda: order.append("at once"))
    places.call("b", lambda: order.append("b"))
    task = asyncio.create_task(joined(places, "c", order))
    places.call("d", lambda: order.append("d"))
    await asyncio.sleep(0)

    for tenant in ("a", "b", "d"):
        places.give_back(tenant)
    await task

    assert order == ["at once", "b", "d", "c"]


async def test_one_who_gives_up_does_not_keep_a_place() -> None:
    places = Places(1, LONG, reserved=False)
    await places.take("a")
    given_up = asyncio.create_task(places.take("b"))
    await asyncio.sleep(0)

    given_up.cancel()
    await asyncio.wait([given_up])
    places.give_back("a")

    assert places.in_use == 0


async def test_one_who_gives_up_when_called_passes_the_place_on() -> None:
    places = Places(1, LONG, reserved=False)
    await places.take("a")
    given_up = asyncio.create_task(places.take("b"))
    patient = asyncio.create_task(places.take("c"))
    await asyncio.sleep(0)

    places.give_back("a")
    given_up.cancel()
    await asyncio.wait([given_up, patient])

    assert (given_up.cancelled(), patient.exception(), places.in_use) == (True, None, 1)


async def test_a_wait_that_runs_out_says_nothing_of_the_server() -> None:
    places = Places(1, 0.01, reserved=False)

    async with places.one("a"):
        with pytest.raises(Postponed):
            await places.take("b")

    assert places.in_use == 0


def test_places_are_shared_by_several_event_loops() -> None:
    places, most = Places(3, LONG, reserved=False), list[int]()

    async def work(tenant: str) -> None:
        async with places.one(tenant):
            most.append(places.in_use)
            await asyncio.sleep(0.001)

    async def many(tenant: str) -> None:
        await asyncio.gather(*(work(tenant) for _ in range(50)))

    loops = [threading.Thread(target=asyncio.run, args=(many(tenant),)) for tenant in "abc"]
    for each in loops:
        each.start()
    for each in loops:
        each.join(LONG)

    assert (len(most), max(most) <= 3, places.in_use) == (150, True, 0)


async def test_a_thread_counts_until_it_has_ended() -> None:
    threads, over = Threads("stuck", 4, 0.01), threading.Event()
    for _ in range(2):
        await threads.start("evil", over.wait)

    with pytest.raises(Postponed):
        await threads.start("evil", over.wait)
    assert await threads.run("honest", lambda: 7) == 7

    over.set()
    await until(lambda: threads.places.in_use == 0)


async def test_what_a_thread_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        await Threads("wrong", 1).run("a", lambda: 1 // 0)


async def test_servers_nobody_uses_are_forgotten() -> None:
    servers = Servers(1, 0.01)
    await servers.enter("a", "x")

    with pytest.raises(Postponed):
        await servers.enter("a", "x")
    await servers.enter("b", "x")
    servers.leave("a", "x")
    servers.leave("b", "x")

    assert len(servers) == 0


async def test_a_visit_holds_one_place() -> None:
    servers = Servers(1, 0.01)
    visit = Visit(servers, "x")

    for server in ("a", "a", "b"):
        async with visit.dialling(server):
            visit.reached(server)
    held = len(servers)
    visit.leave()
    visit.leave()

    assert (held, len(servers)) == (1, 0)


async def test_a_thread_is_used_again_and_ends_when_there_is_nothing_to_do() -> None:
    threads = Threads("again", 4, idle_seconds=0.05)

    first = await threads.run("a", threading.get_ident)
    second = await threads.run("a", threading.get_ident)

    assert first == second
    await until(lambda: all(each.name != "again" for each in threading.enumerate()))
    assert await threads.run("a", lambda: 7) == 7


async def test_more_places_are_handed_to_those_that_wait_and_fewer_end_nothing() -> None:
    places = Places(1, LONG, reserved=False)
    await places.take("first")
    waiting = asyncio.create_task(places.take("second"))
    await asyncio.sleep(0)

    places.resize(2)
    await waiting
    places.resize(1)

    assert places.in_use == 2
    places.patience_seconds = 0.01
    places.give_back("first")
    with pytest.raises(Postponed):
        await places.take("third")
