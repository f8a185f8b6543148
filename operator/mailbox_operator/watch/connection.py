"""Connects kopf to the API server the way the operator itself is connected, and hears what it hears.

Left to itself kopf would not know what a kubeconfig says of TLS and of proxies, and nobody would know
whether its watches are open. What kopf gives up at, and with it the process, becomes what it survives:
a listing that begins again.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.client_middlewares import ClientHandlerType

from mailbox_operator.clock import now
from mailbox_operator.cluster.reader import JSON, ApiReader, is_proxied
from mailbox_operator.cluster.unanswered import NO_API_SERVER, pause_seconds, refusal_text, trouble
from mailbox_operator.watch.hearing import Hearing

WATCH_AGAIN_SECONDS: Final = 2.0
SURVIVED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
"""What kopf tries again by itself, as it does after any 5xx."""

NO_ANSWER: Final = "no answer in time"
GONE_EVENT: Final = b'{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n'
"""After this kopf lists again."""


class AgainError(aiohttp.ClientPayloadError):
    """kopf is to begin again with the listing, or with a watch from where it was."""


def kopf_session(api: ApiReader, hearing: Hearing) -> aiohttp.ClientSession:
    """Open a session that kopf closes."""
    rest = api.client.rest_client
    tls = aiohttp.TCPConnector(limit=0, ssl=rest.ssl_context)
    return aiohttp.ClientSession(
        connector=tls,
        proxy=rest.proxy,
        trust_env=is_proxied(),
        middlewares=(HearingMiddleware(api, hearing),),
    )


@dataclass(frozen=True, slots=True)
class HearingMiddleware:
    """Takes note of listings and watches, and keeps their refusals from kopf."""

    api: ApiReader
    hearing: Hearing

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send a request with the present token, and take note of its answer."""
        path, is_watch = self._path(request), "watch" in request.url.query
        request.headers["Authorization"] = await self.api.authorization()
        request.server_hostname = self.api.client.configuration.tls_server_name
        if is_watch:
            query = {"timeoutSeconds": str(self.hearing.seconds(path))}
            request.url = request.url.update_query(query)
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
        if not self.hearing.wants(path):
            return _usable(response)
        return await (self._watch if is_watch else self._listing)(path, response)

    def _path(self, request: aiohttp.ClientRequest) -> str:
        """Return the path as the operator knows it: the API server may be below another one."""
        prefix = urlsplit(self.api.client.configuration.host).path.rstrip("/")
        return request.url.path.removeprefix(prefix)

    def _failed(self, path: str, trouble: str, *, is_listing: bool) -> None:
        if self.hearing.wants(path):
            self.hearing.failed(path, trouble, is_listing=is_listing)
        else:
            self.hearing.nobody_found(trouble)

    async def _listing(self, path: str, response: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
        if response.status < HTTPStatus.BAD_REQUEST and response.content_type == JSON:
            self.hearing.listed(path)
            return response
        return await self._refused(path, response, is_listing=True)

    async def _watch(self, path: str, response: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
        if response.status == HTTPStatus.GONE:
            response.status = HTTPStatus.OK
            response.content = Gone(response.content)  # type: ignore[assignment]  # kopf reads chunks
            return response
        if response.status < HTTPStatus.BAD_REQUEST and response.content_type == JSON:
            self.hearing.opened(path)
            response.content = Heard(response.content, self.hearing, path)  # type: ignore[assignment]  # the same
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


@dataclass(frozen=True, slots=True)
class Heard:
    """What a watch tells, and that it does."""

    content: aiohttp.StreamReader
    hearing: Hearing
    path: str

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        """Pass on what arrives.

        kopf ends the process at an error event that is not 410, such as those of an etcd that elects
        a leader; it is to list again instead.
        """
        try:
            async for piece in self.content.iter_chunked(size):
                if piece.startswith(b'{"type":"ERROR"') and b'"code":410' not in piece:
                    self.hearing.failed(self.path, "the watch broke off", is_listing=False)
                    yield GONE_EVENT
                    return
                self.hearing.told(self.path)
                yield piece
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self.hearing.failed(self.path, trouble(error), is_listing=False)
            raise
        except asyncio.CancelledError:  # kopf waits for a word for so long and no longer
            self.hearing.given_up(self.path)
            raise
        except RuntimeError as error:  # kopf closed the session that another watch had trouble with
            raise AgainError("the connection was closed") from error
        self.hearing.ended(self.path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.content, name)


@dataclass(frozen=True, slots=True)
class Gone:
    """The watch of a version that is too old, as an event in place of a status."""

    content: aiohttp.StreamReader

    async def iter_chunked(self, _size: int) -> AsyncIterator[bytes]:
        """Say that it is too old."""
        yield GONE_EVENT

    def __getattr__(self, name: str) -> Any:
        return getattr(self.content, name)
