"""Somebody's home directory with a kubeconfig, the command line, and kubectl with its plugin."""

import asyncio
import io
import shutil
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from lab.controlplane.programs import Program
from lab.stand.operator_process import environment
from lab.stand.program import SOURCES
from lab.stand.scene import Scene
from mailbox_operator.cli import parser_of
from mailbox_operator.command.run import run_command
from system.scenarios.desk import Outcome

ENTRY: Final = "import sys\nfrom mailbox_operator.cli import main\nsys.exit(main())\n"
"""What an installed package puts into the programs that pyproject.toml names."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody works who has kubectl and the plugin.

    Attributes:
        folder: Their home directory.
        scene: What they look at.
    """

    folder: Path
    scene: Scene

    @classmethod
    def of(cls, folder: Path, scene: Scene) -> "Home":
        """Set it up, with two contexts in `~/.kube/config`."""
        home = cls(folder, scene)
        content = yaml.safe_load(scene.cluster.plane.kubeconfig.read_text())
        (context,) = content["contexts"]
        nearby = {"name": "nearby", "context": context["context"] | {"namespace": scene.namespace}}
        (folder / ".kube").mkdir()
        config = content | {"contexts": [context, nearby], "current-context": "nearby"}
        (folder / ".kube" / "config").write_text(yaml.safe_dump(config))
        for name in ("mailbox-operator", "kubectl-mailbox"):
            program = folder / "bin" / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(f"#!{sys.executable}\n{ENTRY}")
            program.chmod(0o755)
        return home

    @property
    def environ(self) -> Mapping[str, str]:
        """Their environment: no KUBECONFIG."""
        kubectl = self.scene.cluster.plane.assets.locate(Program.KUBECTL).parent
        path = f"{self.folder / 'bin'}:{kubectl}:/usr/bin:/bin"
        own = {name: value for name, value in environment().items() if name != "KUBECONFIG"}
        return own | {"HOME": str(self.folder), "PATH": path, "PYTHONPATH": str(SOURCES)}

    async def run(self, *words: str) -> Outcome:
        """Run a command in this process, as the program does."""
        options = parser_of("mailbox-operator").parse_args(words)
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = await run_command(options, self.environ)
        return Outcome(status, out.getvalue(), err.getvalue())

    async def run_program(self, *words: str, program: str) -> Outcome:
        """Run a program to its end."""
        process = await self.start(*words, program=program)
        output, errors = await process.communicate()
        assert process.returncode is not None
        return Outcome(process.returncode, output.decode(errors="replace"), errors.decode())

    async def start(self, *words: str, program: str) -> asyncio.subprocess.Process:
        """Start a command in their home."""
        found = shutil.which(program, path=self.environ["PATH"])
        assert found is not None
        return await asyncio.create_subprocess_exec(
            found,
            *words,
            cwd=self.folder,
            env=self.environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
