"""A restored cluster, a moved one and a mistake cost nobody a consent, and revoke nothing anywhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from lab.controlplane.assets import Assets
from system.scenarios.cluster import Cluster
from system.scenarios.installation import Installation
from system.scenarios.restored import (
    GRANTS,
    TENANTS,
    Backup,
    Site,
    cluster_of,
    create,
    create_tenants,
    installed,
    names_of,
    populate,
    save,
    tokens_of,
    working,
)
from system.scenarios.standings import connected, waiting
from system.scenarios.world import World

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]

HOME: Final = "mail"


@dataclass(frozen=True, slots=True)
class First:
    """The cluster that was saved; its operator goes on.

    Attributes:
        tokens: What its people granted.
    """

    site: Site
    backup: Backup
    tokens: list[str]
    world: World

    async def is_undisturbed(self) -> bool:
        """Say whether its mailboxes still connect, and nothing was revoked."""
        await self.site.until_reconnected()
        return self.world.oauth.ledger.revocations == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def first(
    world: World, helm: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[First]:
    if Assets.from_environment().external:
        pytest.skip("it takes clusters of its own")
    directory = tmp_path_factory.mktemp("first")
    async with cluster_of(directory / "plane") as cluster:
        installation = await installed(cluster, helm, directory, HOME)
        await populate(installation, world)
        backup = await asyncio.to_thread(save, cluster, HOME, directory)
        async with working(installation, world.configuration(grants=GRANTS)) as site:
            await site.until_reconnected()
            yield First(site, backup, tokens_of(await site.grants()), world)


@asynccontextmanager
async def empty(first: First, helm: Path, directory: Path) -> AsyncIterator[Installation]:
    """Start a cluster that has nothing yet but what the platform brings."""
    async with cluster_of(directory / "plane") as cluster:
        installation = await installed(cluster, helm, directory, HOME)
        await asyncio.to_thread(create, cluster, *first.backup.platform)
        yield installation


@asynccontextmanager
async def operated(first: First, installation: Installation) -> AsyncIterator[Site]:
    """Run the operator as in the first cluster."""
    async with working(installation, first.world.configuration(grants=GRANTS)) as site:
        yield site


async def grants_are_restored(first: First, cluster: Cluster) -> None:
    await asyncio.to_thread(create, cluster, first.backup.grants)


async def has_everything(first: First, second: Site) -> bool:
    """Say whether every grant of the first cluster has the Mailbox it belongs to."""
    grants, mailboxes = await second.grants(), await second.mailboxes()
    return tokens_of(grants) == first.tokens and names_of(mailboxes) == set(grants)


async def test_etcds_data_restored_into_a_second_cluster_costs_no_consent(
    first: First, helm: Path, tmp_path: Path
) -> None:
    async with cluster_of(tmp_path / "plane", first.backup.data) as cluster:
        installation = await installed(cluster, helm, tmp_path, HOME)
        async with operated(first, installation) as second:
            await second.until_looked()
            await second.until_reconnected()

            assert await has_everything(first, second)
    assert await first.is_undisturbed()


async def test_tenants_restored_before_the_operator_take_over_their_grants(
    first: First, helm: Path, tmp_path: Path
) -> None:
    async with empty(first, helm, tmp_path) as installation:
        await grants_are_restored(first, installation.cluster)
        await create_tenants(installation.cluster, first.backup)
        async with operated(first, installation) as second:
            await second.until_all(connected())

            assert await has_everything(first, second)
    assert await first.is_undisturbed()


async def test_tenants_restored_after_the_operator_take_over_their_grants(
    first: First, helm: Path, tmp_path: Path
) -> None:
    async with empty(first, helm, tmp_path) as installation:
        await grants_are_restored(first, installation.cluster)
        async with operated(first, installation) as second:
            await second.until_orphaned("Restored")
            await create_tenants(installation.cluster, first.backup)
            await second.until_all(connected())

            assert await has_everything(first, second)
    assert await first.is_undisturbed()


async def test_grants_restored_last_are_taken_over(
    first: First, helm: Path, tmp_path: Path
) -> None:
    async with empty(first, helm, tmp_path) as installation:
        await create_tenants(installation.cluster, first.backup)
        async with operated(first, installation) as second:
            await second.until_all(waiting("AwaitingConsent"))
            await grants_are_restored(first, installation.cluster)
            await second.until_all(connected())

            assert await has_everything(first, second)
    assert await first.is_undisturbed()


async def test_a_tenant_uninstalled_by_mistake_is_connected_when_it_is_back(
    first: First, helm: Path, tmp_path: Path
) -> None:
    async with empty(first, helm, tmp_path) as installation:
        await grants_are_restored(first, installation.cluster)
        await create_tenants(installation.cluster, first.backup)
        async with operated(first, installation) as second:
            await second.until_all(connected())
            installation.cluster.plane.kubectl("delete", "namespace", *TENANTS)
            await second.until_orphaned("Held", "NamespaceMissing")
            await create_tenants(installation.cluster, first.backup)
            await second.until_all(connected())

            assert await has_everything(first, second)
    assert await first.is_undisturbed()
