"""An operator that has its right to read Secrets from each tenant's namespace, one by one."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from lab.stand.cluster import Cluster
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected, stalled, waiting
from lab.stand.world import World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

RBAC: Final = "rbac.authorization.k8s.io"
PATIENCE_SECONDS: Final = 60


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def restricted(
    cluster: Cluster, world: World, helm: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Operator]:
    directory = tmp_path_factory.mktemp("restricted")
    options = ("--set", "rbac.secrets=namespaced")
    async with Installation.of(cluster, helm, directory, *options) as installation:
        configuration = installation.write_configuration(world.configuration(secrets="Namespaced"))
        async with Operator.run(installation, configuration) as operator:
            yield await operator.wait_leading()


def binding(operator: Operator) -> dict[str, Any]:
    name = operator.installation.namespace
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "operator"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": f"{name}-secrets"},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": name}],
    }


async def test_a_namespace_without_the_binding_is_named_and_recovers_automatically(
    world: World, restricted: Operator
) -> None:
    async with world.server() as server, Scene.open(world, restricted) as scene:
        await scene.apply(password(), mailbox(at(server)))
        found = await scene.until(waiting("CredentialsMissing"))
        assert "may not read the Secrets of this namespace" in str(found["status"]["conditions"])

        await scene.apply(binding(restricted))

        await scene.until(connected(), within=PATIENCE_SECONDS)


async def test_with_the_binding_a_changed_password_is_noticed(
    world: World, restricted: Operator
) -> None:
    async with world.server() as server, Scene.open(world, restricted) as scene:
        await scene.apply(binding(restricted), password(), mailbox(at(server, checkInterval="24h")))
        await scene.until(connected(), within=PATIENCE_SECONDS)

        await scene.apply(password("wrong"))

        await scene.until(stalled("InvalidCredentials"), within=PATIENCE_SECONDS)


async def test_a_namespace_without_the_binding_costs_the_others_nothing(
    world: World, restricted: Operator
) -> None:
    async with (
        world.server() as server,
        Scene.open(world, restricted) as closed,
        Scene.open(world, restricted) as bound,
    ):
        await closed.apply(password(), mailbox(at(server)))
        await bound.apply(binding(restricted), password(), mailbox(at(server)))

        await bound.until(connected(), within=PATIENCE_SECONDS)
        await closed.until(waiting("CredentialsMissing"))


async def test_secrets_are_never_asked_for_in_the_whole_cluster(restricted: Operator) -> None:
    asked = [each for each in restricted.requests() if each.resource == "secrets"]

    assert asked != []
    assert [each for each in asked if not each.namespace] == []
