"""A tenant sends through its own mailboxes only, whatever its Sender names."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import pytest

from lab.servers.smtp import Mischief, SmtpServer, Stage
from lab.stand.eventually import eventually
from lab.stand.gateway_process import COMPLETED, Application, Gateway
from lab.stand.manifests import at, mailbox, password, sender
from lab.stand.scene import Scene
from lab.stand.standings import available, connected, waiting
from lab.stand.world import GOOD, World
from system.scenarios.sending.applications import application_of, login_of
from system.scenarios.sending.load import Load

pytestmark = [pytest.mark.cluster, pytest.mark.sending, pytest.mark.asyncio(loop_scope="module")]

FLOOD: Final = 48
MESSAGES: Final = 20


async def test_a_sender_that_names_a_mailbox_of_another_tenant_sends_nothing(
    application: Application, server: SmtpServer, scene: Scene
) -> None:
    async with Scene.open(scene.world, scene.operator) as other:
        own = mailbox(at(server, address="bob@acme.example"), "bob")
        await other.apply(own, sender("bob", "jane"))
        await other.until_sender(waiting("MailboxNotConnected"))
        theirs = await login_of(other) | {"from": application.login["from"]}
        foreign = replace(application, login=theirs)

        code, text = await foreign.send()

    assert code == 451
    assert text.startswith(f"4.3.5 {other.namespace}/jane is not connected: it does not exist.")
    assert server.messages == []


@asynccontextmanager
async def flooded(world: World, scene: Scene, gateway: Gateway) -> AsyncIterator[Load]:
    """Have a tenant send a flood through a provider that never answers, until the block ends."""
    async with Scene.open(world, scene.operator) as other, world.server() as provider:
        await other.apply(password(), mailbox(at(provider)), sender("jane"))
        await other.until(connected())
        await other.until_sender(available())
        application = await application_of(other, gateway)
        provider.behaviour = replace(GOOD, mischief={Stage.MESSAGE: Mischief.HANG})
        async with Load.of(*[application] * FLOOD) as flood:
            await all_are_there(gateway)
            yield flood
            provider.behaviour = GOOD
            provider.hang_up()
            await flood.until_acknowledged(1)


async def all_are_there(gateway: Gateway) -> None:
    """Wait until each application of the flood has its connection."""

    def are_there(found: dict[str, float]) -> bool:
        return found["mailbox_gateway_connections"] >= FLOOD

    await eventually(gateway.metrics, are_there, within=30)


async def test_a_flood_of_one_tenant_keeps_no_mail_of_another_waiting(
    application: Application, world: World, scene: Scene, gateway: Gateway
) -> None:
    async with flooded(world, scene, gateway) as flood:
        codes = [(await application.send())[0] for _ in range(MESSAGES)]
        acknowledged = len(flood.acknowledged)

    assert codes == [COMPLETED] * MESSAGES
    assert acknowledged == 0
