"""Speaks to the Kubernetes API server: a path goes in, JSON comes out, every trouble is one error.

The client library brings the connection: kubeconfig or ServiceAccount, TLS, tokens that are renewed.
Its generated classes would cost ten times the processor time of the request itself.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import Any, Final, Self
from urllib.request import getproxies

import aiohttp
from kubernetes.aio import client, config

from mailbox_operator.clock import now, spread
from mailbox_operator.cluster.answers import (
    MOST_BYTES,
    READ_BUFFER_BYTES,
    SILENCE_SECONDS,
    OversizeError,
    Reader,
    lines_of,
)
from mailbox_operator.cluster.serverclock import ServerClock
from mailbox_operator.cluster.unanswered import pause_seconds, refusal, trouble

OWN_NAMESPACE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
TIMEOUT_SECONDS: Final = 30.0
"""For an answer, and for all tries together where the API server asks to wait."""
JSON: Final = "application/json"
METADATA_ONLY: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
METADATA_EVENTS: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"

log = logging.getLogger(__name__)


class UnreachableClusterError(Exception):
    """There is no usable KUBECONFIG, and this is no pod."""


class ApiServerError(Exception):
    """The API server refused, or did not answer.

    Attributes:
        status: HTTP status; 0 if it did not answer.
        pause_seconds: How long it asks to wait; 0 if it does not.
    """

    def __init__(self, status: int, what: str, pause_seconds: float = 0.0) -> None:
        super().__init__(f"{status} {what}")
        self.status, self.pause_seconds = status, pause_seconds


class TooLargeError(ApiServerError):
    """The answer has more bytes than the caller takes.

    Attributes:
        beginning: As much of it as was read.
    """

    def __init__(self, beginning: bytes) -> None:
        super().__init__(0, "too large")
        self.beginning = beginning


def untold(method: str, status: int, seconds: float) -> None:
    """Tell nobody of a request."""


@dataclass(frozen=True, slots=True)
class ApiServer:
    """A connection to the API server; `async with` closes it.

    Attributes:
        told: Hears of every request: its method, the status of its answer (0: none), its seconds.
        clock: Hears when each answer was given.
        refused: Set whenever a write is forbidden: a right may have been withdrawn.
    """

    client: client.ApiClient
    told: Callable[[str, int, float], None] = untold
    reader: Reader = field(default_factory=Reader)
    clock: ServerClock = field(default_factory=ServerClock)
    refused: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    async def get(self, path: str, accept: str = JSON) -> Any:
        """Read an object or a list."""
        return (await self.measure(path, accept))[1]

    async def measure(
        self, path: str, accept: str = JSON, at_most: int = MOST_BYTES
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
                self.told("GET", status, monotonic() - began)
            async with response, aclosing(lines_of(response)) as found:
                if status >= HTTPStatus.BAD_REQUEST:
                    raise _refused(response, await response.content.read(READ_BUFFER_BYTES))
                yield found
        except (aiohttp.ClientError, OSError, TimeoutError, OversizeError) as error:
            raise ApiServerError(0, trouble(error)) from error

    async def create(self, path: str, body: Any) -> Any:
        """Create an object in the collection at a path."""
        return (await self._request("POST", path, {"Content-Type": JSON}, body))[1]

    async def replace(self, path: str, body: Any) -> Any:
        """Replace an object, unless somebody else wrote it since it was read."""
        return (await self._request("PUT", path, {"Content-Type": JSON}, body))[1]

    async def patch(self, path: str, body: Any, form: str = MERGE_PATCH) -> Any:
        """Change an object."""
        return (await self._request("PATCH", path, {"Content-Type": form}, body))[1]

    async def delete(self, path: str, body: Any) -> Any:
        """Delete an object; the body holds preconditions."""
        return (await self._request("DELETE", path, {"Content-Type": JSON}, body))[1]

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
        at_most: int = MOST_BYTES,
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
            self.told(method, status, monotonic() - began)
        if status == HTTPStatus.FORBIDDEN and method != "GET":
            self.refused.set()
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


def _refused(response: aiohttp.ClientResponse, content: bytes) -> ApiServerError:
    what = refusal(response.status, response.reason or "", content)
    pause = pause_seconds(response.status, response.headers, now())
    return ApiServerError(response.status, what, pause)


async def connect(
    kubeconfig: str | None, told: Callable[[str, int, float], None] = untold
) -> ApiServer:
    """Connect to the API server.

    Args:
        kubeconfig: Value of KUBECONFIG; None or empty in a pod.
        told: Hears of every request.

    Raises:
        UnreachableClusterError: Neither can be used.
    """
    configuration = client.Configuration()
    try:
        if kubeconfig:
            await config.load_kube_config(kubeconfig, client_configuration=configuration)
        else:
            config.load_incluster_config(client_configuration=configuration)
    except (config.ConfigException, OSError) as error:
        raise UnreachableClusterError(f"no cluster to work in: {error}") from error
    if not configuration.verify_ssl:
        log.warning("API server not verified", extra={"why": "insecure-skip-tls-verify is set"})
    # Where no proxy is named, looking for one costs two threads' time for every request.
    session = {"trust_env": is_proxied(), "read_bufsize": READ_BUFFER_BYTES}
    configuration.client_session_kwargs = session
    configuration.connection_pool_maxsize = 0  # one for each namespace that is watched, or more
    return ApiServer(client.ApiClient(configuration), told)


def is_proxied() -> bool:
    """Say whether the environment names a proxy."""
    return bool(getproxies())


def own_namespace() -> str:
    """Return the namespace of the pod the operator runs in; empty outside of one."""
    return OWN_NAMESPACE.read_text().strip() if OWN_NAMESPACE.is_file() else ""
