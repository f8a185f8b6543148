"""What /metrics tells while mailboxes come, fail, rest and go."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from lab.stand.cluster import Cluster
from lab.stand.eventually import eventually
from lab.stand.exposition import Sample, samples
from lab.stand.installation import Installation
from lab.stand.manifests import Manifest, at, infrastructure, mailbox, password, secret
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected, stalled
from lab.stand.world import World
from system.monitoring.exposed import LIBRARY, METRICS

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

CONDITION = "mailbox_operator_mailbox_status_condition"
FAILING = "mailbox_operator_mailbox_failing_since_timestamp_seconds"
EXPIRY = "mailbox_operator_client_secret_expiry_timestamp_seconds"


@dataclass(frozen=True, slots=True)
class Scrape:
    """What one replica tells of one namespace."""

    operator: Operator
    namespace: str

    async def series(self, metric: str, /, **labels: str) -> list[Sample]:
        """Read the series of a metric that have these labels."""
        _, text = await self.operator.get("/metrics")
        wanted = {"namespace": self.namespace, **labels}.items()
        return [each for each in samples(text, metric) if wanted <= each.labels.items()]

    async def until(self, metric: str, /, **labels: str) -> Sample:
        """Wait for the series."""

        async def look() -> list[Sample]:
            return await self.series(metric, **labels)

        return (await eventually(look, tell=self.operator.tail))[0]

    async def until_none(self, metric: str, /, **labels: str) -> None:
        """Wait until the series is no more."""

        async def look() -> list[Sample]:
            return await self.series(metric, **labels)

        await eventually(look, lambda found: not found, tell=self.operator.tail)

    async def total(self, name: str) -> float:
        """Add up a metric of the process, whatever its labels."""
        _, text = await self.operator.get("/metrics")
        return sum(each.value for each in samples(text, name))


@pytest.fixture
def scrape(scene: Scene) -> Scrape:
    return Scrape(scene.operator, scene.namespace)


async def test_a_mailbox_that_heals_leaves_no_series_of_its_failure(
    scene: Scene, world: World, scrape: Scrape
) -> None:
    async with world.server() as server:
        await scene.apply(password("wrong"), mailbox(at(server)))
        await scene.until(stalled("InvalidCredentials"))
        failing = await scrape.until(FAILING, reason="InvalidCredentials", move="Mailbox owner")

        await scene.apply(password("right"))
        await scene.until(connected())

        await scrape.until_none(FAILING)
        assert await scrape.series(CONDITION, type="Ready", status="True", reason="Connected")
        assert not await scrape.series(CONDITION, reason="InvalidCredentials")
    assert abs(failing.value - datetime.now(UTC).timestamp()) < 60


async def test_a_mailbox_that_is_gone_has_no_series(
    scene: Scene, world: World, scrape: Scrape
) -> None:
    async with world.server() as server:
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected())
        await scrape.until("mailbox_operator_mailbox_last_success_timestamp_seconds", name="jane")

        await scene.cluster.delete("Mailbox", "jane", scene.namespace)

        await scrape.until_none("mailbox_operator_mailbox_info")
        await scrape.until_none("mailbox_operator_mailboxes")
        await scrape.until_none("mailbox_operator_mailbox_last_success_timestamp_seconds")


async def test_a_suspended_mailbox_is_exported_as_suspended_and_not_as_failing(
    scene: Scene, world: World, scrape: Scrape
) -> None:
    async with world.server() as server:
        await scene.apply(password("wrong"), mailbox(at(server)))
        await scrape.until(FAILING, reason="InvalidCredentials")

        await scene.change({"suspend": True})

        await scrape.until("mailbox_operator_mailbox_info", suspended="true")
        await scrape.until_none(FAILING)
        await scrape.until_none("mailbox_operator_mailbox_check_interval_seconds")


async def test_an_annotated_secret_has_a_series_with_its_expiry_and_who_must_act(
    scene: Scene, scrape: Scrape
) -> None:
    await scene.apply(expiring("app", scene.platform_namespace))
    offer = {"google": {"clientSecretRef": {"name": "app"}}}
    await scene.apply(infrastructure(f"apps-{scene.namespace}", offer))

    platform = Scrape(scrape.operator, scene.platform_namespace)
    found = await platform.until(EXPIRY, name="app", move="Platform team")

    assert datetime.fromtimestamp(found.value, UTC) == datetime(2027, 1, 31, tzinfo=UTC)
    await scene.cluster.delete("Secret", "app", scene.platform_namespace)
    await platform.until_none(EXPIRY)


async def test_attempts_phases_and_requests_are_counted(
    scene: Scene, world: World, scrape: Scrape
) -> None:
    async with world.server() as server:
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected())

    for name in (
        "mailbox_operator_attempts_total",
        "mailbox_operator_attempt_phase_duration_seconds_count",
        "mailbox_operator_time_to_connected_seconds_count",
        "workqueue_adds_total",
        "workqueue_queue_duration_seconds_count",
        "controller_runtime_reconcile_total",
        "rest_client_requests_total",
        "process_resident_memory_bytes",
        "leader_election_master_status",
    ):
        assert await scrape.total(name) > 0, name


async def test_no_metric_contains_an_address_or_a_secret(
    scene: Scene, world: World, scrape: Scrape
) -> None:
    async with world.server() as server:
        words = {"username": "sentinel-user", "password": "sentinel-word"}
        await scene.apply(secret(words), mailbox(at(server, address="sentinel@acme.example")))
        await scrape.until(FAILING)

    _, text = await scrape.operator.get("/metrics")
    assert "sentinel" not in text


@pytest_asyncio.fixture(loop_scope="module")
async def replicas(
    world: World, cluster: Cluster, helm: Path, tmp_path: Path
) -> AsyncIterator[tuple[Operator, Operator]]:
    """Two that tell only the sums; one of them leads."""
    settings = world.configuration(metrics={"perMailbox": False})
    async with AsyncExitStack() as opened:
        installation = await opened.enter_async_context(Installation.of(cluster, helm, tmp_path))
        configuration = installation.write_configuration(settings)
        first, second = [
            await opened.enter_async_context(Operator.run(installation, configuration))
            for _ in range(2)
        ]
        await asyncio.gather(first.wait_ready(), second.wait_ready())

        async def leading() -> list[bool]:
            return [await first.is_leading(), await second.is_leading()]

        found = await eventually(leading, any, within=20, tell=first.tail)
        yield (first, second) if found[0] else (second, first)


async def test_only_the_leader_exports_the_state_of_mailboxes(
    scene: Scene, world: World, replicas: tuple[Operator, Operator]
) -> None:
    leader, follower = (Scrape(each, scene.namespace) for each in replicas)
    async with world.server() as server:
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected())

        await leader.until("mailbox_operator_mailboxes", ready="True")

    assert not await follower.series("mailbox_operator_mailboxes")
    assert await follower.total("mailbox_operator_leader") == 0


async def test_mailboxes_without_series_of_their_own_are_in_the_sums(
    scene: Scene, world: World, replicas: tuple[Operator, Operator]
) -> None:
    leader = Scrape(replicas[0], scene.namespace)
    async with world.server() as server:
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected())

        await leader.until("mailbox_operator_mailboxes", reason="Connected")

    assert not await leader.series("mailbox_operator_mailbox_info")
    assert not await leader.series(CONDITION)


def expiring(name: str, namespace: str) -> Manifest:
    """Write an app's Secret that says when it expires."""
    content: Mapping[str, str] = {"client-id": "id", "client-secret": "word"}
    made = secret(content, name, namespace)
    annotations = {"mailbox-operator.io/expires-at": "2027-01-31"}
    return made | {"metadata": made["metadata"] | {"annotations": annotations}}


async def test_the_operator_exports_what_the_page_lists(
    scene: Scene, world: World, scrape: Scrape
) -> None:
    async with world.server() as server:
        await scene.apply(password("wrong"), mailbox(at(server)))
        await scrape.until(FAILING)
    _, text = await scrape.operator.get("/metrics")

    told = {
        family.name + ("_total" if family.type == "counter" else ""): family
        for family in text_string_to_metric_families(text)
        if not LIBRARY.match(family.name) and not family.name.endswith("_created")
    }

    own = [metric for metric in METRICS if not metric.name.startswith("mailbox_gateway_")]
    assert {name: family.type for name, family in told.items()} == {
        metric.name: metric.type for metric in own
    }
    for metric in own:
        labels = {label for sample in told[metric.name].samples for label in sample.labels}
        assert labels - {"le"} in (metric.labels, set()), metric.name
