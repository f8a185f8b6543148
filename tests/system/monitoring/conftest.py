"""Mailboxes in each of their states, and what tells of them."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from lab.controlplane.kubectl import Kubectl
from lab.controlplane.plane import ControlPlane
from lab.monitoring.stage import stage
from lab.stand.eventually import eventually
from lab.stand.scene import Scene
from system.monitoring.dashboards import PLATFORM, RULES, Page, fleet
from system.monitoring.state_metrics import StateMetrics


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(
    plane: ControlPlane, helm: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    if plane.servers is None:
        pytest.skip("the audit log of the cluster that KUBECONFIG names is out of reach")
    directory = tmp_path_factory.mktemp("fleet")
    async with (
        stage(plane, helm, directory) as (world, home),
        fleet(world, home) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def page(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Page:
    kubectl = Kubectl.of(plane.assets, plane.kubeconfig)
    return Page.opened(kubectl, tmp_path_factory.mktemp("page"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def metrics(
    scene: Scene, page: Page, kube_state_metrics: Path
) -> AsyncIterator[StateMetrics]:
    configuration, place = await page.configuration(), scene.namespace
    running = StateMetrics.run(scene.cluster, kube_state_metrics, place, RULES, configuration)
    async with running as metrics:
        log = metrics.process.log.read_text
        for kind, name in (("mailbox", "jane"), ("managed_infrastructure", PLATFORM)):
            await eventually(partial(metrics.samples, f"{kind}_info", name=name), tell=log)
        yield metrics
