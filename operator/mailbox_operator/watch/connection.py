"""Connects kopf to the API server the way the operator itself is connected, and hears what it hears.

Left to itself kopf would not know what a kubeconfig says of TLS and of proxies, and nobody would know
whether its watches are open. What kopf gives up at, and with it the process, becomes what it survives:
a listing that begins again.
"""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.client_middlewares import ClientHandlerType

from mailbox_operator.clock import now
from mailbox_operator.cluster.reader import JSON, ApiReader, is_proxied
from mailbox_operator.cluster.unanswered import NO_API_SERVER, pause_seconds, refusal_text, trouble
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.stream import (
    WATCH_AGAIN_SECONDS,
    AgainError,
    Gone,
    Listed,
    Stream,
    Watched,
)

SURVIVED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
"""What kopf tries again by itself, as it does after any 5xx."""

NO_ANSWER: Final = "no answer in time"


def kopf_session(api: ApiReader, stream: Stream) -> aiohttp.ClientSession:
    """Open a session that kopf closes, and whose listings and watches are taken in on the way."""
    rest = api.client.rest_client
    tls = aiohttp.TCPConnector(limit=0, ssl=rest.ssl_context)
    return aiohttp.ClientSession(
        connector=tls,
        proxy=rest.proxy,
        trust_env=is_proxied(),
        middlewares=(HearingMiddleware(api, stream),),
    )


@dataclass(frozen=True, slots=True)
class HearingMiddleware:
    """Takes note of listings and watches, and keeps their refusals from kopf."""

    api: ApiReader
    stream: Stream

    @property
    def hearing(self) -> Hearing:
        """What takes note of them."""
        return self.stream.hearing

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send a request with the present token, and take note of its answer."""
        path, is_watch = self._path(request), "watch" in request.url.query
        request.headers["Authorization"] = await self.api.authorization()
        request.server_hostname = self.api.client.configuration.tls_server_name
        if path in self.stream.takes:
            self._ask(request, path, is_watch=is_watch)
        try:
            response = await handler(request)
        except asyncio.CancelledError:  # by the time limit of the request, as a rule
            self._failed(path, NO_ANSWER, is_listing=not is_watch)
            raise
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self._failed(path, trouble(error), is_listing=not is_watch)
            if isinstance(error, aiohttp.ClientConnectionError | OSError):
                raise
            raise aiohttp.ClientConnectionError(trouble(error)) from error  # what kopf survives
        if path not in self.stream.takes:
            return _usable(response)
        return await (self._watch if is_watch else self._listing)(path, response)

    def _path(self, request: aiohttp.ClientRequest) -> str:
        """Return the path as the operator knows it: the API server may be below another one."""
        prefix = urlsplit(self.api.client.configuration.host).path.rstrip("/")
        return request.url.path.removeprefix(prefix)

    def _ask(self, request: aiohttp.ClientRequest, path: str, *, is_watch: bool) -> None:
        """Say how long a watch lasts and how long a page is, and have nothing compressed.

        What is compressed could grow a thousandfold before it can be counted.
        """
        request.headers["Accept-Encoding"] = "identity"
        lasts = {"timeoutSeconds": str(self.hearing.seconds(path))}
        asked = lasts if is_watch else {"limit": str(self.stream.page(path))}
        request.url = request.url.update_query(asked)

    def _failed(self, path: str, trouble: str, *, is_listing: bool) -> None:
        if self.hearing.wants(path):
            self.hearing.failed(path, trouble, is_listing=is_listing)
        else:
            self.hearing.nobody_found(trouble)

    async def _listing(self, path: str, response: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
        if response.status < HTTPStatus.BAD_REQUEST and response.content_type == JSON:
            self.hearing.listed(path)
            response.content = Listed(response.content, self.stream, path)  # type: ignore[assignment]  # kopf reads all
            return response
        return await self._refused(path, response, is_listing=True)

    async def _watch(self, path: str, response: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
        if response.status == HTTPStatus.GONE:
            response.status = HTTPStatus.OK
            response.content = Gone(response.content)  # type: ignore[assignment]  # kopf reads chunks
            return response
        if response.status < HTTPStatus.BAD_REQUEST and response.content_type == JSON:
            self.hearing.opened(path)
            response.content = Watched(response.content, self.stream, path)  # type: ignore[assignment]  # the same
            return response
        return await self._refused(path, response, is_listing=False)

    async def _refused(
        self, path: str, response: aiohttp.ClientResponse, *, is_listing: bool
    ) -> aiohttp.ClientResponse:
        """Take note of a refusal; kopf gets to see only those that it survives.

        Raises:
            AgainError: It would not survive this one.
        """
        status, content = response.status, await response.read()
        is_page = status < HTTPStatus.BAD_REQUEST
        reason = response.reason or ""
        why = f"{reason}: {NO_API_SERVER}" if is_page else refusal_text(status, reason, content)
        self.hearing.failed(path, f"{status} {why}", is_listing=is_listing)
        pause = pause_seconds(status, response.headers, now())
        if status in SURVIVED or (status >= HTTPStatus.INTERNAL_SERVER_ERROR and not pause):
            return response
        await asyncio.sleep(pause or WATCH_AGAIN_SECONDS)
        raise AgainError(f"{status} {reason}")


def _usable(response: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
    """Let kopf see what kinds there are, and the refusals that it expects when it asks for them.

    Raises:
        aiohttp.ClientConnectionError: It would not survive this answer; it asks again.
    """
    is_answer = response.status < HTTPStatus.BAD_REQUEST and response.content_type == JSON
    is_expected = response.status in SURVIVED | {HTTPStatus.NOT_FOUND}
    if is_answer or is_expected or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return response
    response.close()
    raise aiohttp.ClientConnectionError(f"{response.status}: {NO_API_SERVER}")
