"""A person is shown the consent page by the command line, and it waits until they have clicked."""

from pathlib import Path

import pytest

from lab.browser.person import Person
from lab.stand.consents import awaiting
from lab.stand.scene import Scene
from system.scenarios.home import Home

pytestmark = [pytest.mark.cluster, pytest.mark.consent, pytest.mark.asyncio(loop_scope="module")]


async def test_connect_shows_the_page_and_waits_for_the_consent(
    scene: Scene, person: Person, tmp_path: Path
) -> None:
    home = Home.of(tmp_path, scene)
    url = await awaiting(scene)
    process = await home.start("connect", "jane", program="mailbox-operator")
    assert process.stdout is not None

    shown = (await process.stdout.readline()).decode().strip()
    await person.begins(shown)
    await person.allows()
    output, _ = await process.communicate()

    assert shown == url
    assert (process.returncode, "Connected" in output.decode()) == (0, True)


async def test_connect_without_waiting_only_shows_the_page(scene: Scene, tmp_path: Path) -> None:
    home = Home.of(tmp_path, scene)
    url = await awaiting(scene)

    found = await home.run("connect", "jane", "--no-wait")

    assert (found.status, found.output, found.errors) == (0, f"{url}\n", "")


async def test_connect_ends_with_1_where_nobody_consents_in_time(
    scene: Scene, tmp_path: Path
) -> None:
    home = Home.of(tmp_path, scene)
    url = await awaiting(scene)

    found = await home.run("connect", "jane", "--timeout", "0.1")

    assert (found.status, found.output) == (1, f"{url}\n")
    assert "not within 0.1 s" in found.errors
