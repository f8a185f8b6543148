"""Looks host names up, in threads of its own: the system's resolver blocks, for as long as it likes.

The platform's names and the tenants' have different threads; those of the tenants are shared fairly.
An answer serves its tenant for some seconds. The addresses are checked at each dial, so a name
whose addresses change meanwhile leads only to what is permitted. A name whose servers are silent
about one family is reached by the other: the system's resolver itself would wait for both, or give up.
"""

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from time import monotonic
from typing import Any, Final

from mailbox_operator.connect.network.families import SECONDS_FOR_BOTH, first
from mailbox_operator.connect.network.threads import Threads
from mailbox_operator.decide.failure.fault import Postponed

MOST_FOR_TENANTS: Final = 32
MOST_FOR_PLATFORM: Final = 8
FRESH_SECONDS: Final = 5.0
"""So long an answer is used again."""
SECONDS_ABOVE: Final = 3.0
"""For an answer about a top-level domain: every resolver that works has it at hand."""
MOST_KEPT_NAMES: Final = 1_000
LONGEST_ANSWER: Final = 32
"""Addresses of an answer that is kept; a hostile name server sends thousands."""
PLATFORM: Final = ""
"""The tenant that the platform's own names count for; no namespace is called so."""

Address = tuple[int, int, int, str, tuple[Any, ...]]
Resolve = Callable[[str, int], Sequence[Address]]
ResolveFamily = Callable[[str, int, socket.AddressFamily], Sequence[Address]]
Question = tuple[str, str, int, socket.AddressFamily]


def system(
    host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
) -> Sequence[Address]:
    """Ask the system's resolver, about both families or about one; blocks.

    Raises:
        socket.gaierror: It knows no address.
        UnicodeError: The host is no name.
    """
    return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)


def top_level(name: str) -> str:
    """Return the top-level domain of a name; empty where it has one label only."""
    _, dot, top = name.rstrip(".").rpartition(".")
    return top if dot else ""


@dataclass(slots=True)
class Names:
    """Looks names up; one look-up serves all who ask the same within some seconds.

    Attributes:
        timeout_seconds: For an answer, once a thread has begun to ask.
        resolve: Asks; blocks.
        for_tenants, for_platform: The threads that names of either kind are asked for in.
        fresh_seconds: How long an answer is used again.
        seconds_for_both: How long both families are waited for.
        resolve_family: Asks about one family; blocks.
        monotonic: Seconds that no change of the time of day moves.
    """

    timeout_seconds: float
    resolve: Resolve = system
    for_tenants: Threads = field(default_factory=lambda: Threads("names", MOST_FOR_TENANTS))
    for_platform: Threads = field(
        default_factory=lambda: Threads("platform-names", MOST_FOR_PLATFORM)
    )
    fresh_seconds: float = FRESH_SECONDS
    seconds_for_both: float = SECONDS_FOR_BOTH
    resolve_family: ResolveFamily = system
    monotonic: Callable[[], float] = monotonic
    _asked: dict[Question, Future[Sequence[Address]]] = field(default_factory=dict)
    _answers: OrderedDict[Question, tuple[float, Sequence[Address]]] = field(
        default_factory=OrderedDict
    )
    _lock: Lock = field(default_factory=Lock)

    async def find(
        self, host: str, port: int, tenant: str, *, trusted: bool = False
    ) -> Sequence[Address]:
        """Return the addresses of a host.

        Args:
            host: A name or an address.
            port: The port that is to be dialled.
            tenant: Who has it looked up; a look-up is shared within a tenant only.
            trusted: The platform named the host.

        Raises:
            Postponed: No thread became free in time.
            TimeoutError: The resolver did not answer in time.
            socket.gaierror: It knows no address.
            UnicodeError: The host is no name.
        """
        threads = self.for_platform if trusted else self.for_tenants
        asked = (PLATFORM if trusted else tenant, host.lower(), port, socket.AF_UNSPEC)
        answer = self._fresh(asked)
        if answer is not None:
            return answer
        found = await self._begin(asked, threads)

        def of_family(family: socket.AddressFamily) -> Awaitable[Sequence[Address]]:
            return self._find_of_family((*asked[:3], family), threads)

        async with asyncio.timeout(self.timeout_seconds):
            return await first(found, of_family, self.seconds_for_both)

    async def _begin(self, asked: Question, threads: Threads) -> Future[Sequence[Address]]:
        """Begin to ask, or join those who asked the same."""
        tenant, host, port, family = asked
        found = self._under_way(asked)
        if found is None:
            resolve = partial(self.resolve, host, port)
            if family is not socket.AF_UNSPEC:
                resolve = partial(self.resolve_family, host, port, family)
            found = await threads.start(tenant, resolve)
            self._share(asked, found)
        return found

    async def _find_of_family(self, asked: Question, threads: Threads) -> Sequence[Address]:
        """Return the addresses of one family; none where there are none to be had."""
        answer = self._fresh(asked)
        if answer is not None:
            return answer
        try:
            return await asyncio.wrap_future(await self._begin(asked, threads))
        except (socket.gaierror, UnicodeError, Postponed):
            return ()

    async def ask_above(self, host: str, tenant: str, *, trusted: bool = False) -> bool:
        """Say whether the resolver answers about the top-level domain of a host.

        Where it does and has no answer about the host, it works, and the name servers of the host's
        own domain do not: a resolver says SERVFAIL in both cases, or nothing (RFC 2308 section 7).

        Args:
            host: A name that the resolver has no answer about.
            tenant: Who had it looked up.
            trusted: The platform named the host.

        Raises:
            Postponed: No thread became free in time.
        """
        top = top_level(host)
        if not top:
            return False
        try:
            async with asyncio.timeout(SECONDS_ABOVE):
                await self.find(f"{top}.", 0, tenant, trusted=trusted)
        except socket.gaierror as error:
            return error.errno == socket.EAI_NODATA  # it exists; an address is not expected of it
        except TimeoutError:
            return False
        return True

    def _under_way(self, asked: Question) -> "Future[Sequence[Address]] | None":
        with self._lock:
            return self._asked.get(asked)

    def _fresh(self, asked: Question) -> Sequence[Address] | None:
        with self._lock:
            until, answer = self._answers.get(asked, (0.0, None))
            return answer if self.monotonic() < until else None

    def _share(self, asked: Question, found: Future[Sequence[Address]]) -> None:
        """Let others have the answer: while there is none, and as long as it is fresh."""

        def answered(_: object) -> None:
            with self._lock:
                if self._asked.get(asked) is found:
                    del self._asked[asked]
                if found.exception() is None and len(found.result()) <= LONGEST_ANSWER:
                    self._keep(asked, found.result())

        with self._lock:
            self._asked[asked] = found
        found.add_done_callback(answered)

    def _keep(self, asked: Question, answer: Sequence[Address]) -> None:
        self._answers[asked] = (self.monotonic() + self.fresh_seconds, answer)
        self._answers.move_to_end(asked)
        if len(self._answers) > MOST_KEPT_NAMES:
            self._answers.popitem(last=False)
