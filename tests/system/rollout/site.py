"""A cluster with a node, the mail world around it, and the operator installed by its own chart."""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from lab.controlplane.audit import Request
from lab.node.image import Image
from lab.node.network import Destination
from lab.node.node import Node
from lab.node.pod import Pod
from lab.stand.cluster import Cluster, Object
from lab.stand.eventually import eventually
from lab.stand.standings import Summary, summary
from lab.stand.world import World
from system.rollout.helm import OPERATOR, TENANT, Helm, Outcome

INTERNET: Final = "203.0.113.25"
API_SERVER: Final = "10.0.0.1"
RELEASE: Final = "mailbox-operator"
AUTHORITY: Final = "authority"
BEYOND: Final = (
    Destination(61001, "169.254.169.254", seen_as=80),
    Destination(61002, "10.244.9.9", seen_as=587),
    Destination(61003, INTERNET, seen_as=25),
    Destination(61004, INTERNET, seen_as=443),
    Destination(61005, "10.9.9.9", seen_as=443),
)
"""What a gateway has no business with: metadata of a cloud, another pod, a mail exchanger, the web."""


@dataclass(frozen=True, slots=True)
class Site:
    """What a rollout plays in.

    Attributes:
        world: The mail servers; pods know them by other addresses, as those of the internet.
        node: Runs the operator's pods.
        operator: The release of the operator.
    """

    cluster: Cluster
    world: World
    node: Node
    operator: Helm

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        cluster: Cluster,
        world: World,
        helm: Path,
        *images: Image,
        directory: Path,
        names: Sequence[str] = (),
    ) -> AsyncIterator[Self]:
        """Start a node that has some images, in a cluster where nothing is installed yet.

        Args:
            cluster: Where.
            world: What pods may dial.
            helm: The program.
            images: That of the operator, and others.
            directory: For files.
            names: Hosts that pods find at the addresses of the world's servers.
        """
        namespace = f"mail-{secrets.token_hex(4)}"
        release = Helm(helm, cluster.plane, directory, RELEASE, namespace)
        node = Node.run(
            cluster,
            *images,
            reachable=destinations(cluster, world),
            directory=directory,
            names=names,
        )
        async with node as running:
            yield cls(cluster, world, running, release)

    def values(self, *objects: Object, **more: Any) -> dict[str, Any]:
        """Write the values of the operator's chart that lead it to the servers of the tests.

        Args:
            objects: More of them for the release, such as Secrets of the platform.
            more: Other values.
        """
        config = dict(self.world.configuration()) | more.pop("config", {})
        bundle = f"/etc/{AUTHORITY}/ca.crt"
        config["egress"] = {
            key: value for key, value in config["egress"].items() if "nameserver" not in key
        } | {"caBundleFile": bundle}
        content = {"ca.crt": self.world.bundle.read_text()}
        return {
            "config": config,
            "extraObjects": [
                {
                    "apiVersion": "v1",
                    "kind": "ConfigMap",
                    "metadata": {"name": AUTHORITY},
                    "data": content,
                },
                *objects,
            ],
            "extraVolumes": [{"name": AUTHORITY, "configMap": {"name": AUTHORITY}}],
            "extraVolumeMounts": [{"name": AUTHORITY, "mountPath": f"/etc/{AUTHORITY}"}],
        } | more

    async def install(self, *objects: Object, options: Sequence[str] = (), **more: Any) -> Outcome:
        """Install the operator with such values, and wait until it is there."""
        wait = ("--wait", "--timeout=90s")
        return await self.operator.install(OPERATOR, self.values(*objects, **more), *wait, *options)

    def pods(self) -> Sequence[Pod]:
        """List the operator's pods."""
        return self._pods("operator")

    def gateways(self) -> Sequence[Pod]:
        """List the gateway's pods."""
        return self._pods("gateway")

    def _pods(self, component: str) -> Sequence[Pod]:
        labels = {"app.kubernetes.io/component": component}
        return self.node.pods(self.operator.namespace, labels)

    def logs(self) -> str:
        """Quote the end of what all pods wrote."""
        pods = [*self.pods(), *self.gateways()]
        ends = [f"{pod.spec.name}:\n{pod.logs[-1][-3000:]}" for pod in pods if pod.logs]
        return "\n".join(ends)

    def requests(self) -> list[Request]:
        """Read from the audit log what the operator has asked the API server for."""
        return self.cluster.plane.requests(self.operator.namespace, RELEASE)

    def tenant(self) -> "Tenant":
        """Think of a tenant that nobody has heard of."""
        name = f"tenant-{secrets.token_hex(4)}"
        return Tenant(self, replace(self.operator, release="mailboxes", namespace=name))


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant's release.

    Attributes:
        helm: Helm for it.
    """

    site: Site
    helm: Helm

    async def install(self, values: Mapping[str, Any], *options: str) -> Outcome:
        """Roll the tenant out."""
        return await self.helm.install(TENANT, values, *options)

    async def upgrade(self, values: Mapping[str, Any], *options: str) -> Outcome:
        """Roll a change out."""
        return await self.helm.upgrade(TENANT, values, *options)

    async def mailbox(self, name: str) -> Object:
        """Read a mailbox; empty if there is none."""
        return await self.site.cluster.find("Mailbox", name, self.helm.namespace) or {}

    async def until(self, expected: Summary, name: str, within: float = 20) -> Object:
        """Wait until a mailbox stands so."""

        async def look() -> Object:
            return await self.mailbox(name)

        return await eventually(
            look, lambda found: summary(found) == expected, within, self.site.logs
        )


def destinations(cluster: Cluster, world: World) -> list[Destination]:
    """List what pods may dial if their policies let them, and what each stands for."""
    api = Destination(urlsplit(cluster.plane.url).port or 443, API_SERVER, seen_as=443)
    oauth = urlsplit(world.oauth.url).port or 443
    mail = [*world.ports, world.google.port, world.outlook.port]
    return [api, *(Destination(port, INTERNET) for port in (oauth, *mail)), *BEYOND]
