"""Fits what this replica works on to the shards it holds: schedule, tokens, its part of the limits."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from time import monotonic
from typing import Final

from mailbox_operator.assemble.outside import Outside
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.grants import ClusterGrants
from mailbox_operator.cluster.leadership import Leadership
from mailbox_operator.cluster.lease import Lease, identity
from mailbox_operator.cluster.shardleases import ShardLeases
from mailbox_operator.cluster.shards import Shards
from mailbox_operator.connect.oauth.accesses import AccessKeeper
from mailbox_operator.decide.cluster.shards import share_of
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.dispatch import Dispatch
from mailbox_operator.schedule.limits import Bucket, Slots
from mailbox_operator.schedule.runner import Runner
from mailbox_operator.schedule.turns import Timekeeper
from mailbox_operator.settings.file import Settings
from mailbox_operator.settings.operator import LimitsSection

LAST_EXCHANGES_SECONDS: Final = 3.0
"""For what is under way at token endpoints when work ends; they answer within one."""

SHARD_LASTS: Final = 2 / 3
"""Of the leader's Lease: the shards of a replica that was killed are taken over before 15 s."""

LEAST_SHARD_SECONDS: Final = 3
"""A busy machine takes a second for a round of renewals."""


@dataclass(frozen=True, slots=True)
class ShardWork:
    """Begins and ends work on shards."""

    limits: LimitsSection
    shards: Shards
    dispatch: Dispatch
    runner: Runner
    outside: Outside
    grants: ClusterGrants
    accesses: AccessKeeper

    def begin(self, numbers: Collection[int]) -> None:
        """Take up the schedule of shards."""
        self._share_limits()
        self.accesses.reload()
        self.dispatch.plan_shards(numbers)

    async def end(self, numbers: Collection[int]) -> None:
        """End all work on shards; a token on its way is kept before another replica asks for one."""
        await self.dispatch.leave_shards(numbers)
        self._share_limits()
        await self.settle()

    async def settle(self) -> None:
        """Wait for tokens that are on their way, for a moment, and keep them."""
        await self.outside.exchanges.settle(LAST_EXCHANGES_SECONDS)
        await self.grants.flush()

    async def unsettled(self) -> set[str]:
        """Write newer tokens that are not written yet; name the uids whose newest is still not."""
        return {*await self.grants.write_all(), *self.outside.exchanges.under_way}

    def _share_limits(self) -> None:
        """Keep this replica's part of what servers and relays are spared by."""
        held = len(self.shards.held)
        at_a_host = share_of(self.limits.concurrent_per_host, held)
        self.runner.slots.each = at_a_host
        self.outside.servers.resize(at_a_host)
        self.outside.relays.places.resize(share_of(self.limits.concurrent_at_relay, held))


def leadership(
    settings: Settings,
    namespace: str,
    api: ApiServer,
    known: Callable[[str], None],
    lead: Callable[[], Awaitable[None]],
) -> Leadership:
    """Build what decides which replica does what concerns all shards.

    Args:
        settings: The times of leader election.
        namespace: The operator's own.
        api: Where the Lease is.
        known: Hears of each version of the Lease that was read or written.
        lead: Does it.
    """
    terms = settings.leader_election
    return Leadership(Lease(terms, namespace, identity(), api, known=known), terms, lead)


def shards(
    settings: Settings,
    namespace: str,
    api: ApiServer,
    lock: Lease,
    work: Callable[[], ShardWork],
) -> Shards:
    """Build what holds shards.

    Args:
        settings: The times of leader election.
        namespace: The operator's own.
        api: Where the Leases are.
        lock: The leader's Lease.
        work: Returns what begins and ends work.
    """
    terms = settings.leader_election
    seconds = max(LEAST_SHARD_SECONDS, int(terms.lease_duration.total_seconds() * SHARD_LASTS))
    return Shards(
        ShardLeases(api, namespace, terms.lease_name, lock.identity, seconds),
        terms.retry_period.total_seconds(),
        may_work=lambda: lock.is_shared,
        on_taken=lambda numbers: work().begin(numbers),
        end_work=lambda numbers: work().end(numbers),
    )


def runner(
    settings: Settings,
    dispatch: Callable[[], Dispatch],
    shown: Callable[[Key], Awaitable[None]],
    timekeeper: Timekeeper,
) -> Runner:
    """Build the schedule.

    Args:
        settings: How much is done at once.
        dispatch: Returns what makes attempts.
        shown: Waits until what an attempt came to was written.
        timekeeper: Takes note of attempts.
    """
    limits = settings.limits
    return Runner(
        work=lambda key, due: dispatch().attempt(key, due=due),
        destination=lambda key: dispatch().destination(key),
        monotonic=monotonic,
        slots=Slots(limits.concurrent_attempts, limits.concurrent_per_host),
        bucket=Bucket(limits.attempts_per_second, limits.burst),
        is_needed=lambda key: dispatch().is_needed(key),
        shown=shown,
        timekeeper=timekeeper,
    )
