"""A restored cluster, a moved one and a mistake cost nobody a consent, and revoke nothing anywhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from lab.controlplane.assets import Assets
from lab.stand.cluster import Cluster, Object
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.kept import kept
from lab.stand.manifests import new_namespace
from lab.stand.standings import connected, waiting
from lab.stand.world import World
from system.scenarios.restored import (
    FATE,
    GRANTS,
    TENANTS,
    Backup,
    Site,
    by_the_page,
    cluster_of,
    create,
    create_tenants,
    names_of,
    populate,
    save,
    tokens_of,
    working,
)

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]

HOME: Final = "mail"
GONE: Final = "mailbox-grant-gone"
SINCE: Final = "mailbox-operator.io/orphaned-since"
PAST_SECONDS: Final = 30
"""A grace period that is over soon, and lasts longer than a look at it."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a restore cost people.

    Attributes:
        lost: Consents of the first cluster that no Mailbox of the second one has.
        ownerless: Grants of the second cluster that no Mailbox has.
        revoked: Grants that were revoked at the provider.
    """

    lost: int = 0
    ownerless: int = 0
    revoked: int = 0


NOTHING: Final = Costs()


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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def first(
    world: World, helm: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[First]:
    if Assets.from_environment().external:
        pytest.skip("it takes clusters of its own")
    directory = tmp_path_factory.mktemp("first")
    async with cluster_of(directory / "plane") as cluster:
        installation = await Installation.into(HOME, cluster, helm, directory)
        await populate(installation, world)
        backup = await asyncio.to_thread(save, cluster, directory)
        async with working(installation, world.configuration(grants=GRANTS)) as site:
            await site.until_reconnected()
            yield First(site, backup, tokens_of(await site.grants()), world)


@asynccontextmanager
async def empty(first: First, helm: Path, directory: Path) -> AsyncIterator[Installation]:
    """Start a cluster that has nothing yet but what the platform brings."""
    async with cluster_of(directory / "plane") as cluster:
        installation = await Installation.into(HOME, cluster, helm, directory)
        await asyncio.to_thread(create, cluster, *first.backup.platform)
        yield installation


@asynccontextmanager
async def operated(first: First, installation: Installation) -> AsyncIterator[Site]:
    """Run the operator as in the first cluster."""
    async with working(installation, first.world.configuration(grants=GRANTS)) as site:
        yield site


async def grants_are_restored(first: First, cluster: Cluster) -> None:
    await asyncio.to_thread(create, cluster, first.backup.grants)


async def costs(first: First, second: Site) -> Costs:
    """Count what people lost in either cluster, once all mailboxes of both are proved again."""
    await second.until_reconnected()
    await first.site.until_reconnected()
    grants, owned = await second.grants(), names_of(await second.mailboxes())
    had = tokens_of({name: each for name, each in grants.items() if name in owned})
    return Costs(
        lost=len(set(first.tokens) - set(had)),
        ownerless=len(set(grants) - owned),
        revoked=len(first.world.oauth.ledger.revocations),
    )


async def test_etcds_data_restored_into_a_second_cluster_costs_no_consent(
    first: First, helm: Path, tmp_path: Path
) -> None:
    async with cluster_of(tmp_path / "plane", first.backup.data) as cluster:
        installation = await Installation.into(HOME, cluster, helm, tmp_path)
        async with operated(first, installation) as second:
            await second.until_looked()

            assert await costs(first, second) == NOTHING


async def until_a_grace_is_past(cluster: Cluster) -> datetime:
    """Have a snapshot of two hours ago, in which a grant waits for its Mailbox; return since when."""
    renewed = {"renewTime": f"{datetime.now(UTC) - timedelta(hours=2):%Y-%m-%dT%H:%M:%S.%fZ}"}
    await cluster.merge("Lease", "mailbox-operator", {"spec": renewed}, HOME)
    await cluster.apply(kept(HOME, f"{TENANTS[0]}/gone", {}))
    created = (await gone(cluster))["creationTimestamp"]
    notes = {"metadata": {"annotations": {SINCE: created, FATE: "Grace"}}}
    await cluster.merge("Secret", GONE, notes, HOME)
    since = datetime.fromisoformat(created)
    over = since + timedelta(seconds=PAST_SECONDS)

    async def is_past() -> bool:
        return datetime.now(UTC) > over

    await eventually(is_past, within=2 * PAST_SECONDS)
    return since


async def gone(cluster: Cluster) -> Object:
    """Read the metadata of the grant whose Mailbox is gone."""
    found = await cluster.find("Secret", GONE, HOME)
    assert found is not None, "it was revoked and deleted"
    return dict(found["metadata"])


async def test_a_grace_that_etcds_data_say_is_past_begins_again_in_a_second_cluster(
    first: First, helm: Path, tmp_path: Path
) -> None:
    async with cluster_of(tmp_path / "plane", first.backup.data) as cluster:
        installation = await Installation.into(HOME, cluster, helm, tmp_path)
        since = await until_a_grace_is_past(cluster)
        cautious = first.world.configuration(grants={"grace": f"{PAST_SECONDS}s"})
        async with working(installation, cautious) as second:

            async def noted() -> bool:
                notes = (await gone(cluster))["annotations"]
                return datetime.fromisoformat(notes[SINCE]) > since

            await eventually(noted, within=PAST_SECONDS, tell=second.operator.tail)

            assert (await gone(cluster))["annotations"][FATE] == "Grace"
            assert await costs(first, second) == replace(NOTHING, ownerless=1)


async def test_the_commands_of_the_page_restore_a_cluster(
    first: First, helm: Path, tmp_path: Path
) -> None:
    first.backup.write(tmp_path)
    async with cluster_of(tmp_path / "plane") as cluster:

        async def by_hand(words: str) -> str:
            return await asyncio.to_thread(by_the_page, cluster, tmp_path, words)

        await by_hand("create namespace mail")
        await cluster.apply(*(new_namespace(name) for name in TENANTS))
        await by_hand("create --filename grants.yaml")
        installation = await Installation.into(HOME, cluster, helm, tmp_path)
        cautious = first.world.configuration(grants={"grace": "1s", "mostPerHour": 0})
        async with working(installation, cautious) as second:
            await by_hand("create --filename managedinfrastructures.yaml")
            await by_hand("create --filename mailboxes.yaml")
            await second.until_all(connected())

            assert await costs(first, second) == NOTHING
            assert await by_hand("--selector mailbox-operator.io/orphaned\n") == ""
            assert "name: app" in await by_hand("SecretRef:")


async def test_tenants_restored_before_the_operator_take_over_their_grants(
    first: First, helm: Path, tmp_path: Path
) -> None:
    async with empty(first, helm, tmp_path) as installation:
        await grants_are_restored(first, installation.cluster)
        await create_tenants(installation.cluster, first.backup)
        async with operated(first, installation) as second:
            await second.until_all(connected())

            assert await costs(first, second) == NOTHING


async def test_tenants_restored_after_the_operator_take_over_their_grants(
    first: First, helm: Path, tmp_path: Path
) -> None:
    async with empty(first, helm, tmp_path) as installation:
        await grants_are_restored(first, installation.cluster)
        async with operated(first, installation) as second:
            await second.until_orphaned("Restored")
            await create_tenants(installation.cluster, first.backup)
            await second.until_all(connected())

            assert await costs(first, second) == NOTHING


async def test_grants_restored_last_are_taken_over(
    first: First, helm: Path, tmp_path: Path
) -> None:
    async with empty(first, helm, tmp_path) as installation:
        await create_tenants(installation.cluster, first.backup)
        async with operated(first, installation) as second:
            await second.until_all(waiting("AwaitingConsent"))
            await grants_are_restored(first, installation.cluster)
            await second.until_all(connected())

            assert await costs(first, second) == NOTHING


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

            assert await costs(first, second) == NOTHING
