"""Holds a password login back where too many were refused within the hour, and counts how each ends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_bytes
from time import monotonic
from typing import Final, assert_never

from mailbox_operator.connect.ports import Gate, Tenure, Trial, unquestioned
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.refusals.accounts import PasswordLogin, TriedLogin, reached, tried
from mailbox_operator.decide.refusals.ledger import (
    KEY_BYTES,
    Busy,
    Free,
    Held,
    Refusals,
    RefusalScope,
    held_fault,
)
from mailbox_operator.decide.refusals.refused import END_OF, Answer, End

LOGIN_PATIENCE_SECONDS: Final = 10.0
"""For other logins of the same account or namespace to end; then the attempt is made later."""


def ignore_hold(scope: RefusalScope) -> None:
    """Tell nobody that a login was held back."""


@dataclass(slots=True)
class Restraint:
    """Asks what is remembered before each password login, and tells it how the login ended.

    Attributes:
        refusals: What is remembered.
        on_held_back: Hears of every login that was not made, and why.
        news: Set whenever there is one refusal more.
        monotonic: Seconds that no change of the time of day moves.
        patience_seconds: How long a login waits for those that are under way.
        tenure: Asked before each login.
    """

    refusals: Refusals = field(default_factory=lambda: Refusals(token_bytes(KEY_BYTES)))
    on_held_back: Callable[[RefusalScope], None] = ignore_hold
    news: asyncio.Event = field(default_factory=asyncio.Event)
    monotonic: Callable[[], float] = monotonic
    patience_seconds: float = LOGIN_PATIENCE_SECONDS
    tenure: Tenure = unquestioned
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    def gate(self, login: PasswordLogin) -> Gate:
        """Look before anybody is dialled, and return what the login passes at the server.

        The gate looks again, now that the address is known, and counts the login. It raises as this
        does, and `Postponed` where too many of the same account or namespace are under way for too
        long, or another replica may lead by now.

        Raises:
            Fault: There were too many refused logins: `RateLimited`, or what the server said to
                this very password.
        """
        first_key = self.refusals.key
        first = tried(login, first_key)
        self._may_try(first)

        def entered(address: str) -> AbstractAsyncContextManager[Trial]:
            key = self.refusals.key  # of another process, if its record was taken over meanwhile
            known = first if key == first_key else tried(login, key)
            return self._count(reached(known, login, address, key))

        return entered

    @asynccontextmanager
    async def _count(self, login: TriedLogin) -> AsyncIterator[Trial]:
        await self._await_admission(login)
        self.tenure()
        permit, trial = self.refusals.begin(login), Trial()
        fault: Fault | None = None
        try:
            yield trial
        except Fault as found:
            fault = found
            raise
        finally:
            end = end_of(trial, fault)
            answer = None
            if fault is not None and end is not End.OTHER:
                answer = Answer(fault.reason, fault.facts.get("code", ""), fault.finding)
            if self.refusals.end(permit, end, self.monotonic(), answer):
                self.news.set()
            self._ended.set()
            self._ended = asyncio.Event()

    async def _await_admission(self, login: TriedLogin) -> None:
        try:
            async with asyncio.timeout(self.patience_seconds):
                while not self._may_try(login):
                    await self._ended.wait()
        except TimeoutError:
            raise Postponed("other logins of this account are under way") from None

    def _may_try(self, login: TriedLogin) -> bool:
        """Say whether a login may be tried at this moment.

        Raises:
            Fault: It may not be tried for some time.
        """
        now = self.monotonic()
        found = self.refusals.ask(login, now)
        match found:
            case Free():
                return True
            case Busy():
                return False
            case Held():
                self.on_held_back(found.scope)
                raise held_fault(found, now)
            case _:
                assert_never(found)


def end_of(trial: Trial, fault: Fault | None) -> End:
    """Say how a login ended; one that was sent and brought no reply may have been refused."""
    if trial.accepted:
        return End.ACCEPTED
    if not trial.sent:
        return End.OTHER
    return End.UNANSWERED if fault is None else END_OF.get(fault.reason, End.OTHER)
