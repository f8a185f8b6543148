"""What the chart allows the gateway: all of it is needed, and nothing else is asked for."""

from http import HTTPStatus
from typing import Final

import pytest

from lab.controlplane.audit import Request
from lab.servers.smtp import SmtpServer
from lab.stand.consents import APP
from lab.stand.eventually import eventually
from lab.stand.gateway_process import Gateway
from lab.stand.installation import Installation
from lab.stand.manifests import at, infrastructure, mailbox, password, secret, sender
from lab.stand.scene import Scene
from lab.stand.specs import GOOGLE
from lab.stand.standings import available, connected
from lab.stand.world import World
from system.scenarios.sending.applications import application_of

pytestmark = [pytest.mark.cluster, pytest.mark.sending, pytest.mark.asyncio(loop_scope="module")]

COMPONENT: Final = "app.kubernetes.io/component"
OWN: Final = ("mailbox-operator-login-key", "mailbox-operator-gateway-tls")


def granted(installation: Installation) -> set[tuple[str, str, str]]:
    """List what the chart allows the gateway."""
    return {
        (group, resource, verb)
        for right in installation.rights
        if right["metadata"]["labels"][COMPONENT] == "gateway"
        for rule in right.get("rules", ())
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def asked(installation: Installation) -> list[Request]:
    """Read from the audit log what the gateway asked for."""
    namespace = installation.namespace
    requests = installation.cluster.plane.requests(namespace, f"{namespace}-gateway")
    return [each for each in requests if each.resource]


async def test_every_right_is_used_and_no_other_is_asked_for(
    scene: Scene, server: SmtpServer, gateway: Gateway, installation: Installation
) -> None:
    await scene.apply(password(), infrastructure(scene.namespace, {}))
    await scene.apply(mailbox(at(server, sending={"perDay": 4})), sender("jane"))
    await scene.until_sender(available())
    application = await application_of(scene, gateway)

    # of so small a limit nothing is taken ahead: each message changes what is counted
    assert [(await application.send())[0] for _ in range(2)] == [250, 250]

    async def used() -> set[tuple[str, str, str]]:
        return {(each.group, each.resource, each.verb) for each in asked(installation)}

    wanted = granted(installation)
    assert await eventually(used, lambda found: found >= wanted) == wanted
    assert [r for r in asked(installation) if r.code == HTTPStatus.FORBIDDEN] == []


async def test_a_gateway_reads_no_grant_and_no_client_secret(
    scene: Scene, world: World, gateway: Gateway, installation: Installation
) -> None:
    world.grant("1//given")
    await scene.apply(secret(APP | {"refresh-token": "1//given"}), mailbox(GOOGLE), sender("jane"))
    await scene.until(connected())
    await scene.until_sender(available())
    application = await application_of(scene, gateway)

    await eventually(application.send, lambda reply: reply[0] == 250)

    made = await scene.mailbox()
    record = f"mailbox-access-{made['metadata']['uid']}"
    secrets = [each for each in asked(installation) if each.resource == "secrets"]
    home = {each.name for each in secrets if each.namespace == installation.namespace}
    assert home == {*OWN, record}
    assert [each.name for each in secrets if each.namespace == scene.namespace] == []
