"""The API server as a kubelet uses it: it waits when the server is away, as a kubelet does."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from lab.stand.cluster import CORE, Cluster, Object

AGAIN_SECONDS: Final = 0.2
NETWORKING: Final = "apis/networking.k8s.io/v1"
GONE: Final = {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}
BUSY: Final = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
PLAIN: Final = "application/json"
MERGE: Final = "application/merge-patch+json"


class RefusedError(Exception):
    """The API server refuses what the node asks; the message is its own."""


@dataclass(frozen=True, slots=True)
class Api:
    """Asks as the administrator."""

    cluster: Cluster

    async def find(self, plural: str, name: str, namespace: str = "") -> Object | None:
        """Read an object of the core; None if there is none."""
        return await self.ask("GET", core(plural, name, namespace))

    async def pods(self) -> list[Object]:
        """Read all pods."""
        return await self._items(core("pods"))

    async def policies(self, namespace: str) -> list[Object]:
        """Read the NetworkPolicies of a namespace."""
        return await self._items(f"{NETWORKING}/namespaces/{namespace}/networkpolicies")

    async def _items(self, path: str) -> list[Object]:
        return list((await self.ask("GET", path) or {"items": []})["items"])

    async def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, kind: str = PLAIN
    ) -> Object | None:
        """Ask until there is an answer; None if what it is about is gone or has changed.

        Raises:
            RefusedError: The answer is a no.
        """
        while True:
            try:
                status, answer = await self._sent(method, path, body, kind)
            except aiohttp.ClientConnectionError:
                status, answer = HTTPStatus.SERVICE_UNAVAILABLE, {}
            if status in GONE:
                return None
            if status < HTTPStatus.BAD_REQUEST:
                return answer
            if status not in BUSY:
                raise RefusedError(f"{method} {path}: {answer.get('message')}")
            await asyncio.sleep(AGAIN_SECONDS)

    async def _sent(
        self, method: str, path: str, body: Mapping[str, Any] | None, kind: str
    ) -> tuple[int, Object]:
        url = f"{self.cluster.plane.url}/{path}"
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": kind}
        async with self.cluster.http.request(
            method, url, data=content, headers=headers
        ) as response:
            if response.content_type != PLAIN:
                return response.status, {"message": await response.text()}
            return response.status, await response.json()


def core(plural: str, name: str = "", namespace: str = "", sub: str = "") -> str:
    """Build the path of an object of the core, or of a subresource."""
    place = f"namespaces/{namespace}" if namespace else ""
    return "/".join(filter(None, (CORE, place, plural, name, sub)))
