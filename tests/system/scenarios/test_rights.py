"""What the chart allows the operator: all of it is needed, and nothing else is asked for."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from lab.stand.cluster import Cluster, Object
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import infrastructure, sender
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected, waiting
from lab.stand.world import QUICK, World
from system.scenarios.plays import Play, connect_twice, grant_of, rotating
from system.scenarios.symptoms import SYMPTOMS

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

ANSWERED: Final = {*range(200, 300), HTTPStatus.NOT_FOUND}
QUESTIONS: Final = "authorization.k8s.io"
"""Everybody may ask what they may."""


@pytest_asyncio.fixture(loop_scope="module")
async def installation(cluster: Cluster, helm: Path, tmp_path: Path) -> AsyncIterator[Installation]:
    async with Installation.of(cluster, helm, tmp_path) as made:
        yield made


def granted(installation: Installation) -> set[tuple[str, str, str]]:
    """List what the chart allows."""
    return {
        (group, resource, verb)
        for right in installation.rights
        for rule in right.get("rules", ())
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


async def test_every_right_is_used_and_no_other_is_asked_for(
    world: World, installation: Installation
) -> None:
    configuration = installation.write_configuration(world.configuration())
    async with (
        world.server() as server,
        Operator.run(installation, configuration) as operator,
        Scene.open(world, operator) as scene,
    ):
        await operator.wait_leading()
        await rotating(scene)
        await scene.apply(infrastructure(scene.namespace, {}), sender("rotating"))
        await scene.until_sender(waiting("GatewayUnavailable"))
        await scene.until(connected(), "rotating")
        await connect_twice(scene, server)
        await scene.until_platform(connected(), scene.namespace)
        await scene.reconnect("again", "rotating")
        await scene.until_attempted(2, "rotating")
        rotated = await scene.mailbox("rotating")
        await scene.cluster.delete("Mailbox", "rotating", scene.namespace)

        async def look() -> Object:
            return await grant_of(scene, rotated)

        await eventually(look, lambda kept: not kept, tell=operator.tail)
        await operator.terminate()
        places = {"", scene.namespace, scene.platform_namespace}
        asked = [r for r in operator.requests() if r.resource and r.namespace in places]
        asked = [r for r in asked if r.group != QUESTIONS]

    assert {(r.group, r.resource, r.verb) for r in asked if r.code in ANSWERED} == granted(
        installation
    )
    assert [r for r in asked if r.code == HTTPStatus.FORBIDDEN] == []


async def test_each_right_is_listed_with_its_symptom(installation: Installation) -> None:
    assert set(SYMPTOMS) == granted(installation)


@pytest.mark.parametrize("right", SYMPTOMS, ids=lambda right: f"{right[2]}-{right[1]}")
async def test_each_missing_right_breaks_what_is_listed(
    world: World, installation: Installation, right: tuple[str, str, str]
) -> None:
    configuration = installation.write_configuration(world.configuration(leaderElection=QUICK))
    _, resource, verb = right
    async with (
        installation.lacking(resource, verb),
        world.server() as server,
        Operator.run(installation, configuration) as operator,
        Scene.open(world, operator) as scene,
    ):
        await SYMPTOMS[right](Play(scene, server, (resource, verb)))
