"""No mailbox sends more than its limit, over all gateways, whatever ends one of them."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from lab.servers.smtp import SmtpServer
from lab.stand.eventually import eventually
from lab.stand.gateway_process import COMPLETED, Application, Gateway
from lab.stand.installation import Installation
from lab.stand.manifests import ADDRESS, at, mailbox, secret, sender
from lab.stand.scene import Scene
from lab.stand.specs import Spec
from lab.stand.standings import available, connected
from lab.stand.world import GOOD, World
from mailbox_operator.decide.sending.ledger import MOST_AHEAD
from system.scenarios.sending.applications import application_of

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.sending,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

LIMIT: Final = 50
TRIES: Final = 400
AT_ONCE: Final = 8
GAP_SECONDS: Final = 2
AGAIN, SLOW, MORE = "again@acme.example", "slow@acme.example", "more@acme.example"
"""Each test has an address of its own: what was sent as another one is counted for a day."""

LOGIN: Final = secret({"username": ADDRESS, "password": "right"})
USED_UP: Final = "has reached its limit of 50 recipients in 24 hours, next at "


@pytest_asyncio.fixture(loop_scope="module")
async def server(world: World) -> AsyncIterator[SmtpServer]:
    """A mail server whose one login may send as any address."""
    async with world.server(replace(GOOD, senders=None)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def second(installation: Installation, configured: Path) -> AsyncIterator[Gateway]:
    """Another gateway of the same installation."""
    async with Gateway.serve(installation, configured) as running:
        await running.wait_ready()
        yield running


def as_(address: str, spec: Spec) -> Spec:
    """Send as another address than the login."""
    return spec | {"address": address}


async def both_of(scene: Scene, *gateways: Gateway) -> list[Application]:
    """Make an application for each gateway, with the login of the same Sender."""
    await scene.until(connected())
    await scene.until_sender(available())
    return [await application_of(scene, each) for each in gateways]


async def replies(applications: list[Application], tries: int) -> list[tuple[int, str]]:
    """Send from all of them, some at once; a gateway that is gone has no reply."""
    turns, found = asyncio.Semaphore(AT_ONCE), list[tuple[int, str]]()

    async def one(number: int) -> None:
        async with turns:
            try:
                sent = applications[number % len(applications)].send(f"joe{number}@other.example")
                found.append(await sent)
            except OSError:
                found.append((0, "no reply"))

    await asyncio.gather(*map(one, range(tries)))
    return found


async def test_two_gateways_of_which_one_is_killed_never_send_more_than_the_limit(
    scene: Scene, server: SmtpServer, gateway: Gateway, second: Gateway
) -> None:
    limited = mailbox(at(server, sending={"perDay": LIMIT}))
    await scene.apply(LOGIN, limited, sender("jane"))
    applications = await both_of(scene, gateway, second)

    async def sent() -> int:
        return len(server.messages)

    async def kill_in_the_middle() -> None:
        await eventually(sent, lambda count: count >= LIMIT // 3, within=60)
        await second.kill()

    killing = asyncio.create_task(kill_in_the_middle())
    told = await replies(applications, TRIES)
    await killing

    assert LIMIT - MOST_AHEAD <= len(server.messages) <= LIMIT
    refusals = [text for code, text in told if code == 450]
    assert refusals
    assert all(USED_UP in text for text in refusals)
    assert len(refusals) + sum(code in {COMPLETED, 0} for code, _ in told) == TRIES


async def test_a_mailbox_that_is_created_again_has_not_got_a_new_day(
    scene: Scene, server: SmtpServer, gateway: Gateway, second: Gateway
) -> None:
    limited = mailbox(as_(AGAIN, at(server, sending={"perDay": 2})))
    await scene.apply(LOGIN, limited, sender("jane"))
    (first,) = await both_of(scene, gateway)
    assert [code for code, _ in await replies([first], 3)].count(COMPLETED) == 2

    await scene.cluster.delete("Mailbox", "jane", scene.namespace)
    await scene.apply(limited)
    (another,) = await both_of(scene, second)
    code, text = await another.send()

    assert (code, "limit of 2 recipients" in text) == (450, True)


async def test_a_gap_holds_over_all_gateways(
    scene: Scene, server: SmtpServer, gateway: Gateway, second: Gateway
) -> None:
    limited = as_(SLOW, at(server, sending={"every": f"{GAP_SECONDS}s"}))
    await scene.apply(LOGIN, mailbox(limited), sender("jane"))
    applications = await both_of(scene, gateway, second)

    began = time.monotonic()
    told = await replies(applications, 4)

    assert [code for code, _ in told] == [COMPLETED] * 4
    assert time.monotonic() - began > 3 * GAP_SECONDS


async def test_what_a_mailbox_may_send_goes_up_at_once_with_its_limit(
    scene: Scene, server: SmtpServer, gateway: Gateway
) -> None:
    spec = as_(MORE, at(server, sending={"perDay": 1}))
    await scene.apply(LOGIN, mailbox(spec), sender("jane"))
    (application,) = await both_of(scene, gateway)
    assert (await application.send())[0] == COMPLETED
    assert (await application.send())[0] == 450

    await scene.apply(mailbox(spec | {"sending": {"perDay": 2}}))

    await eventually(application.send, lambda reply: reply[0] == COMPLETED, within=30)
