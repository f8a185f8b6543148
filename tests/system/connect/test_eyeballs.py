"""An address that does not answer delays nobody: the host's next one is dialled meanwhile."""

import asyncio
import gc
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import pytest

from lab.attempts import refusal, until
from lab.servers.silence import black_hole, closed_port
from mailbox_operator.connect.network.eyeballs import Dialled, in_turn, race
from mailbox_operator.connect.network.name_service import Address, Names, system
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.network.servers import Servers, Visit
from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.network.egress import Egress
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import LOOPBACK

NEVER = 3600.0
SOON = 0.01
SILENT, CLOSED, LISTENING = "127.0.0.1", "127.0.0.8", "127.0.0.7"
ANYWHERE = Egress((ip_network("127.0.0.0/8"), ip_network("::/0")), range(1, 65536))


def found(addresses: Sequence[str], port: int) -> Sequence[Address]:
    return [each for address in addresses for each in system(address, port)]


@dataclass(slots=True)
class Dialler:
    """Dials as it is told, and takes note of it.

    Attributes:
        answers: What comes of each address at once; one that is not listed never answers.
    """

    answers: dict[str, Dialled]
    events: list[str] = field(default_factory=list)

    async def __call__(self, address: Address) -> Dialled:
        host = str(address[4][0])
        self.events.append(f"dials {host}")
        if host in self.answers:
            return self.answers[host]
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.events.append(f"gives up {host}")
            raise
        raise AssertionError("nobody sets the event")


class Watched(asyncio.SelectorEventLoop):
    """An event loop that takes note of the connections that begin and end on it."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        """Connect a socket."""
        self.events.append(f"dials {address[0]}")
        try:
            await super().sock_connect(sock, address)
        except asyncio.CancelledError:
            self.events.append(f"gives up {address[0]}")
            raise
        self.events.append(f"reaches {address[0]}")


def way(
    *addresses: str,
    egress: Egress = LOOPBACK,
    seconds: float = NEVER,
    servers: Servers | None = None,
) -> Network:
    """Make a way out for which every name has these addresses."""
    names = Names(NEVER, lambda _, port: found(addresses, port))
    places = Servers(20) if servers is None else servers
    return Network(egress, seconds, names=names, servers=places)


async def reached(network: Network, port: int, visit: Visit | None = None) -> str:
    """Dial a name; tell the address that was reached."""
    async with asyncio.timeout(20):
        with await network.dial(Endpoint("mail.test", port, Security.TLS), visit) as dialled:
            return str(dialled.getpeername()[0])


def test_the_next_address_is_dialled_while_the_first_is_silent() -> None:
    with (
        black_hole() as port,
        socket.create_server((LISTENING, port)),
        asyncio.Runner(loop_factory=Watched) as runner,
    ):
        address = runner.run(reached(way(SILENT, LISTENING), port))
        loop = runner.get_loop()
    gc.collect()

    assert address == LISTENING
    assert isinstance(loop, Watched)
    assert loop.events == [
        f"dials {SILENT}", f"dials {LISTENING}", f"reaches {LISTENING}", f"gives up {SILENT}",
    ]  # fmt: skip


async def test_the_next_address_is_dialled_at_once_when_one_fails() -> None:
    ours, theirs = socket.socketpair()
    dial = Dialler({CLOSED: ConnectionRefusedError(), LISTENING: ours})

    with ours, theirs:
        async with asyncio.timeout(20):
            tried = await race(found([CLOSED, LISTENING, SILENT], 587), dial, NEVER)

    assert dial.events == [f"dials {CLOSED}", f"dials {LISTENING}"]
    assert [type(each) for each in tried] == [ConnectionRefusedError, socket.socket, type(None)]


async def test_an_address_that_fails_late_does_not_end_the_others() -> None:
    dial = Dialler({CLOSED: ConnectionRefusedError()})
    racing = asyncio.create_task(race(found([SILENT, CLOSED], 587), dial, SOON))
    await until(lambda: len(dial.events) == 2)

    done, _ = await asyncio.wait([racing], timeout=0.1)
    racing.cancel()
    await asyncio.wait([racing])

    assert not done
    assert dial.events[2:] == [f"gives up {SILENT}"]


async def test_a_host_with_one_address_takes_no_task() -> None:
    tasks: list[int] = []

    async def dial(_: Address) -> Dialled:
        tasks.append(len(asyncio.all_tasks()))
        return OSError()

    await race(found([CLOSED], 587), dial, NEVER)

    assert tasks == [1]


async def test_a_connection_that_comes_too_late_is_closed() -> None:
    pairs = [socket.socketpair() for _ in range(2)]
    gate = asyncio.Event()

    async def dial(address: Address) -> Dialled:
        await gate.wait()
        return pairs[int(address[4][1]) - 1][0]

    addresses = [*system(SILENT, 1), *system(SILENT, 2)]
    racing = asyncio.create_task(race(addresses, dial, SOON))
    await asyncio.wait([racing], timeout=0.1)
    gate.set()
    tried = await racing

    open_ones = [ours for ours, _ in pairs if ours.fileno() >= 0]
    assert open_ones == [each for each in tried if each is not None]
    for each in (*open_ones, *(theirs for _, theirs in pairs)):
        each.close()


@pytest.mark.parametrize("addresses", [(SILENT, CLOSED), (CLOSED, SILENT)])
async def test_the_verdict_does_not_depend_on_the_order_of_addresses(
    addresses: tuple[str, ...],
) -> None:
    with black_hole() as port:
        fault = await refusal(
            way(*addresses, seconds=0.5).dial(Endpoint("mail.test", port, Security.TLS))
        )

    assert fault.reason is Reason.CONNECTION_REFUSED


async def test_families_take_turns_so_that_many_addresses_of_one_do_not_hide_the_other() -> None:
    many = [f"ff00::{number}" for number in range(1, 9)]
    with socket.create_server((LISTENING, 0)) as listening:
        port = listening.getsockname()[1]

        assert await reached(way(*many, LISTENING, egress=ANYWHERE), port) == LISTENING


def test_an_address_that_is_named_twice_is_dialled_once() -> None:
    addresses = found(["::1", "::1", "::2", CLOSED, "::3", LISTENING], 587)

    hosts = [each[4][0] for each in in_turn(addresses, 4)]

    assert hosts == ["::1", CLOSED, "::2", LISTENING]


async def test_each_server_that_is_dialled_takes_a_place_and_one_is_kept() -> None:
    servers = Servers(1)
    with black_hole() as port, socket.create_server((LISTENING, port)):
        network = way(SILENT, LISTENING, servers=servers)
        with network.visit("honest") as visit:
            address = await reached(network, port, visit)
            at_silent = servers.enter(SILENT, "other")
            await asyncio.wait_for(at_silent, 20)
            kept = len(servers)

    assert (address, kept) == (LISTENING, 2)


async def test_a_server_whose_places_are_taken_does_not_keep_the_others_from_being_dialled() -> (
    None
):
    servers = Servers(1, NEVER)
    await servers.enter(SILENT, "busy")
    with socket.create_server((LISTENING, 0)) as listening:
        port, network = listening.getsockname()[1], way(SILENT, LISTENING, servers=servers)
        with network.visit("honest") as visit:
            assert await reached(network, port, visit) == LISTENING


async def test_an_attempt_is_made_later_where_the_only_other_server_has_no_place() -> None:
    servers, at = Servers(1, SOON), Endpoint("mail.test", closed_port(CLOSED), Security.TLS)
    await servers.enter(SILENT, "busy")
    network = way(CLOSED, SILENT, servers=servers)

    with network.visit("honest") as visit, pytest.raises(Postponed):
        await network.dial(at, visit)
