"""docs/other-dashboards.md: its commands, its values, its table; and the mailboxes it is tried on."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from lab.controlplane.kubectl import Kubectl
from lab.controlplane.shell import said
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import at, infrastructure, mailbox, password, secret, sender
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.specs import MANAGED_SMTP
from lab.stand.standings import connected, retrying, stalled, waiting
from lab.stand.world import World

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs" / "other-dashboards.md").read_text()
RULES: Final = yaml.safe_load(PAGE.split("```yaml\n")[1].split("```")[0])["rbac"]["extraRules"]
COMMANDS: Final = re.findall(r"^\$ (.*)$", PAGE, re.MULTILINE)
ROW: Final = re.compile(r"^\| `kube_customresource_(\w+)` \| ([^|]*) \|", re.MULTILINE)
TABLE: Final[Mapping[str, list[str]]] = {
    name: re.findall(r"\w+", labels) for name, labels in ROW.findall(PAGE)
}
QUERIES: Final = re.findall(r"```promql\n(.*?)```", PAGE, re.DOTALL)
PLATFORM: Final = "other-dashboards"
NAMESPACE: Final = "acme"
FAILING: Final = {
    "wrong": "InvalidCredentials",
    "lost": "ConnectionRefused",
    "managed": "InfrastructureNotFound",
}


@dataclass(frozen=True, slots=True)
class Page:
    """Runs what the page says.

    Attributes:
        kubectl: The administrator's.
        folder: Where its commands run; what they write stays there.
    """

    kubectl: Kubectl
    folder: Path

    @classmethod
    def opened(cls, kubectl: Kubectl, folder: Path) -> "Page":
        """Let the commands find the chart."""
        (folder / "helm").symlink_to(ROOT / "helm")
        return cls(kubectl, folder)

    async def said(self, words: str) -> str:
        """Run the one command with these words, and return what it says."""
        [command] = [each for each in COMMANDS if words in f"{each}\n"]
        return await self.run(command)

    async def run(self, command: str) -> str:
        """Run a command as it stands, and return what it says."""
        return await asyncio.to_thread(said, command, self.kubectl, self.folder)

    async def configuration(self) -> Path:
        """Write the file for kube-state-metrics that its chart makes of the page's values."""
        await self.said("> metrics.yaml")
        values: Any = yaml.safe_load((self.folder / "metrics.yaml").read_text())
        path = self.folder / "config.yaml"
        path.write_text(yaml.safe_dump(values["customResourceState"]["config"]))
        return path


@asynccontextmanager
async def fleet(world: World, installation: Installation) -> AsyncIterator[Scene]:
    """Have an operator leave mailboxes in each of their states, and one it never looked at."""
    cluster = installation.cluster

    async def taken() -> object:
        return await cluster.find("Namespace", NAMESPACE)

    await eventually(taken, lambda found: not found, within=60)
    configuration = installation.write_configuration(world.configuration())
    async with (
        world.server() as server,
        Operator.run(installation, configuration) as operator,
        Scene.open(world, await operator.wait_leading(), NAMESPACE) as scene,
    ):
        await scene.apply(password(), secret({"password": "wrong"}, "wrong"))
        await scene.apply(mailbox(at(server)), mailbox(at(world.server()), "lost"))
        await scene.apply(sender("jane"))
        wrong = {"credentialsSecretRef": {"name": "wrong"}}
        await scene.apply(mailbox(at(server) | wrong, "wrong"))
        await scene.apply(mailbox(at(server, suspend=True), "quiet"))
        named = {"managedInfrastructureName": "nowhere"}
        await scene.apply(mailbox(MANAGED_SMTP | named, "managed"), infrastructure(PLATFORM, {}))
        await settled(scene)
        await operator.terminate()
        await scene.apply(mailbox(at(server), "new"))
        yield scene


async def settled(scene: Scene) -> None:
    """Wait until all stand as they will, and the Event of one is there."""

    async def told() -> bool:
        found = await scene.cluster.list("Event", scene.namespace)
        return "jane" in {each["involvedObject"]["name"] for each in found}

    await scene.until(connected())
    await scene.until(stalled("InvalidCredentials"), "wrong")
    await scene.until(retrying("ConnectionRefused"), "lost")
    await scene.until(waiting("InfrastructureNotFound"), "managed")
    await scene.until_platform(connected(), PLATFORM)
    await eventually(told, tell=scene.operator.tail)
