"""What a soak plays on: the scenarios' stand, with two replicas and many Mailboxes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Executor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import aiohttp

from lab.controlplane.ports import free_ports
from lab.controlplane.programs import Program
from lab.servers.authority import Authority
from lab.servers.smtp import Attempt, Behaviour, SmtpServer
from lab.stand.cluster import Cluster, Object
from lab.stand.consents import OFFERS, with_page
from lab.stand.installation import Installation
from lab.stand.manifests import infrastructure, secret
from lab.stand.nodes import Node
from lab.stand.world import World
from tools.soak.fleet import APP, PLATFORM, Fleet, Member
from tools.soak.front import front
from tools.soak.options import Options
from tools.soak.replica import Replica

NAMES: Final = ("first.soak.example", "second.soak.example")
PATIENT: Final = {"connect": "5s", "command": "10s", "otherPort": "2s", "attempt": "30s"}
QUICK: Final = {"transient": ["2s", "5s", "10s"], "person": ["15s", "30s"]}
AGAIN_SECONDS: Final = 0.5
PERSISTS_SECONDS: Final = 120.0
"""How long somebody asks an API server that does not answer."""


@dataclass(slots=True)
class Stand:
    """Everything.

    Attributes:
        hands: A thread that stays: what is started in it dies with it.
        own: The mail server that tenants name and presets lead to.
    """

    options: Options
    fleet: Fleet
    cluster: Cluster
    world: World
    own: SmtpServer
    replicas: tuple[Replica, ...]
    hands: Executor

    @classmethod
    @asynccontextmanager
    async def of(cls, options: Options, cluster: Cluster, hands: Executor) -> AsyncIterator[Self]:
        """Set everything up but the Mailboxes."""
        fleet, directory = Fleet.of(options), cluster.plane.directory
        helm = cluster.plane.assets.locate(Program.HELM)
        async with AsyncExitStack() as stack:
            world = await stack.enter_async_context(World.open(Authority(), directory))
            world.oauth.behaviour = replace(
                world.oauth.behaviour, refresh_tokens=fleet.tokens(), lifetime_seconds=120
            )
            server = world.server(Behaviour(accounts=fleet.accounts()))
            own = await stack.enter_async_context(server)
            made = Installation.of(cluster, helm, directory)
            installation = await stack.enter_async_context(made)
            public, *pages = free_ports(3)
            replicas = []
            for name, page in zip(NAMES, pages, strict=True):
                content = configured(world, options, name, page, public)
                path = installation.write_configuration(content, name)
                node = Node.of(directory, name)
                replicas.append(Replica(name, installation, path, page, node))
            stand = cls(options, fleet, cluster, world, own, tuple(replicas), hands)
            await stack.enter_async_context(front(public, stand.pages))
            for each in stand.replicas:
                stack.push_async_callback(each.end)
                await each.start()
            yield stand

    @property
    def servers(self) -> tuple[SmtpServer, ...]:
        """All mail servers."""
        return (self.world.google, self.world.outlook, self.own)

    @property
    def attempts(self) -> list[Attempt]:
        """All sessions so far."""
        return [attempt for server in self.servers for attempt in server.attempts]

    def pages(self) -> list[int]:
        """Say where consent pages are that answer."""
        return [each.page_port for each in self.replicas if each.is_up]

    async def offer(self) -> None:
        """Have the platform provide its apps and its preset."""
        place = self.replicas[0].installation.namespace
        preset = {"name": "Soak", "host": "localhost", "port": self.own.port}
        known = {"domains": ["acme.example"], "mxSuffixes": ["mx.acme.example"]}
        spec = {**OFFERS["Google"], **OFFERS["Outlook"], "presets": [preset | known]}
        await self.cluster.apply(*self.fleet.namespaces(), secret(APP, "app", place))
        await self.cluster.apply(infrastructure(PLATFORM, spec))

    async def declare(self, member: Member) -> None:
        """Create a Mailbox, and its Secret if it has one."""
        if not member.needs_consent:
            await self.persist(lambda: self.cluster.apply(member.secret()))
        manifest = member.manifest(self.options.interval_seconds, self.own.port)
        await self.persist(lambda: self.cluster.apply(manifest))

    async def mailboxes(self) -> dict[str, Object]:
        """Read all Mailboxes by their name."""
        found = await self.persist(lambda: self.cluster.list("Mailbox"))
        return {each["metadata"]["name"]: each for each in found}

    async def persist(self, asked: Callable[[], Awaitable[Any]]) -> Any:
        """Ask until the API server answers; it is restarted now and then."""
        async with asyncio.timeout(PERSISTS_SECONDS):
            while True:
                try:
                    return await asked()
                except (aiohttp.ClientError, AssertionError, TimeoutError, ValueError):
                    await asyncio.sleep(AGAIN_SECONDS)

    async def by_hand(self, done: Callable[[], None]) -> None:
        """Do something that takes a while, in the thread that stays."""
        await asyncio.get_running_loop().run_in_executor(self.hands, done)


def configured(
    world: World, options: Options, name: str, page: int, public: int
) -> Mapping[str, Any]:
    """Write the configuration of one replica.

    Args:
        world: The mail servers.
        options: What is asked for.
        name: What it calls itself to mail servers.
        page: Port of its consent page.
        public: Port of the consent page in front of both.
    """
    content = with_page(world, page, public, timeouts=PATIENT, intervals=QUICK)
    of_all = {**content["consent"], "startsPerMinute": 100_000, "trustedProxies": 0}
    own = {"smtp": {"ehloName": name}, "leaderElection": options.lease}
    return {**content, **own, "consent": of_all, "claims": {}}


def reason_of(found: Object | None) -> str:
    """Read the reason of a Mailbox's present generation; empty where there is none yet."""
    status = (found or {}).get("status", {})
    if not found or status.get("observedGeneration") != found["metadata"]["generation"]:
        return ""
    reasons = [c["reason"] for c in status.get("conditions", ()) if c["type"] == "Ready"]
    return str(reasons[0]) if reasons else ""
