"""A test's own namespace in a cluster that an operator looks after."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self

from lab.controlplane.audit import Request
from lab.servers.smtp import SmtpServer
from lab.stand.cluster import Cluster, Object
from lab.stand.eventually import eventually
from lab.stand.manifests import RECONNECT, new_namespace
from lab.stand.operator_process import Operator
from lab.stand.standings import Summary, summary, unconnected
from lab.stand.world import World

MAILBOX: Final = "Mailbox"
INFRASTRUCTURE: Final = "ManagedInfrastructure"


@dataclass(slots=True)
class Scene:
    """What a scenario plays in.

    Attributes:
        world: The mail servers.
        operator: The one that looks after the cluster now.
        namespace: For the objects of this test alone.
        servers: Mail servers that more than one test asks after.
        others: Replicas that share the work with that operator.
    """

    cluster: Cluster
    world: World
    operator: Operator
    namespace: str
    servers: dict[str, SmtpServer] = field(default_factory=dict)
    others: tuple[Operator, ...] = ()
    _platforms: set[str] = field(default_factory=set)

    @classmethod
    @asynccontextmanager
    async def open(cls, world: World, operator: Operator, name: str = "") -> AsyncIterator[Self]:
        """Create the namespace, of a name nobody has unless told; it goes when the block ends."""
        cluster = operator.installation.cluster
        name = name or new_name()
        home = new_namespace(name)
        await cluster.apply(home)
        scene = cls(cluster, world, operator, name)
        try:
            yield scene
        finally:
            for each in await cluster.list("Mailbox", name):  # at once, so that it claims nothing
                await cluster.delete("Mailbox", each["metadata"]["name"], name)
            await cluster.delete("Namespace", name)
            for platform in scene._platforms:
                await cluster.delete(INFRASTRUCTURE, platform)

    @property
    def platform_namespace(self) -> str:
        """Name the operator's own namespace, where the Secrets of the platform lie."""
        return self.operator.installation.namespace

    async def apply(self, *objects: Mapping[str, Any]) -> None:
        """Create or change objects; those without a namespace get the test's."""
        for each in objects:
            place = {"namespace": self.namespace}
            if each["kind"] == INFRASTRUCTURE:
                place = {}
                self._platforms.add(each["metadata"]["name"])
            await self.cluster.apply({**each, "metadata": {**place, **each["metadata"]}})

    async def change(self, spec: Mapping[str, Any], name: str = "jane") -> None:
        """Change fields of a mailbox's spec."""
        await self.cluster.merge(MAILBOX, name, {"spec": spec}, self.namespace)

    async def reconnect(self, value: str, name: str = "jane") -> None:
        """Ask for an attempt now."""
        change = {"metadata": {"annotations": {RECONNECT: value}}}
        await self.cluster.merge(MAILBOX, name, change, self.namespace)

    async def mailbox(self, name: str = "jane") -> Object:
        """Read a mailbox; empty if there is none."""
        return await self.cluster.find(MAILBOX, name, self.namespace) or {}

    async def until(self, expected: Summary, name: str = "jane", within: float = 15) -> Object:
        """Wait until a mailbox stands so, by its present generation; return it."""

        async def look() -> Object:
            return await self.mailbox(name)

        return await eventually(
            look, lambda found: _stands(found, expected), within, self.operator.tail
        )

    async def until_platform(self, expected: Summary, name: str, within: float = 15) -> Object:
        """Wait until a ManagedInfrastructure stands so; return it."""

        async def look() -> Object:
            return await self.cluster.find(INFRASTRUCTURE, name) or {}

        wanted = unconnected(expected)
        return await eventually(
            look, lambda found: _stands(found, wanted), within, self.operator.tail
        )

    async def until_sender(
        self, expected: Summary, name: str = "app", within: float = 15
    ) -> Object:
        """Wait until a Sender stands so; return it."""

        async def look() -> Object:
            return await self.cluster.find("Sender", name, self.namespace) or {}

        wanted = unconnected(expected)
        return await eventually(
            look, lambda found: _stands(found, wanted), within, self.operator.tail
        )

    async def until_attempted(self, times: int, name: str = "jane", within: float = 15) -> None:
        """Wait until a mailbox was tried so often, in all."""

        async def look() -> int:
            return len(self.attempts(name))

        await eventually(look, lambda seen: seen >= times, within, self.operator.tail)

    async def until_read(self, times: int) -> None:
        """Wait until the operator has asked for Secrets of the namespace so often, in all."""

        async def look() -> int:
            return self.reads()

        await eventually(look, lambda seen: seen >= times, tell=self.operator.tail)

    def reads(self) -> int:
        """Count in the audit log how often the operator has asked for a Secret of the namespace."""
        wanted = ("secrets", "get", self.namespace)
        asked = self.operator.requests()
        return sum((each.resource, each.verb, each.namespace) == wanted for each in asked)

    def attempts(self, name: str = "jane") -> list[dict[str, Any]]:
        """Read of a mailbox's attempts in the logs of all replicas."""
        replicas = (self.operator, *self.others)
        return [line for each in replicas for line in each.attempts(f"{self.namespace}/{name}")]

    def writes(self, name: str = "jane") -> list[Request]:
        """Read of what the operator wrote to a mailbox, in the audit log."""
        return [
            each
            for each in self.operator.requests()
            if each.writes and (each.namespace, each.name) == (self.namespace, name)
        ]


def new_name() -> str:
    """Draw the name of a namespace."""
    return f"test-{secrets.token_hex(4)}"


def _stands(found: Object, expected: Summary) -> bool:
    if not found or summary(found) != expected:
        return False
    generation: int = found["metadata"]["generation"]
    about = [c["observedGeneration"] for c in found["status"]["conditions"]]
    return {found["status"]["observedGeneration"], *about} == {generation}
