"""A network that has IPv6 alone, as the operator's pod in a cluster without IPv4 does.

In it are `::1` and one address of its own, a name server at that address, and nothing of IPv4. The
API server and the mail world stay outside; a wire carries TCP to them. Run as a program inside the
sandbox: `python -m system.scenarios.ipv6_only FOLDER PORT,PORT... PROGRAM ARGUMENT...`.
"""

import asyncio
import errno
import fcntl
import os
import socket
import struct
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from lab.controlplane.ports import free_ports
from lab.controlplane.process import tied
from lab.node.runtime import check_runtime
from lab.node.sandbox import INTO_POD, OUT_OF_POD, End
from lab.servers.dns import NameServer, running
from lab.stand.consents import with_page
from lab.stand.program import SOURCES
from lab.stand.world import World

TESTS: Final = Path(__file__).parents[2]
POD: Final = "fd00:15::1"
HOST: Final = "mail.six.example"
"""A mail server with no address but one of IPv6."""

NAME_SERVER_PORT: Final = 53
ETC: Final[Mapping[str, str]] = {
    "hosts": f"{POD} localhost\n",
    "resolv.conf": f"nameserver {POD}\n",
}
SANDBOX: Final = (
    *("bwrap", "--die-with-parent", "--unshare-user", "--unshare-net", "--uid", "0", "--gid", "0"),
    *("--cap-add", "CAP_NET_ADMIN", "--cap-add", "CAP_NET_BIND_SERVICE", "--dev-bind", "/", "/"),
)
SET_ADDRESS: Final = 0x8916  # SIOCSIFADDR
LOOPBACK_INTERFACE: Final = b"lo"
ADDRESS_SECONDS: Final = 10.0
HOST_PREFIX: Final = 128


@dataclass(frozen=True, slots=True)
class IPv6Only:
    """The network, from outside.

    Attributes:
        folder: For the wire.
        ports: What leads out of it.
        port, page_port: Where the operator inside listens.
    """

    folder: Path
    ports: Sequence[int]
    outer: End
    port: int
    page_port: int

    @classmethod
    @asynccontextmanager
    async def open(cls, world: World, api_port: int) -> AsyncIterator[Self]:
        """Lead to the API server and to a world, as long as the block lasts."""
        check_runtime()
        servers = (world.oauth.port, world.google.port, world.outlook.port)
        ports = (api_port, *servers, *world.ports)
        with tempfile.TemporaryDirectory(prefix="six-") as name:  # a short path, as sockets need it
            folder, outer = Path(name), End(Path(name))
            for file, content in ETC.items():
                (folder / file).write_text(content)
            await outer.admit(OUT_OF_POD, ports.__contains__)
            try:
                yield cls(folder, ports, outer, *free_ports(2))
            finally:
                await outer.close()

    @property
    def command(self) -> Sequence[str]:
        """What runs a program inside."""
        etc = [part for name in ETC for part in self._bound(name)]
        path = ("--setenv", "PYTHONPATH", f"{SOURCES}{os.pathsep}{TESTS}")
        inside = (sys.executable, "-m", __name__, str(self.folder), ",".join(map(str, self.ports)))
        return ("/usr/bin/env", *SANDBOX, *etc, *path, *inside)

    def configuration(self, world: World) -> Mapping[str, Any]:
        """Lead an operator inside to a world; it listens where the defaults have it listen."""
        page = with_page(world, self.page_port)
        own = {"allowedNetworks": [f"{POD}/{HOST_PREFIX}"], "nameservers": [POD]}
        egress = page["egress"] | own | {"nameserverPort": NAME_SERVER_PORT}
        consent = {name: value for name, value in page["consent"].items() if name != "address"}
        return {**page, "egress": egress, "consent": consent, "listen": {"port": self.port}}

    async def door(self, port: int) -> str:
        """Lead from here to a port of the address inside; return the URL."""
        return f"http://127.0.0.1:{await self.outer.carry(INTO_POD, port)}"

    def _bound(self, name: str) -> Sequence[str]:
        return ("--ro-bind", str(self.folder / name), f"/etc/{name}")


def leave_ipv6_alone() -> None:
    """Take the loopback's IPv4 address away, and give it one of IPv6 besides `::1`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as four:
        none = struct.pack("16sHH4s8x", LOOPBACK_INTERFACE, socket.AF_INET, 0, bytes(4))
        fcntl.ioctl(four, SET_ADDRESS, none)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as six:
        index = socket.if_nametoindex(LOOPBACK_INTERFACE.decode())
        address = socket.inet_pton(socket.AF_INET6, POD)
        fcntl.ioctl(six, SET_ADDRESS, struct.pack("=16sIi", address, HOST_PREFIX, index))
    with socket.socket() as four:
        assert four.connect_ex(("127.0.0.1", 9)) == errno.ENETUNREACH, "there is IPv4 left"


async def wait_for_the_address() -> None:
    """Wait until the new address can be used: the kernel checks it first, in a thread of its own."""
    async with asyncio.timeout(ADDRESS_SECONDS):
        while not is_usable():  # noqa: ASYNC110 - the kernel tells nobody
            await asyncio.sleep(0.01)


def is_usable() -> bool:
    """Say whether a socket can have the address inside."""
    with socket.socket(socket.AF_INET6) as six:
        try:
            six.bind((POD, 0))
        except OSError:
            return False
        return True


async def main(folder: Path, ports: str, *command: str) -> int:
    """Set the network up, run the program, and report how it ended."""
    leave_ipv6_alone()
    await wait_for_the_address()
    inner = End(folder, POD)
    await inner.admit(INTO_POD, lambda port: True)
    for port in map(int, ports.split(",")):
        await inner.carry(OUT_OF_POD, port, listen=port)
    async with running(NameServer(hosts={HOST: [POD]}), NAME_SERVER_PORT, POD):
        child = await asyncio.create_subprocess_exec(*tied(*command))
        return await child.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:])))
