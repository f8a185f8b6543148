"""The site is built strictly, asks nobody else for anything, and is fit for phones."""

import re
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Route

from lab.browser.chromium import chromium

ROOT: Final = Path(__file__).parents[3]
LOADED: Final = re.compile(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(https?:)?//")
STYLED: Final = re.compile(
    r"<link\b[^>]*\brel=[\"']?(?:stylesheet|preconnect)[^>]*\bhref=[\"']?https?:"
)
PHONE: Final = {"width": 390, "height": 844}
DESKTOP: Final = {"width": 1440, "height": 900}
LOOKED_AT: Final = (
    "index.html",
    "getting-started.html",
    "reasons.html",
    "api.html",
    "command-line.html",
)

OF_THE_THEME: Final = frozenset(
    {"aria-dialog-name", "landmark-unique", "scrollable-region-focusable"}
)
"""What axe finds in the theme's own parts: its search has no name, its navigations share one, and its
tables scroll."""

BROWSED: Final = pytest.mark.asyncio(loop_scope="module")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and writes no log."""

    def log_message(self, *_: Any) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it, as CI does; a warning ends that."""
    folder = tmp_path_factory.mktemp("site")
    program = (sys.executable, "-m", "mkdocs", "build", "--strict")
    done = subprocess.run(
        [*program, "--config-file", ROOT / ".mkdocs.yml", "--site-dir", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """Serve it on the loopback; return its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def opened(browser: Browser, url: str, size: Any) -> tuple[Page, list[str]]:
    """Open a page; return it, and what it asks others for."""
    page, asked = await browser.new_page(viewport=size), list[str]()

    async def refuse(route: Route) -> None:
        asked.append(route.request.url)
        await route.abort()

    await page.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), refuse)
    await page.goto(url)
    return page, asked


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = {str(each.relative_to(site)): each.read_text() for each in site.rglob("*.html")}

    assert len(pages) > 30
    assert [
        name for name, text in pages.items() if LOADED.search(text) or STYLED.search(text)
    ] == []


@BROWSED
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("name", LOOKED_AT)
async def test_a_page_fits_its_screen_and_asks_nothing_of_the_network(
    served: str, browser: Browser, name: str, size: dict[str, int]
) -> None:
    page, asked = await opened(browser, f"{served}/{name}", size)

    width = await page.evaluate("document.documentElement.scrollWidth")
    found = await Axe().run(page)

    await page.close()
    assert (asked, width <= size["width"]) == ([], True)
    assert {each["id"] for each in found.response["violations"]} <= OF_THE_THEME


@BROWSED
async def test_the_search_finds_a_reason(served: str, browser: Browser) -> None:
    page, asked = await opened(browser, f"{served}/index.html", DESKTOP)

    await page.get_by_placeholder("Search").fill("GrantRevoked")
    first = page.locator(".md-search-result__item").first
    await first.wait_for()

    text = await first.inner_text()
    await page.close()
    assert ("GrantRevoked" in text, asked) == (True, [])
