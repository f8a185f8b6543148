"""How long an application is waited for, by the gateway's own bounds."""

from collections.abc import Callable
from typing import Any

from mailbox_operator.deadline import Deadline
from mailbox_operator.gateway.bounds import Bounds
from mailbox_operator.gateway.patience import Patience


class Loop:
    """Stands still, and notes what it is to call."""

    def __init__(self) -> None:
        self.due: list[float] = []

    def time(self) -> float:
        return 1_000.0

    def call_at(self, when: float, _: Callable[[], None]) -> None:
        self.due.append(when)


def waited_for(*, is_stranger: bool) -> float:
    """Return the seconds that a command is waited for."""
    loop = Loop()
    clock: Any = loop
    deadline = Deadline(clock, lambda: None)
    Patience(Bounds(), deadline).for_a_command(is_stranger=is_stranger)
    return loop.due[0] - loop.time()


def test_an_application_that_is_logged_in_may_be_idle_for_the_five_minutes_of_the_standard() -> (
    None
):
    assert waited_for(is_stranger=False) == 300


def test_a_stranger_has_a_minute_for_its_login() -> None:
    assert waited_for(is_stranger=True) == 60
