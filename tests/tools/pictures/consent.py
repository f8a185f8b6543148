"""`python -m tools.pictures.consent`: takes the pictures of the consent page that docs/ shows.

The page is that of a real operator, and a person gives consent at a small copy of Google.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.async_api import Browser

from lab.browser.chromium import chromium
from lab.browser.person import Person
from lab.controlplane.plane import ControlPlane
from lab.controlplane.programs import Program
from lab.monitoring.stage import stage
from lab.stand.consents import awaiting, with_page
from lab.stand.definitions import files
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.world import World

IMAGES: Final = Path(__file__).parents[3] / "docs" / "images"
TENANT: Final = "acme"
BOB: Final = "bob@acme.example"
PORT: Final = 8081
WIDTH: Final = 520
PHONE: Final = 375


async def main() -> None:
    """Run an operator with one mailbox that waits for consent, and take all pictures."""
    with TemporaryDirectory() as folder, ControlPlane.start() as plane:
        plane.kubectl("apply", "--server-side", *files())
        plane.kubectl("wait", "--for=condition=Established", "--timeout=60s", *files())
        helm = plane.assets.locate(Program.HELM)
        async with stage(plane, helm, Path(folder)) as (world, home), chromium() as browser:
            configuration = home.write_configuration(with_page(world, PORT))
            async with Operator.run(home, configuration) as operator:
                await operator.wait_leading()
                async with Scene.open(world, operator, TENANT) as scene:
                    await take(browser, world, await awaiting(scene))


async def take(browser: Browser, world: World, link: str) -> None:
    """Take the pictures in an order in which the mailbox is connected last."""
    await before(browser, link, "consent-mailbox")
    await before(browser, link, "consent-mailbox-dark-phone", width=PHONE, color_scheme="dark")
    await other_account(browser, world, link)
    await left_out(browser, link)
    await connected(browser, link)
    await gone(browser, link)


async def before(browser: Browser, link: str, name: str, **window: Any) -> None:
    """Take the page that the owner opens."""
    async with opened(browser, **window) as person:
        await person.page.goto(link)
        await taken(person, name)


async def other_account(browser: Browser, world: World, link: str) -> None:
    """Take the page after somebody used another account."""
    google = world.oauth
    google.behaviour = replace(google.behaviour, signed_in=BOB)
    async with opened(browser) as person:
        await person.begins(link)
        await person.allows()
        await person.sees(f"You signed in as {BOB}")
        await taken(person, "consent-other-account")
    google.behaviour = replace(google.behaviour, signed_in=None)


async def left_out(browser: Browser, link: str) -> None:
    """Take the page after the owner left a permission out."""
    async with opened(browser) as person:
        await person.begins(link)
        await person.unticks("https://mail.google.com/")
        await person.allows()
        await person.sees("You left out")
        await taken(person, "consent-left-out")


async def connected(browser: Browser, link: str) -> None:
    """Take the page after the owner allowed everything."""
    async with opened(browser) as person:
        await person.begins(link)
        await person.allows()
        await person.sees("Connected")
        await taken(person, "consent-connected")


async def gone(browser: Browser, link: str) -> None:
    """Take the page of a link whose Mailbox does not exist."""
    async with opened(browser, height=400) as person:
        await person.page.goto(f"{link.rpartition('/')[0]}/gone")
        await taken(person, "consent-gone")


@asynccontextmanager
async def opened(
    browser: Browser, width: int = WIDTH, height: int = 600, **window: Any
) -> AsyncIterator[Person]:
    """Open a window of its own for a person."""
    size: Any = {"width": width, "height": height}
    context = await browser.new_context(ignore_https_errors=True, viewport=size, **window)
    try:
        yield Person(await context.new_page())
    finally:
        await context.close()


async def taken(person: Person, name: str) -> None:
    """Take a picture of the whole page."""
    await person.page.screenshot(path=IMAGES / f"{name}.png", full_page=True)


if __name__ == "__main__":
    asyncio.run(main())
