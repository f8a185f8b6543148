"""Looks host names up, in threads of its own: the system's resolver blocks, for as long as it likes.

The platform's names and the tenants' have different threads; those of the tenants are shared fairly.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from mailbox_operator.connect.threads import Threads

MOST_FOR_TENANTS: Final = 32
MOST_FOR_PLATFORM: Final = 8
PLATFORM: Final = ""
"""The tenant that the platform's own names count for; no namespace is called so."""

Address = tuple[int, int, int, str, tuple[Any, ...]]
Resolve = Callable[[str, int], Sequence[Address]]
Asked = tuple[str, str, int]


def system(host: str, port: int) -> Sequence[Address]:
    """Ask the system's resolver; blocks.

    Raises:
        socket.gaierror: It knows no address.
        UnicodeError: The host is no name.
    """
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


@dataclass(slots=True)
class Names:
    """Looks names up; one look-up serves all who ask the same at the same time.

    Attributes:
        timeout_seconds: For an answer, once a thread has begun to ask.
        resolve: Asks; blocks.
        for_tenants, for_platform: The threads that names of either kind are asked for in.
    """

    timeout_seconds: float
    resolve: Resolve = system
    for_tenants: Threads = field(default_factory=lambda: Threads("names", MOST_FOR_TENANTS))
    for_platform: Threads = field(
        default_factory=lambda: Threads("platform-names", MOST_FOR_PLATFORM)
    )
    _asked: dict[Asked, Future[Sequence[Address]]] = field(default_factory=dict)
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
        tenant = PLATFORM if trusted else tenant
        threads = self.for_platform if trusted else self.for_tenants
        asked = (tenant, host.lower(), port)
        found = self._under_way(asked)
        if found is None:
            found = await threads.start(tenant, lambda: self.resolve(host, port))
            self._share(asked, found)
        async with asyncio.timeout(self.timeout_seconds):
            return await asyncio.wrap_future(found)

    def _under_way(self, asked: Asked) -> "Future[Sequence[Address]] | None":
        with self._lock:
            return self._asked.get(asked)

    def _share(self, asked: Asked, found: Future[Sequence[Address]]) -> None:
        """Let others have the answer, as long as there is none."""

        def forget(_: object) -> None:
            with self._lock:
                if self._asked.get(asked) is found:
                    del self._asked[asked]

        with self._lock:
            self._asked[asked] = found
        found.add_done_callback(forget)
