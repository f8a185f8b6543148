"""A password that is wrong, right, late, shared or gone: what the mailbox says meanwhile."""

import pytest

from lab.controlplane.audit import Request
from lab.stand.eventually import eventually
from lab.stand.manifests import at, mailbox, password
from lab.stand.scene import Scene
from lab.stand.standings import connected, stalled, waiting

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


async def test_a_wrong_password_needs_a_person_and_a_corrected_one_connects_at_once(
    scene: Scene,
) -> None:
    async with scene.world.server() as server:
        await scene.apply(password("wrong"), mailbox(at(server)))
        await scene.until(stalled("InvalidCredentials"))

        await scene.apply(password("right"))

        await scene.until(connected())
    assert (server.connections, server.auths) == (2, 2)


async def test_a_mailbox_connects_at_once_where_the_secret_came_first(scene: Scene) -> None:
    async with scene.world.server() as server:
        await scene.apply(password(), mailbox(at(server)))

        await scene.until(connected())

    assert [line["message"] for line in scene.attempts()] == ["attempt succeeded"]


async def test_a_mailbox_waits_for_its_secret(scene: Scene) -> None:
    async with scene.world.server() as server:
        await scene.apply(mailbox(at(server)))
        await scene.until(waiting("CredentialsMissing"))

        await scene.apply(password())

        await scene.until(connected())
    assert server.connections == 1


async def test_a_mailbox_whose_secret_is_deleted_waits_for_another(scene: Scene) -> None:
    async with scene.world.server() as server:
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected())

        await scene.cluster.delete("Secret", "jane", scene.namespace)

        await scene.until(waiting("CredentialsMissing"))


async def test_two_mailboxes_share_a_secret(scene: Scene) -> None:
    async with scene.world.server() as server:
        await scene.apply(password("wrong"), mailbox(at(server)), mailbox(at(server), "again"))
        await scene.until(stalled("InvalidCredentials"))
        await scene.until(stalled("InvalidCredentials"), "again")

        await scene.apply(password("right"))

        await scene.until(connected())
        await scene.until(connected(), "again")
    assert server.auths == 4


async def test_the_operator_writes_the_status_once_for_each_transition_and_nothing_else(
    scene: Scene,
) -> None:
    async with scene.world.server() as server:
        await scene.apply(password("wrong"), mailbox(at(server)))
        await scene.until(stalled("InvalidCredentials"))
        await scene.apply(password("right"))
        found = await scene.until(connected())
        await scene.apply(password("wrong"))
        await scene.until(stalled("InvalidCredentials"))

    assert {"finalizers", "annotations"}.isdisjoint(found["metadata"])
    writes = await eventually(lambda: written(scene), lambda seen: len(seen) >= 3)
    assert {(each.verb, each.resource) for each in writes} == {("patch", "mailboxes/status")}
    reasons = [written_reason(each.content) for each in writes]
    assert reasons == ["InvalidCredentials", "Connected", "InvalidCredentials"]


async def written(scene: Scene) -> list[Request]:
    """Read the writes to the mailbox; the last one may be in the audit log a moment later."""
    return scene.writes()


def written_reason(patch: list[dict[str, object]]) -> object:
    """Read what a patch of the status says of Ready."""
    status = next(step["value"] for step in patch if step["path"] == "/status")
    assert isinstance(status, dict)
    return next(c["reason"] for c in status["conditions"] if c["type"] == "Ready")
