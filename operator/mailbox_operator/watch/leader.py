"""Lets one replica work: a Lease, the client library's election, and a clock of our own.

The library compares wall-clock times and waits on calls without a bound. Here each call is bounded,
and a renewal that is older than the deadline, by the monotonic clock, ends the leadership whatever
the wall clock says.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from kubernetes.aio import client
from kubernetes.aio.leaderelection.electionconfig import Config
from kubernetes.aio.leaderelection.leaderelection import LeaderElection
from kubernetes.aio.leaderelection.resourcelock.leaselock import LeaseLock

from mailbox_operator.settings import LeaderElection as Terms

LOST: Final = (aiohttp.ClientError, OSError, TimeoutError)


class LostLeadershipError(Exception):
    """Another replica may be working by now; this one must stop."""


class BoundedLock(LeaseLock):  # type: ignore[misc]  # the library ships no types
    """The Lease, asked for no longer than one retry period; trouble is a 'no', not a crash."""

    def __init__(self, terms: Terms, namespace: str, identity: str, api: client.ApiClient) -> None:
        super().__init__(terms.lease_name, namespace, identity, api)
        self._seconds = terms.retry_period.total_seconds()
        self.renewed: float | None = None

    async def get(self, name: str, namespace: str) -> tuple[bool, Any]:
        """Return the record of the Lease, or why there is none."""
        try:
            async with asyncio.timeout(self._seconds):
                found: tuple[bool, Any] = await super().get(name, namespace)
                return found
        except LOST as error:
            return False, client.ApiException(status=0, reason=type(error).__name__)

    async def create(self, name: str, namespace: str, election_record: Any) -> bool:
        """Create the Lease; the library's own way there fails on its own type check."""
        metadata = client.V1ObjectMeta(name=name)
        lease = client.V1Lease(metadata=metadata, spec=self.update_lease(election_record))
        return await self._timed(self._created(namespace, lease))

    async def update(self, name: str, namespace: str, updated_record: Any) -> bool:
        """Renew or take over the Lease."""
        return await self._timed(super().update(name, namespace, updated_record))

    async def release(self) -> None:
        """Give the Lease back, so that the next replica need not wait for its end."""
        held, record = await self.get(self.name, self.namespace)
        if not held or record.holder_identity != self.identity:
            return
        self.lease_reference.spec.holder_identity = ""
        try:
            async with asyncio.timeout(self._seconds):
                await self.api_instance.replace_namespaced_lease(
                    self.name, self.namespace, self.lease_reference
                )
        except (*LOST, client.ApiException):
            return

    async def _created(self, namespace: str, lease: client.V1Lease) -> bool:
        try:
            await self.api_instance.create_namespaced_lease(namespace, lease)
        except client.ApiException:
            return False
        return True

    async def _timed(self, call: Awaitable[bool]) -> bool:
        asked = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._seconds):
                succeeded = await call
        except LOST:
            return False
        if succeeded:
            self.renewed = asked
        return succeeded


@dataclass(slots=True)
class Leadership:
    """Works while it leads.

    Attributes:
        work: What only the leader does; it runs until it is cancelled.
        is_leading: Whether this replica works.
    """

    lock: BoundedLock
    terms: Terms
    work: Callable[[], Awaitable[None]]
    is_leading: bool = False
    _working: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Wait for the Lease, work, and keep it; returns only by an exception.

        Raises:
            LostLeadershipError: The Lease could not be renewed in time.
        """
        election = LeaderElection(
            Config(
                self.lock,
                lease_duration=int(
                    self.terms.lease_duration.total_seconds()
                ),  # it prints and parses it
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
        """Watch the work, and the age of the last renewal by the monotonic clock.

        Raises:
            LostLeadershipError: The renewal is too old, or the work ended by itself.
        """
        deadline = self.terms.lease_duration.total_seconds()
        while True:
            await asyncio.sleep(min(1.0, deadline / 10))
            age = asyncio.get_running_loop().time() - (self.lock.renewed or 0.0)
            if self.is_leading and age > deadline:
                raise LostLeadershipError("the last renewal is too old")
            if self._working is not None and self._working.done():
                raise LostLeadershipError("the work ended") from self._failure(self._working)

    async def _lead(self) -> None:
        self._working = asyncio.current_task()
        self.is_leading = True
        await self.work()

    async def _stop_working(self) -> None:
        self.is_leading = False
        working, self._working = self._working, None
        if working is not None:
            working.cancel()
            await asyncio.wait([working])

    @staticmethod
    def _failure(task: asyncio.Task[None]) -> BaseException | None:
        return None if task.cancelled() else task.exception()
