"""Runs Helm against a cluster, as a platform team does: install, upgrade, test, uninstall."""

import asyncio
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from lab.controlplane.plane import ControlPlane

CHARTS: Final = Path(__file__).parents[3] / "helm"
OPERATOR: Final = CHARTS / "mailbox-operator"
TENANT: Final = CHARTS / "mailbox-tenant"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command.

    Attributes:
        status: Its exit status.
        said: All that it printed.
        seconds: How long it took.
    """

    status: int
    said: str
    seconds: float

    def well(self) -> "Outcome":
        """Fail the test unless it went well."""
        assert self.status == 0, self.said
        return self


@dataclass(frozen=True, slots=True)
class Helm:
    """Helm for one release.

    Attributes:
        directory: For the files with values.
    """

    program: Path
    plane: ControlPlane
    directory: Path
    release: str
    namespace: str

    async def install(self, chart: Path, values: Mapping[str, Any], *options: str) -> Outcome:
        """Install the release."""
        return await self._deploy("install", chart, values, "--create-namespace", *options)

    async def upgrade(self, chart: Path, values: Mapping[str, Any], *options: str) -> Outcome:
        """Upgrade the release."""
        return await self._deploy("upgrade", chart, values, *options)

    async def uninstall(self, *options: str) -> Outcome:
        """Uninstall the release."""
        return await self.run("uninstall", self.release, *options)

    async def run(self, *arguments: str) -> Outcome:
        """Run any other command in the release's namespace."""
        began = time.monotonic()
        places = (f"--namespace={self.namespace}", f"--kubeconfig={self.plane.kubeconfig}")
        command = [str(self.program), *arguments, *places]
        done = await asyncio.to_thread(
            subprocess.run, command, check=False, capture_output=True, text=True
        )
        return Outcome(done.returncode, done.stdout + done.stderr, time.monotonic() - began)

    async def _deploy(
        self, verb: str, chart: Path, values: Mapping[str, Any], *options: str
    ) -> Outcome:
        file = self.directory / f"{self.namespace}.{self.release}.yaml"
        await asyncio.to_thread(file.write_text, yaml.safe_dump(dict(values)))
        return await self.run(verb, self.release, str(chart), f"--values={file}", *options)
