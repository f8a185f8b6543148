"""A Service on this machine: it leads each connection to the next ready pod, as kube-proxy does.

What it knows of the pods is up to a second old, as on a real node: a pod that ends is still dialled
for a moment.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from lab.node.node import OUTSIDE, Node
from lab.node.policy import Peer
from lab.node.sandbox import LOOPBACK, Stream, copy
from lab.stand.cluster import Object
from lab.stand.eventually import eventually

SYNC_SECONDS: Final = 1.0
LISTED_SECONDS: Final = 90.0
"""Until the control plane has to list a pod that is ready: its controllers share a busy machine."""

DISCOVERY: Final = "apis/discovery.k8s.io/v1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A pod behind a port of a Service."""

    uid: str
    port: int


@dataclass(slots=True)
class Service:
    """One port of a Service, as one peer finds it.

    Attributes:
        port: Its name.
        source: Who dials: the pods' policies are asked about it.
    """

    node: Node
    namespace: str
    name: str
    port: str
    source: Peer
    _endpoints: Sequence[Endpoint] = ()
    _turn: int = 0
    _streams: set[asyncio.Task[None]] = field(default_factory=set)

    async def look(self) -> Sequence[Endpoint]:
        """Learn which pods are ready, and return what they are called."""
        path = f"{DISCOVERY}/namespaces/{self.namespace}/endpointslices"
        selector = f"labelSelector=kubernetes.io/service-name%3D{self.name}"
        found = await self.node.ground.api.ask("GET", f"{path}?{selector}")
        self._endpoints = endpoints((found or {"items": []})["items"], self.port)
        return self._endpoints

    async def follow(self) -> None:
        """Learn it again and again, until cancelled."""
        while True:
            await asyncio.sleep(SYNC_SECONDS)
            await self.look()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection."""
        stream = asyncio.create_task(self._lead((reader, writer)))
        self._streams.add(stream)
        stream.add_done_callback(self._streams.discard)

    async def close(self) -> None:
        """Cut all connections."""
        for stream in self._streams:
            stream.cancel()
        await asyncio.gather(*self._streams, return_exceptions=True)

    async def _lead(self, near: Stream) -> None:
        try:
            far = await asyncio.open_connection(LOOPBACK, await self._door())
        except OSError:
            near[1].transport.abort()
            return
        try:
            await asyncio.gather(copy(near[0], far[1]), copy(far[0], near[1]))
        finally:
            far[1].close()
            near[1].close()

    async def _door(self) -> int:
        """Choose the next pod.

        Raises:
            ConnectionRefusedError: There is none, or its policies keep the source out.
        """
        if not self._endpoints:
            raise ConnectionRefusedError(f"no pod is ready behind {self.name}:{self.port}")
        self._turn += 1
        chosen = self._endpoints[self._turn % len(self._endpoints)]
        for pod in self.node.pods(self.namespace):
            if pod.spec.uid == chosen.uid:
                return await self.node.door(pod, chosen.port, self.source)
        raise ConnectionRefusedError(f"{chosen} is gone")


def endpoints(slices: Sequence[Object], port: str) -> list[Endpoint]:
    """List the pods that are ready for connections to a port."""
    return [
        Endpoint(each["targetRef"]["uid"], number["port"])
        for found in slices
        for number in found["ports"] or ()
        for each in found["endpoints"] or ()
        if number["name"] == port and each["conditions"]["ready"]
    ]


@asynccontextmanager
async def served(
    node: Node, namespace: str, name: str, port: str, source: Peer = OUTSIDE, listen: int = 0
) -> AsyncIterator[int]:
    """Have a port of a Service on this machine's loopback for as long as the block lasts.

    The block begins once a pod is behind it: the control plane lists a pod some time after it is ready.

    Args:
        node: Runs the pods.
        namespace: Of the Service.
        name: Of the Service.
        port: Name of its port.
        source: Who dials.
        listen: The port of this machine to take; any that is free, unless given.
    """
    service = Service(node, namespace, name, port, source)
    await eventually(service.look, within=LISTED_SECONDS)
    following = asyncio.create_task(service.follow())
    server = await asyncio.start_server(service.accept, LOOPBACK, listen)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        following.cancel()
        await service.close()
