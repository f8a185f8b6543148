"""Says what a running process does, when it is asked by a signal: no restart loses what is looked for.

SIGUSR1 has each task and each thread logged with the places where it is. SIGUSR2 has DEBUG lines
logged from then on, and the next one ends that. No value of any variable is logged.
"""

import asyncio
import logging
import signal
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any, Final

from mailbox_operator.report.log import place

MOST_TASKS: Final = 500
MOST_PLACES: Final = 10
"""Of one task or thread, the innermost."""

log = logging.getLogger(__name__)


def answer_signals(level: str) -> None:
    """Answer both signals, in the running event loop.

    Args:
        level: The configured level of the log, which holds while nobody asked for more.
    """
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, log_tasks)
    loop.add_signal_handler(signal.SIGUSR2, switch_level, level)


def log_tasks() -> None:
    """Log where each task and each thread is."""
    tasks = sorted(asyncio.all_tasks(), key=lambda task: task.get_name())
    for task in tasks[:MOST_TASKS]:
        log.info("task", extra={"named": task.get_name(), "at": _at(_awaited(task.get_coro()))})
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, frame in sys._current_frames().items():  # noqa: SLF001 - documented, there is no other
        called = [each for each, _ in traceback.walk_stack(frame)]
        told = {"named": names.get(ident, ""), "at": _at(reversed(called))}
        log.info("thread", extra=told)
    log.info("tasks and threads logged", extra={"tasks": len(tasks), "threads": len(names)})


def _awaited(coroutine: Any) -> Iterator[FrameType]:
    """Yield the frames of a coroutine and of those that it awaits, one in the other."""
    while (frame := getattr(coroutine, "cr_frame", None)) is not None:
        yield frame
        coroutine = coroutine.cr_await


def _at(frames: Iterable[FrameType]) -> list[str]:
    """Name the innermost places: file, line and function."""
    found = [place(x.f_code.co_filename, x.f_lineno, x.f_code.co_name) for x in frames]
    return found[-MOST_PLACES:]


def switch_level(level: str) -> None:
    """Log in detail, or as configured again."""
    root = logging.getLogger()
    root.setLevel(level if root.level == logging.DEBUG else logging.DEBUG)
    log.warning("log level changed", extra={"to": logging.getLevelName(root.level)})
