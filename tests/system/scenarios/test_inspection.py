"""A running operator says what it does when it is asked, and goes on."""

import signal
from typing import Final

import pytest

from lab.stand.eventually import eventually
from lab.stand.operator_process import Line, Operator

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

PARTS: Final = {"election", "runner", "publisher", "shards"}


async def test_an_operator_that_works_says_where_its_tasks_are(operator: Operator) -> None:
    async def told() -> list[Line]:
        return operator.lines("tasks and threads logged")

    operator.process.signal(signal.SIGUSR1)
    await eventually(told, bool, tell=operator.tail)

    tasks = {line["named"]: line["at"] for line in operator.lines("task")}
    assert tasks.keys() >= PARTS
    assert all(tasks[part] for part in PARTS)
    assert await operator.is_leading()


async def test_an_operator_logs_in_detail_as_long_as_it_is_asked_to(operator: Operator) -> None:
    async def levels() -> list[str]:
        return [line["to"] for line in operator.lines("log level changed")]

    operator.process.signal(signal.SIGUSR2)
    await eventually(levels, lambda seen: seen == ["DEBUG"], tell=operator.tail)
    operator.process.signal(signal.SIGUSR2)
    await eventually(levels, lambda seen: seen == ["DEBUG", "INFO"], tell=operator.tail)
