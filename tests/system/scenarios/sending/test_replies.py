"""What an application is told by the processes: not now, never, and whose fault it is."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from lab.servers.smtp import Mischief, SmtpServer, Stage
from lab.stand.eventually import eventually
from lab.stand.gateway_process import Application, Gateway
from lab.stand.installation import Installation
from lab.stand.manifests import password, sender
from lab.stand.nodes import Node
from lab.stand.scene import Scene
from lab.stand.standings import connected, retrying, stalled

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.sending,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(120),
]

LIMIT: Final = b"550 5.4.5 Daily user sending limit exceeded"
AHEAD_SECONDS: Final = 120
IN_DOUBT: Final = "mailbox_gateway_in_doubt_total"


async def until(application: Application, code: int, begins: str, within: float = 30) -> str:
    """Send until the reply is this one; return its text."""
    found = await eventually(
        application.send,
        lambda reply: reply[0] == code and reply[1].startswith(begins),
        within,
    )
    return found[1]


async def test_a_wrong_password_is_535_and_dials_nobody(
    application: Application, server: SmtpServer
) -> None:
    before = server.connections
    wrong = replace(application, login={**application.login, "password": "x" * 43})

    code, text = await wrong.send()

    assert (code, text[:6]) == (535, "5.7.8 ")
    assert server.connections == before


async def test_a_suspended_sender_is_told_to_wait(application: Application, scene: Scene) -> None:
    await scene.apply(sender("jane", suspend=True))
    refused = await until(application, 450, "4.7.13")

    await scene.apply(sender("jane", suspend=False))
    await until(application, 250, "")

    assert f"sender {scene.namespace}/app is suspended" in refused


async def test_the_sender_of_a_suspended_mailbox_is_told_to_wait(
    application: Application, scene: Scene
) -> None:
    await scene.change({"suspend": True})
    refused = await until(application, 450, "4.7.13")

    await scene.change({"suspend": False})
    await until(application, 250, "")

    assert f"mailbox {scene.namespace}/jane is suspended" in refused


async def test_a_provider_that_is_down_is_451_until_it_is_back(
    application: Application, server: SmtpServer
) -> None:
    await server.stop()
    await until(application, 451, "4.4.1")

    await server.start()

    await until(application, 250, "", within=60)


async def test_a_message_is_not_sent_twice_when_the_provider_is_lost_after_the_dot(
    application: Application, server: SmtpServer, gateway: Gateway
) -> None:
    server.behaviour = replace(server.behaviour, mischief={Stage.MESSAGE: Mischief.HANG})
    before = (await gateway.metrics()).get(IN_DOUBT, 0)
    sending = asyncio.create_task(application.send())

    async def reached() -> int:
        return sum(each.stage is Stage.MESSAGE for each in server.attempts)

    await eventually(reached)
    server.hang_up()
    code, text = await sending

    assert (code, text[:6]) == (451, "4.4.2 ")
    await eventually(gateway.metrics, lambda found: found[IN_DOUBT] == before + 1)
    assert sum("DATA" in each.commands for each in server.attempts) == 1


async def test_a_refused_login_has_the_operator_look_and_is_no_535(
    application: Application, scene: Scene
) -> None:
    await scene.apply(password("wrong"))
    await scene.until(stalled("InvalidCredentials"))
    refused = await until(application, 451, "4.3.5")

    await scene.apply(password())
    await scene.until(connected())
    await until(application, 250, "", within=60)

    assert f"{scene.namespace}/jane is not connected: InvalidCredentials" in refused


async def test_a_providers_limit_pauses_the_mailbox(
    application: Application, server: SmtpServer, scene: Scene
) -> None:
    server.behaviour = replace(server.behaviour, replies={Stage.MESSAGE: LIMIT})

    passed_on = await application.send()
    await scene.until(retrying("SendingLimitReached"), within=30)
    server.behaviour = replace(server.behaviour, replies={})

    assert passed_on == (550, LIMIT.decode().removeprefix("550 "))
    await until(application, 450, "4.4.5")


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
async def test_a_limit_pauses_the_mailbox_where_the_clock_of_the_gateway_is_ahead(
    application: Application,
    server: SmtpServer,
    scene: Scene,
    installation: Installation,
    configured: Path,
    tmp_path: Path,
) -> None:
    node = Node.of(tmp_path, "ahead")
    node.step(AHEAD_SECONDS)
    async with Gateway.serve(installation, configured, **node.variables) as ahead:
        await ahead.wait_ready()
        port, _ = await ahead.ports()
        server.behaviour = replace(server.behaviour, replies={Stage.MESSAGE: LIMIT})

        await replace(application, port=port).send()

        await scene.until(retrying("SendingLimitReached"), within=30)


async def test_a_refused_message_says_nothing_of_its_mailbox(
    application: Application, server: SmtpServer, scene: Scene
) -> None:
    server.behaviour = replace(server.behaviour, replies={Stage.MESSAGE: b"550 5.7.1 spam"})

    refused = await application.send()

    assert refused == (550, "5.7.1 spam")
    await scene.until(connected())
