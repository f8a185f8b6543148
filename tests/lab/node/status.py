"""What the node says of itself and of its pods, as the API has it. Decides nothing."""

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from lab.stand.cluster import Object

HOST: Final = "172.18.0.2"


def node(name: str) -> Object:
    """Describe a node of this machine's kind."""
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    labels = {"hostname": name, "os": "linux", "arch": arch}
    own = {f"kubernetes.io/{key}": value for key, value in labels.items()}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": own}}


def node_status() -> Object:
    """Say that a node is ready, for a merge patch."""
    capacity = {"cpu": "8", "memory": "16Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    times = {"lastHeartbeatTime": timestamp(), "lastTransitionTime": timestamp()}
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "KubeletReady",
        "message": "tests/lab/node",
    }
    return {
        "capacity": capacity,
        "allocatable": capacity,
        "addresses": [{"type": "InternalIP", "address": HOST}],
        "conditions": [ready | times],
    }


def timestamp() -> str:
    """Write the present moment as the API does."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Status:
    """The status of a pod with one container; it changes as the pod does."""

    container: str
    image: str
    ip: str
    phase: str = "Pending"
    started: bool = False
    ready: bool = False
    restarts: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)
    last_state: Mapping[str, Any] = field(default_factory=dict)
    begun: str = field(default_factory=timestamp)
    _since: dict[str, tuple[bool, str]] = field(default_factory=dict)

    def wait(self, reason: str, message: str = "") -> None:
        """Take down why the container does not run."""
        self.started = self.ready = False
        self.state = {"waiting": {"reason": reason, "message": message}}

    def run(self) -> None:
        """Take down that the container runs."""
        self.phase = "Running"
        self.state = {"running": {"startedAt": timestamp()}}

    def exit(self, code: int) -> None:
        """Take down that the container ended."""
        self.started = self.ready = False
        begun = self.state.get("running", {}).get("startedAt", timestamp())
        ended = {"exitCode": code, "reason": "Error" if code else "Completed"}
        self.state = {"terminated": {**ended, "startedAt": begun, "finishedAt": timestamp()}}

    def finish(self, code: int) -> None:
        """Take down that the container ended for good."""
        self.exit(code)
        self.phase = "Failed" if code else "Succeeded"

    def restart(self) -> None:
        """Take down that the container ended and will run again."""
        self.last_state = self.state
        self.restarts += 1
        self.wait("CrashLoopBackOff")

    def render(self) -> Object:
        """Write it for a merge patch."""
        conditions = {
            "PodScheduled": True,
            "Initialized": True,
            "ContainersReady": self.ready,
            "Ready": self.ready,
        }
        return {
            "phase": self.phase,
            "hostIP": HOST,
            "podIP": self.ip,
            "podIPs": [{"ip": self.ip}],
            "startTime": self.begun,
            "conditions": [self._condition(*each) for each in conditions.items()],
            "containerStatuses": [self._container()],
        }

    def _container(self) -> Object:
        digest = hashlib.sha256(self.image.encode()).hexdigest()
        return {
            "name": self.container,
            "image": self.image,
            "imageID": f"{self.image.partition('@')[0]}@sha256:{digest}",
            "ready": self.ready,
            "started": self.started,
            "restartCount": self.restarts,
            "state": self.state,
            "lastState": self.last_state,
        }

    def _condition(self, kind: str, holds: bool) -> Object:  # noqa: FBT001 - from a table
        if kind not in self._since or self._since[kind][0] is not holds:
            self._since[kind] = (holds, timestamp())
        since = self._since[kind][1]
        return {"type": kind, "status": str(holds), "lastTransitionTime": since}
