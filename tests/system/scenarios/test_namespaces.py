"""An operator for some namespaces: it looks at no other, and needs no ClusterRole for it."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from lab.stand.cluster import Cluster
from lab.stand.installation import Installation
from lab.stand.manifests import at, infrastructure, mailbox, new_namespace, password
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene, new_name
from lab.stand.specs import MANAGED_SMTP
from lab.stand.standings import connected, summary, waiting
from lab.stand.world import World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

Place = tuple[Scene, Installation]
CLUSTERWIDE: Final = {"ClusterRole", "ClusterRoleBinding"}


@pytest_asyncio.fixture(loop_scope="module", params=[False, True], ids=["Private", "and Managed"])
async def place(
    request: pytest.FixtureRequest, cluster: Cluster, world: World, helm: Path, tmp_path: Path
) -> AsyncIterator[Place]:
    name, managed = new_name(), request.param
    await cluster.apply(new_namespace(name))
    options = f"config.namespaces={{{name}}},config.managed={str(managed).lower()}"
    async with Installation.of(cluster, helm, tmp_path, "--set", options) as installation:
        scope = {"namespaces": [name], "managed": managed}
        configuration = installation.write_configuration(world.configuration(**scope))
        async with (
            Operator.run(installation, configuration) as operator,
            Scene.open(world, operator, name) as scene,
        ):
            await operator.wait_leading()
            yield scene, installation


@pytest.mark.parametrize("place", [False], indirect=True, ids=["Private"])
async def test_the_operator_needs_roles_alone(place: Place) -> None:
    scene, installation = place

    async with scene.world.server() as server:
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected())

    assert [each for each in installation.rights if each["kind"] in CLUSTERWIDE] == []


async def test_the_operator_notices_a_corrected_password_and_asks_for_nothing_it_may_not(
    place: Place,
) -> None:
    scene, _ = place

    async with scene.world.server() as server:
        await scene.apply(password("wrong"), mailbox(at(server)))
        await scene.until_attempted(1)
        await scene.apply(password())
        await scene.until(connected())

    asked = scene.operator.requests()
    assert [each for each in asked if each.code == HTTPStatus.FORBIDDEN] == []


async def test_the_operator_leaves_other_namespaces_alone(place: Place) -> None:
    scene, _ = place
    async with (
        scene.world.server() as server,
        Scene.open(scene.world, scene.operator) as elsewhere,
    ):
        await elsewhere.apply(password(), mailbox(at(server)))
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected())

        assert summary(await elsewhere.mailbox()) == {}
        assert server.connections == 1


@pytest.mark.parametrize("place", [False], indirect=True, ids=["Private"])
async def test_a_managed_mailbox_says_that_managed_is_off(place: Place) -> None:
    scene, _ = place

    await scene.apply(password(), mailbox(MANAGED_SMTP))

    found = await scene.until(waiting("InfrastructureNotFound"))
    assert "Managed is switched off" in found["status"]["conditions"][0]["message"]


@pytest.mark.parametrize("place", [True], indirect=True, ids=["and Managed"])
async def test_a_managed_mailbox_connects_where_managed_is_on_and_an_event_says_so(
    place: Place,
) -> None:
    scene, _ = place
    async with scene.world.server() as server:
        preset = {"name": "Own", "host": "localhost", "port": server.port, "security": "STARTTLS"}
        offer = {"presets": [preset | {"domains": ["acme.example"]}]}
        named = {"managedInfrastructureName": scene.namespace}
        await scene.apply(infrastructure(scene.namespace, offer), password())
        await scene.apply(mailbox(MANAGED_SMTP | named))

        await scene.until(connected())
    await scene.until_platform(connected(), scene.namespace)
    events = await scene.cluster.list("Event", "default")
    assert scene.namespace in {each["involvedObject"]["name"] for each in events}
