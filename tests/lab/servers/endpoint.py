"""An HTTPS server, or a plain HTTP one, that answers by the hand of a test."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def endpoint(context: ssl.SSLContext | None, answer: Answer) -> AsyncIterator[str]:
    """Run one as long as the block lasts; tells its URL, without a slash at the end.

    Args:
        context: Its certificate; None for plain HTTP.
        answer: Answers each request.
    """
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        scheme, host = ("https", "localhost") if context else ("http", "127.0.0.1")
        yield f"{scheme}://{host}:{runner.addresses[0][1]}"
    finally:
        assert runner.server is not None
        transports = [each.transport for each in runner.server.connections]
        await runner.cleanup()
        for transport in transports:
            if transport is not None:
                transport.abort()
