"""Installs the charts in a cluster of kind, and tries what only a real kubelet and network show.

It needs Docker, and the image that `make image` builds. kind, kubectl and Helm are built with Go.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from lab.controlplane.assets import Assets
from lab.controlplane.build import BuildError
from lab.controlplane.programs import Program
from tools.kind.nodes import NODES
from tools.kind.steps import Step, evidence, steps

PROGRAMS: Final = (Program.KIND, Program.KUBECTL, Program.HELM)
FAILED: Final = 1


def main() -> int:
    """Make a cluster, try the charts in it, and remove it."""
    asked = arguments(sys.argv[1:])
    cluster = f"mailbox-operator-{asked.kubernetes}"
    assets = Assets({name: value for name, value in os.environ.items() if name != "KUBECONFIG"})
    try:
        programs = {str(name): assets.locate(name) for name in PROGRAMS}
    except BuildError as error:
        print(error, file=sys.stderr)
        return FAILED
    with tempfile.TemporaryDirectory() as folder:
        environ = {**assets.environ, "KUBECONFIG": str(Path(folder, "kubeconfig"))}
        try:
            return play(
                list(steps(cluster, NODES[asked.kubernetes], asked.image)), programs, environ
            )
        finally:
            gone = Step(
                "the cluster is removed", "kind", ("delete", "cluster", f"--name={cluster}")
            )
            done(gone, programs, environ)


def play(each: Sequence[Step], programs: Mapping[str, Path], environ: Mapping[str, str]) -> int:
    """Run steps until one fails; then show what helps to understand it.

    Returns:
        0 if all succeeded.
    """
    for step in each:
        if not done(step, programs, environ):
            print(f"FAILED: {step.says}", flush=True)
            for look in evidence():
                done(look, programs, environ)
            return FAILED
    return 0


def done(step: Step, programs: Mapping[str, Path], environ: Mapping[str, str]) -> bool:
    """Run a step, and say whether it succeeded."""
    print(f"--- {step.says}", flush=True)
    command = [str(programs[step.program]), *step.arguments]
    ended = subprocess.run(command, input=step.given, env=environ, text=True, check=False)
    return ended.returncode == 0


def arguments(line: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="tools.kind", description=main.__doc__)
    parser.add_argument(
        "--kubernetes", choices=NODES, default="newest", help="of the supported ones"
    )
    parser.add_argument("--image", default="mailbox-operator:dev", help="the operator's image")
    return parser.parse_args(line)


if __name__ == "__main__":
    sys.exit(main())
