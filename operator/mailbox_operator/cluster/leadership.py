"""Works while it leads, and ends this process once another replica may lead."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from kubernetes.aio.leaderelection.electionconfig import Config
from kubernetes.aio.leaderelection.leaderelection import LeaderElection

from mailbox_operator.clock import now
from mailbox_operator.cluster.lease import Lease
from mailbox_operator.settings.operator import LeaderElectionSection


class LostLeadershipError(Exception):
    """Another replica may lead by now; this one must stop."""


@dataclass(slots=True)
class Leadership:
    """Works while it leads.

    Attributes:
        work: What only the leader does; it runs until it is cancelled.
        since: Since when this replica leads; None while it does not.
    """

    lock: Lease
    terms: LeaderElectionSection
    work: Callable[[], Awaitable[None]]
    since: datetime | None = None
    _working: asyncio.Task[None] | None = None

    @property
    def is_leading(self) -> bool:
        """Whether this replica leads."""
        return self.since is not None

    @property
    def is_certain(self) -> bool:
        """Whether no other replica can lead by now; asked right before each write, it costs nothing."""
        return self.is_leading and self.lock.age < self.terms.lease_duration.total_seconds()

    async def run(self) -> None:
        """Wait for the Lease, work, and keep it; returns only by an exception.

        Raises:
            LostLeadershipError: The Lease could not be renewed in time.
            RewoundError: The Lease is older than it was before.
        """
        election = LeaderElection(
            Config(
                self.lock,
                # Printed and parsed as whole seconds: the others wait no shorter than this one works.
                lease_duration=ceil(self.terms.lease_duration.total_seconds()),
                renew_deadline=self.terms.renew_deadline.total_seconds(),
                retry_period=self.terms.retry_period.total_seconds(),
                onstarted_leading=self._lead,
                onstopped_leading=None,
            )
        )
        try:
            await election.run()
        finally:
            await self._stop_working()
            await self.lock.release()
        raise LostLeadershipError("the Lease could not be renewed in time")

    async def guard(self) -> None:
        """Watch the work, and the age of the last renewal.

        Raises:
            LostLeadershipError: The renewal is too old, another replica has the Lease, or the work
                ended by itself.
        """
        deadline = self.terms.lease_duration.total_seconds()
        while True:
            await asyncio.sleep(min(1.0, deadline / 10))
            if self.is_leading and not self.is_certain:
                raise LostLeadershipError("the last renewal is too old")
            if self.is_leading and self.lock.taken:
                raise LostLeadershipError("another replica has the Lease")
            if self._working is not None and self._working.done():
                raise LostLeadershipError("the work ended") from self._failure(self._working)

    async def _lead(self) -> None:
        self._working = asyncio.current_task()
        self.since = now()
        await self.work()

    async def _stop_working(self) -> None:
        self.since = None
        working, self._working = self._working, None
        if working is not None:
            working.cancel()
            await asyncio.wait([working])

    @staticmethod
    def _failure(task: asyncio.Task[None]) -> BaseException | None:
        return None if task.cancelled() else task.exception()
