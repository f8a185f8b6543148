"""The files that belong to the pages, sent from memory: no thread waits for a disk."""

from collections.abc import Awaitable, Callable, Iterator
from mimetypes import guess_type
from pathlib import Path

from aiohttp import web

from mailbox_operator.consent.pages import STATIC


def statics() -> Iterator[tuple[str, Callable[[web.Request], Awaitable[web.Response]]]]:
    """Read the files; return each name with what sends it."""
    for path in sorted(STATIC.iterdir()):
        yield path.name, _file(path)


def _file(path: Path) -> Callable[[web.Request], Awaitable[web.Response]]:
    content, kind = path.read_bytes(), guess_type(path.name)[0]

    async def show(_: web.Request) -> web.Response:
        return web.Response(body=content, content_type=kind or "application/octet-stream")

    return show
