"""What is to be seen of an operator that lacks one right."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

from lab.stand.eventually import eventually
from lab.stand.manifests import at, infrastructure, mailbox, password, sender
from lab.stand.standings import connected, summary
from system.scenarios.plays import Play, connect_twice, grant_of, rotating

OURS: Final = "mailbox-operator.io"


async def hear_of_the_right(play: Play) -> str:
    """Wait until the probe names the missing right, as the log does once; return what it says."""
    operator, (resource, verb) = play.scene.operator, play.right

    async def look() -> str:
        status, body = await operator.get("/readyz")
        return body if status == HTTPStatus.SERVICE_UNAVAILABLE else ""

    said = await eventually(
        look, lambda body: f"the right to {verb} {resource}" in body, 30, operator.tail
    )
    assert [f"{verb} {resource}" in each["right"] for each in operator.lines("right missing")] == [
        True
    ]
    return said


async def names_the_right(play: Play) -> None:
    """It does not become ready, does not lead, and says which right it lacks."""
    await hear_of_the_right(play)
    metrics = await play.scene.operator.metrics()
    assert (metrics["mailbox_operator_rights_missing"], metrics["mailbox_operator_leader"]) == (
        1,
        0,
    )


async def says_what_it_lacks(play: Play) -> None:
    """It says which right it lacks, and what breaks: in the log, to the probe, and by a metric."""
    assert "is missing, so" in await hear_of_the_right(play)
    metrics = await play.scene.operator.metrics()
    assert metrics["mailbox_operator_rights_missing"] == 1


async def works_all_the_same(play: Play) -> None:
    """It says which right it lacks, and leads."""
    await says_what_it_lacks(play)
    await eventually(play.scene.operator.is_leading, within=30, tell=play.scene.operator.tail)


async def never_leads(play: Play) -> None:
    """It says so, and does not work."""
    await says_what_it_lacks(play)
    await play.until_refused_again()
    assert not await play.scene.operator.is_leading()


async def works_on_nothing(play: Play) -> None:
    """It says so, leads, and holds no shard."""
    await says_what_it_lacks(play)
    await play.until_refused_again()
    assert await play.scene.operator.is_leading()
    assert await play.scene.operator.shards() == 0


async def stops(play: Play) -> None:
    """It ends, and Kubernetes sees that it failed."""
    assert await play.scene.operator.wait_ended(within=15) == 1
    assert "update leases" in play.scene.operator.lines("right missing")[0]["right"]


async def does_not_hear_its_lease(play: Play) -> None:
    """It works, and says that this watch is refused."""
    await works_all_the_same(play)
    await play.until_refused_again()


async def says_nothing(play: Play) -> None:
    """It finds out, and nobody hears of it."""
    await works_all_the_same(play)
    await play.scene.apply(password(), infrastructure(play.scene.namespace, {}))
    await play.scene.apply(mailbox(at(play.server)))
    await play.until_refused_again()
    platform = await play.scene.cluster.find("ManagedInfrastructure", play.scene.namespace)
    assert {} in (summary(platform), summary(await play.scene.mailbox()))


async def says_nothing_of_a_sender(play: Play) -> None:
    """It finds out that there is no gateway, and nobody hears of it."""
    await works_all_the_same(play)
    await play.scene.apply(sender("jane"))
    await play.until_refused_again()
    assert summary(await play.scene.cluster.find("Sender", "app", play.scene.namespace)) == {}


async def knows_no_password(play: Play) -> None:
    """It cannot try a mailbox."""
    await works_all_the_same(play)
    await play.scene.apply(password(), mailbox(at(play.server)))
    await play.until_refused()
    assert play.server.connections == 0


async def tells_no_event(play: Play) -> None:
    """Nobody finds an Event."""
    await works_all_the_same(play)
    await play.scene.apply(password(), mailbox(at(play.server)))
    await play.scene.until(connected())
    await play.until_refused()
    assert await play.scene.cluster.list("Event", play.scene.namespace) == []


async def counts_no_event(play: Play) -> None:
    """Nobody finds out that it happened again."""
    await works_all_the_same(play)
    await connect_twice(play.scene, play.server)
    await play.until_refused()
    found = await play.scene.cluster.list("Event", play.scene.namespace)
    assert [each["count"] for each in found] == [1, 1]


async def keeps_no_grant(play: Play) -> None:
    """The refresh token that came back is lost with the process."""
    await works_all_the_same(play)
    await rotating(play.scene)
    found = await play.scene.until(connected(), "rotating")
    await play.until_refused()
    assert await grant_of(play.scene, found) == {}


async def keeps_an_old_grant(play: Play) -> None:
    """The refresh token that came back later is lost with the process."""
    await works_all_the_same(play)
    await rotating(play.scene)
    found = await play.scene.until(connected(), "rotating")
    before = await grant_of(play.scene, found)
    await play.scene.reconnect("again", "rotating")
    await play.until_refused()
    assert await grant_of(play.scene, found) == before


async def leaves_a_grant(play: Play) -> None:
    """What a mailbox was granted stays when the mailbox is gone."""
    await works_all_the_same(play)
    await rotating(play.scene)
    found = await play.scene.until(connected(), "rotating")
    await play.scene.cluster.delete("Mailbox", "rotating", play.scene.namespace)
    await play.until_refused()
    assert await grant_of(play.scene, found)


async def ends_no_grant(play: Play) -> None:
    """What a mailbox was granted stays: its namespace may be about to be restored."""
    await leaves_a_grant(play)


SYMPTOMS: Final[Mapping[tuple[str, str, str], Callable[[Play], Awaitable[None]]]] = {
    (OURS, "mailboxes", "list"): names_the_right,
    (OURS, "mailboxes", "watch"): names_the_right,
    (OURS, "managedinfrastructures", "list"): names_the_right,
    (OURS, "managedinfrastructures", "watch"): names_the_right,
    (OURS, "mailboxes/status", "patch"): says_nothing,
    (OURS, "managedinfrastructures/status", "patch"): says_nothing,
    (OURS, "senders", "list"): names_the_right,
    (OURS, "senders", "watch"): names_the_right,
    (OURS, "senders/status", "patch"): says_nothing_of_a_sender,
    ("", "secrets", "get"): knows_no_password,
    ("", "secrets", "list"): names_the_right,
    ("", "secrets", "watch"): names_the_right,
    ("", "secrets", "create"): keeps_no_grant,
    ("", "secrets", "patch"): keeps_an_old_grant,
    ("", "secrets", "delete"): leaves_a_grant,
    ("", "namespaces", "get"): ends_no_grant,
    ("", "namespaces", "list"): names_the_right,
    ("", "namespaces", "watch"): names_the_right,
    ("", "events", "create"): tells_no_event,
    ("", "events", "patch"): counts_no_event,
    ("coordination.k8s.io", "leases", "get"): never_leads,
    ("coordination.k8s.io", "leases", "create"): never_leads,
    ("coordination.k8s.io", "leases", "update"): stops,
    ("coordination.k8s.io", "leases", "list"): works_on_nothing,
    ("coordination.k8s.io", "leases", "watch"): does_not_hear_its_lease,
}
