"""Every page in a real browser: for everybody, on every screen, with what a browser enforces."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, expect

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.status.conditions import Condition, Status
from system.consent.site import Served
from unit.consent.stage import GOOD, JANE, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

WIDTHS: Final = (320, 375, 1280)
SCHEMES: Final[Sequence[Literal["light", "dark"]]] = ("light", "dark")
Prepare = Callable[[Stage], None]


def waiting(stage: Stage) -> None:
    """Nobody has consented yet."""


def connected(stage: Stage) -> None:
    """All is well."""
    stage.change(status=_ready("True", "Connected", ""))


def revoked(stage: Stage) -> None:
    """It has to be connected anew."""
    message = "Access to jane@acme.example has expired or was revoked (invalid_grant)."
    stage.change(status=_ready("False", "GrantRevoked", message))


def claimed(stage: Stage) -> None:
    """Another has the address."""
    message = "The address is connected by another Managed Mailbox."
    stage.change(status=_ready("False", "AlreadyClaimed", message))


def proved(stage: Stage) -> None:
    """The person will allow everything."""


def elsewhere(stage: Stage) -> None:
    """The person will use another account."""
    stage.provider.redeemed = replace(GOOD, account="bob@acme.example")


def kept(stage: Stage) -> None:
    """The mail server will not let the mailbox in yet."""
    stage.provider.disproof = Fault(Reason.SMTP_AUTH_DISABLED, facts={"code": "535 5.7.139"})


SHOWN: Final = (waiting, connected, revoked, claimed)
CAME_BACK: Final = (proved, elsewhere, kept)


@pytest_asyncio.fixture(loop_scope="module")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    opened = await browser.new_context()
    yield opened
    await opened.close()


async def inspected(page: Page) -> list[str]:
    """Have axe-core find what is wrong with a page, at every width and in both schemes."""
    found: list[str] = []
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 800})
            results = await Axe().run(page)
            found += [f"{scheme} {width}: {each['id']}" for each in results.response["violations"]]
            overflow = "document.documentElement.scrollWidth > window.innerWidth"
            if await page.evaluate(overflow):
                found.append(f"{scheme} {width}: it scrolls sideways")
    return found


async def arrived(served: Served, page: Page) -> None:
    """Click the button, and come back from the provider."""
    await page.route(
        "https://provider.example/**", lambda route: route.fulfill(body="the provider")
    )
    await page.goto(served.link)
    await page.get_by_role("button").click()
    await page.wait_for_url("https://provider.example/**")
    state = list(served.stage.requests.content)[-1]
    await page.goto(f"{served.url}/callback?state={state}&code=code")


@pytest.mark.parametrize("prepare", SHOWN)
async def test_axe_finds_nothing_on_the_page_of_a_mailbox(
    context: BrowserContext, prepare: Prepare
) -> None:
    stage = Stage()
    prepare(stage)
    async with Served(stage).running() as served:
        page = await context.new_page()
        await page.goto(served.link)

        assert await inspected(page) == []


@pytest.mark.parametrize("prepare", CAME_BACK)
async def test_axe_finds_nothing_on_what_came_of_it(
    context: BrowserContext, prepare: Prepare
) -> None:
    stage = Stage()
    prepare(stage)
    async with Served(stage).running() as served:
        page = await context.new_page()
        await arrived(served, page)

        assert await inspected(page) == []


async def test_axe_finds_nothing_on_a_trouble(context: BrowserContext) -> None:
    async with Served().running() as served:
        page = await context.new_page()
        await page.goto(f"{served.url}/mailboxes/unknown")

        assert await inspected(page) == []


async def test_a_long_name_does_not_break_the_page(context: BrowserContext) -> None:
    stage = Stage()
    stage.change(spec=replace(JANE.spec, address=f"{'x' * 64}@{'y' * 60}.example"))
    async with Served(stage).running() as served:
        page = await context.new_page()
        await page.goto(served.link)

        assert await inspected(page) == []


async def test_the_browser_finds_nothing_that_the_policy_forbids(context: BrowserContext) -> None:
    complaints: list[str] = []
    async with Served().running() as served:
        page = await context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await arrived(served, page)
        await expect(page.get_by_role("status")).to_contain_text("Connected")

    assert complaints == []


async def test_the_policy_is_enforced(context: BrowserContext) -> None:
    async with Served().running() as served:
        page = await context.new_page()
        await page.goto(served.link)
        inject = "const s = document.createElement('script'); s.textContent = 'window.owned = 1';"
        await page.evaluate(f"{inject} document.body.append(s)")

        assert await page.evaluate("window.owned") is None


async def test_the_consent_page_cannot_be_framed(context: BrowserContext) -> None:
    async with Served().running() as served:
        page = await context.new_page()
        frame = f'<iframe src="{served.link}"></iframe>'
        await page.route(
            "https://evil.example/**",
            lambda route: route.fulfill(body=frame, content_type="text/html"),
        )
        await page.goto("https://evil.example/")

        texts = [await each.content() for each in page.frames]
    assert not any("Continue to Google" in text for text in texts)


async def test_the_provider_is_not_told_where_the_browser_comes_from(
    context: BrowserContext,
) -> None:
    asked: list[dict[str, Any]] = []
    async with Served().running() as served:
        page = await context.new_page()
        page.on("request", lambda request: asked.append({"url": request.url, **request.headers}))
        await arrived(served, page)

    outward = [each for each in asked if each["url"].startswith("https://provider.example/")]
    assert outward
    assert [each["referer"] for each in outward if "referer" in each] == []


async def test_works_by_keyboard_alone_and_without_scripts(browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    async with Served().running() as served:
        page = await context.new_page()
        await page.route(
            "https://provider.example/**", lambda route: route.fulfill(body="the provider")
        )
        await page.goto(served.link)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")

        await page.wait_for_url("https://provider.example/**")
    await context.close()


async def test_two_windows_of_a_browser_do_not_spoil_each_other(context: BrowserContext) -> None:
    async with Served().running() as served:
        first, second = await context.new_page(), await context.new_page()
        for page in (first, second):
            await page.route("https://provider.example/**", lambda route: route.fulfill(body="x"))
            await page.goto(served.link)
            await page.get_by_role("button").click()
            await page.wait_for_url("https://provider.example/**")
        states = list(served.stage.requests.content)

        await first.goto(f"{served.url}/callback?state={states[0]}&code=code")

        await expect(first.get_by_role("status")).to_contain_text("Connected")


async def test_the_back_button_shows_that_it_is_done(context: BrowserContext) -> None:
    async with Served().running() as served:
        page = await context.new_page()
        await arrived(served, page)
        state = list(served.stage.requests.content)[-1]
        await page.goto(f"{served.url}/callback?state={state}&code=code")

        await expect(page.get_by_role("alert")).to_contain_text("This was done already")


def _ready(status: str, reason: str, message: str) -> Status:
    return Status(conditions=(Condition("Ready", status, reason, message, 1, ""),))
