"""Runs the real kube-state-metrics, as a ServiceAccount with some rights, and reads what it tells."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import aiohttp

from lab.controlplane.ports import free_ports
from lab.controlplane.process import Process
from lab.stand.cluster import Cluster
from lab.stand.eventually import eventually
from lab.stand.exposition import Sample, samples

PREFIX: Final = "kube_customresource_"
NAME: Final = "kube-state-metrics"
RESERVED: Final = ("customresource_group", "customresource_version", "customresource_kind")


@dataclass(frozen=True, slots=True)
class StateMetrics:
    """One process.

    Attributes:
        namespace: Where its ServiceAccount is; both are named alike in every namespace.
    """

    cluster: Cluster
    namespace: str
    url: str
    process: Process

    @classmethod
    @asynccontextmanager
    async def run(
        cls, cluster: Cluster, program: Path, namespace: str, rules: list[Any], configuration: Path
    ) -> AsyncIterator[Self]:
        """Start it with these rights, and wait until it serves.

        Args:
            cluster: What it tells of.
            program: The file to run.
            namespace: Where its ServiceAccount goes.
            rules: What that one may do, in the whole cluster.
            configuration: Its file for custom resources. Its log goes beside it.
        """
        await cluster.apply(*rights(namespace, rules))
        kubeconfig = await asyncio.to_thread(cluster.plane.kubeconfig_for, namespace, NAME)
        port, telemetry = free_ports(2)
        command = [
            *(str(program), "--custom-resource-state-only", f"--kubeconfig={kubeconfig}"),
            *("--host=127.0.0.1", f"--port={port}"),
            *("--telemetry-host=127.0.0.1", f"--telemetry-port={telemetry}"),
            f"--custom-resource-state-config-file={configuration}",
        ]
        process = Process(command, configuration.with_suffix(".log"))
        running = cls(cluster, namespace, f"http://127.0.0.1:{port}", process)
        process.start()
        try:
            await eventually(running.text, within=30, tell=process.log.read_text)
            yield running
        finally:
            await asyncio.to_thread(process.stop)
            await cluster.delete("ClusterRoleBinding", namespace)
            await cluster.delete("ClusterRole", namespace)

    async def text(self) -> str:
        """Scrape it; nothing where it does not answer."""
        try:
            async with self.cluster.http.get(f"{self.url}/metrics", headers=PLAIN) as answer:
                return await answer.text()
        except aiohttp.ClientConnectionError:
            return ""

    async def samples(self, metric: str, /, **labels: str) -> list[Sample]:
        """Read the samples of a metric that have these labels; of Mailboxes, those beside it."""
        if metric.startswith("mailbox_"):
            labels["namespace"] = self.namespace
        found = samples(await self.text(), f"{PREFIX}{metric}")
        return [each for each in found if labels.items() <= each.labels.items()]


PLAIN: Final[Mapping[str, str]] = {"Authorization": "", "Accept": "text/plain"}


def own(sample: Sample) -> Mapping[str, str]:
    """Return the labels of a sample less those that kube-state-metrics adds to each."""
    return {name: value for name, value in sample.labels.items() if name not in RESERVED}


def rights(namespace: str, rules: list[Any]) -> list[Mapping[str, Any]]:
    """Give a ServiceAccount rights in the whole cluster, under the name of its namespace."""
    api = "rbac.authorization.k8s.io"
    account = {"kind": "ServiceAccount", "name": NAME, "namespace": namespace}
    role = {"apiVersion": f"{api}/v1", "kind": "ClusterRole", "metadata": {"name": namespace}}
    reference = {"apiGroup": api, "kind": "ClusterRole", "name": namespace}
    return [
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": NAME, "namespace": namespace},
        },
        role | {"rules": rules},
        role | {"kind": "ClusterRoleBinding", "roleRef": reference, "subjects": [account]},
    ]
