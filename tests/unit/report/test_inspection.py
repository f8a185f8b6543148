"""A signal has a process say what it does, and another one in more detail from then on."""

import asyncio
import logging
import os
import signal
from collections.abc import Iterator

import pytest

from mailbox_operator.report.inspection import MOST_PLACES, answer_signals


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """Leave the signals and the level of the log as they were."""
    before, level = signal.getsignal(signal.SIGUSR1), logging.getLogger().level
    yield
    for each in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(each, before)
    logging.getLogger().setLevel(level)


async def sent(which: signal.Signals) -> None:
    """Send a signal to this process, and let the event loop answer it."""
    os.kill(os.getpid(), which)
    for _ in range(10):
        await asyncio.sleep(0)


async def deep(left: int, secret: str, reached: asyncio.Event) -> None:
    if left:
        await deep(left - 1, secret, reached)
    reached.set()
    await asyncio.Event().wait()


async def test_each_task_says_where_it_waits_and_no_value(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    answer_signals("INFO")
    reached = asyncio.Event()
    waiting = asyncio.create_task(deep(20, "canary-password", reached), name="the one that waits")
    await reached.wait()

    await sent(signal.SIGUSR1)

    waiting.cancel()
    told = {
        vars(each).get("named"): vars(each)["at"] for each in caplog.records if "at" in vars(each)
    }
    assert len(told["the one that waits"]) == MOST_PLACES
    assert told["the one that waits"][-1].endswith(" wait")
    assert any("log_tasks" in place for place in told["MainThread"])
    assert "canary" not in "".join(str(vars(each)) for each in caplog.records)
    assert caplog.records[-1].getMessage() == "tasks and threads logged"


async def test_details_are_logged_until_the_next_signal() -> None:
    answer_signals("WARNING")

    await sent(signal.SIGUSR2)
    detailed = logging.getLogger().level
    await sent(signal.SIGUSR2)

    assert (detailed, logging.getLogger().level) == (logging.DEBUG, logging.WARNING)
