"""Takes what a message needs of the limits that hold for it, over all gateways.

A ledger is changed by compare-and-swap. So that a burst of mail does not cost a request for each
message, recipients are taken ahead, and are in hand until they are used or given back.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from mailbox_operator.decide.sending.claims import Claim
from mailbox_operator.decide.sending.kept import Kept, UncountedError
from mailbox_operator.decide.sending.ledger import Full, number_of
from mailbox_operator.decide.sending.terms import Terms
from mailbox_operator.gateway.hand import IDLE_SECONDS, Exhausted, Hand, Taking
from mailbox_operator.gateway.ports import Ledgers

SWAPS: Final = 10
"""Tries at a ledger that others change at the same time."""

PATIENCE: Final = timedelta(seconds=10)
"""How long a message waits for its turn, where a gap is kept or a minute is full."""

ROUND_SECONDS: Final = 10.0
REMEMBER_SECONDS: Final = 10.0
"""How long a refusal stands without asking again: another gateway may have given something back."""

LAST_SECONDS: Final = 3.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Quota:
    """What this gateway has in hand of all ledgers.

    Attributes:
        ledgers: Where they are kept.
        now: Tells the time of day: the same to all gateways.
        monotonic: Tells seconds that nobody sets.
    """

    ledgers: Ledgers
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _hands: dict[str, Hand] = field(default_factory=dict, repr=False)

    def exhausted(self, claims: Sequence[Claim]) -> Exhausted | None:
        """Say which limit is known to be reached, without asking anybody."""
        for claim in claims:
            hand = self._hands.get(claim.ledger)
            full = self._known_full(hand, 1, claim.terms) if hand and not hand.left else None
            if full and self._is_far(full):
                return Exhausted(claim, full)
        return None

    async def take(self, claims: Sequence[Claim], count: int) -> Taking | Exhausted:
        """Take recipients of all ledgers, or of none of them.

        It waits some seconds where a gap is kept or a minute is full.

        Raises:
            UncountedError: The count is not known now.
        """
        taking = Taking(count)
        try:
            for claim in claims:
                if (full := await self._one(claim, count)) is not None:
                    self.return_(taking)
                    return Exhausted(claim, full)
                taking.buckets[claim.ledger] = self._hands[claim.ledger].number
        except BaseException:
            self.return_(taking)
            raise
        return taking

    def return_(self, taking: Taking) -> None:
        """Take back what a message did not use, for the next one; after its bucket it is lost."""
        for name, number in taking.buckets.items():
            hand = self._hands.get(name)
            if hand is not None and hand.number == number:
                hand.left += taking.count

    async def run(self) -> None:
        """Give back what nobody uses, until cancelled."""
        while True:
            await self.sleep(ROUND_SECONDS)
            idle = self.monotonic() - IDLE_SECONDS
            for name in [name for name, hand in self._hands.items() if hand.used_at <= idle]:
                await self._give_back(name)

    async def close(self) -> None:
        """Give all of it back, as far as that works within seconds."""
        try:
            async with asyncio.timeout(LAST_SECONDS):
                await asyncio.gather(*map(self._give_back, list(self._hands)))
        except TimeoutError:
            log.info("recipients that were taken ahead are not given back")

    async def _one(self, claim: Claim, count: int) -> Full | None:
        hand = self._hands.get(claim.ledger)
        if hand is None:
            hand = self._hands[claim.ledger] = Hand()
        elif not hand.lock.locked() and self._uses_hand(hand, claim, count):
            hand.give(count, self.monotonic())
            return None
        last = self.now() + PATIENCE
        hand.waiting += count
        try:
            while True:
                async with hand.lock:
                    hand.used_at = self.monotonic()
                    full = await self._within(hand, claim, count)
                if full is None:
                    hand.give(count, self.monotonic())
                    return None
                if full.next_at is None or full.next_at > last:
                    return full
                await self.sleep((full.next_at - self.now()).total_seconds())
        finally:
            hand.waiting -= count

    async def _within(self, hand: Hand, claim: Claim, count: int) -> Full | None:
        """Use what is in hand, or change the ledger."""
        if self._uses_hand(hand, claim, count):
            return None
        if (full := self._known_full(hand, count, claim.terms)) is not None:
            return full
        for _ in range(SWAPS):
            kept = hand.kept or await self.ledgers.read(claim.ledger)
            hand.kept = kept
            number = number_of(now := self.now())
            if hand.left and hand.number != number:
                await self._put_back(hand, claim.ledger, kept)
                continue
            found = kept.ledger.take(max(0, count - hand.left), hand.wanted(), claim.terms, now)
            if isinstance(found, Full):
                hand.refused = (count, claim.terms, found, self.monotonic())
                return found
            after, got = found
            hand.kept = None  # unknown until the change is answered; then what was taken is lost
            hand.kept = await self.ledgers.swap(claim.ledger, kept, after)
            if hand.kept is not None:
                hand.left, hand.number = hand.left + got - count, number
                return None
        raise UncountedError("others change the count all the time")

    def _uses_hand(self, hand: Hand, claim: Claim, count: int) -> bool:
        """Use what is in hand, if it is enough, and say so."""
        is_enough = hand.left >= count and not claim.terms.is_exact
        if not is_enough or hand.number != number_of(self.now()):
            return False
        hand.left -= count
        return True

    async def _put_back(self, hand: Hand, name: str, kept: Kept) -> None:
        """Give back what is in hand; never twice, so it is lost where the change is not answered."""
        left, hand.left, hand.kept = hand.left, 0, None
        hand.kept = await self.ledgers.swap(name, kept, kept.ledger.give_back(left, hand.number))
        if hand.kept is None:
            hand.left = left

    async def _give_back(self, name: str) -> None:
        hand = self._hands[name]
        async with hand.lock:
            try:
                for _ in range(SWAPS):
                    if hand.left:
                        await self._put_back(hand, name, await self.ledgers.read(name))
            except UncountedError as error:
                log.info("recipients not given back", extra={"error": str(error)})
        if not hand.waiting:
            self._hands.pop(name, None)

    def _known_full(self, hand: Hand, count: int, terms: Terms) -> Full | None:
        """Return a refusal that still stands for as many recipients, on the same terms."""
        if hand.refused is None:
            return None
        asked, on, full, at = hand.refused
        is_new = self.monotonic() - at < REMEMBER_SECONDS
        is_ahead = full.next_at is None or full.next_at > self.now()
        return full if is_new and is_ahead and count >= asked and terms == on else None

    def _is_far(self, full: Full) -> bool:
        return full.next_at is None or full.next_at - self.now() > PATIENCE
