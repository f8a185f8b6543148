"""What is to be seen of an operator that lacks one right."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from crds.specs import MANAGED_SMTP, OUTLOOK
from scenarios.cluster import Object
from scenarios.eventually import eventually
from scenarios.manifests import at, infrastructure, mailbox, password, secret
from scenarios.scene import Scene
from scenarios.standings import connected, stalled, summary, waiting
from servers.smtp import SmtpServer

OURS: Final = "mailbox-operator.io"


@dataclass(frozen=True, slots=True)
class Play:
    """An operator that lacks one right, and a mail server.

    Attributes:
        right: Resource and verb that it lacks; empty if it has them all.
    """

    scene: Scene
    server: SmtpServer
    right: tuple[str, str]

    async def until_blind(self) -> None:
        """Wait until it works, and had its watch refused after its one and only list."""
        await self.scene.operator.wait_leading()
        await self.until_refused()

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


async def never_ready(play: Play) -> None:
    """It does not know the cluster, and says so."""
    await play.until_refused_again()
    status, _ = await play.scene.operator.get("/readyz")
    assert status == HTTPStatus.SERVICE_UNAVAILABLE


async def never_leads(play: Play) -> None:
    """It is ready, but does not work."""
    await play.scene.operator.wait_ready()
    await play.until_refused_again()
    assert not await play.scene.operator.is_leading()


async def stops(play: Play) -> None:
    """It ends, and Kubernetes sees that it failed."""
    assert await play.scene.operator.wait_ended(within=15) == 1


async def misses_a_mailbox(play: Play) -> None:
    """It does not see a new mailbox."""
    await play.until_blind()
    await play.scene.apply(password(), mailbox(at(play.server)))
    await play.until_refused_again()
    assert summary(await play.scene.mailbox()) == {}


async def misses_a_platform(play: Play) -> None:
    """It does not see what the platform provides by now."""
    await play.until_blind()
    named = {"managedInfrastructureName": play.scene.namespace}
    await play.scene.apply(password(), mailbox(MANAGED_SMTP | named))
    await play.scene.until(waiting("InfrastructureNotFound"))
    await play.scene.apply(infrastructure(play.scene.namespace, {}))
    await play.until_refused_again()
    assert summary(await play.scene.mailbox()) == waiting("InfrastructureNotFound")


async def misses_a_password(play: Play) -> None:
    """It does not see that a password was corrected."""
    await play.until_blind()
    await play.scene.apply(password("wrong"), mailbox(at(play.server)))
    await play.scene.until(stalled("InvalidCredentials"))
    await play.scene.apply(password("right"))
    await play.until_refused_again()
    assert summary(await play.scene.mailbox()) == stalled("InvalidCredentials")


async def misses_a_label(play: Play) -> None:
    """It does not see that a namespace was admitted."""
    scene, named = play.scene, {"managedInfrastructureName": play.scene.namespace}
    await play.until_blind()
    closed = {"namespaceSelector": {"matchLabels": {"mail": "yes"}}}
    await scene.apply(infrastructure(scene.namespace, closed), password())
    await scene.apply(mailbox(MANAGED_SMTP | named))
    await scene.until(waiting("InfrastructureNotAllowed"))
    labels = {"metadata": {"labels": {"mail": "yes"}}}
    await scene.cluster.merge("Namespace", scene.namespace, labels)
    await play.until_refused_again()
    assert summary(await scene.mailbox()) == waiting("InfrastructureNotAllowed")


async def says_nothing(play: Play) -> None:
    """It finds out, and nobody hears of it."""
    await play.scene.operator.wait_leading()
    await play.scene.apply(password(), infrastructure(play.scene.namespace, {}))
    await play.scene.apply(mailbox(at(play.server)))
    await play.until_refused_again()
    platform = await play.scene.cluster.find("ManagedInfrastructure", play.scene.namespace)
    assert {} in (summary(platform), summary(await play.scene.mailbox()))


async def knows_no_password(play: Play) -> None:
    """It cannot try a mailbox."""
    await play.scene.operator.wait_leading()
    await play.scene.apply(password(), mailbox(at(play.server)))
    await play.until_refused()
    assert play.server.connections == 0


async def tells_no_event(play: Play) -> None:
    """Nobody finds an Event."""
    await play.scene.operator.wait_leading()
    await play.scene.apply(password(), mailbox(at(play.server)))
    await play.scene.until(connected())
    await play.until_refused()
    assert await play.scene.cluster.list("Event", play.scene.namespace) == []


async def keeps_no_grant(play: Play) -> None:
    """The refresh token that came back is lost with the process."""
    await play.scene.operator.wait_leading()
    await rotating(play.scene)
    found = await play.scene.until(connected(), "rotating")
    await play.until_refused()
    assert await grant_of(play.scene, found) == {}


async def keeps_an_old_grant(play: Play) -> None:
    """The refresh token that came back later is lost with the process."""
    await play.scene.operator.wait_leading()
    await rotating(play.scene)
    found = await play.scene.until(connected(), "rotating")
    before = await grant_of(play.scene, found)
    await play.scene.reconnect("again", "rotating")
    await play.until_refused()
    assert await grant_of(play.scene, found) == before


async def leaves_a_grant(play: Play) -> None:
    """What a mailbox was granted stays when the mailbox is gone."""
    await play.scene.operator.wait_leading()
    await rotating(play.scene)
    found = await play.scene.until(connected(), "rotating")
    await play.scene.cluster.delete("Mailbox", "rotating", play.scene.namespace)
    await play.until_refused()
    assert await grant_of(play.scene, found)


async def grant_of(scene: Scene, found: Object) -> Object:
    """Read what the operator keeps for a mailbox; empty if nothing."""
    name = f"mailbox-grant-{found['metadata']['uid']}"
    kept = await scene.cluster.find("Secret", name, scene.platform_namespace)
    return dict(kept["data"]) if kept else {}


async def rotating(scene: Scene) -> None:
    """Declare a mailbox whose refresh token is replaced each time it is used."""
    oauth, token = scene.world.oauth, f"of {scene.namespace}"
    scene.world.grant(token)
    oauth.behaviour = replace(oauth.behaviour, lifetime_seconds=60)
    app = {"client-id": "app", "client-secret": "hush", "tenant-id": "contoso.example"}
    await scene.apply(secret(app | {"refresh-token": token}, "rotating"))
    named = {"credentialsSecretRef": {"name": "rotating"}}
    await scene.apply(mailbox(OUTLOOK | named, "rotating"))


SYMPTOMS: Final[Mapping[tuple[str, str, str], Callable[[Play], Awaitable[None]]]] = {
    (OURS, "mailboxes", "list"): never_ready,
    (OURS, "mailboxes", "watch"): misses_a_mailbox,
    (OURS, "managedinfrastructures", "list"): never_ready,
    (OURS, "managedinfrastructures", "watch"): misses_a_platform,
    (OURS, "mailboxes/status", "patch"): says_nothing,
    (OURS, "managedinfrastructures/status", "patch"): says_nothing,
    ("", "secrets", "get"): knows_no_password,
    ("", "secrets", "list"): never_ready,
    ("", "secrets", "watch"): misses_a_password,
    ("", "secrets", "create"): keeps_no_grant,
    ("", "secrets", "patch"): keeps_an_old_grant,
    ("", "secrets", "delete"): leaves_a_grant,
    ("", "namespaces", "list"): never_ready,
    ("", "namespaces", "watch"): misses_a_label,
    ("", "events", "create"): tells_no_event,
    ("coordination.k8s.io", "leases", "get"): never_leads,
    ("coordination.k8s.io", "leases", "create"): never_leads,
    ("coordination.k8s.io", "leases", "update"): stops,
}
