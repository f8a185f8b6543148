"""A tenant sends through its own mailboxes only, whatever its Sender names."""

from dataclasses import replace

import pytest

from lab.servers.smtp import SmtpServer
from lab.stand.gateway_process import Application
from lab.stand.manifests import at, mailbox, sender
from lab.stand.scene import Scene
from lab.stand.standings import waiting
from system.scenarios.sending.applications import login_of

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


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
