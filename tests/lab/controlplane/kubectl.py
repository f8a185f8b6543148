"""Runs kubectl."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from lab.controlplane.assets import Assets
from lab.controlplane.programs import Program

FLATTEN: Final = ("config", "view", "--raw", "--minify", "--flatten")


class KubectlError(Exception):
    """kubectl failed; the message is what it wrote to standard error."""


@dataclass(frozen=True, slots=True)
class Kubectl:
    """The program and the environment it runs in, which decides the cluster and the user."""

    program: Path
    environ: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, assets: Assets, kubeconfig: Path) -> Self:
        """Act as the user of a kubeconfig, and keep what kubectl caches beside that file."""
        cache = kubeconfig.with_suffix(".cache")
        settings = {"KUBECONFIG": str(kubeconfig), "KUBECACHEDIR": str(cache)}
        return cls(assets.locate(Program.KUBECTL), {**assets.environ, **settings})

    @classmethod
    def of_environment(cls, assets: Assets) -> Self:
        """Act as the user whom the environment's own KUBECONFIG names."""
        return cls(assets.locate(Program.KUBECTL), assets.environ)

    def run(self, *args: str, text: str = "") -> str:
        """Run kubectl and return its standard output.

        Args:
            args: The command line.
            text: What it reads from its standard input.

        Raises:
            KubectlError: It failed.
        """
        done = subprocess.run(
            [self.program, *args],
            env=self.environ,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise KubectlError(f"kubectl {' '.join(args)}: {done.stderr.strip()}")
        return done.stdout
