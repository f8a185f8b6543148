"""Logins that wait until they are put down in a record, and what becomes of each."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mailbox_operator.decide.refusals.accounts import TriedLogin
from mailbox_operator.decide.refusals.ledger import Busy, Free, Held, Refusals
from mailbox_operator.decide.refusals.refused import End
from mailbox_operator.decide.refusals.under_way import Permit

Found = Permit | Held | Busy


@dataclass(frozen=True, slots=True)
class Waiting:
    """A login that is not put down yet.

    Attributes:
        found: What becomes of it.
    """

    digest: Callable[[], TriedLogin]
    found: asyncio.Future[Found]

    def settle(self, found: Found) -> bool:
        """Say what becomes of it; return whether anybody still waits for that."""
        if self.found.done():
            return False
        self.found.set_result(found)
        return True


Begun = tuple[Waiting, Permit]


@dataclass(slots=True)
class LoginQueue:
    """Counts those that find room as under way, and lets them go once their rows are written.

    Attributes:
        release: Hears of each login that is counted, but that nobody waits for any more.
    """

    refusals: Refusals
    monotonic: Callable[[], float]
    release: Callable[[Permit], None]
    _waiting: list[Waiting] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, digest: Callable[[], TriedLogin]) -> Waiting:
        """Have a login wait."""
        waiting = Waiting(digest, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        return waiting

    async def outcome(self, waiting: Waiting) -> Found:
        """Wait until it is known what becomes of a login; if that is cancelled, it is not counted."""
        try:
            return await waiting.found
        except asyncio.CancelledError:
            found = None if waiting.found.cancelled() else waiting.found.result()
            if isinstance(found, Permit):
                self.release(found)
            raise

    def admit(self) -> list[Begun]:
        """Count those that find room as under way, and tell the others that there is none."""
        waiting, self._waiting = self._waiting, []
        begun = []
        for each in waiting:
            if each.found.done():
                continue  # given up
            login = each.digest()
            found = self.refusals.ask(login, self.monotonic())
            if isinstance(found, Free):
                begun.append((each, self.refusals.begin(login)))
            else:
                each.settle(found)
        return begun

    def let_go(self, begun: Iterable[Begun]) -> None:
        """Let logins go whose rows are written."""
        for waiting, permit in begun:
            if not waiting.settle(permit):
                self.release(permit)

    def take_back(self, begun: Iterable[Begun]) -> None:
        """Have logins wait again, before the others, whose rows may not be written."""
        for _, permit in begun:
            self.refusals.end(permit, End.OTHER, self.monotonic())
        self._waiting[:0] = [waiting for waiting, _ in begun]

    def send_back(self) -> None:
        """Have all ask again whether they may begin."""
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.settle(Busy())
