"""Reads pages as people do: a server that delivers files, and a browser that may ask nobody else."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, Route

PHONE: Final = {"width": 390, "height": 844}
DESKTOP: Final = {"width": 1440, "height": 900}
BROWSED: Final = pytest.mark.asyncio(loop_scope="module")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and writes no log."""

    def log_message(self, *_: Any) -> None:
        """Write nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on the loopback; return its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def opened(
    browser: Browser, url: str, size: Any, scheme: Any = "light"
) -> tuple[Page, list[str]]:
    """Open a page; return it, and what it asks others for."""
    page = await browser.new_page(viewport=size, color_scheme=scheme)
    asked = list[str]()

    async def refuse(route: Route) -> None:
        asked.append(route.request.url)
        await route.abort()

    await page.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), refuse)
    await page.goto(url)
    return page, asked
