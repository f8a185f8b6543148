"""One at a time, and each tenant in its turn."""

import asyncio

from mailbox_operator.connect.sending.turn import Turn


async def use(turn: Turn, tenant: str, name: str, used: list[str]) -> None:
    """Take a turn, and note it."""
    await turn.acquire(tenant)
    used.append(name)
    await asyncio.sleep(0)
    turn.release()


async def test_one_message_of_a_tenant_does_not_wait_for_all_of_another() -> None:
    turn, used = Turn(), list[str]()

    async with asyncio.TaskGroup() as group:
        for number in range(100):
            group.create_task(use(turn, "acme", f"acme-{number}", used))
        group.create_task(use(turn, "umbrella", "umbrella", used))

    assert used.index("umbrella") < 3
    assert len(used) == 101


async def test_those_of_one_tenant_have_their_turns_in_order() -> None:
    turn, used = Turn(), list[str]()

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(use(turn, "acme", str(number), used))

    assert used == [str(number) for number in range(20)]
    assert not turn.locked()


async def test_who_gives_up_waiting_has_no_turn() -> None:
    turn, used = Turn(), list[str]()
    await turn.acquire("acme")
    given_up = asyncio.create_task(use(turn, "acme", "given up", used))
    waiting = asyncio.create_task(use(turn, "acme", "waiting", used))
    await asyncio.sleep(0)

    given_up.cancel()
    turn.release()
    await waiting

    assert used == ["waiting"]
    assert not turn.locked()


async def test_a_turn_that_comes_with_the_end_of_patience_is_handed_on() -> None:
    turn, used = Turn(), list[str]()
    await turn.acquire("acme")
    given_up = asyncio.create_task(use(turn, "acme", "given up", used))
    waiting = asyncio.create_task(use(turn, "acme", "waiting", used))
    await asyncio.sleep(0)

    turn.release()
    given_up.cancel()
    await waiting

    assert used == ["waiting"]
    assert not turn.locked()


async def test_a_block_holds_it_and_gives_it_back() -> None:
    turn = Turn()

    async with turn:
        held = turn.locked()

    assert held
    assert not turn.locked()
