"""Replicas that count logins over one record, and tenants that guess at all of them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex
from typing import Final

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.refusal_record import RefusalRecord
from mailbox_operator.cluster.shared_refusals import SharedRefusals
from mailbox_operator.decide.refusals.accounts import TriedLogin
from mailbox_operator.decide.refusals.ledger import KEY_BYTES, Held, Refusals
from mailbox_operator.decide.refusals.refused import End
from mailbox_operator.decide.refusals.under_way import Permit
from unit.fakes import FakeClock

GUESSES: Final = 100
TODAY: Final = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass(slots=True)
class Replica:
    """One process that counts logins over a shared record."""

    api: ApiServer
    namespace: str = "home"
    clock: FakeClock = field(default_factory=lambda: FakeClock(100))
    ledger: SharedRefusals = field(init=False)
    under_way: list[Permit] = field(default_factory=list)

    def __post_init__(self) -> None:
        origin = token_hex(4)
        remembered = Refusals(origin.encode().ljust(KEY_BYTES), origin)
        record = RefusalRecord(self.api, self.namespace, remembered, lambda: TODAY, self.clock)
        self.ledger = SharedRefusals(record)

    async def begin(self, login: TriedLogin) -> bool:
        """Begin a login; say whether it may be sent."""
        found = await self.ledger.begin(lambda: login)
        if isinstance(found, Held):
            return False
        self.under_way.append(found)
        return True

    def end(self, end: End, times: int = 1) -> None:
        """End the login that began first."""
        for _ in range(times):
            self.ledger.end(self.under_way.pop(0), end, None)

    async def attempt(self, login: TriedLogin) -> str:
        """Make a login that the server refuses; return whose it was, or nothing if it was not made."""
        found = await self.ledger.begin(lambda: login)
        if isinstance(found, Held):
            return ""
        await asyncio.sleep(0)
        self.ledger.end(found, End.REFUSED, None)
        return login.namespace


@asynccontextmanager
async def working(*replicas: Replica) -> AsyncIterator[None]:
    """Have replicas work while a block lasts; then each is killed."""
    for each in replicas:
        await each.ledger.load()
    running = [asyncio.create_task(each.ledger.run()) for each in replicas]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.wait(running)


def guess(number: int = 0, namespace: str = "evil", account: str = "jane") -> TriedLogin:
    """Describe a try at an account with the password of that number."""
    return TriedLogin((account,), namespace, f"{account}/{number}")


async def guess_everywhere(replicas: Sequence[Replica], *tenants: str) -> Counter[str]:
    """Guess at once on all replicas; return whose guesses were refused."""
    attempts = [
        replicas[number % len(replicas)].attempt(guess(number, tenants[number % len(tenants)]))
        for number in range(GUESSES)
    ]
    return Counter(filter(None, await asyncio.gather(*attempts)))
