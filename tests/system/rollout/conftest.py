"""What the rollouts share: for each module a cluster of its own, where nothing is installed yet."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from lab.controlplane.assets import Assets
from lab.controlplane.plane import ControlPlane
from lab.node.image import Image
from lab.node.workloads import OPERATOR
from lab.servers.authority import Authority
from lab.stand.cluster import Cluster
from lab.stand.world import World
from system.rollout.site import Site


@pytest.fixture(scope="module")
def blank() -> Iterator[ControlPlane]:
    """A control plane that has never heard of Mailboxes."""
    assets = Assets.from_environment()
    if assets.external:
        pytest.skip("these install and remove CRDs, which a cluster of KUBECONFIG may need")
    with ControlPlane.start(assets=assets) as running:
        yield running


@pytest.fixture(scope="module")
def image() -> Image:
    """The image whose packages are those of the tests."""
    return OPERATOR


@pytest.fixture(scope="module")
def images(image: Image) -> tuple[Image, ...]:
    """All images that there are."""
    return (image,)


@pytest.fixture(scope="module")
def names() -> tuple[str, ...]:
    """Hosts that pods find, besides their own."""
    return ()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    blank: ControlPlane,
    helm: Path,
    images: tuple[Image, ...],
    names: tuple[str, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Site]:
    world = World.open(Authority(), tmp_path_factory.mktemp("world"))
    directory = tmp_path_factory.mktemp("site")
    async with (
        Cluster.of(blank) as cluster,
        world as servers,
        Site.open(cluster, servers, helm, *images, directory=directory, names=names) as opened,
    ):
        yield opened
