"""Finds out whom a write to a Secret concerns: those for whom anything changed that is used.

Tools write labels and annotations of Secrets all the time. So a Secret that objects name is read when
it was written, and its objects are woken only if the digest of its used keys is another one.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.machine import inputs
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.watch.refs import SecretPlace, Topic, ref_of
from mailbox_operator.watch.store import Store

READERS: Final = 4
REST_SECONDS: Final = 1.0
"""A Secret is read at most once within this time, however often it is written."""
UNTIL_OTHERS: Final = 200
"""How many objects are considered before the event loop has other things to do."""


@dataclass(slots=True)
class ChangedContents:
    """Reads Secrets that were written, in turns by namespace.

    Attributes:
        read: Reads a Secret, and puts its digest into the store.
        forget: Keeps nothing of a Secret.
        wake: Has an object looked at.
        is_wanted: Whether an object is worked on here; what only others use is not read.
    """

    store: Store
    read: Callable[[str, str], Awaitable[Secret]]
    forget: Callable[[str, str], None]
    wake: Callable[[Key], None]
    is_wanted: Callable[[Key], bool] = lambda _: True
    _works: bool = False
    _waiting: "OrderedDict[str, deque[str]]" = field(default_factory=OrderedDict)
    _wanted: set[SecretPlace] = field(default_factory=set)
    _resting: set[SecretPlace] = field(default_factory=set)
    _there: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    def check(self, namespace: str, name: str) -> None:
        """Have a Secret read soon, and the objects that use it woken; one time for many writes."""
        place = (namespace, name)
        if self._works and any(map(self.is_wanted, self._users(place))):
            self._want(place)

    def presumed(self, seen: Seen) -> Seen:
        """Take the inputs of an object as unchanged until they are read, where reading can tell.

        After a restart nobody is dialled because somebody wrote an annotation meanwhile. So whether
        a change is worth an attempt is decided on this; the attempt itself goes by what is there.
        """
        stamped = seen.status.secret_version
        unread = [] if seen.is_judged else self.store.unread(seen.subject.key)
        if not unread or not inputs.is_sealed(stamped):
            return seen
        for place in unread:
            self._want(place)
        return replace(seen, version=inputs.versions_of(stamped))

    async def run(self) -> None:
        """Read until cancelled."""
        self._works = True
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(READERS):
                    group.create_task(self._read_all())
        finally:
            self._works = False

    async def _read_all(self) -> None:
        while True:
            await self._there.acquire()
            place = self._next()
            self._wanted.discard(place)
            self._resting.add(place)
            asyncio.get_running_loop().call_later(REST_SECONDS, self._rested, place)
            await self._consider(place)

    def _want(self, place: SecretPlace) -> None:
        if place in self._wanted:
            return
        self._wanted.add(place)
        if place not in self._resting:
            self._queue(place)

    def _queue(self, place: SecretPlace) -> None:
        self._waiting.setdefault(place[0], deque()).append(place[1])
        self._there.release()

    def _next(self) -> SecretPlace:
        """Take a Secret of the namespace whose turn it is; then it is the next one's turn."""
        namespace, names = self._waiting.popitem(last=False)
        name = names.popleft()
        if names:
            self._waiting[namespace] = names
        return namespace, name

    def _rested(self, place: SecretPlace) -> None:
        self._resting.discard(place)
        if place in self._wanted:
            self._queue(place)

    async def _consider(self, place: SecretPlace) -> None:
        """Read a Secret, and wake those for whom it is another one."""
        try:
            await self.read(*place)
        except Postponed:
            self._want(place)
            return
        except Fault:
            self.store.versions.unreadable((Topic.SECRET, *place))
        for number, key in enumerate(self._users(place)):
            if number % UNTIL_OTHERS == UNTIL_OTHERS - 1:
                await asyncio.sleep(0)
            seen = self.store.seen(key)
            if seen is not None and not self.presumed(seen).is_judged:
                self.wake(key)

    def _users(self, place: SecretPlace) -> Iterator[Key]:
        """Return the objects that name a Secret, or use a ManagedInfrastructure that does."""
        users = tuple(self.store.dependents((Topic.SECRET, *place)))
        yield from users
        for key in users:
            yield from self.store.dependents(ref_of(key))
