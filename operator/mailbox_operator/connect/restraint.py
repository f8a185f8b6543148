"""Holds a password login back where too many were refused within the hour, and counts how each ends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_bytes, token_hex
from time import monotonic
from typing import Final

from mailbox_operator.connect.ports import Gate, LoginLedger, Tenure, Trial, unquestioned
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.refusals.accounts import PasswordLogin, TriedLogin, reached, tried
from mailbox_operator.decide.refusals.ledger import (
    KEY_BYTES,
    Busy,
    Held,
    Refusals,
    RefusalScope,
    held_fault,
)
from mailbox_operator.decide.refusals.refused import END_OF, Answer, End
from mailbox_operator.decide.refusals.under_way import Permit

ORIGIN_BYTES: Final = 4
LOGIN_PATIENCE_SECONDS: Final = 10.0
"""For other logins of the same account or namespace to end; then the attempt is made later."""


def patience_within(attempt_seconds: float) -> float:
    """Return how long a login may wait within an attempt: a wait for our own is no server's silence."""
    return min(LOGIN_PATIENCE_SECONDS, attempt_seconds / 2)


def ignore_hold(scope: RefusalScope) -> None:
    """Tell nobody that a login was held back."""


def nothing_refused() -> Refusals:
    """Begin to remember, under a key and a name that no other process has."""
    return Refusals(token_bytes(KEY_BYTES), token_hex(ORIGIN_BYTES))


@dataclass(slots=True)
class ProcessLedger:
    """Counts the logins of this process alone.

    Attributes:
        monotonic: Seconds that no change of the time of day moves.
    """

    monotonic: Callable[[], float] = monotonic
    refusals: Refusals = field(default_factory=nothing_refused)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def begin(self, digest: Callable[[], TriedLogin]) -> Permit | Held:
        """Count a login as under way, once those before it leave room."""
        while isinstance(found := self.refusals.ask(login := digest(), self.monotonic()), Busy):
            await self._ended.wait()
        return found if isinstance(found, Held) else self.refusals.begin(login)

    def end(self, permit: Permit, end: End, answer: Answer | None) -> None:
        """Count a login as over, and let those go on that wait for it."""
        self.refusals.end(permit, end, self.monotonic(), answer)
        self._ended.set()
        self._ended = asyncio.Event()


@dataclass(slots=True)
class Restraint:
    """Asks what is remembered before each password login, and tells it how the login ended.

    Attributes:
        ledger: What counts.
        on_held_back: Hears of every login that was not made, and why.
        patience_seconds: How long a login waits for those that are under way, and for a ledger that
            replicas share to be written.
        tenure: Asked before each login.
    """

    ledger: LoginLedger = field(default_factory=ProcessLedger)
    on_held_back: Callable[[RefusalScope], None] = ignore_hold
    patience_seconds: float = LOGIN_PATIENCE_SECONDS
    tenure: Tenure = unquestioned

    def gate(self, login: PasswordLogin) -> Gate:
        """Look before anybody is dialled, and return what the login passes at the server.

        The gate looks again, now that the address is known, and counts the login. It raises as this
        does, and `Postponed` where too many of the same account or namespace are under way for too
        long, or it could not be counted, or another replica may lead by now.

        Raises:
            Fault: There were too many refused logins: `RateLimited`, or what the server said to
                this very password.
        """
        first_key = self.ledger.refusals.key
        first = tried(login, first_key)
        found = self.ledger.refusals.ask(first, self.ledger.monotonic())
        if isinstance(found, Held):
            raise self._held_back(found)

        def digest(address: str) -> TriedLogin:
            key = self.ledger.refusals.key  # another one, once a record was taken over
            known = first if key == first_key else tried(login, key)
            return reached(known, login, address, key)

        def entered(address: str) -> AbstractAsyncContextManager[Trial]:
            return self._count(lambda: digest(address))

        return entered

    @asynccontextmanager
    async def _count(self, digest: Callable[[], TriedLogin]) -> AsyncIterator[Trial]:
        permit, trial = await self._await_admission(digest), Trial()
        fault: Fault | None = None
        try:
            self.tenure()
            yield trial
        except Fault as found:
            fault = found
            raise
        finally:
            end = end_of(trial, fault)
            answer = None
            if fault is not None and end is not End.OTHER:
                answer = Answer(fault.reason, fault.facts.get("code", ""), fault.finding)
            self.ledger.end(permit, end, answer)

    async def _await_admission(self, digest: Callable[[], TriedLogin]) -> Permit:
        try:
            async with asyncio.timeout(self.patience_seconds):
                found = await self.ledger.begin(digest)
        except TimeoutError:
            raise Postponed("other logins of this account are under way, or not counted") from None
        if isinstance(found, Held):
            raise self._held_back(found)
        return found

    def _held_back(self, held: Held) -> Fault:
        self.on_held_back(held.scope)
        return held_fault(held, self.ledger.monotonic())


def end_of(trial: Trial, fault: Fault | None) -> End:
    """Say how a login ended; one that was sent and brought no reply may have been refused."""
    if trial.accepted:
        return End.ACCEPTED
    if not trial.sent:
        return End.OTHER
    return End.UNANSWERED if fault is None else END_OF.get(fault.reason, End.OTHER)
