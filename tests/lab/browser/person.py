"""A person at a browser, who gives consent or does not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from playwright.async_api import Browser, BrowserContext, Error as PlaywrightError, Page, expect


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a browser of her own."""

    page: Page

    @classmethod
    @asynccontextmanager
    async def of(cls, browser: Browser, *, scripts: bool = True) -> AsyncIterator[Self]:
        """Open a window that shares nothing with any other."""
        context: BrowserContext = await browser.new_context(
            ignore_https_errors=True, java_script_enabled=scripts
        )
        context.set_default_timeout(15_000)
        try:
            yield cls(await context.new_page())
        finally:
            await context.close()

    async def begins(self, link: str) -> None:
        """Open the link, and click the one button."""
        await self.page.goto(link)
        await self.page.get_by_role("button").click()

    async def allows(self, button: str = "Allow") -> None:
        """Allow everything on the provider's screen."""
        await self.page.get_by_role("button", name=button).click()

    async def signs_in(self, account: str) -> None:
        """Walk through the screens of the certified server: who, and yes."""
        await self.page.get_by_placeholder("Enter any login").fill(account)
        await self.page.get_by_placeholder("and password").fill("any")
        await self.page.get_by_role("button", name="Sign-in").click()
        await self.page.get_by_role("button", name="Continue").click()

    async def allows_and_is_robbed(self) -> str:
        """Allow everything, and lose the way back to somebody else before going it."""
        await self.page.get_by_role("button", name="Allow").wait_for()
        form = await self.page.evaluate("Object.fromEntries(new FormData(document.forms[0]))")
        answer = await self.page.request.post(
            self.page.url, form={**form, "answer": "allow"}, max_redirects=0
        )
        return answer.headers["location"]

    async def is_cut_off(self, url: str) -> None:
        """Go somewhere and never get there: who would answer dies meanwhile."""
        try:
            await self.page.goto(url)
        except PlaywrightError:
            return
        raise AssertionError("somebody answered")

    async def cancels(self) -> None:
        """Allow nothing."""
        await self.page.get_by_role("button", name="Cancel").click()

    async def unticks(self, scope: str) -> None:
        """Leave a permission out."""
        await self.page.get_by_label(scope).uncheck()

    async def chooses(self, account: str) -> None:
        """Name the account to use."""
        await self.page.get_by_label("Another account").fill(account)
        await self.page.get_by_role("button", name="Next").click()

    async def sees(self, text: str) -> None:
        """Wait until the page says so."""
        await expect(self.page.get_by_role("main")).to_contain_text(text, timeout=15_000)
