"""What people and their tools see of a mailbox: Events, kubectl wait, kubectl delete."""

import asyncio
import socket
from dataclasses import replace

import pytest

from lab.servers.smtp import Stage
from lab.stand.cluster import Object
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import at, infrastructure, mailbox, password
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected, retrying, stalled
from lab.stand.world import GOOD, World
from system.scenarios.plays import connect_twice

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


async def test_a_repeated_transition_is_the_same_event(scene: Scene) -> None:
    async with scene.world.server() as server:
        await connect_twice(scene, server)

        [connected_twice, refused] = await eventually(
            lambda: found(scene), lambda seen: sorted(each["count"] for each in seen) == [1, 2]
        )

    assert (connected_twice["reason"], refused["reason"]) == ("Connected", "InvalidCredentials")
    assert connected_twice["reportingComponent"] == "mailbox-operator.io/mailbox-operator"
    assert connected_twice["reportingInstance"] == socket.gethostname()


async def test_an_event_of_an_infrastructure_is_in_the_default_namespace(scene: Scene) -> None:
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
    """Read the Events of an object, the one that was changed last comes last."""
    told = await found(scene, place, name)
    told.sort(key=lambda each: int(each["metadata"]["resourceVersion"]))
    return [(each["type"], each["reason"]) for each in told]


async def found(scene: Scene, place: str = "", name: str = "jane") -> list[Object]:
    """Read the Events of an object in full, by reason."""
    listed = await scene.cluster.list("Event", place or scene.namespace)
    about = [each for each in listed if each["involvedObject"]["name"] == name]
    return sorted(about, key=lambda each: str(each["reason"]))
