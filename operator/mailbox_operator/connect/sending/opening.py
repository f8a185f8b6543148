"""Opens sessions for mail, and does not repeat what failed a moment ago."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final
from weakref import WeakValueDictionary

from mailbox_operator.connect.ports import Gate, Trial
from mailbox_operator.connect.relays import copied
from mailbox_operator.connect.sending.progress import UNWATCHED, Progress
from mailbox_operator.connect.sending.warm import WarmSession
from mailbox_operator.connect.sending.ways import Way
from mailbox_operator.connect.smtp.proof import Smtp, Target
from mailbox_operator.connect.smtp.signin import SignIn
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.sharing.memory import Memory
from mailbox_operator.decide.words import MessagePhase

LOGIN_FAILED_SECONDS: Final = 60.0
NOT_REACHED_SECONDS: Final = 5.0
"""How long a failure stands for the messages that come after it: a login is not repeated unless its
inputs change, and a server that is down is not dialled for each of them."""

MOST_FAILURES: Final = 10_000


@dataclass(slots=True)
class Opener:
    """Opens sessions as a check does.

    Attributes:
        smtp: What dials and logs in. Its network counts a session as long as it is open.
        monotonic: Seconds that no change of the time of day moves.
        progress: Hears of sessions that are opened, and of logins.
    """

    smtp: Smtp
    monotonic: Callable[[], float]
    progress: Progress = UNWATCHED
    _failures: Memory[tuple[object, ...], Fault] = field(
        default_factory=lambda: Memory(MOST_FAILURES, MOST_FAILURES), repr=False
    )
    _turns: WeakValueDictionary[tuple[str, ...], asyncio.Lock] = field(
        default_factory=WeakValueDictionary, repr=False
    )

    async def open(self, way: Way, sender: str) -> WarmSession:
        """Open a session, unless that failed a moment ago with the same inputs.

        Args:
            way: How.
            sender: For whom; it may tell what a refusal means.

        Raises:
            Fault: Why that is not possible, now or a moment ago.
            Postponed: Others are being served, or the cluster did not answer.
        """
        async with self._turns.setdefault(way.name, asyncio.Lock()):
            return await self._open_in_turn(way, sender)

    async def _open_in_turn(self, way: Way, sender: str) -> WarmSession:
        """Open one after the other, so that what one is refused no other asks for."""
        known = self._failures.recall((way.name, way.version), self.monotonic())
        if known is not None:
            raise copied(known)
        trial = Trial()
        try:
            with self.progress.message_phase(MessagePhase.LOGIN):
                return await self._open(await way.find(), way, sender, trial)
        except Fault as fault:
            self.remember(way, fault, LOGIN_FAILED_SECONDS if trial.sent else NOT_REACHED_SECONDS)
            raise

    def remember(self, way: Way, fault: Fault, seconds: float = NOT_REACHED_SECONDS) -> None:
        """Let a failure stand for the messages that come after it."""
        now = self.monotonic()
        self._failures.keep((way.name, way.version), copied(fault), now + seconds, now)

    async def _open(self, access: SignIn, way: Way, sender: str, trial: Trial) -> WarmSession:
        async with AsyncExitStack() as stack:

            async def enter(target: Target) -> WarmSession:
                opening = self.smtp.open(target, access.credential, sender, gate, here=True)
                opened, now = await stack.enter_async_context(opening), self.monotonic()
                return WarmSession(stack, opened, access, way.version, now, now)

            try:
                gate = self._noting(access.ask(), trial)
                session = await access.reach(enter)
            except Fault as fault:
                raise access.explain(fault) from fault
            return replace(session, stack=stack.pop_all())

    def _noting(self, gate: Gate, trial: Trial) -> Gate:
        """Take note of whether a login was sent, and accepted."""

        @asynccontextmanager
        async def noted(address: str) -> AsyncIterator[Trial]:
            async with gate(address) as inner:
                try:
                    yield inner
                finally:
                    trial.sent = inner.sent
                    if inner.sent:
                        self.progress.logged_in(accepted=inner.accepted)

        return noted
