"""The regular checks of mailboxes that nobody touches: half a minute apart, the shortest there is."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from typing import Final

import pytest
import pytest_asyncio

from lab.servers.smtp import Behaviour, SmtpServer, Stage
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password, secret
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected, retrying, stalled, summary
from lab.stand.world import GOOD, World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

BUSY: Final = b"421 4.3.2 Busy"
LATER: Final[dict[str, Behaviour]] = {
    "healthy": GOOD,
    "blinking": replace(GOOD, replies={Stage.BANNER: [BUSY]}),
    "lost": GOOD,
    "stalled": replace(GOOD, replies={Stage.BANNER: BUSY}),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(installation: Installation, world: World) -> AsyncIterator[Operator]:
    intervals = {"transient": ["1s"], "person": ["2s"]}
    configuration = installation.write_configuration(world.configuration(intervals=intervals))
    async with Operator.run(installation, configuration) as running:
        yield await running.wait_leading()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def left_alone(world: World, operator: Operator) -> AsyncIterator[Scene]:
    """Four mailboxes with a verdict, and servers that do something else from now on."""
    async with Scene.open(world, operator) as scene, AsyncExitStack() as running:
        await scene.apply(password(), secret({"password": "wrong"}, "wrong"))
        servers = {name: await running.enter_async_context(world.server()) for name in LATER}
        for name, server in servers.items():
            await scene.apply(mailbox(checked_often(server, name), name))
        for name, server in servers.items():
            await scene.until(first_verdict(name), name)
            server.behaviour = LATER[name]
        await servers["lost"].stop()
        scene.servers |= servers
        yield scene


def checked_often(server: SmtpServer, name: str) -> dict[str, object]:
    """Ask for the shortest interval; the stalled one has a wrong password."""
    wrong = {"credentialsSecretRef": {"name": "wrong"}} if name == "stalled" else {}
    return at(server, checkInterval="30s") | wrong


def first_verdict(name: str) -> dict[str, str]:
    """Expect what comes of the first attempt."""
    return dict(stalled("InvalidCredentials") if name == "stalled" else connected())


async def test_a_check_that_finds_nothing_new_writes_nothing(left_alone: Scene) -> None:
    await left_alone.until_attempted(2, "healthy", within=40)

    assert summary(await left_alone.mailbox("healthy")) == connected()
    assert len(left_alone.writes("healthy")) == 1


async def test_one_failed_check_is_no_loss(left_alone: Scene) -> None:
    await left_alone.until_attempted(3, "blinking", within=40)

    outcomes = [line["message"].split()[1] for line in left_alone.attempts("blinking")]
    assert outcomes == ["succeeded", "failed", "succeeded"]
    assert len(left_alone.writes("blinking")) == 1


async def test_two_failed_checks_are_a_loss_until_the_server_is_back(left_alone: Scene) -> None:
    await left_alone.until(retrying("ConnectionRefused"), "lost", within=40)

    second_failure = datetime.fromisoformat(left_alone.attempts("lost")[2]["time"])
    _, loss = left_alone.writes("lost")
    assert loss.at > second_failure

    await left_alone.servers["lost"].start()
    await left_alone.until(connected(), "lost")


async def test_a_temporary_failure_does_not_erase_what_a_person_has_to_do(
    left_alone: Scene,
) -> None:
    await left_alone.until_attempted(3, "stalled")

    assert left_alone.attempts("stalled")[-1]["reason"] == "ProviderUnavailable"
    assert summary(await left_alone.mailbox("stalled")) == stalled("InvalidCredentials")
    assert len(left_alone.writes("stalled")) == 1
