"""`make bench-tenants`: what other tenants get while one does its worst, on a real API server.

Sixty healthy Mailboxes of one namespace are due each half minute. Another namespace does one thing
after the other, then all at once. It measures and judges, and ends with 0 unless a process died.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import dns.flags
import dns.message
import dns.rcode

from lab.controlplane.assets import Assets
from lab.controlplane.plane import ControlPlane
from lab.stand.cluster import Cluster
from lab.stand.definitions import define
from lab.stand.manifests import infrastructure, mailbox, secret
from lab.stand.world import egress
from tools.bench.cluster import ApiServer
from tools.bench.herd import until
from tools.bench.mischief import EVIL, MISCHIEFS, SECRET, Mischief, objects
from tools.bench.processes import Mail, Measured
from tools.bench.sizes import PASSWORD, address
from tools.bench.stand import install, logging_in
from tools.bench.vigil import concluded, watched

GOOD: Final = "good"
BOXES: Final = 60
INTERVAL_SECONDS: Final = 30
WINDOW_SECONDS: Final = 60.0
CALM_SECONDS: Final = 5.0
NAME_SERVER: Final = "127.0.0.153"
UNANSWERED_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Row:
    """What others got in one window.

    Attributes:
        checks: Share of the checks that were due.
        tenant_writes, status_writes: What the tenant wrote, and the operator in turn.
        late_seconds: Lateness of the object that waited longest, at the end.
    """

    what: str
    checks: float
    tenant_writes: int
    status_writes: int
    late_seconds: float

    @property
    def is_good(self) -> bool:
        """Whether both goals are reached."""
        return self.checks >= 0.9 and self.status_writes <= 2 * self.tenant_writes

    def __str__(self) -> str:
        judged = "ok" if self.is_good else "short"
        return (
            f"{self.what:76} {self.checks:6.0%} {self.tenant_writes:7} {self.status_writes:8}"
            f" {self.late_seconds:6.1f} s  {judged}"
        )


class DeadNames(asyncio.DatagramProtocol):
    """Answers for the outside after a while, and with SERVFAIL, as CoreDNS does for dead servers."""

    def connection_made(self, transport: Any) -> None:
        """Take note of the socket."""
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """Answer a question, in its time."""
        answer = dns.message.make_response(dns.message.from_wire(data))
        answer.flags |= dns.flags.RA
        dead = b"hole" in data
        answer.set_rcode(dns.rcode.SERVFAIL if dead else dns.rcode.NXDOMAIN)
        loop = asyncio.get_running_loop()
        wait = UNANSWERED_SECONDS if dead else 0.0
        loop.call_later(wait, self.transport.sendto, answer.to_wire(), addr)


@dataclass(slots=True)
class Stand:
    """The cluster with the good tenant, and the tenant that is not."""

    api: ApiServer
    mail: Mail
    operator: Measured
    silent_port: int

    async def fill(self) -> None:
        """Create the healthy Mailboxes, and what the other tenant needs."""
        for namespace, password in ((GOOD, PASSWORD), (EVIL, "first")):
            content = secret({"password": password}, SECRET)
            await self.api.create(f"/api/v1/namespaces/{namespace}/secrets", content)
        for number in range(BOXES):
            await self.api.create(_path(GOOD, "mailboxes"), self._healthy(number))
        await self.api.create(
            "/apis/mailbox-operator.io/v1alpha1/managedinfrastructures",
            infrastructure("default", {}),
        )

    async def window(self, what: str, mischiefs: Sequence[Mischief]) -> Row:
        """Let the tenant do its worst for a while, and count what the others get."""
        await asyncio.sleep(CALM_SECONDS)
        checks, before = await self.mail.connections(), await self.api.writes()
        began, writes = time.monotonic(), 0
        try:
            async with asyncio.timeout(WINDOW_SECONDS), asyncio.TaskGroup() as group:
                counts = [group.create_task(self._play(each)) for each in mischiefs]
                await asyncio.Event().wait()
        except TimeoutError:
            writes = sum(task.result() for task in counts)
        took = time.monotonic() - began
        done = await self.mail.connections() - checks
        late = await self.operator.figure("mailbox_operator_schedule_overdue_seconds")
        made = (await self.api.writes() - before)["PATCH mailboxes/status"]
        await self._clear()
        return Row(what, done * INTERVAL_SECONDS / (BOXES * took), writes, made, late)

    async def _play(self, mischief: Mischief) -> int:
        """Create the Mailboxes, then write until cancelled; return how often."""
        writes = 0
        target = _path(EVIL, mischief.target)
        try:
            for collection, body in objects(mischief, self.silent_port):
                await self.api.create(_path(EVIL, collection), dict(body))
                writes += 1
            while True:
                await self.api.merge(target, dict(mischief.change()))
                writes += 1
                await asyncio.sleep(1 / mischief.patches_per_second)
        except asyncio.CancelledError:
            return writes

    async def _clear(self) -> None:
        async with self.api.http.delete(_path(EVIL, "mailboxes")) as response:
            response.raise_for_status()

    def _healthy(self, number: int) -> dict[str, Any]:
        spec = logging_in(address(number), SECRET, self.mail.port)
        return mailbox(spec | {"checkInterval": f"{INTERVAL_SECONDS}s"}, f"box-{number}")


def _path(namespace: str, what: str) -> str:
    group = "/api/v1" if what.startswith("secrets") else "/apis/mailbox-operator.io/v1alpha1"
    return f"{group}/namespaces/{namespace}/{what}"


@asynccontextmanager
async def silent_server() -> AsyncIterator[int]:
    """Run a server that takes connections and says nothing."""
    held = []

    async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, backlog=1024)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in held:
            writer.close()


def with_own_names(directory: Path) -> Sequence[str]:
    """Return a command that runs another one with a name server of ours, if that can be done here."""
    unshare, shell = shutil.which("unshare"), shutil.which("sh")
    if os.geteuid() != 0 or unshare is None or shell is None:
        return ()
    if subprocess.run([unshare, "-m", "true"], check=False).returncode != 0:
        return ()
    resolv = directory / "resolv.conf"
    resolv.write_text(
        f"nameserver {NAME_SERVER}\nsearch mail.svc.cluster.local svc.cluster.local cluster.local\n"
        "options ndots:5\n"
    )
    mounted = f'mount --bind {resolv} /etc/resolv.conf && exec "$@"'
    return (unshare, "-m", shell, "-c", mounted, "sh")


async def measured(plane: ControlPlane, mail: Mail) -> None:
    """Play everything."""
    own_names = with_own_names(plane.directory)
    if own_names:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(DeadNames, local_addr=(NAME_SERVER, 53))
    else:
        print("No root here: the names are asked of this machine's own name servers.")
    async with (
        silent_server() as silent_port,
        Cluster.of(plane) as cluster,
        ApiServer.of(plane.kubeconfig) as api,
    ):
        installation = await install(cluster, GOOD, EVIL)
        # Every limit is as it is by default.
        allowed = egress([mail.port, silent_port, 587], mail.bundle)
        path = installation.write_configuration({"egress": allowed})
        async with (
            Measured.run(installation, path, within=own_names) as operator,
            watched(operator.process, mail.process),
        ):
            stand = Stand(api, mail, operator, silent_port)
            await stand.fill()
            await until(lambda: operator.knows(BOXES))
            await asyncio.sleep(INTERVAL_SECONDS)
            print(f"{'WHAT ONE TENANT DOES':76} CHECKS  WRITES  STATUSES   LATE")
            print(await stand.window("nothing", ()), flush=True)
            for each in MISCHIEFS:
                print(await stand.window(each.what, (each,)), flush=True)
            print(await stand.window("all of this at once", MISCHIEFS), flush=True)


def main() -> int:
    """Set up, measure, print."""
    own = Assets.from_environment().environ
    assets = Assets({name: value for name, value in own.items() if name != "KUBECONFIG"})
    with ControlPlane.start(assets=assets) as plane:
        define(plane)
        with Mail.running(plane.directory, BOXES) as mail:
            asyncio.run(measured(plane, mail))
    return 0


if __name__ == "__main__":
    sys.exit(concluded(main))
