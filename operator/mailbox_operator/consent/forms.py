"""Reads the form that the page's button sends, and tells whether it was that button."""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 8
BODY_SECONDS: Final = 10.0
OWN_SITE: Final = frozenset({"same-origin", "none"})


async def form(request: web.Request) -> Mapping[str, list[str]]:
    """Read a form as the page's own button sends it.

    Raises:
        HTTPException: It is another type of content, too long, too slow, or no form.
    """
    if not request.can_read_body:
        return {}
    if request.content_type != FORM:
        raise web.HTTPUnsupportedMediaType
    try:
        async with asyncio.timeout(BODY_SECONDS):
            content = await request.read()
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    try:
        return parse_qs(content.decode("ascii"), max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise web.HTTPBadRequest from error


def is_own_form(request: web.Request, public_url: str) -> bool:
    """Say whether a form was sent by a page of this site, or by what is no browser.

    Browsers tell by `Sec-Fetch-Site`; older ones name the page by `Origin` or `Referer`. What sends
    none of them is no browser, so nobody's browser was misled.
    """
    headers = request.headers
    if (site := headers.get("Sec-Fetch-Site")) is not None:
        return site in OWN_SITE
    named = headers.get("Origin") or headers.get("Referer")
    return named is None or site_of_url(named) == site_of_url(public_url)


def site_of_url(url: str) -> tuple[str, str]:
    """Return the scheme and the host, with its port, of a URL; nothing of what is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme.lower(), parts.netloc.lower()
