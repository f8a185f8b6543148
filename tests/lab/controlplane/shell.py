"""Runs commands as a page has them, with kubectl for a cluster of the tests."""

import os
import subprocess
from pathlib import Path

from lab.controlplane.kubectl import Kubectl


def said(command: str, kubectl: Kubectl, folder: Path) -> str:
    """Run a command as it stands, and return what it says.

    Args:
        command: One line of a shell.
        kubectl: Whose program the command finds, and whose cluster.
        folder: Where it runs; what it writes stays there.
    """
    places = f"{kubectl.program.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env={**kubectl.environ, "PATH": places},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout
