"""An event loop of its own for what others have a say in, away from the one that renews the Lease.

A handshake is the server's choice of work: TLS 1.3 with the largest group that OpenSSL offers takes
0.14 s of processor in one step. OpenSSL lets other threads run meanwhile, so only this loop stands
still.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass
from threading import Thread
from typing import Any, Final, TypeVar

Result = TypeVar("Result")
LAST_TURNS: Final = 4
"""Turns of the loop in which connections that were cut off tell their owners."""


@dataclass(slots=True)
class MailThread:
    """Runs coroutines on a loop in another thread, which lasts as long as any of them.

    All calls come from one thread; nobody has to close anything.

    Attributes:
        name: What the thread is called.
    """

    name: str = "mail"
    _running: int = 0
    _loop: asyncio.AbstractEventLoop | None = None

    async def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine there, in the context of the caller, and return what it returns.

        A cancellation reaches it, and is over only when the coroutine is.
        """
        loop = self._started()
        try:
            return await _handed_over(work, loop)
        finally:
            self._ended(loop)

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            Thread(target=_serve, args=(self._loop,), name=self.name, daemon=True).start()
        self._running += 1
        return self._loop

    def _ended(self, loop: asyncio.AbstractEventLoop) -> None:
        self._running -= 1
        if self._running == 0:
            self._loop = None
            loop.call_soon_threadsafe(loop.stop)


async def _handed_over(
    work: Coroutine[Any, Any, Result], there: asyncio.AbstractEventLoop
) -> Result:
    here = asyncio.get_running_loop()
    ended: asyncio.Future[asyncio.Task[Result]] = here.create_future()
    tasks: list[asyncio.Task[Result]] = []

    def tell(task: asyncio.Task[Result]) -> None:
        with contextlib.suppress(RuntimeError):  # the waiting task is gone, and its loop with it
            here.call_soon_threadsafe(ended.set_result, task)

    def start() -> None:
        tasks.append(there.create_task(work))
        tasks[0].add_done_callback(tell)

    def cancel() -> None:
        tasks[0].cancel()

    there.call_soon_threadsafe(start)
    try:
        return (await asyncio.shield(ended)).result()
    except asyncio.CancelledError:
        there.call_soon_threadsafe(cancel)
        await asyncio.wait([ended])
        raise


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.run_until_complete(_last_turns())
    loop.close()


async def _last_turns() -> None:
    for _ in range(LAST_TURNS):
        await asyncio.sleep(0)
