"""Puts together what a pod's container is started with."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from lab.node.api import Api
from lab.node.image import Image
from lab.node.mounts import Sources, expanded
from lab.node.network import Destination, Wire
from lab.node.policy import Workload
from lab.node.runtime import Box, Mount
from lab.node.spec import ImageError, Security, Spec, only

ROOT: Final = Path(__file__).parents[3]
SYSTEM_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Ground:
    """What all pods of a node share.

    Attributes:
        http: For probes, without a login.
        images: Those that there are.
        reachable: All that any pod may dial, if its policies let it; read when a container starts.
        names: Hosts whose servers listen on this machine's loopback.
        failures: What nobody expected, of all pods.
    """

    api: Api
    http: aiohttp.ClientSession
    images: Sequence[Image]
    reachable: Sequence[Destination]
    directory: Path
    names: Sequence[str] = ()
    failures: list[BaseException] = field(default_factory=list)

    def image(self, reference: str) -> Image:
        """Find the image that a container asks for.

        Raises:
            ImageError: It is not here.
        """
        for image in self.images:
            if image.serves(reference):
                return image
        here = ", ".join(each.name for each in self.images)
        raise ImageError(f"no image {reference} here, only {here}")

    async def workload(self, spec: Spec) -> Workload:
        """Describe a pod to policies."""
        home = await self.api.find("namespaces", spec.namespace) or {"metadata": {}}
        return Workload(spec.namespace, spec.labels, home["metadata"].get("labels", {}))


async def box_of(ground: Ground, spec: Spec, ip: str, wire: Wire, directory: Path) -> Box:
    """Fetch and write all that a container needs, and open the way to what it may dial.

    Raises:
        ConfigError: Something is missing that may yet come.
    """
    image = ground.image(spec.container["image"])
    security = Security.parse(spec.pod["spec"]["securityContext"], spec.container, image)
    sources = Sources(ground.api, spec, security, ip)
    volumes = directory / "volumes"
    writable = await sources.write_volumes(volumes)
    environ = {**surroundings(ground, spec, image), **await sources.environ()}
    wire.allowed = await allowed(ground, spec)
    return Box(
        hostname=spec.name,
        security=security,
        environ=environ,
        mounts=[*image_mounts(image.files), *volume_mounts(spec, volumes, writable)],
        wire=wire.folder,
        names=ground.names,
        ports=sorted({each.port for each in wire.allowed}),
        command=command(image, spec, environ),
    )


async def allowed(ground: Ground, spec: Spec) -> list[Destination]:
    """List what a pod may dial, as its policies are now."""
    pod, policies = await ground.workload(spec), await ground.api.policies(spec.namespace)
    return [each for each in ground.reachable if each.allowed(policies, pod)]


def surroundings(ground: Ground, spec: Spec, image: Image) -> dict[str, str]:
    """Name the variables that the runtime, the image and the kubelet set."""
    server = urlsplit(ground.api.cluster.plane.url)
    return {
        "PATH": SYSTEM_PATH,
        "HOME": "/",
        "HOSTNAME": spec.name,
        **image.environ,
        "KUBERNETES_SERVICE_HOST": str(server.hostname),
        "KUBERNETES_SERVICE_PORT": str(server.port),
        **measurement(),
    }


def measurement() -> dict[str, str]:
    """Pass on what has coverage measure the program, and where it writes; mostly nothing."""
    passed = {k: v for k, v in os.environ.items() if k.startswith("COVERAGE_PROCESS_")}
    return passed and {**passed, "COVERAGE_FILE": str(ROOT / ".coverage")}


def command(image: Image, spec: Spec, environ: Mapping[str, str]) -> list[str]:
    """Choose between the image's command line and the container's."""
    own, arguments = spec.container.get("command"), spec.container.get("args")
    program = image.entrypoint if own is None else own
    if arguments is None:
        arguments = image.command if own is None else ()
    return [expanded(each, environ) for each in (*program, *arguments)]


def image_mounts(files: Mapping[str, Path]) -> Iterator[Mount]:
    """Mount the image's files; a folder with another one inside is taken apart.

    Where coverage measures, it reads its configuration here, and writes beside it.
    """
    if measurement():
        yield Mount(str(ROOT), ROOT, writable=True)
    for inside, outside in files.items():
        if any(other.startswith(f"{inside}/") for other in files):
            yield from (Mount(f"{inside}/{each.name}", each) for each in outside.iterdir())
        else:
            yield Mount(inside, outside)


def volume_mounts(spec: Spec, volumes: Path, writable: Mapping[str, bool]) -> Iterator[Mount]:
    """Mount the volumes where the container wants them, the outer before the inner."""
    mounts = spec.container.get("volumeMounts", ())
    for each in sorted(mounts, key=lambda mount: str(mount["mountPath"])):
        only(each, "name mountPath readOnly subPath", "volumeMounts")
        outside = volumes / each["name"] / each.get("subPath", "")
        may_write = writable[each["name"]] and not each.get("readOnly")
        yield Mount(each["mountPath"], outside, may_write)
