"""What is to be seen of an operator that lacks one right."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

from crds.specs import MANAGED_SMTP
from scenarios.manifests import at, infrastructure, mailbox, password
from scenarios.plays import Play, connect_twice, grant_of, rotating
from scenarios.standings import connected, stalled, summary, waiting

OURS: Final = "mailbox-operator.io"


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


async def counts_no_event(play: Play) -> None:
    """Nobody finds out that it happened again."""
    await play.scene.operator.wait_leading()
    await connect_twice(play.scene, play.server)
    await play.until_refused()
    found = await play.scene.cluster.list("Event", play.scene.namespace)
    assert [each["count"] for each in found] == [1, 1]


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


async def ends_no_grant(play: Play) -> None:
    """What a mailbox was granted stays: its namespace may be about to be restored."""
    await leaves_a_grant(play)


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
    ("", "namespaces", "get"): ends_no_grant,
    ("", "namespaces", "list"): never_ready,
    ("", "namespaces", "watch"): misses_a_label,
    ("", "events", "create"): tells_no_event,
    ("", "events", "patch"): counts_no_event,
    ("coordination.k8s.io", "leases", "get"): never_leads,
    ("coordination.k8s.io", "leases", "create"): never_leads,
    ("coordination.k8s.io", "leases", "update"): stops,
}
