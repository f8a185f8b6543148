"""What stands around the operator while it is measured, and the operator itself."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from lab.controlplane.plane import ControlPlane
from lab.controlplane.process import Process
from lab.controlplane.programs import Program as Tool
from lab.stand.cluster import Cluster
from lab.stand.installation import Installation
from lab.stand.manifests import PRIVATE_SMTP, mailbox, new_namespace, secret
from lab.stand.program import VARIABLE
from lab.stand.world import egress
from tools.bench.cluster import ApiServer, Watch, side_by_side
from tools.bench.options import Options
from tools.bench.processes import Mail, Measured
from tools.bench.sizes import CONCURRENCY, LIMITS, NAMESPACES, PASSWORD, address
from tools.bench.speech import hear, spoken_to
from tools.bench.vigil import watched

HOME: Final = "mailbox-operator"
CALM: Final = {"leaseDuration": "10m", "renewDeadline": "9m"}
"""For an operator that is put to sleep: nobody is to take its lease meanwhile."""


@dataclass(frozen=True, slots=True)
class Stand:
    """The cluster and the mail server.

    Attributes:
        tree: The operator and its packages, as the image has them.
    """

    options: Options
    plane: ControlPlane
    api: ApiServer
    watch: Watch
    mail: Mail
    installation: Installation
    tree: Path

    @property
    def patience_seconds(self) -> float:
        """How long all Mailboxes may take to connect, or to be dialled by the bare loop."""
        return 60 + self.options.accounts / 5

    @property
    def servers(self) -> Mapping[str, Process]:
        """What works for the operator, by the names in the figures."""
        assert self.plane.servers is not None, "the bench starts a control plane of its own"
        own = self.plane.servers
        return {"api_server": own.api_server, "etcd": own.etcd, "mail_server": self.mail.process}

    @asynccontextmanager
    async def operator(
        self, *, calm: bool = False, profile: str = "", killed: bool = False
    ) -> AsyncIterator[Measured]:
        """Run the operator for as long as the block, which ends when the operator does.

        Args:
            calm: Whether its lease outlasts a sleep.
            profile: Name of the profile, if one is asked for.
            killed: Whether it is killed in the end, unless a profiler has to write what it saw.
        """
        content = {
            "egress": egress([self.mail.port], self.mail.bundle),
            "limits": LIMITS,
            "leaderElection": CALM if calm else {},
        }
        configuration = self.installation.write_configuration(content)
        folder = self.options.profile
        profiled = (
            ("-m", "cProfile", "-o", f"{folder}/{profile}.prof") if folder and profile else ()
        )
        program = {VARIABLE: str(self.tree)}
        running = Measured.run(self.installation, configuration, interpreter=profiled, **program)
        async with running as operator:
            async with watched(operator.process):
                yield operator
            if killed and not profiled:
                await operator.kill()

    async def fill(self) -> None:
        """Create all Mailboxes, each with a Secret of its own."""
        await side_by_side(partial(self.add, number, "24h") for number in range(self.options.size))

    async def add(self, number: int, interval: str) -> None:
        """Create one Mailbox and its Secret."""
        namespace, name = place(number)
        spec = logging_in(address(number), name, self.mail.port)
        await self.api.create(
            f"/api/v1/namespaces/{namespace}/secrets", secret({"password": PASSWORD}, name)
        )
        await self.api.create(path(namespace), mailbox(spec | {"checkInterval": interval}, name))

    async def check_every(self, interval: str) -> Mapping[str, int]:
        """Change the interval of all Mailboxes; return their generations then."""
        made = dict[str, int]()

        async def edit(number: int) -> None:
            made[place(number)[1]] = await self.edit(number, interval)

        await side_by_side(partial(edit, number) for number in range(self.options.size))
        return made

    async def edit(self, number: int, interval: str) -> int:
        """Change the interval of one Mailbox; return its generation then."""
        namespace, name = place(number)
        change = {"spec": {"checkInterval": interval}}
        return await self.api.merge(f"{path(namespace)}/{name}", change)

    async def bare_loop(self, kubeconfig: Path | None = None) -> dict[str, float]:
        """Run the yardstick, with the requests to the API server if it gets a kubeconfig."""
        where = (str(self.mail.port), str(self.mail.bundle))
        arguments = (*where, str(self.options.size), str(kubeconfig or ""))
        with spoken_to("bare", self.plane.directory / "bare.log", *arguments) as process:
            return await hear(process, self.patience_seconds)


async def install(cluster: Cluster, *namespaces: str) -> Installation:
    """Bring namespaces and the operator's rights."""
    await cluster.apply(*map(new_namespace, namespaces))
    plane = cluster.plane
    return await Installation.into(HOME, cluster, plane.assets.locate(Tool.HELM), plane.directory)


def logging_in(user: str, name: str, port: int) -> dict[str, Any]:
    """Ask for a Mailbox that logs in at the bench's server.

    Args:
        user: Its address.
        name: That of its Secret.
        port: The server's.
    """
    server = {"host": "localhost", "port": port, "security": "STARTTLS"}
    named = {"address": user, "credentialsSecretRef": {"name": name}}
    return PRIVATE_SMTP | named | {"smtp": server}


def place(number: int) -> tuple[str, str]:
    """Name the namespace and the name of a Mailbox."""
    return f"bench-{number % NAMESPACES}", f"box-{number}"


def path(namespace: str) -> str:
    """Return the path of the Mailboxes of a namespace."""
    return f"/apis/mailbox-operator.io/v1alpha1/namespaces/{namespace}/mailboxes"


def described() -> str:
    """Describe the limits."""
    return (
        f"{CONCURRENCY} attempts at once, all of them at one host, no limit a second; the bare loop"
        f" logs in {CONCURRENCY} at once as well"
    )
