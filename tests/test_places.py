import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from mailbox_operator.places import Places


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


async def waiting(places: Places, tenant: str, done: list[str]) -> asyncio.Task[None]:
    """Have a tenant wait for a place, which it leaves at once."""

    async def visit() -> None:
        async with places.taken(tenant):
            done.append(tenant)

    task = asyncio.create_task(visit())
    await asyncio.sleep(0)
    return task


async def test_a_tenant_waits_for_its_share_and_another_does_not(stack: AsyncExitStack) -> None:
    places, done = Places(2), list[str]()
    await stack.enter_async_context(places.taken("evil"))

    held = await waiting(places, "evil", done)
    await (await waiting(places, "acme", done))
    assert (done, places.waiting) == (["acme"], 1)

    await stack.aclose()
    await held
    assert (done, places.in_use, places.waiting) == (["acme", "evil"], 0, 0)


async def test_tenants_that_wait_take_turns(stack: AsyncExitStack) -> None:
    places, done = Places(1), list[str]()
    await stack.enter_async_context(places.taken("evil"))
    tasks = [await waiting(places, name, done) for name in ("evil", "evil", "acme", "evil")]

    await stack.aclose()
    await asyncio.gather(*tasks)

    assert done == ["acme", "evil", "evil", "evil"]


async def test_one_who_gives_up_waiting_leaves_the_line(stack: AsyncExitStack) -> None:
    places, done = Places(1), list[str]()
    await stack.enter_async_context(places.taken("acme"))
    given_up, next_one = [await waiting(places, "acme", done) for _ in range(2)]

    given_up.cancel()
    await stack.aclose()
    await next_one

    assert (done, places.in_use, places.waiting) == (["acme"], 0, 0)


async def test_a_place_granted_to_one_who_is_cancelled_goes_to_the_next() -> None:
    places, done = Places(1), list[str]()
    async with places.taken("acme"):
        granted, next_one = [await waiting(places, "acme", done) for _ in range(2)]

    granted.cancel()  # the place is its own already, and it has not run since
    await next_one

    assert (done, places.in_use) == (["acme"], 0)
