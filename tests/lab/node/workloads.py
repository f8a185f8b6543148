"""Workloads for these tests, and the images they run."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from lab.node import tiny
from lab.node.image import Image
from lab.node.node import Node
from lab.node.pod import Pod
from lab.node.runtime import PYTHON
from lab.stand.cluster import Object
from lab.stand.eventually import eventually

ROOT: Final = Path(__file__).parents[3]
TINY: Final = Image(
    "tiny", (str(PYTHON), "/app/tiny.py"), files={"/app/tiny.py": Path(tiny.__file__)}
)
OTHER: Final = replace(TINY, name="other", environ={"IMAGE": "other"})
NAMED: Final = "smtp.acme.example"
"""A host that pods of these tests find."""
NAME: Final = "mailbox-operator"
FOLDER: Final = f"/opt/{NAME}"
OPERATOR: Final = Image.of_dockerfile(
    ROOT / "Dockerfile",
    NAME,
    {
        FOLDER: ROOT / ".venv",
        f"{FOLDER}/app/mailbox_operator": ROOT / "operator" / "mailbox_operator",
    },
)
"""The image with the packages of the tests, so that coverage is measured."""
READINESS: Final = {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 1}
LIVENESS: Final = {**READINESS, "failureThreshold": 2}
SCRATCH: Final = {
    "volumes": [{"name": "scratch", "emptyDir": {}}],
    "volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}],
}


def template(name: str, container: Mapping[str, Any], pod: Mapping[str, Any]) -> Object:
    """Make a pod template that runs the tiny program."""
    port = {"name": "http", "containerPort": 8080}
    own = {"name": "tiny", "image": "registry.example/tests/tiny:1", "ports": [port]}
    volumes = SCRATCH["volumes"]
    mounted = {**own, "volumeMounts": SCRATCH["volumeMounts"], **container}
    spec = {"terminationGracePeriodSeconds": 5, "volumes": volumes, **pod, "containers": [mounted]}
    return {"metadata": {"labels": {"app": name}}, "spec": spec}


def deployment(name: str, replicas: int = 1, pod: Object | None = None, **container: Any) -> Object:
    """Make a Deployment of the tiny program."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": template(name, {"readinessProbe": READINESS, **container}, pod or {}),
        },
    }


def job(name: str, code: int) -> Object:
    """Make a Job whose only pod exits with a code."""
    ends = template(name, {"args": ["exit", str(code)]}, {"restartPolicy": "Never"})
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"backoffLimit": 0, "template": ends},
    }


def image_of(tree: Path) -> Image:
    """Take the image with the very folder that its Dockerfile makes."""
    return replace(OPERATOR, files={FOLDER: tree})


@dataclass(frozen=True, slots=True)
class Home:
    """A namespace on a node, where a test does as it likes."""

    node: Node
    namespace: str

    async def kubectl(self, *arguments: str, text: str = "") -> str:
        """Run kubectl in the namespace, while the node goes on."""
        plane = self.node.ground.api.cluster.plane
        return await asyncio.to_thread(
            plane.kubectl, f"--namespace={self.namespace}", *arguments, input=text
        )

    async def apply(self, *objects: Object) -> None:
        """Create or change objects."""
        for each in objects:
            await self.kubectl("apply", "--server-side", "-f", "-", text=json.dumps(each))

    async def deploy(self, found: Object) -> list[Pod]:
        """Apply a Deployment, wait until it is rolled out, and return its pods."""
        name = found["metadata"]["name"]
        await self.apply(found)
        await self.kubectl("rollout", "status", f"deployment/{name}", "--timeout=120s")
        return await eventually(
            lambda: self.pods(name), lambda pods: len(pods) == found["spec"]["replicas"]
        )

    async def pods(self, name: str) -> list[Pod]:
        """List the pods of a workload that are here."""
        return self.node.pods(self.namespace, {"app": name})

    async def ask(self, pod: Pod, path: str = "/") -> Any:
        """Ask the tiny program in a pod."""
        url = await self.node.reach(pod, "http")
        async with self.node.ground.http.get(f"{url}{path}") as response:
            return await response.json(content_type=None)
