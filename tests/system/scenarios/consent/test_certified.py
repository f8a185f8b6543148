"""The whole flow against an authorization server that others wrote, and that is certified."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from lab.browser.person import Person
from lab.controlplane.ports import free_ports
from lab.servers.authority import Authority
from lab.servers.certified import Certified
from lab.servers.smtp import Behaviour, SmtpServer
from lab.stand.consents import awaiting, with_page
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import ADDRESS
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected
from lab.stand.world import World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def scene(
    world: World, installation: Installation, authority: Authority
) -> AsyncIterator[Scene]:
    """Put the certified server into Google's place, and a mail server that asks it."""
    (port,) = free_ports(1)
    tls = authority.server_context()
    async with (
        Certified.running(authority, f"http://localhost:{port}/callback") as certified,
        SmtpServer(tls, Behaviour(), certified.token_valid) as mail,
    ):
        google = {**certified.settings, "smtp": {"host": "localhost", "port": mail.port}}
        configuration = installation.write_configuration(with_page(world, port, google=google))
        async with Operator.run(installation, configuration) as operator:
            await operator.wait_leading()
            async with Scene.open(world, operator) as opened:
                yield opened


async def test_a_person_who_allows_stays_connected(scene: Scene, browser: Browser) -> None:
    async with Person.of(browser) as person:
        await person.begins(await awaiting(scene))
        await person.signs_in(ADDRESS)
        await person.sees("Connected")
    found = await scene.until(connected())
    name = f"mailbox-grant-{found['metadata']['uid']}"

    async def token() -> str:
        kept = await scene.cluster.find("Secret", name, scene.platform_namespace)
        return str(kept["data"]["refresh-token"]) if kept else ""

    seen = [await token()]
    for each in ("once", "twice"):
        await scene.reconnect(each)
        seen.append(await eventually(token, lambda now: now not in seen, tell=scene.operator.tail))
    await scene.until(connected())


async def test_a_person_who_uses_another_account_is_refused(scene: Scene, browser: Browser) -> None:
    async with Person.of(browser) as person:
        await person.begins(await awaiting(scene))
        await person.signs_in("bob@acme.example")

        await person.sees("You signed in as bob@acme.example")
