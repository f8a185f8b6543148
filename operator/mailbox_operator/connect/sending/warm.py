"""A session that is logged in and takes one message after the other."""

import asyncio
import contextlib
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Final

from mailbox_operator.connect.smtp.proof import Opened
from mailbox_operator.connect.smtp.sessions import TROUBLE
from mailbox_operator.connect.smtp.signin import SignIn
from mailbox_operator.connect.smtp.transaction import DeliveryTimeouts, Ended, Transaction
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.sending.delivery import NotSent, Outcome, Refused
from mailbox_operator.decide.sending.message import Message

FAREWELL_SECONDS: Final = 1.0


@dataclass(slots=True, eq=False)
class WarmSession:
    """One session, as long as its stack is open.

    Attributes:
        stack: Holds it open.
        access: What it was opened with.
        version: Of the way that it was opened for.
        opened_at, used_at: Seconds by the monotonic clock.
    """

    stack: AsyncExitStack
    opened: Opened
    access: SignIn
    version: tuple[object, ...]
    opened_at: float
    used_at: float

    @property
    def is_open(self) -> bool:
        """Whether it is not known to be over."""
        return self.opened.client.is_connected

    async def send(self, message: Message, timeouts: DeliveryTimeouts) -> Outcome | Ended:
        """Send a message in it; afterwards it is as good as before, or closed."""
        opened = self.opened
        transaction = Transaction(opened.client, opened.exchange, message, timeouts)
        return _explained(await opened.run(transaction.run()), self.access)

    async def close(self) -> None:
        """End it, with a word of farewell where somebody is there to hear it."""
        try:
            if self.is_open:
                await self.opened.run(self._bid_farewell())
        finally:
            await self.stack.aclose()

    async def _bid_farewell(self) -> None:
        with contextlib.suppress(*TROUBLE):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self.opened.client.quit()


def _explained(outcome: Outcome | Ended, access: SignIn) -> Outcome | Ended:
    """Say of a trouble what it means for the Mailbox: at a relay it is the platform's."""
    match outcome:
        case Ended():
            told = _explained(outcome.outcome, access)
            assert isinstance(told, Refused | NotSent)
            return Ended(told)
        case Refused(trouble=Fault() as fault):
            return replace(outcome, trouble=access.explain(fault))
        case NotSent(trouble=Fault() as fault):
            return NotSent(access.explain(fault))
        case _:
            return outcome
