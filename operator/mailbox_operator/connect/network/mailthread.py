"""An event loop of its own for what others have a say in, away from the one that renews the Lease.

A handshake is the server's choice of work: TLS 1.3 with the largest group that OpenSSL offers takes
0.14 s of processor in one step. OpenSSL lets other threads run meanwhile, so only this loop stands
still.
"""

import asyncio
import contextlib
import contextvars
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic
from typing import Any, Final, TypeVar

Result = TypeVar("Result")
MOST_LOOK_UPS: Final = 128
"""Threads for the names of sign-in services: more than attempts are made at once unless told otherwise.
A loop's own would be few, and one name that is slow would have them all."""
LAST_TURNS: Final = 4
"""Turns of the loop in which connections that were cut off tell their owners."""


@dataclass(slots=True)
class Inbox:
    """What other threads want a loop to call. It is woken once for all that comes in meanwhile.

    A wake-up costs two system calls and a switch of threads, far more than the call itself.

    Attributes:
        loop: Who calls, in the order of posting.
        late_seconds: How long what was posted waited at the most.
    """

    loop: asyncio.AbstractEventLoop
    late_seconds: float = 0.0
    _calls: deque[Callable[[], object]] = field(default_factory=deque)
    _woken: bool = False
    _woken_at: float = 0.0

    def post(self, call: Callable[[], object]) -> None:
        """Have a function called on the loop.

        Raises:
            RuntimeError: The loop is closed.
        """
        self._calls.append(call)
        if not self._woken:
            self._woken, self._woken_at = True, monotonic()
            self.loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self.late_seconds = max(self.late_seconds, monotonic() - self._woken_at)
        self._woken = False  # now: what is posted from here on may miss this round
        while self._calls:
            self.loop.call_soon(self._calls.popleft())


@dataclass(slots=True)
class MailThread:
    """Runs coroutines on a loop in another thread, which lasts as long as one of them or of `kept`.

    All calls come from one thread; nobody has to close anything. The loop is asyncio's own, whatever
    the process runs on: uvloop reads past the socket that counts what a server sends.

    Attributes:
        name: What the thread is called.
    """

    name: str = "mail"
    _running: int = 0
    _inboxes: tuple[Inbox, Inbox] | None = None

    async def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine there, in the context of the caller, and return what it returns.

        A cancellation reaches it, and is over only when the coroutine is.
        """
        here, there = self._started()
        try:
            return await _hand_over(work, here, there)
        finally:
            self._ended(there)

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the loop while a block lasts, for what one coroutine leaves there to the next."""
        _, there = self._started()
        try:
            yield
        finally:
            self._ended(there)

    def take_lateness(self) -> float:
        """Return how many seconds the loop there was late at the most since this was last asked."""
        if self._inboxes is None:
            return 0.0
        there = self._inboxes[1]
        late, there.late_seconds = there.late_seconds, 0.0
        return late

    def _started(self) -> tuple[Inbox, Inbox]:
        if self._inboxes is None:
            here, there = asyncio.get_running_loop(), asyncio.SelectorEventLoop()
            there.set_default_executor(ThreadPoolExecutor(MOST_LOOK_UPS, "sign-in-names"))
            self._inboxes = Inbox(here), Inbox(there)
            Thread(target=_serve, args=(there,), name=self.name, daemon=True).start()
        self._running += 1
        return self._inboxes

    def _ended(self, there: Inbox) -> None:
        self._running -= 1
        if self._running == 0:
            self._inboxes = None
            there.post(there.loop.stop)


async def _hand_over(work: Coroutine[Any, Any, Result], here: Inbox, there: Inbox) -> Result:
    ended: asyncio.Future[asyncio.Task[Result]] = here.loop.create_future()
    tasks: list[asyncio.Task[Result]] = []
    context = contextvars.copy_context()

    def tell(task: asyncio.Task[Result]) -> None:
        with contextlib.suppress(RuntimeError):  # the waiting task is gone, and its loop with it
            here.post(lambda: ended.set_result(task))

    def start() -> None:
        tasks.append(there.loop.create_task(work, context=context))
        tasks[0].add_done_callback(tell)

    def cancel() -> None:
        tasks[0].cancel()

    there.post(start)
    try:
        return (await asyncio.shield(ended)).result()
    except asyncio.CancelledError:
        there.post(cancel)
        await asyncio.wait([ended])
        with contextlib.suppress(asyncio.CancelledError):
            ended.result().exception()  # taken note of, or the loop complains that nobody did
        raise


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.run_until_complete(_give_last_turns())
    loop.close()


async def _give_last_turns() -> None:
    for _ in range(LAST_TURNS):
        await asyncio.sleep(0)
