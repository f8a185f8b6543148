"""Two tenants of one platform that want the same address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lab.servers.smtp import Behaviour, SmtpServer
from lab.stand.eventually import eventually
from lab.stand.manifests import infrastructure, mailbox, password, secret
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.specs import MANAGED_SMTP, Spec
from lab.stand.standings import connected, waiting
from lab.stand.world import GOOD, World

RELAY: Final = replace(GOOD, accounts={"platform": "relayed"}, senders=None)


def address_of(owner: Scene) -> str:
    """Name an address by its owner's namespace."""
    return f"{owner.namespace}@acme.example"


def serving(owner: Scene) -> Behaviour:
    """Make a server take that address for a login and a sender."""
    address = address_of(owner)
    return replace(GOOD, accounts={address: "right"}, senders=(address,))


@dataclass(frozen=True, slots=True)
class Play:
    """Two tenants of one platform.

    Attributes:
        server: Serves the domain, as a preset of the platform says.
        own: A server of the rival's choice.
    """

    owner: Scene
    rival: Scene
    server: SmtpServer
    own: SmtpServer
    relay: SmtpServer

    @classmethod
    @asynccontextmanager
    async def open(cls, world: World, operator: Operator) -> AsyncIterator["Play"]:
        """Set the stage, with a relay."""
        async with (
            Scene.open(world, operator) as owner,
            Scene.open(world, operator) as rival,
            world.server(serving(owner)) as server,
            world.server(serving(owner)) as own,
            world.server(RELAY) as relay,
        ):
            play = cls(owner, rival, server, own, relay)
            login = {"username": "platform", "password": "relayed"}
            await owner.apply(secret(login, "relay", owner.platform_namespace))
            await play.offer()
            await owner.apply(password())
            await rival.apply(password())
            yield play

    async def offer(self, **more: Any) -> None:
        """Declare what the platform provides, by the name of the owner's namespace."""
        preset = {"name": "Acme", "host": "localhost", "port": self.server.port}
        login = {"credentialsSecretRef": {"name": "relay"}}
        spec = {
            "presets": [preset | {"domains": ["acme.example"]}],
            "relay": {"host": "localhost", "port": self.relay.port} | login,
        }
        await self.owner.apply(infrastructure(self.owner.namespace, spec | more))

    async def contest(self) -> None:
        """Have the owner hold the address, and the rival wait for it."""
        await self.declare(self.owner)
        await self.owner.until(connected())
        await self.declare(self.rival)
        await self.rival.until(waiting("AlreadyClaimed"))

    async def declare(self, scene: Scene, server: SmtpServer | None = None) -> None:
        """Declare a Mailbox of the address, at a server of the tenant's choice if one is given."""
        spec: Spec = MANAGED_SMTP | {"managedInfrastructureName": self.owner.namespace}
        chosen = {"smtp": {"host": "localhost", "port": server.port}} if server else {}
        await scene.apply(mailbox(spec | {"address": self.address} | chosen))

    async def delete(self) -> None:
        """Delete the owner's Mailbox."""
        await self.owner.cluster.delete("Mailbox", "jane", self.owner.namespace)

    async def look_again(self, word: str) -> None:
        """Have the rival's Mailbox looked at, and wait until it was."""
        await self.rival.reconnect(word)

        async def handled() -> str:
            status = (await self.rival.mailbox()).get("status", {})
            return str(status.get("lastHandledReconnectAt", ""))

        await eventually(handled, lambda found: found == word, tell=self.owner.operator.tail)

    async def past(self, moment: str, distance: timedelta) -> None:
        """Wait until a moment of a status lies so far back."""
        wanted = datetime.fromisoformat(moment) + distance

        async def time() -> datetime:
            return datetime.now(UTC)

        await eventually(time, lambda now: now > wanted)

    @property
    def address(self) -> str:
        """Name the address that both want; no other test has it."""
        return address_of(self.owner)

    @property
    def witnessed(self) -> list[str | None]:
        """Senders that the relay was asked about."""
        return [each.sender for each in self.relay.attempts if each.sender]
