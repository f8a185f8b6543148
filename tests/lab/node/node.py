"""A node for the test control plane: scheduler, kubelet, container runtime and CNI in small."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import aiohttp

from lab.node.api import MERGE, Api, core
from lab.node.boxing import Ground
from lab.node.image import Image
from lab.node.network import Destination, Wire
from lab.node.pod import Pod
from lab.node.policy import Direction, Peer, Port, allows
from lab.node.runtime import check_runtime
from lab.node.spec import Spec
from lab.node.status import Status, node as node_object, node_status
from lab.stand.cluster import Cluster, Object

LOOK_EVERY_SECONDS: Final = 0.15
OUTSIDE: Final = Peer("203.0.113.1")


def is_pending(pod: Object) -> bool:
    """Tell whether a pod waits for a node, and for nothing else."""
    spec = pod["spec"]
    placed = spec.get("nodeName") or spec.get("schedulingGates")
    return not placed and "deletionTimestamp" not in pod["metadata"]


def _addresses() -> Iterator[str]:
    for number in range(2, 2**16):
        yield f"10.244.{number >> 8}.{number & 255}"


@dataclass(slots=True)
class Node:
    """A node whose pods are processes of this machine.

    Attributes:
        name: Its own in the cluster.
    """

    name: str
    ground: Ground
    _pods: dict[str, Pod] = field(default_factory=dict)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _addresses: Iterator[str] = field(default_factory=_addresses)

    @classmethod
    @asynccontextmanager
    async def run(
        cls,
        cluster: Cluster,
        *images: Image,
        reachable: Sequence[Destination],
        directory: Path,
        names: Sequence[str] = (),
    ) -> AsyncIterator[Self]:
        """Take every pod that wants to run, for as long as the block lasts.

        Args:
            cluster: The control plane; no other node of it should be about.
            images: All that there are.
            reachable: What pods may dial, if their policies let them; the API server too. It may
                grow: a container that starts later sees it.
            directory: For volumes and logs.
            names: Hosts that pods find on their loopback, where `reachable` is.

        Raises:
            RuntimeMissingError: This machine runs no containers.
            ExceptionGroup: At the end, if there was a pod that could not be run.
        """
        await asyncio.to_thread(check_runtime)
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=connector) as http:
            node = cls(
                f"node-{secrets.token_hex(4)}",
                Ground(Api(cluster), http, images, reachable, directory, names),
            )
            await node._register()
            working = asyncio.create_task(node._work())
            try:
                yield node
            finally:
                await node._leave(working)

    def pods(self, namespace: str = "", labels: Mapping[str, str] | None = None) -> list[Pod]:
        """List the pods that are here, those that end included, oldest first."""
        wanted = (labels or {}).items()
        return [
            each
            for each in self._pods.values()
            if namespace in {"", each.spec.namespace} and wanted <= each.spec.labels.items()
        ]

    def tell(self) -> str:
        """Say how all pods stand, for a test that fails."""
        return "\n".join(pod.tell() for pod in self._pods.values())

    async def reach(self, pod: Pod, port: int | str, source: Peer = OUTSIDE) -> str:
        """Open the way to a pod's port; return the URL to take.

        Raises:
            ConnectionRefusedError: The pod's policies keep the source out.
        """
        return f"http://127.0.0.1:{await self.door(pod, port, source)}"

    async def door(self, pod: Pod, port: int | str, source: Peer = OUTSIDE) -> int:
        """Open the way to a pod's port; return the port of this machine's loopback to take.

        Raises:
            ConnectionRefusedError: The pod's policies keep the source out.
        """
        number = pod.spec.port(port)
        names = {number: name for name, number in pod.spec.ports.items()}
        policies = await self.ground.api.policies(pod.spec.namespace)
        to = await self.ground.workload(pod.spec), source, Port(number, names.get(number, ""))
        if not allows(policies, Direction.INGRESS, *to):
            raise ConnectionRefusedError(f"{source} may not reach {pod.spec.name}:{port}")
        return await pod.wire.door(number)

    async def _register(self) -> None:
        path = core("nodes", self.name)
        await self.ground.api.ask("POST", core("nodes"), node_object(self.name))
        await self.ground.api.ask("PATCH", f"{path}/status", {"status": node_status()}, MERGE)
        # Nobody looks after nodes here, so nobody would take away the taint of a new one.
        await self.ground.api.ask("PATCH", path, {"spec": {"taints": None}}, MERGE)

    async def _work(self) -> None:
        while True:
            found = await self.ground.api.pods()
            for each in filter(is_pending, found):
                await self._bind(each)
            mine = {
                x["metadata"]["uid"]: x for x in found if x["spec"].get("nodeName") == self.name
            }
            for uid, each in mine.items():
                await self._follow(uid, each)
            for uid in self._pods.keys() - mine.keys():
                self._pods[uid].stop(0)
                if self._tasks[uid].done():
                    del self._pods[uid]
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _bind(self, pod: Object) -> None:
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        target = {"apiVersion": "v1", "kind": "Node", "name": self.name}
        binding = {"metadata": {"name": name}, "target": target}
        await self.ground.api.ask("POST", core("pods", name, namespace, "binding"), binding)

    async def _follow(self, uid: str, found: Object) -> None:
        if uid not in self._pods:
            container = found["spec"]["containers"][0]
            status = Status(container["name"], container["image"], next(self._addresses))
            pod = Pod(self.ground, Spec(found), status, await Wire.open())
            self._pods[uid] = pod
            self._tasks[uid] = asyncio.create_task(pod.live())
        if "deletionTimestamp" in found["metadata"]:
            self._pods[uid].stop(found["metadata"]["deletionGracePeriodSeconds"])

    async def _leave(self, working: asyncio.Task[None]) -> None:
        """End all pods at once, forget the node, and tell of what went wrong."""
        working.cancel()
        await asyncio.wait({working})
        for pod in self._pods.values():
            pod.stop(0)
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self.ground.api.ask("DELETE", core("nodes", self.name))
        tasks = [task for task in (working, *self._tasks.values()) if not task.cancelled()]
        failures = [*self.ground.failures, *(task.exception() for task in tasks)]
        if told := [each for each in failures if isinstance(each, Exception)]:
            raise ExceptionGroup("pods that this node could not run", told)
