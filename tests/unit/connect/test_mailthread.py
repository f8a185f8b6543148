"""What is run elsewhere behaves as if it ran here."""

import asyncio
import contextvars
import gc
import threading

import pytest

from lab.attempts import until
from mailbox_operator.connect.network.mailthread import MailThread
from mailbox_operator.settings.operator import LimitsSection

LONG = 30.0
STEP = 0.3
ATTEMPTS = LimitsSection().concurrent_attempts
WORD: contextvars.ContextVar[str] = contextvars.ContextVar("WORD")


async def where() -> str:
    return threading.current_thread().name


async def test_a_coroutine_runs_in_another_thread_and_returns_here() -> None:
    assert await MailThread().run(where()) == "mail"


class OtherLoops(asyncio.DefaultEventLoopPolicy):
    """Makes loops that are not asyncio's own, as uvloop's policy does."""

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        raise AssertionError("such a loop reads past the socket")


@pytest.mark.filterwarnings("ignore:.*policy:DeprecationWarning")
def test_the_loop_reads_through_its_sockets_whatever_the_process_runs_on() -> None:
    before = asyncio.get_event_loop_policy()  # type: ignore[deprecated]  # to stay until Python 3.16

    with asyncio.Runner() as runner:
        runner.get_loop()
        asyncio.set_event_loop_policy(OtherLoops())  # type: ignore[deprecated]  # as above
        try:
            assert runner.run(MailThread().run(where())) == "mail"
        finally:
            asyncio.set_event_loop_policy(before)  # type: ignore[deprecated]  # as above


async def test_the_context_of_the_caller_goes_along() -> None:
    async def word() -> str:
        return WORD.get()

    WORD.set("said here")

    assert await MailThread().run(word()) == "said here"


async def test_how_late_the_loop_is_shows_in_what_waits_for_it() -> None:
    thread, begun = MailThread(), threading.Event()

    async def shake_hands() -> None:
        begun.set()
        threading.Event().wait(STEP)  # as a handshake holds the loop

    with thread.kept():
        holding = asyncio.create_task(thread.run(shake_hands()))
        await until(begun.is_set)
        await thread.run(where())
        await holding

        assert thread.take_lateness() > STEP / 2
        assert thread.take_lateness() == 0

    assert thread.take_lateness() == 0


async def test_an_exception_comes_back() -> None:
    async def fail() -> None:
        raise KeyError("there")

    with pytest.raises(KeyError, match="there"):
        await MailThread().run(fail())


async def test_a_cancellation_reaches_the_coroutine_and_waits_for_its_end() -> None:
    said: list[str] = []
    begun = threading.Event()

    async def stubborn() -> None:
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)
            said.append("tidied up")

    running = asyncio.create_task(MailThread().run(stubborn()))
    await until(begun.is_set)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert said == ["tidied up"]


async def test_an_error_at_the_end_of_a_cancelled_coroutine_is_no_complaint_of_the_loop(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun = threading.Event()

    async def clumsy() -> None:
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            raise KeyError("there")

    running = asyncio.create_task(MailThread().run(clumsy()))
    await until(begun.is_set)
    running.cancel()
    await asyncio.wait([running])

    del running
    await until(lambda: "mail" not in {each.name for each in threading.enumerate()})
    gc.collect()

    assert not caplog.records


@pytest.mark.parametrize("steps", range(1, 5))
async def test_a_cancellation_before_the_beginning_leaves_nothing_behind(steps: int) -> None:
    running = asyncio.create_task(MailThread().run(asyncio.sleep(60)))
    for _ in range(steps):
        await asyncio.sleep(0)

    running.cancel()
    await asyncio.wait([running])

    assert running.cancelled()


async def test_names_that_are_slow_leave_threads_for_the_others() -> None:
    """As many attempts as there are at once look up a name of a service whose DNS is silent."""
    elsewhere, answers, asked = MailThread(), threading.Event(), list[int]()

    async def look_up(number: int) -> None:
        def ask() -> None:
            asked.append(number)
            answers.wait(LONG)

        await asyncio.get_running_loop().run_in_executor(None, ask)

    waiting = [asyncio.create_task(elsewhere.run(look_up(each))) for each in range(ATTEMPTS)]
    await until(lambda: len(asked) == ATTEMPTS)

    answers.set()
    await asyncio.gather(*waiting)


async def test_a_time_limit_reaches_across() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await MailThread().run(asyncio.sleep(60))


async def test_one_thread_serves_all_at_once_and_ends_with_the_last() -> None:
    thread = MailThread()
    idents: set[int] = set()

    async def note() -> None:
        idents.add(threading.get_ident())
        await asyncio.sleep(0.01)

    await asyncio.gather(*(thread.run(note()) for _ in range(20)))

    assert len(idents) == 1
    await until(lambda: idents.isdisjoint(each.ident for each in threading.enumerate()))
    assert await thread.run(where()) == "mail"
