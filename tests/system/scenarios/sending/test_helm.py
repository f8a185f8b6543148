"""`helm --wait` succeeds once applications can send, and says what keeps them from it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from lab.servers.smtp import SmtpServer
from lab.stand.gateway_process import Gateway
from lab.stand.manifests import ADDRESS, secret
from lab.stand.scene import Scene
from lab.stand.standings import available
from system.rollout.helm import TENANT, Helm
from system.scenarios.sending.applications import application_of

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.sending,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]


@pytest_asyncio.fixture(loop_scope="module")
async def release(scene: Scene, helm: Path, tmp_path: Path) -> AsyncIterator[Helm]:
    made = Helm(helm, scene.cluster.plane, tmp_path, "mailboxes", scene.namespace)
    yield made
    (await made.uninstall("--wait", "--timeout=30s", "--ignore-not-found")).well()


def values(server: SmtpServer) -> dict[str, Any]:
    """Write a tenant's values: a mailbox, and an application that sends through it."""
    smtp = {
        "host": "localhost",
        "port": server.port,
        "security": server.behaviour.security.value,
    }
    jane = {
        "address": ADDRESS,
        "provider": "SMTP",
        "infrastructure": "Private",
        "credentials": {"username": ADDRESS, "password": "right"},
        "smtp": smtp,
    }
    return {"mailboxes": {"jane": jane}, "senders": {"app": {"mailboxes": ["jane"]}}}


async def test_after_helm_wait_an_application_sends(
    release: Helm, server: SmtpServer, scene: Scene, gateway: Gateway
) -> None:
    (await release.install(TENANT, values(server), "--wait", "--timeout=60s")).well()

    await scene.until_sender(available(), within=0)
    code, text = await (await application_of(scene, gateway)).send()

    assert code == 250, text


async def test_helm_wait_fails_within_seconds_where_a_secret_is_in_the_way(
    release: Helm, server: SmtpServer, scene: Scene
) -> None:
    await scene.apply(secret({"note": "mine"}, "app-smtp"))

    outcome = await release.install(TENANT, values(server), "--wait", "--timeout=60s")

    assert outcome.status != 0
    assert outcome.seconds < 30, "it waited for the end of its patience"
    assert "Secret app-smtp is not this Sender's to change" in outcome.said
