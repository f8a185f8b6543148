"""The API server as the tests use it: objects in, objects out, as the administrator."""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Self

import aiohttp

from lab.controlplane.plane import ControlPlane

Object = dict[str, Any]

CORE: Final = "api/v1"
OWN: Final = "apis/mailbox-operator.io/v1alpha1"
RBAC: Final = "apis/rbac.authorization.k8s.io/v1"
PATHS: Final[Mapping[str, tuple[str, str]]] = {
    "ClusterRole": (RBAC, "clusterroles"),
    "ClusterRoleBinding": (RBAC, "clusterrolebindings"),
    "Event": (CORE, "events"),
    "Lease": ("apis/coordination.k8s.io/v1", "leases"),
    "Mailbox": (OWN, "mailboxes"),
    "ManagedInfrastructure": (OWN, "managedinfrastructures"),
    "Namespace": (CORE, "namespaces"),
    "Role": (RBAC, "roles"),
    "RoleBinding": (RBAC, "rolebindings"),
    "ConfigMap": (CORE, "configmaps"),
    "Secret": (CORE, "secrets"),
    "Sender": (OWN, "senders"),
    "ServiceAccount": (CORE, "serviceaccounts"),
}
APPLY: Final = {"Content-Type": "application/apply-patch+yaml"}
MERGE: Final = {"Content-Type": "application/merge-patch+json"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A client that costs nothing to poll with, unlike a kubectl for each look.

    Attributes:
        plane: The control plane behind it.
    """

    plane: ControlPlane
    http: aiohttp.ClientSession

    @classmethod
    @asynccontextmanager
    async def of(cls, plane: ControlPlane) -> AsyncIterator[Self]:
        """Talk to a control plane that was started here, for as long as the block lasts."""
        assert plane.servers is not None
        token = plane.servers.layout.admin_token
        tls = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=plane.ca))
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(headers=headers, connector=tls) as http:
            yield cls(plane, http)

    async def apply(self, *objects: Mapping[str, Any]) -> None:
        """Create or update objects; each field that is named gets its value."""
        for each in objects:
            metadata = each["metadata"]
            path = self._path(each["kind"], metadata["name"], metadata.get("namespace", ""))
            query = {"fieldManager": "tests", "force": "true"}
            await self._asked("PATCH", path, APPLY, query, json.dumps(each))

    async def merge(
        self, kind: str, name: str, change: Mapping[str, Any], namespace: str = ""
    ) -> None:
        """Change fields of an object; None removes one."""
        path = self._path(kind, name, namespace)
        await self._asked("PATCH", path, MERGE, {}, json.dumps(change))

    async def merge_status(self, name: str, change: Mapping[str, Any], namespace: str) -> None:
        """Change fields of a mailbox's status, as another writer would."""
        path = f"{self._path('Mailbox', name, namespace)}/status"
        await self._asked("PATCH", path, MERGE, {}, json.dumps({"status": change}))

    async def admits_status(self, name: str, change: Mapping[str, Any], namespace: str) -> bool:
        """Say whether the status of a mailbox could be changed so; nothing is changed."""
        path = f"{self._path('Mailbox', name, namespace)}/status"
        status, _ = await self._sent(
            "PATCH", path, headers=MERGE, params={"dryRun": "All"}, data=json.dumps(change)
        )
        return status < HTTPStatus.BAD_REQUEST

    async def find(self, kind: str, name: str, namespace: str = "") -> Object | None:
        """Read an object; None if there is none."""
        return await self._asked("GET", self._path(kind, name, namespace), {}, {})

    async def list(self, kind: str, namespace: str = "") -> list[Object]:
        """Read all objects of a kind, of one namespace or of all."""
        found = await self._asked("GET", self._path(kind, "", namespace), {}, {})
        return list(found["items"]) if found else []

    async def delete(self, kind: str, name: str, namespace: str = "") -> None:
        """Delete an object, if there is one."""
        await self._asked("DELETE", self._path(kind, name, namespace), {}, {})

    def _path(self, kind: str, name: str, namespace: str) -> str:
        root, plural = PATHS[kind]
        place = f"namespaces/{namespace}" if namespace else ""
        return "/".join(filter(None, (self.plane.url, root, place, plural, name)))

    async def _asked(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        body: str | None = None,
    ) -> Object | None:
        options = {"headers": headers, "params": query, "data": body}
        try:
            status, answer = await self._sent(method, url, **options)
        except aiohttp.ClientConnectionError:  # an idle connection to a server that was restarted
            status, answer = await self._sent(method, url, **options)
        if status == HTTPStatus.NOT_FOUND and method != "PATCH":
            return None
        assert status < HTTPStatus.BAD_REQUEST, f"{method} {url}: {answer.get('message')}"
        return answer

    async def _sent(self, method: str, url: str, **options: Any) -> tuple[int, Object]:
        async with self.http.request(method, url, **options) as response:
            return response.status, await response.json()
