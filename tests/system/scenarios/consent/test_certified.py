"""The whole flow against an authorization server that others wrote, and that is certified."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from lab.browser.person import Person
from lab.servers.authority import Authority
from lab.stand.consents import awaiting
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import ADDRESS
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected
from lab.stand.world import World
from system.scenarios.strict import StrictGoogle

pytestmark = [pytest.mark.cluster, pytest.mark.consent, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def scene(
    world: World, installation: Installation, authority: Authority
) -> AsyncIterator[Scene]:
    """Put the certified server into Google's place, and a mail server that asks it."""
    async with StrictGoogle.running(authority) as google:
        configuration = installation.write_configuration(google.configuration(world))
        async with (
            Operator.run(installation, configuration) as operator,
            Scene.open(world, await operator.wait_leading()) as opened,
        ):
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
