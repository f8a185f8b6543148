"""A provider's connector is built when the first of its mailboxes is there."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from mailbox_operator.assemble.later import Later


@dataclass(slots=True)
class Recorder:
    """Stands for a connector, and for what builds it."""

    asked: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    built: list[threading.Thread] = field(default_factory=list)

    def build(self) -> Any:
        self.built.append(threading.current_thread())
        return self

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def ask(*arguments: Any) -> str:
            self.asked.append((name, arguments))
            return f"answer to {name}"

        return ask


def test_a_connector_is_not_built_before_it_is_asked() -> None:
    recorder = Recorder()

    Later(recorder.build)

    assert recorder.built == []


async def test_a_connector_that_many_ask_for_at_once_is_built_once() -> None:
    recorder = Recorder()
    later = Later(recorder.build)

    found = await asyncio.gather(*(later.made() for _ in range(10)))

    assert len({id(each) for each in found}) == len(recorder.built) == 1


async def test_a_connector_is_built_beside_the_event_loop() -> None:
    recorder = Recorder()

    await Later(recorder.build).made()

    assert recorder.built != [threading.current_thread()]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("connect", ("case",)),
        ("departure", ("case", "request")),
        ("redeem", ("case", "code", "request")),
        ("prove", ("case", "redeemed")),
        ("access", ("case", 1.0)),
    ],
)
async def test_what_is_asked_reaches_the_connector(method: str, arguments: tuple[Any, ...]) -> None:
    recorder = Recorder()

    answer = await getattr(Later(recorder.build), method)(*arguments)

    assert recorder.asked == [(method, arguments)]
    assert answer == f"answer to {method}"


@pytest.mark.parametrize(
    ("method", "arguments"), [("revoke", ("token",)), ("try_app", ("client", "app"))]
)
async def test_what_has_no_answer_reaches_the_connector(
    method: str, arguments: tuple[Any, ...]
) -> None:
    recorder = Recorder()

    await getattr(Later(recorder.build), method)(*arguments)

    assert recorder.asked == [(method, arguments)]
