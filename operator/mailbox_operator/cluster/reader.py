"""Reads at the Kubernetes API server: a path goes in, JSON comes out, every trouble is one error.

Who gets this and not `apiserver.ApiServer` cannot write. The client library brings the connection:
kubeconfig or ServiceAccount, TLS, tokens that are renewed. Its generated classes would cost ten times
the processor time of the request itself.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Any, Final, Self
from urllib.request import getproxies

import aiohttp
from kubernetes.aio import client

from mailbox_operator.clock import now, spread
from mailbox_operator.cluster.answers import (
    MOST_ANSWER_BYTES,
    READ_BUFFER_BYTES,
    SILENCE_SECONDS,
    OversizeError,
    Reader,
    lines_of,
)
from mailbox_operator.cluster.serverclock import ServerClock
from mailbox_operator.cluster.unanswered import (
    ApiServerError,
    TooLargeError,
    pause_seconds,
    refusal_text,
    trouble,
)

TIMEOUT_SECONDS: Final = 30.0
"""For an answer, and for all tries together where the API server asks to wait."""
JSON: Final = "application/json"
METADATA_ONLY: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
METADATA_EVENTS: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


def uncounted(method: str, status: int, seconds: float) -> None:
    """Count no request."""


@dataclass(frozen=True, slots=True)
class ApiReader:
    """A connection to the API server that reads, lists and watches; `async with` closes it.

    Attributes:
        on_request: Hears of every request: its method, the status of its answer (0: none), its seconds.
        clock: Hears when each answer was given.
    """

    client: client.ApiClient
    on_request: Callable[[str, int, float], None] = uncounted
    reader: Reader = field(default_factory=Reader)
    clock: ServerClock = field(default_factory=ServerClock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    async def get(self, path: str, accept: str = JSON) -> Any:
        """Read an object or a list."""
        return (await self.measure(path, accept))[1]

    async def measure(
        self, path: str, accept: str = JSON, at_most: int = MOST_ANSWER_BYTES
    ) -> tuple[int, Any]:
        """Read an object or a list, and return its size in bytes as well.

        Args:
            path: Of what is read.
            accept: In which form.
            at_most: Bytes that are taken; reading stops there.

        Raises:
            TooLargeError: It has more.
        """
        return await self._request("GET", path, {"Accept": accept}, at_most=at_most)

    @asynccontextmanager
    async def lines(self, path: str, accept: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open a watch; each line is an event.

        Raises:
            ApiServerError: It was refused, or broke off; also while the lines are read.
        """
        began, status = monotonic(), 0
        timeout = aiohttp.ClientTimeout(sock_connect=TIMEOUT_SECONDS, sock_read=SILENCE_SECONDS)
        try:
            try:
                response = await self._send("GET", path, {"Accept": accept}, None, timeout)
                status = response.status
            finally:
                self.on_request("GET", status, monotonic() - began)
            async with response, aclosing(lines_of(response)) as found:
                if status >= HTTPStatus.BAD_REQUEST:
                    raise _refused(response, await response.content.read(READ_BUFFER_BYTES))
                yield found
        except (aiohttp.ClientError, OSError, TimeoutError, OversizeError) as error:
            raise ApiServerError(0, trouble(error)) from error

    async def authorization(self) -> str:
        """Return the header of that name; a token that was renewed is read again."""
        headers = dict[str, str]()
        await self.client.update_params_for_auth(headers, [], ["BearerToken"], "", "GET", None)
        return headers.get("authorization", "")

    async def _request(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: Any = None,
        at_most: int = MOST_ANSWER_BYTES,
    ) -> tuple[int, Any]:
        """Send a request; return the size of the answer in bytes, and the answer.

        An API server that is busy says when to come again (429, 503), and is obeyed.

        Raises:
            ApiServerError: It was refused, or not answered in JSON.
        """
        ends = monotonic() + TIMEOUT_SECONDS
        while True:
            try:
                return await self._try(method, path, headers, body, at_most)
            except ApiServerError as error:
                pause = error.pause_seconds * spread(1, 1.25)
                if not pause or monotonic() + pause > ends:
                    raise
            await asyncio.sleep(pause)

    async def _try(
        self, method: str, path: str, headers: dict[str, str], body: Any, at_most: int
    ) -> tuple[int, Any]:
        began, status = monotonic(), 0
        timeout = aiohttp.ClientTimeout(TIMEOUT_SECONDS)
        try:
            async with AsyncExitStack() as large:
                response = await self._send(method, path, headers, body, timeout)
                status = response.status
                content = await self.reader.read(response, at_most, large)
                if status < HTTPStatus.BAD_REQUEST:
                    return len(content), json.loads(content)
        except OversizeError as error:
            raise TooLargeError(error.beginning) from error
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, RecursionError) as error:
            raise ApiServerError(0, trouble(error)) from error
        finally:
            self.on_request(method, status, monotonic() - began)
        raise _refused(response, bytes(content))

    async def _send(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: Any,
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        url = f"{self.client.configuration.host}{path}"
        # What is compressed could grow a thousandfold in one piece, before it can be counted.
        headers["Accept-Encoding"] = "identity"
        await self.client.update_params_for_auth(headers, [], ["BearerToken"], path, method, body)
        began = monotonic()
        answer = await self.client.rest_client.request(
            method, url, headers=headers, body=body, _request_timeout=timeout
        )
        response: aiohttp.ClientResponse = answer.response
        self.clock.answered(response.headers, monotonic() - began)
        return response


async def find(api: ApiReader, path: str) -> Any | None:
    """Read an object; None if there is none.

    Raises:
        ApiServerError: It was refused, or not answered.
    """
    try:
        return await api.get(path)
    except ApiServerError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None


def _refused(response: aiohttp.ClientResponse, content: bytes) -> ApiServerError:
    what = refusal_text(response.status, response.reason or "", content)
    pause = pause_seconds(response.status, response.headers, now())
    return ApiServerError(response.status, what, pause)


def is_proxied() -> bool:
    """Say whether the environment names a proxy."""
    return bool(getproxies())
