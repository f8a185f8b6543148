"""`python -m tools.pictures.consent`: takes the pictures of the consent page that docs/ shows."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Browser, Page

from lab.browser.chromium import chromium
from unit.consent.site import Served
from unit.consent.stage import GOOD, JANE, Stage

IMAGES: Final = Path(__file__).parents[3] / "docs" / "images"
Prepare = Callable[[Stage], None]


def named(stage: Stage) -> None:
    """Give the mailbox a tenant that readers know from the examples."""
    stage.change(key=replace(JANE.key, namespace="acme"))


def left_out(stage: Stage) -> None:
    """The person leaves a permission out."""
    named(stage)
    stage.provider.redeemed = replace(GOOD, scope="openid email")


def elsewhere(stage: Stage) -> None:
    """The person uses another account."""
    named(stage)
    stage.provider.redeemed = replace(GOOD, account="bob@acme.example")


async def main() -> None:
    """Take them all."""
    IMAGES.mkdir(exist_ok=True)
    async with chromium() as browser:
        await before(browser, "consent-mailbox", "light", 520)
        await before(browser, "consent-mailbox-dark-phone", "dark", 375)
        await after(browser, "consent-connected", named)
        await after(browser, "consent-left-out", left_out)
        await after(browser, "consent-other-account", elsewhere)
        await trouble(browser, "consent-gone")


async def before(browser: Browser, name: str, scheme: Literal["light", "dark"], width: int) -> None:
    """Take the page that somebody opens."""
    stage = Stage()
    named(stage)
    async with Served(stage, port=8081).running() as served:
        page = await browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 600})
        await page.goto(served.link)
        await taken(page, name)


async def after(browser: Browser, name: str, prepare: Prepare) -> None:
    """Take the page that somebody comes back to."""
    stage = Stage()
    prepare(stage)
    async with Served(stage, port=8081).running() as served:
        page = await browser.new_page(viewport={"width": 520, "height": 600})
        await page.route("https://provider.example/**", lambda route: route.fulfill(body="x"))
        await page.goto(served.link)
        await page.get_by_role("button").click()
        await page.wait_for_url("https://provider.example/**")
        (state,) = stage.requests.content
        await page.goto(f"{served.url}/callback?state={state}&code=code")
        await taken(page, name)


async def trouble(browser: Browser, name: str) -> None:
    """Take the page of a link that leads nowhere."""
    async with Served(port=8081).running() as served:
        page = await browser.new_page(viewport={"width": 520, "height": 400})
        await page.goto(f"{served.url}/mailboxes/gone")
        await taken(page, name)


async def taken(page: Page, name: str) -> None:
    """Take a picture of the whole page."""
    await page.screenshot(path=IMAGES / f"{name}.png", full_page=True)
    await page.close()


if __name__ == "__main__":
    asyncio.run(main())
