"""What an operator does once in each of its rights, and one that lacks some right."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from lab.servers.smtp import SmtpServer
from lab.stand.cluster import Object
from lab.stand.eventually import eventually
from lab.stand.manifests import at, mailbox, password, secret
from lab.stand.scene import Scene
from lab.stand.specs import OUTLOOK
from lab.stand.standings import connected, stalled


@dataclass(frozen=True, slots=True)
class Play:
    """An operator that lacks one right, and a mail server.

    Attributes:
        right: Resource and verb that it lacks; empty if it has them all.
    """

    scene: Scene
    server: SmtpServer
    right: tuple[str, str]

    async def until_refused_again(self) -> None:
        """Wait until it has asked in vain twice more: one of these may be under way by now."""
        await self.until_refused(self._refusals() + 2)

    async def until_refused(self, times: int = 1) -> None:
        """Wait until it has asked in vain, so often since its start."""

        async def look() -> int:
            return self._refusals()

        await eventually(look, lambda seen: seen >= times, 20, self.scene.operator.tail)

    def _refusals(self) -> int:
        asked = self.scene.operator.requests()
        refused = [(r.resource, r.verb) for r in asked if r.code == HTTPStatus.FORBIDDEN]
        return refused.count(self.right)


async def grant_of(scene: Scene, found: Object) -> Object:
    """Read what the operator keeps for a mailbox; empty if nothing."""
    name = f"mailbox-grant-{found['metadata']['uid']}"
    kept = await scene.cluster.find("Secret", name, scene.platform_namespace)
    return dict(kept["data"]) if kept else {}


async def connect_twice(scene: Scene, server: SmtpServer) -> None:
    """Have a mailbox connect, lose it, and have it connect again."""
    await scene.apply(password(), mailbox(at(server)))
    await scene.until(connected())
    await scene.apply(password("wrong"))
    await scene.until(stalled("InvalidCredentials"))
    await scene.apply(password())
    await scene.until(connected())


async def rotating(scene: Scene) -> None:
    """Declare a mailbox whose refresh token is replaced each time it is used."""
    oauth, token = scene.world.oauth, f"of {scene.namespace}"
    scene.world.grant(token)
    oauth.behaviour = replace(oauth.behaviour, lifetime_seconds=60)
    app = {"client-id": "app", "client-secret": "hush", "tenant-id": "contoso.example"}
    await scene.apply(secret(app | {"refresh-token": token}, "rotating"))
    named = {"credentialsSecretRef": {"name": "rotating"}}
    await scene.apply(mailbox(OUTLOOK | named, "rotating"))
