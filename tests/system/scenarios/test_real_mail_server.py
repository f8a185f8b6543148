"""Mailboxes at a real Postfix with a real Dovecot behind it."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from lab.servers.postfix import RealMailServer
from lab.stand.installation import Installation
from lab.stand.manifests import PRIVATE_SMTP, mailbox, password, secret
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.specs import GOOGLE, JANE, Spec
from lab.stand.standings import connected, stalled
from lab.stand.world import ADDRESS, World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mail(world: World) -> AsyncIterator[RealMailServer]:
    users = {ADDRESS: "right"}
    introspection = f"{world.oauth.url}/introspect"
    with tempfile.TemporaryDirectory(prefix="mail-") as folder:
        start = RealMailServer.start(Path(folder), world.authority, users, introspection)
        async with start as running:
            yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(
    installation: Installation, world: World, mail: RealMailServer
) -> AsyncIterator[Operator]:
    usual = world.configuration()
    ports = {"allowedPorts": [mail.submission_port, mail.smtps_port]}
    gmail = {"smtp": {"host": "localhost", "port": mail.submission_port}}
    content = world.configuration(egress=usual["egress"] | ports, google=usual["google"] | gmail)
    async with Operator.run(installation, installation.write_configuration(content)) as running:
        yield await running.wait_leading()


def submitting(mail: RealMailServer, security: str = "STARTTLS", **more: Any) -> Spec:
    """Ask for a mailbox with a password there."""
    port = mail.smtps_port if security == "TLS" else mail.submission_port
    settings = {"host": "localhost", "port": port, "security": security}
    return JANE | PRIVATE_SMTP | {"smtp": settings} | more


@pytest.mark.parametrize("security", ["STARTTLS", "TLS"])
async def test_a_mailbox_connects_by_password(
    scene: Scene, mail: RealMailServer, security: str
) -> None:
    await scene.apply(password(), mailbox(submitting(mail, security)))

    await scene.until(connected())


async def test_a_wrong_password_is_the_owners(scene: Scene, mail: RealMailServer) -> None:
    await scene.apply(password("wrong"), mailbox(submitting(mail)))

    await scene.until(stalled("InvalidCredentials"))


async def test_a_foreign_sender_is_refused(scene: Scene, mail: RealMailServer) -> None:
    await scene.apply(secret({"username": ADDRESS, "password": "right"}))
    await scene.apply(mailbox(submitting(mail, address="joe@acme.example")))

    await scene.until(stalled("SenderNotAllowed"))


async def test_a_mailbox_connects_by_token(scene: Scene) -> None:
    scene.world.grant("1//real")
    app = {"client-id": "app", "client-secret": "hush"}
    await scene.apply(secret(app | {"refresh-token": "1//real"}), mailbox(GOOGLE))

    await scene.until(connected())
