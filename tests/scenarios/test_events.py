"""What people and their tools see of a mailbox: Events, kubectl wait, kubectl delete."""

import asyncio
from dataclasses import replace

import pytest

from scenarios.eventually import eventually
from scenarios.installation import Installation
from scenarios.manifests import at, infrastructure, mailbox, password
from scenarios.operator_process import Operator
from scenarios.scene import Scene
from scenarios.standings import connected, retrying, stalled
from scenarios.world import GOOD, World
from servers.smtp import Stage

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


async def test_a_transition_is_one_event_and_an_attempt_is_none(scene: Scene) -> None:
    busy = replace(GOOD, replies={Stage.BANNER: b"421 4.3.2 Busy"})
    async with scene.world.server() as server:
        await scene.apply(password("wrong"), mailbox(at(server)))
        await scene.until(stalled("InvalidCredentials"))
        server.behaviour = busy
        await scene.apply(password("right"))
        await scene.until(retrying("ProviderUnavailable"))
        await scene.until_attempted(4)
        server.behaviour = GOOD
        await scene.until(connected())
        await scene.reconnect("again")
        await scene.until_attempted(6)

        told = await eventually(lambda: events(scene), lambda found: len(found) >= 3)

    assert told == [
        ("Warning", "InvalidCredentials"),
        ("Warning", "ProviderUnavailable"),
        ("Normal", "Connected"),
    ]


async def test_an_event_of_the_platform_lies_in_the_default_namespace(scene: Scene) -> None:
    await scene.apply(infrastructure(scene.namespace, {}))
    await scene.until_platform(connected(), scene.namespace)

    await eventually(lambda: events(scene, "default", scene.namespace))


async def test_kubectl_waits_for_a_mailbox(scene: Scene) -> None:
    waits = ("wait", "--for=condition=Ready", "mailbox/jane", f"--namespace={scene.namespace}")
    async with scene.world.server() as server:
        await scene.apply(password(), mailbox(at(server)))

        answer = await asyncio.to_thread(scene.cluster.plane.kubectl, *waits, "--timeout=10s")

    assert "condition met" in answer


async def test_kubectl_shows_how_a_mailbox_stands(scene: Scene) -> None:
    shown = ("get", "mbx", f"--namespace={scene.namespace}", "--no-headers")
    async with scene.world.server() as server:
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected())

        answer = await asyncio.to_thread(scene.cluster.plane.kubectl, *shown)

    assert answer.split()[:7] == [
        "jane", "jane@acme.example", "SMTP", "Private", "True", "True", "Connected",
    ]  # fmt: skip


async def test_a_mailbox_is_deleted_without_an_operator(
    world: World, installation: Installation
) -> None:
    configuration = installation.write_configuration(world.configuration())
    async with (
        world.server() as server,
        Operator.run(installation, configuration) as operator,
        Scene.open(world, operator) as scene,
    ):
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected())
        await operator.terminate()

        delete = ("delete", "mailbox/jane", f"--namespace={scene.namespace}", "--timeout=10s")
        await asyncio.to_thread(scene.cluster.plane.kubectl, *delete)

        assert await scene.mailbox() == {}


async def events(scene: Scene, place: str = "", name: str = "jane") -> list[tuple[str, str]]:
    """Read the Events of an object, oldest first."""
    found = await scene.cluster.list("Event", place or scene.namespace)
    about = [each for each in found if each["involvedObject"]["name"] == name]
    about.sort(key=lambda each: int(each["metadata"]["resourceVersion"]))
    return [(each["type"], each["reason"]) for each in about]
