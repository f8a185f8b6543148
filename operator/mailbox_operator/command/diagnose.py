"""Collects what a bug report needs into one archive, and no Secret.

No Secret is read, so none can get into it. What it does hold is said to the person who makes it:
addresses, names and the operator's log.
"""

import io
import tarfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import yaml

from mailbox_operator import __version__
from mailbox_operator.cluster.paths import (
    configmap_path,
    event_path,
    lease_path,
    pod_path,
    workload_path,
)
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.command.objects import Objects
from mailbox_operator.decide.names import GROUP
from mailbox_operator.decide.status.conditions import TIME_FORMAT
from mailbox_operator.decide.words import Kind

OWN: Final = "labelSelector=app.kubernetes.io%2Fname%3Dmailbox-operator"
LOG_LINES: Final = 20_000
MOST_LOG_BYTES: Final = 8 * 1024 * 1024
LEFT_OUT: Final = "(left out)"
NOISE: Final = "kubectl.kubernetes.io/last-applied-configuration"
WORKLOADS: Final = ("deployments", "replicasets")

File = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Reads what a bug report needs.

    Attributes:
        now: Aware, UTC.
        note: Hears of each part that cannot be read, and why.
    """

    objects: Objects
    now: datetime
    note: Callable[[str], None]

    async def files(self) -> AsyncIterator[File]:
        """Read one part after the other; what cannot be read is left out."""
        yield "about.yaml", _yaml(await self._about())
        for kind in Kind:
            if found := await self._try(str(kind), self.objects.bodies(kind)):
                yield f"{kind.lower()}.yaml", _yaml([pruned(each) for each in found])
        events = await self._list(event_path(self.objects.namespace))
        ours = [each for each in events if _is_ours(each)]
        yield "events.yaml", _yaml([pruned(each) for each in ours])
        async for file in self._operator():
            yield file

    async def _about(self) -> Mapping[str, Any]:
        server = await self._try("the version of the API server", self.objects.api.get("/version"))
        return {
            "mailbox-operator": __version__,
            "kubernetes": (server or {}).get("gitVersion", "unknown"),
            "namespace": self.objects.namespace or "all",
            "made": self.now.strftime(TIME_FORMAT),
        }

    async def _operator(self) -> AsyncIterator[File]:
        """Read the operator's own objects and logs, in whatever namespace it is."""
        for resource in WORKLOADS:
            found = await self._list(f"{workload_path(resource)}?{OWN}")
            yield f"operator/{resource}.yaml", _yaml([pruned(each) for each in found])
        pods = await self._list(f"{pod_path()}?{OWN}")
        yield "operator/pods.yaml", _yaml([pruned(each) for each in pods])
        for namespace in sorted({each["metadata"]["namespace"] for each in pods}):
            path = f"{configmap_path(namespace)}?{OWN}"
            settings = [pruned(each) for each in await self._list(path)]
            yield f"operator/{namespace}/configuration.yaml", _yaml(settings)
            leases = [pruned(each) for each in await self._list(lease_path(namespace))]
            yield f"operator/{namespace}/leases.yaml", _yaml(leases)
        for pod in pods:
            async for file in self._logs(pod):
                yield file

    async def _logs(self, pod: Mapping[str, Any]) -> AsyncIterator[File]:
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        for container in pod["spec"]["containers"]:
            for previous in ("", "&previous=true"):
                query = f"container={container['name']}&tailLines={LOG_LINES}{previous}"
                path = f"{pod_path(namespace, name)}/log?{query}"
                end = ".previous.log" if previous else ".log"
                content = await self._try(
                    f"the log of {name}", self._text(path), quiet=bool(previous)
                )
                if content:
                    yield f"operator/{namespace}/{name}.{container['name']}{end}", content

    async def _text(self, path: str) -> bytes:
        kept = bytearray()
        async with self.objects.api.lines(path, "*/*") as lines:
            async for line in lines:
                kept += line.rstrip(b"\n") + b"\n"
                del kept[: max(0, len(kept) - MOST_LOG_BYTES)]
        return bytes(kept)

    async def _list(self, path: str) -> list[Mapping[str, Any]]:
        found = await self._try(path.partition("?")[0], self.objects.api.get(path))
        return list(found["items"]) if found else []

    async def _try(self, what: str, reading: Awaitable[Any], *, quiet: bool = False) -> Any:
        try:
            return await reading
        except ApiServerError as error:
            if not quiet:
                self.note(f"{what}: {error}")
            return None


def pruned(body: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out of an object what says nothing, or what could be a secret in a pod's environment."""
    found: dict[str, Any] = _without_values(body)
    metadata = found.get("metadata", {})
    metadata.pop("managedFields", None)
    (metadata.get("annotations") or {}).pop(NOISE, None)
    return found


def _without_values(value: Any, inside: str = "") -> Any:
    match value:
        case Mapping() if inside == "env" and "value" in value:
            return {**value, "value": LEFT_OUT}
        case Mapping():
            return {name: _without_values(each, name) for name, each in value.items()}
        case list():
            return [_without_values(each, inside) for each in value]
        case _:
            return value


def _is_ours(event: Mapping[str, Any]) -> bool:
    about = event.get("involvedObject") or event.get("regarding") or {}
    return str(about.get("apiVersion", "")).partition("/")[0] == GROUP


def _yaml(content: Any) -> bytes:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()


def archived(files: list[File], moment: datetime) -> bytes:
    """Pack files into a compressed archive."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in files:
            entry = tarfile.TarInfo(f"mailbox-diagnosis/{name}")
            entry.size, entry.mtime = len(content), int(moment.timestamp())
            archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()
