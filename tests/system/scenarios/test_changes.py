"""What is done to a mailbox while it is connected, being tried, or suspended."""

from dataclasses import replace

import pytest

from lab.servers.smtp import Mischief, SmtpServer, Stage
from lab.stand.eventually import eventually
from lab.stand.manifests import at, mailbox, password
from lab.stand.scene import Scene
from lab.stand.standings import connected, progressing, stalled, summary
from lab.stand.world import GOOD

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

SLOW = replace(GOOD, latency_seconds=0.4)
SILENT = replace(GOOD, mischief={Stage.AUTH: Mischief.HANG})


async def test_a_changed_spec_shows_within_a_second_that_it_is_in_work(scene: Scene) -> None:
    async with scene.world.server() as server:
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected())
        server.behaviour = SLOW

        await scene.change({"displayName": "Jane"})

        await scene.until(progressing(), within=1)
        await scene.until(connected())


async def test_a_first_look_that_takes_long_shows_that_it_is_in_work(scene: Scene) -> None:
    async with scene.world.server(replace(GOOD, latency_seconds=0.8)) as server:
        await scene.apply(password(), mailbox(at(server)))

        await scene.until(progressing(), within=5)
        await scene.until(connected())


async def test_a_changed_spec_is_tried_at_once_even_where_a_person_was_needed(
    scene: Scene,
) -> None:
    async with scene.world.server(replace(GOOD, accounts={"joe": "right"})) as server:
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(stalled("InvalidCredentials"))

        async with scene.world.server() as other:
            await scene.change({"smtp": {"port": other.port}})

            await scene.until(connected())


async def test_a_suspended_mailbox_is_left_alone_until_it_is_resumed(scene: Scene) -> None:
    async with scene.world.server() as server:
        await scene.apply(password(), mailbox(at(server)), mailbox(at(server), "awake"))
        before = await scene.until(connected())
        await scene.until(connected(), "awake")

        await scene.change({"suspend": True})
        found = await eventually(scene.mailbox, lambda it: it["status"]["observedGeneration"] == 2)
        await scene.apply(password("wrong"))
        await scene.until(stalled("InvalidCredentials"), "awake")

        assert summary(found) == summary(before)
        assert len(scene.attempts()) == 1
        await scene.change({"suspend": False})
        await scene.until(stalled("InvalidCredentials"))


async def test_an_attempt_ends_with_its_mailbox(scene: Scene) -> None:
    async with scene.world.server(SILENT) as server:
        await scene.apply(password(), mailbox(at(server)))
        await until_open(server, 1)

        await scene.cluster.delete("Mailbox", "jane", scene.namespace)

        await until_open(server, 0)
    assert scene.writes() == []


async def test_a_mailbox_created_again_gets_its_own_verdict(scene: Scene) -> None:
    async with scene.world.server(SILENT) as server, scene.world.server() as other:
        await scene.apply(password(), mailbox(at(server)))
        await until_open(server, 1)

        await scene.cluster.delete("Mailbox", "jane", scene.namespace)
        await scene.apply(mailbox(at(other)))

        found = await scene.until(connected())
        await until_open(server, 0)
    assert {each.content[0]["value"] for each in scene.writes()} == {found["metadata"]["uid"]}
    assert len(scene.writes()) == 1


async def until_open(server: SmtpServer, connections: int) -> None:
    """Wait until a server has so many connections."""

    async def look() -> int:
        return server.open_now

    await eventually(look, lambda seen: seen == connections, within=5)
