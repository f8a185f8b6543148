"""A pod's wire to the rest of the world, with its NetworkPolicies as the gate."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from lab.node.policy import Direction, Object, Peer, Port, Workload, allows
from lab.node.sandbox import INTO_POD, OUT_OF_POD, End

SOCKETS: Final = "wire"


@dataclass(frozen=True, slots=True)
class Destination:
    """A server on this machine's loopback, and what it stands for.

    Attributes:
        port: Where it listens on the loopback. Pods dial the same.
        address: What policies take it for, such as 203.0.113.5 for a mail server.
        seen_as: The port that policies take it for; 0 says the same.
        workload: What policies take it for if it stands for a pod of the cluster.
    """

    port: int
    address: str
    seen_as: int = 0
    workload: Workload | None = None

    def allowed(self, policies: Sequence[Object], pod: Workload) -> bool:
        """Tell whether a pod may dial it."""
        peer = Peer(self.address, self.workload)
        return allows(policies, Direction.EGRESS, pod, peer, Port(self.seen_as or self.port))


@dataclass(slots=True)
class Wire:
    """Both ends of one pod's connections.

    Attributes:
        folder: Private, with a name short enough for sockets.
        end: The node's end; the pod sees the same sockets.
        allowed: What the pod may dial.
        dialled: What it has dialled, oldest first.
    """

    folder: Path
    end: End
    allowed: Sequence[Destination] = ()
    dialled: list[Destination] = field(default_factory=list)
    _doors: dict[int, int] = field(default_factory=dict)

    @classmethod
    async def open(cls) -> Self:
        """Make the folder, and wait for the pod to dial."""
        folder = Path(tempfile.mkdtemp(prefix="pod-"))
        wire = cls(folder, End(folder / SOCKETS))
        wire.end.folder.mkdir()
        await wire.end.admit(OUT_OF_POD, wire._may)
        return wire

    async def door(self, port: int) -> int:
        """Open a port on this machine's loopback that leads to one in the pod."""
        if port not in self._doors:
            self._doors[port] = await self.end.carry(INTO_POD, port)
        return self._doors[port]

    async def close(self) -> None:
        """Cut it, once the last words of the pod are carried."""
        await self.end.settle()
        await self.end.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _may(self, port: int) -> bool:
        found = [each for each in self.allowed if each.port == port]
        self.dialled.extend(found)
        return bool(found)
