"""The Lease is watched by every replica, and the watch has to tell in time what a replica knows."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest
from aiohttp import web

from lab.controlplane.plane import ControlPlane
from lab.servers.gateway import FINE, Gateway, Weather
from lab.stand.eventually import eventually
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.lease import Lease
from mailbox_operator.cluster.paths import lease_path
from mailbox_operator.decide.cluster.echo import LATE, LATE_SECONDS, REMEMBERED_SECONDS
from mailbox_operator.decide.cluster.watch_signs import FAILING_SECONDS
from mailbox_operator.settings.operator import LeaderElectionSection
from mailbox_operator.watch.hearing import Hearing, watch_name
from mailbox_operator.watch.leasewatch import LeaseWatch
from system.cluster.test_connection import api_behind

pytestmark = pytest.mark.cluster

NAME = "mailbox-operator"


@dataclass(slots=True)
class Listening(Hearing):
    """It keeps what it was told.

    Attributes:
        versions: Of the Lease, as they arrived.
        openings: How often the watch was opened.
    """

    versions: list[str] = field(default_factory=list)
    openings: int = 0

    def opened(self, path: str) -> None:
        """Take note of it."""
        Hearing.opened(self, path)
        self.openings += 1

    def told(self, path: str, version: str = "") -> None:
        """Take note of it."""
        Hearing.told(self, path, version)
        self.versions.append(version)


@dataclass
class Stage:
    """A replica that watches the Lease through a proxy, and reads it as one that does not lead."""

    gateway: Gateway
    hearing: Listening
    api: ApiServer
    lease: Lease
    late: list[float]

    @property
    def watched(self) -> str:
        """What the watch is called."""
        return watch_name(lease_path(self.lease.namespace))

    async def renew(self) -> str:
        """Have another replica write the Lease, and this one read it; return its version."""
        path = lease_path(self.lease.namespace, NAME)
        now = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        written = await self.api.patch(path, {"spec": {"renewTime": now}})
        assert (await self.lease.get(NAME, self.lease.namespace))[0]
        return str(written["metadata"]["resourceVersion"])

    async def until_open(self) -> None:
        """Wait until the watch is open."""
        await eventually(lambda: asyncio.sleep(0, self.hearing.openings), within=30)

    async def until_told(self, version: str) -> None:
        """Wait until the watch has told a version."""
        await eventually(lambda: asyncio.sleep(0, version in self.hearing.versions), within=30)


@pytest.fixture
def weather() -> Weather:
    return FINE


@pytest.fixture
async def stage(
    plane: ControlPlane, namespace: str, tmp_path: Path, weather: Weather
) -> AsyncIterator[Stage]:
    tls = ssl.create_default_context(cafile=plane.ca)
    late = [0.0]
    hearing = Listening(lambda: monotonic() + late[0])
    async with (
        Gateway.running(plane.url, tls) as gateway,
        api_behind(gateway, plane, tmp_path / "kubeconfig") as api,
    ):
        await api.create(lease_path(namespace), {"metadata": {"name": NAME}, "spec": {}})
        await gateway.turn(weather)
        watch = LeaseWatch(api, namespace, NAME, hearing)
        lease = Lease(LeaderElectionSection(), namespace, "tests", api, known=watch.known)
        running = asyncio.create_task(watch.run())
        yield Stage(gateway, hearing, api, lease, late)
        running.cancel()
        await asyncio.wait([running])


async def test_a_write_of_another_replica_arrives_in_time(stage: Stage) -> None:
    await stage.until_open()
    versions = [await stage.renew() for _ in range(3)]
    await stage.until_told(versions[-1])

    stage.late[0] += LATE_SECONDS + 1

    assert stage.hearing.deaf == {}


@pytest.mark.parametrize(
    "weather",
    [
        pytest.param(Weather(holds_back=True), id="until the watch ends"),
        pytest.param(Weather(holds_back=True, buffer_bytes=8_192), id="until its buffer is full"),
    ],
)
async def test_a_proxy_that_holds_back_what_changes_is_found_until_it_passes_it_on(
    stage: Stage,
) -> None:
    await stage.until_open()
    await stage.renew()
    stage.late[0] += LATE_SECONDS + 1
    found = stage.hearing.deaf

    await stage.gateway.turn(Weather(is_cut=True))
    await stage.gateway.turn(FINE)
    await stage.until_told(await stage.renew())
    stage.late[0] += REMEMBERED_SECONDS

    assert found == {stage.watched: LATE}
    assert stage.hearing.deaf == {}


@pytest.mark.parametrize("weather", [Weather(holds_back=True, buffer_bytes=2_048)])
async def test_a_proxy_whose_buffer_is_full_now_and_then_is_found(stage: Stage) -> None:
    await stage.until_open()
    await stage.renew()
    stage.late[0] += LATE_SECONDS + 1

    for _ in range(10):
        await stage.renew()
    await eventually(lambda: asyncio.sleep(0, stage.hearing.versions))

    assert stage.hearing.deaf == {stage.watched: LATE}


def unwatched(request: web.Request) -> web.Response | None:
    """Refuse watches."""
    return web.Response(status=403) if "watch" in request.query else None


@pytest.mark.parametrize("weather", [Weather(answers=unwatched)])
async def test_a_watch_that_is_refused_is_deaf_and_tried_again(stage: Stage) -> None:
    async def asked() -> bool:
        return sum("watch=true" in each for each in stage.gateway.asked) > 1

    await eventually(asked)
    stage.late[0] += FAILING_SECONDS

    assert "403 Forbidden" in stage.hearing.deaf[stage.watched]


async def test_one_lease_is_watched_and_no_other(stage: Stage) -> None:
    await stage.until_open()
    other = {"metadata": {"name": "other"}, "spec": {}}
    made = await stage.api.create(lease_path(stage.lease.namespace), other)

    await stage.until_told(await stage.renew())

    assert made["metadata"]["resourceVersion"] not in stage.hearing.versions
