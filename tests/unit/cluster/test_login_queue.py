"""What becomes of logins that wait to be put down."""

import asyncio

from mailbox_operator.cluster.login_queue import LoginQueue
from mailbox_operator.decide.refusals.accounts import TriedLogin
from mailbox_operator.decide.refusals.ledger import OF_ONE_TENANT, Busy, Refusals
from mailbox_operator.decide.refusals.under_way import Permit


def guess(number: int = 0) -> TriedLogin:
    return TriedLogin(("jane",), "evil", f"jane/{number}")


async def test_a_login_that_is_given_up_as_soon_as_its_row_is_written_is_released() -> None:
    released = list[Permit]()
    queue = LoginQueue(Refusals(b"key", "here"), lambda: 0, released.append)
    waiting = asyncio.create_task(queue.outcome(queue.add(guess)))
    await asyncio.sleep(0)

    queue.let_go(queue.admit())
    waiting.cancel()
    await asyncio.wait([waiting])

    assert waiting.cancelled()
    assert [each.tried for each in released] == [guess()]


async def test_logins_that_wait_together_get_the_room_that_there_is() -> None:
    queue = LoginQueue(Refusals(b"key", "here"), lambda: 0, lambda _: None)
    waiting = [queue.add(lambda: guess(1)) for _ in range(OF_ONE_TENANT + 1)]

    queue.let_go(queue.admit())

    assert [type(each.found.result()) for each in waiting] == [Permit] * OF_ONE_TENANT + [Busy]


async def test_logins_whose_rows_may_not_be_written_wait_before_the_others() -> None:
    queue = LoginQueue(Refusals(b"key", "here"), lambda: 0, lambda _: None)
    first = queue.add(guess)
    begun = queue.admit()
    second = queue.add(guess)

    queue.take_back(begun)

    assert [waiting for waiting, _ in queue.admit()] == [first, second]
