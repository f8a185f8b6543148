"""The site is built strictly, asks nobody else for anything, and is fit for phones."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from tools.site.reading import BROWSED, DESKTOP, PHONE, opened, serving

ROOT: Final = Path(__file__).parents[3]
MOST_MILLISECONDS: Final = 90_000
"""For the index of the search to be built; a busy machine takes long."""

LOADED: Final = re.compile(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(https?:)?//")
STYLED: Final = re.compile(
    r"<link\b[^>]*\brel=[\"']?(?:stylesheet|preconnect)[^>]*\bhref=[\"']?https?:"
)
LOOKED_AT: Final = (
    "index.html",
    "getting-started.html",
    "reasons.html",
    "api.html",
    "command-line.html",
    "alerts.html",
    "metrics.html",
    "404.html",
    "repository/helm/mailbox-operator/index.html",
)
SCREENS: Final = [
    pytest.param(PHONE, "light", id="phone"),
    pytest.param(DESKTOP, "light", id="desktop"),
    pytest.param(DESKTOP, "dark", id="dark"),
]


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


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    with serving(site) as address:
        yield address


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = {str(each.relative_to(site)): each.read_text() for each in site.rglob("*.html")}

    assert len(pages) > 30
    assert [
        name for name, text in pages.items() if LOADED.search(text) or STYLED.search(text)
    ] == []


@BROWSED
@pytest.mark.parametrize(("size", "scheme"), SCREENS)
@pytest.mark.parametrize("name", LOOKED_AT)
async def test_a_page_fits_its_screen_and_asks_nothing_of_the_network(
    served: str, browser: Browser, name: str, size: dict[str, int], scheme: str
) -> None:
    page, asked = await opened(browser, f"{served}/{name}", size, scheme)

    width = await page.evaluate("document.documentElement.scrollWidth")
    found = await Axe().run(page)

    await page.close()
    assert (asked, width <= size["width"]) == ([], True)
    assert {each["id"] for each in found.response["violations"]} == set()


@BROWSED
async def test_the_search_finds_a_reason(served: str, browser: Browser) -> None:
    page, asked = await opened(browser, f"{served}/index.html", DESKTOP)

    await page.get_by_placeholder("Search").press_sequentially("GrantRevoked")
    first = page.locator(".md-search-result__item").first
    await first.wait_for(timeout=MOST_MILLISECONDS)

    text = await first.inner_text()
    await page.close()
    assert ("GrantRevoked" in text, asked) == (True, [])
