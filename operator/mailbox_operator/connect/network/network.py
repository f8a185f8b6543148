"""Owns sockets and the egress policy: a host is resolved once, checked, and dialled by address."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from mailbox_operator.connect.network.eyeballs import STAGGER_SECONDS, Dialled, in_turn, race
from mailbox_operator.connect.network.name_service import PLATFORM, Address, Names
from mailbox_operator.connect.network.servers import Servers, Visit
from mailbox_operator.connect.ports import NO_PHASES, Phases
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.network.egress import Egress, server_of
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Phase

MOST_ADDRESSES: Final = 4
MOST_SESSIONS: Final = 20
NAME_IS_UNKNOWN: Final = frozenset({socket.EAI_NONAME, socket.EAI_NODATA})
DROPPED: Final = "the connection was dropped"
NO_NAME_SERVICE: Final = "the name service does not answer"
NO_NAME_SERVERS: Final = "the name servers of its domain do not answer"
NO_ROUTE: Final = "no route leads to it"
NO_NAME: Final = "a host name must have labels of 1 to 63 characters, 253 characters in all"
TOLD_FIRST: Final = (
    Reason.CONNECTION_REFUSED,
    Reason.PROVIDER_UNAVAILABLE,
    Reason.CONNECTION_TIMEOUT,
    Reason.NETWORK_UNAVAILABLE,
)
"""Whose word counts where no address is reached, whatever order they come in: the most certain. A
family without a route says nothing where another one leads to the host."""


@dataclass(frozen=True, slots=True)
class Network:
    """The way out.

    Attributes:
        egress: What may be dialled on a tenant's word.
        connect_timeout_seconds: For each address that is tried.
        phases: Is told of each look-up and each dial.
        names: Looks host names up.
        servers: Counts the sessions at each server.
        stagger_seconds: How long an address has before the host's next one is dialled as well.
    """

    egress: Egress
    connect_timeout_seconds: float = 10
    phases: Phases = NO_PHASES
    names: Names = field(default_factory=lambda: Names(10))
    servers: Servers = field(default_factory=lambda: Servers(MOST_SESSIONS))
    stagger_seconds: float = STAGGER_SECONDS

    def visit(self, tenant: str) -> Visit:
        """Begin an attempt of a tenant's, which holds a place where it dials."""
        return Visit(self.servers, tenant)

    async def dial(
        self, endpoint: Endpoint, visit: Visit | None = None, *, trusted: bool = False
    ) -> socket.socket:
        """Connect to a host and port.

        Args:
            endpoint: Where to.
            visit: The attempt that dials; outside of one, nothing is counted.
            trusted: The platform named it, so the egress policy does not apply.

        Returns:
            A connected, non-blocking socket; the caller closes it.

        Raises:
            Fault: `HostNotFound`, `HostNotPermitted`, `ConnectionRefused`, `ConnectionTimeout`,
                `ProviderUnavailable` or `NetworkUnavailable`.
            Postponed: Others are being served; nothing was learned.
        """
        with self.phases.phase(Phase.RESOLVE, endpoint):
            tenant = visit.tenant if visit else PLATFORM
            addresses = await self._resolve(endpoint, tenant, trusted=trusted)
        hosts = [str(address[4][0]) for address in addresses]
        if not trusted and not self.egress.permits(hosts, endpoint.port):
            refused = [host for host in hosts if not self.egress.permits([host], endpoint.port)]
            told = ", ".join(refused[:MOST_ADDRESSES])
            raise about(endpoint, Reason.HOST_NOT_PERMITTED, told)
        with self.phases.phase(Phase.CONNECT, endpoint):
            return await self._dial_addresses(endpoint, in_turn(addresses, MOST_ADDRESSES), visit)

    async def _resolve(
        self, endpoint: Endpoint, tenant: str, *, trusted: bool
    ) -> Sequence[Address]:
        host, port = endpoint.host, endpoint.port
        try:
            return await self.names.find(host, port, tenant, trusted=trusted)
        except socket.gaierror as error:
            if error.errno in NAME_IS_UNKNOWN:
                raise about(endpoint, Reason.HOST_NOT_FOUND, str(error), certain=False) from error
            raise await self._ask_whose_fault(
                endpoint, tenant, str(error), trusted=trusted
            ) from error
        except UnicodeError as error:
            raise about(endpoint, Reason.HOST_NOT_FOUND, NO_NAME) from error
        except TimeoutError as error:
            told = "name service timed out"
            raise await self._ask_whose_fault(endpoint, tenant, told, trusted=trusted) from error

    async def _ask_whose_fault(
        self, endpoint: Endpoint, tenant: str, detail: str, *, trusted: bool
    ) -> Fault:
        """Say whose name servers are at fault where there is no answer about a host."""
        if await self.names.ask_above(endpoint.host, tenant, trusted=trusted):
            return about(endpoint, Reason.PROVIDER_UNAVAILABLE, detail, code=NO_NAME_SERVERS)
        return about(endpoint, Reason.NETWORK_UNAVAILABLE, detail, code=NO_NAME_SERVICE)

    async def _dial_addresses(
        self, endpoint: Endpoint, addresses: Sequence[Address], visit: Visit | None
    ) -> socket.socket:
        tried = await race(addresses, partial(self._dial_with_place, visit), self.stagger_seconds)
        for address, found in zip(addresses, tried, strict=True):
            if isinstance(found, socket.socket):
                if visit is not None:
                    visit.reached(_server_at(address))
                return found
        postponed = next((each for each in tried if isinstance(each, Postponed)), None)
        if postponed is not None:
            raise postponed
        errors = [each for each in tried if isinstance(each, OSError)]
        told = min(errors, key=lambda error: TOLD_FIRST.index(_reason(error)))
        reason = _reason(told)
        code = NO_ROUTE if reason is Reason.NETWORK_UNAVAILABLE else DROPPED
        raise about(endpoint, reason, str(told), code=code) from told

    async def _dial_with_place(self, visit: Visit | None, address: Address) -> Dialled:
        """Dial one address, with a place at its server."""
        try:
            if visit is None:
                return await self._open_socket(address)
            async with visit.dialling(_server_at(address)):
                return await self._open_socket(address)
        except (OSError, Postponed) as error:
            return error

    async def _open_socket(self, address: Address) -> socket.socket:
        family, kind, protocol, _, place = address
        dialled = socket.socket(family, kind, protocol)
        try:
            dialled.setblocking(False)  # noqa: FBT003 - the standard library's signature
            async with asyncio.timeout(self.connect_timeout_seconds):
                await asyncio.get_running_loop().sock_connect(dialled, place)
        except BaseException:
            dialled.close()
            raise
        return dialled


def about(
    endpoint: Endpoint, reason: Reason, detail: str = "", *, certain: bool = True, **facts: str
) -> Fault:
    """Make a fault that names the server it is about."""
    return Fault(reason, detail, facts={**server_facts(endpoint), **facts}, certain=certain)


def server_facts(endpoint: Endpoint) -> Mapping[str, str]:
    """Name a server, for the facts of a fault."""
    return {
        "host": endpoint.host,
        "endpoint": str(endpoint),
        "security": endpoint.security.value,
    }


def _server_at(address: Address) -> str:
    return server_of(str(address[4][0]))


def _reason(error: OSError) -> Reason:
    if isinstance(error, TimeoutError):
        return Reason.CONNECTION_TIMEOUT
    if isinstance(error, ConnectionRefusedError):
        return Reason.CONNECTION_REFUSED
    dropped = isinstance(error, ConnectionError)
    return Reason.PROVIDER_UNAVAILABLE if dropped else Reason.NETWORK_UNAVAILABLE
