"""What stands around the operator while it is measured, and the operator itself."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from lab.controlplane.plane import ControlPlane
from lab.controlplane.ports import free_ports
from lab.controlplane.programs import Program as Tool
from lab.stand.installation import rendered_rights
from tools.bench.cluster import Cluster, Object, Watch, side_by_side
from tools.bench.processes import PATHS, Mail, Operator
from tools.bench.sizes import CONCURRENCY, LIMITS, NAMESPACES, PASSWORD, Options, address
from tools.demo.installation import files
from tools.demo.program import Program, start_operator

HOME: Final = "mailbox-operator"
CALM: Final = {"leaseDuration": "10m", "renewDeadline": "9m"}
"""For an operator that is put to sleep: nobody is to take its lease meanwhile."""


@dataclass(frozen=True, slots=True)
class Stand:
    """The cluster and the mail server."""

    options: Options
    plane: ControlPlane
    cluster: Cluster
    watch: Watch
    mail: Mail
    kubeconfig: Path

    @contextmanager
    def operator(self, *, calm: bool = False, profile: str = "") -> Iterator[Operator]:
        """Run the operator for as long as the block.

        Args:
            calm: Whether its lease outlasts a sleep.
            profile: Name of the profile, if one is asked for.
        """
        port = free_ports(1)[0]
        configuration = self.plane.directory / "operator.yaml"
        configuration.write_text(yaml.safe_dump(self._configuration(port, calm=calm)))
        log = self.plane.directory / "operator.log"
        folder = self.options.profile
        watched = ("-m", "cProfile", "-o", f"{folder}/{profile}.prof") if folder and profile else ()
        began = time.monotonic()
        with start_operator(self.kubeconfig, configuration, log, watched) as program:
            yield Operator(program, port, began)

    def _configuration(self, port: int, *, calm: bool) -> dict[str, Any]:
        egress = {
            "allowedNetworks": ["127.0.0.0/8", "::1/128"],
            "allowedPorts": [self.mail.port],
            "caBundleFile": str(self.mail.bundle),
        }
        return {
            "operatorNamespace": HOME,
            "egress": egress,
            "limits": LIMITS,
            "leaderElection": CALM if calm else {},
            "listen": {"address": "127.0.0.1", "port": port},
        }

    async def fill(self) -> None:
        """Create all Mailboxes, each with a Secret of its own."""
        await side_by_side(
            lambda number=number: self.add(number, "24h")  # type: ignore[misc]  # a default binds it
            for number in range(self.options.size)
        )

    async def add(self, number: int, interval: str) -> None:
        """Create one Mailbox and its Secret."""
        namespace, name = place(number)
        secret = {"metadata": {"name": name}, "stringData": {"password": PASSWORD}}
        await self.cluster.create(f"/api/v1/namespaces/{namespace}/secrets", secret)
        await self.cluster.create(path(namespace), self.mailbox(number, interval))

    def mailbox(self, number: int, interval: str) -> Object:
        """Make one Mailbox."""
        name = place(number)[1]
        return {
            "apiVersion": "mailbox-operator.io/v1alpha1",
            "kind": "Mailbox",
            "metadata": {"name": name},
            "spec": {
                "address": address(number),
                "provider": "SMTP",
                "infrastructure": "Private",
                "credentialsSecretRef": {"name": name},
                "smtp": {"host": "localhost", "port": self.mail.port, "security": "STARTTLS"},
                "checkInterval": interval,
            },
        }

    async def check_every(self, interval: str) -> None:
        """Change the interval of all Mailboxes."""
        change = {"spec": {"checkInterval": interval}}
        places = [place(number) for number in range(self.options.size)]
        await side_by_side(
            lambda at=at: self.cluster.merge(f"{path(at[0])}/{at[1]}", change)  # type: ignore[misc]
            for at in places
        )

    async def bare_loop(self, kubeconfig: Path | None = None) -> dict[str, float]:
        """Run the yardstick, with the requests to the API server if it gets a kubeconfig."""
        where = (str(self.mail.port), str(self.mail.bundle))
        arguments = (*where, str(self.options.size), str(kubeconfig or ""))
        command = [sys.executable, "-m", "tools.bench.bare", *arguments]
        log = self.plane.directory / "bare.log"
        with Program.start(command, log, PATHS, spoken_to=True) as program:
            told = await asyncio.to_thread(program.output.readline)
        figures: dict[str, float] = json.loads(told)
        return figures


def install(plane: ControlPlane) -> Path:
    """Bring CRDs, namespaces and the operator's rights; return its kubeconfig."""
    plane.kubectl("apply", "--server-side", *files())
    plane.kubectl("wait", "--for=condition=Established", "--timeout=60s", *files())
    names = [HOME, *(f"bench-{number}" for number in range(NAMESPACES))]
    homes = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": x}} for x in names]
    plane.apply(*homes, *rendered_rights(plane.assets.locate(Tool.HELM), HOME))
    return plane.kubeconfig_for(HOME, HOME)


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
