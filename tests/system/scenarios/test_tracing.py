"""The traces of an operator that has a collector: how each attempt went, and nothing secret."""

from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio

from lab.servers.collector import Collector, Span
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password, secret
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.specs import GOOGLE
from lab.stand.standings import connected, stalled
from lab.stand.world import ADDRESS, World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

LOGIN: Final = ["resolve", "connect", "tls", "auth"]
TOKEN: Final = "canary-refresh-token"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def collector() -> AsyncIterator[Collector]:
    async with Collector.running() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(
    installation: Installation, world: World, collector: Collector
) -> AsyncIterator[Operator]:
    traced = world.configuration(tracing={"endpoint": collector.url})
    async with Operator.run(installation, installation.write_configuration(traced)) as running:
        yield await running.wait_leading()


async def trace(collector: Collector, scene: Scene, name: str) -> list[Span]:
    """Wait for the first trace of a mailbox."""

    async def look() -> list[list[Span]]:
        return collector.traces(name)

    return (await eventually(look, tell=scene.operator.tail))[0]


async def connect_by_token(scene: Scene, name: str) -> None:
    """Have a mailbox connect by a refresh token."""
    scene.world.grant(TOKEN)
    app = {"client-id": "app", "client-secret": "hush", "refresh-token": TOKEN}
    await scene.apply(secret(app), mailbox(GOOGLE, name))
    await scene.until(connected(), name)


async def test_the_trace_of_a_mailbox_that_connects_has_all_phases(
    scene: Scene, collector: Collector
) -> None:
    async with scene.world.server() as server:
        await scene.apply(password(), mailbox(at(server), "right"))
        await scene.until(connected(), "right")

    first, *phases = await trace(collector, scene, "right")
    assert [each.name for each in phases] == [*LOGIN, "sender"]
    assert (first.failure, first.attributes["mailbox.reason"]) == ("", "Connected")
    assert scene.attempts("right")[0]["trace_id"] == first.trace


async def test_the_trace_of_a_mailbox_that_fails_ends_with_the_phase_that_did(
    scene: Scene, collector: Collector
) -> None:
    async with scene.world.server() as server:
        await scene.apply(password("wrong"), mailbox(at(server), "wrong"))
        await scene.until(stalled("InvalidCredentials"), "wrong")

    first, *phases = await trace(collector, scene, "wrong")
    assert [each.name for each in phases] == LOGIN
    assert [each.name for each in phases if each.failure] == ["auth"]
    assert (first.failure, first.attributes["mailbox.retry"]) == ("InvalidCredentials", "Person")


async def test_no_token_and_no_address_is_traced(scene: Scene, collector: Collector) -> None:
    await connect_by_token(scene, "token")

    _, *phases = await trace(collector, scene, "token")

    assert [each.name for each in phases] == ["token", *LOGIN, "sender"]
    told = b"".join(collector.bodies)
    secrets = (TOKEN, "hush", ADDRESS, *scene.world.oauth.ledger.access)
    assert [word for word in secrets if word.encode() in told] == []


async def test_each_phase_is_in_the_histogram(scene: Scene) -> None:
    await connect_by_token(scene, "counted")

    counted = await scene.operator.metrics()

    name = "mailbox_operator_attempt_phase_duration_seconds_count"
    assert [x for x in (*LOGIN, "sender", "token") if not counted[f'{name}{{phase="{x}"}}']] == []


async def test_traces_that_are_left_are_delivered_when_the_operator_ends(
    scene: Scene, collector: Collector
) -> None:
    """The last one here: nobody works from then on."""
    await connect_by_token(scene, "last")

    status = await scene.operator.terminate()

    assert (status, len(collector.traces("last"))) == (0, 1)
