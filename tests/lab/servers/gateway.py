"""Stands between a client and an API server, as load balancers and proxies do, and has their troubles.

It delays, swallows, cuts off, loses, holds back what a watch tells, or answers in the server's place.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf
from typing import Final, Self

import aiohttp
from aiohttp import web
from yarl import URL

HOP_BY_HOP: Final = frozenset(
    {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}
)


def nothing_else(_: web.Request) -> web.Response | None:
    """Answer nothing in the server's place."""
    return None


def none(_: web.Request) -> bool:
    """Lose no request."""
    return False


@dataclass(frozen=True, slots=True)
class Weather:
    """What becomes of requests.

    Attributes:
        delay_seconds: Before each is passed on.
        is_swallowing: Whether nothing arrives any more, in either direction, and nobody is told.
        is_cut: Whether connections break off, and new ones as well.
        holds_back: Whether what a watch tells is passed on at its end.
        buffer_bytes: Of that, what is passed on as soon as there is so much.
        loses: Whether a request never arrives; who sent it waits until the weather changes, and is then
            cut off.
        answers: What it answers in the server's place; None to pass a request on.
    """

    delay_seconds: float = 0.0
    is_swallowing: bool = False
    is_cut: bool = False
    holds_back: bool = False
    buffer_bytes: float = inf
    loses: Callable[[web.Request], bool] = none
    answers: Callable[[web.Request], web.Response | None] = nothing_else


FINE: Final = Weather()


@dataclass(slots=True)
class Gateway:
    """An HTTP server in front of another one.

    Attributes:
        target: URL of the other one.
        url: Where it is.
        asked: Method and path of all requests, with the query.
    """

    target: str
    http: aiohttp.ClientSession
    url: str = ""
    asked: list[str] = field(default_factory=list)
    _weather: Weather = FINE
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _open: set[asyncio.Transport] = field(default_factory=set)

    @classmethod
    @asynccontextmanager
    async def running(cls, target: str, tls: ssl.SSLContext) -> AsyncIterator[Self]:
        """Run it as long as the block lasts; what it is asked in plain HTTP it asks by TLS."""
        connector = aiohttp.TCPConnector(ssl=tls, limit=0)
        async with aiohttp.ClientSession(
            connector=connector, auto_decompress=False, timeout=aiohttp.ClientTimeout()
        ) as http:
            gateway = cls(target, http)
            app = web.Application(client_max_size=2**24)
            app.router.add_route("*", "/{path:.*}", gateway._answer)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            gateway.url = f"http://{host}:{port}"
            try:
                yield gateway
            finally:
                await gateway.turn(FINE)
                await runner.cleanup()

    async def turn(self, weather: Weather) -> None:
        """Change what becomes of requests, those under way included."""
        self._weather = weather
        if weather.is_cut:
            for transport in self._open:
                transport.abort()
        async with self._changed:
            self._changed.notify_all()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        transport = request.transport
        assert transport is not None
        self._open.add(transport)
        try:
            self.asked.append(f"{request.method} {request.raw_path}")
            await asyncio.sleep(self._weather.delay_seconds)
            await self._passage()
            if self._weather.is_cut or await self._is_lost(request):
                transport.abort()
                return web.Response()
            return self._weather.answers(request) or await self._passed_on(request)
        except ConnectionError:  # the client is gone
            return web.Response()
        finally:
            self._open.discard(transport)

    async def _passed_on(self, request: web.Request) -> web.StreamResponse:
        url = URL(f"{self.target}{request.raw_path}", encoded=True)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in HOP_BY_HOP}
        body = await request.read()
        async with self.http.request(
            request.method, url, headers=headers, data=body or None, allow_redirects=False
        ) as there:
            response = web.StreamResponse(status=there.status, reason=there.reason)
            for name, value in there.headers.items():
                if name.lower() not in HOP_BY_HOP:
                    response.headers[name] = value
            await response.prepare(request)
            held = b""
            async for piece in there.content.iter_any():
                await self._passage()
                if self._weather.holds_back and "watch" in request.query:
                    held += piece
                    if len(held) >= self._weather.buffer_bytes:
                        await response.write(held)
                        held = b""
                else:
                    await response.write(piece)
            await response.write(held)
            return response

    async def _is_lost(self, request: web.Request) -> bool:
        """Say whether a request is lost, once its sender has waited long enough."""
        weather = self._weather
        if not weather.loses(request):
            return False
        async with self._changed:
            await self._changed.wait_for(lambda: self._weather is not weather)
        return True

    async def _passage(self) -> None:
        """Wait until anything passes."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._weather.is_swallowing)
