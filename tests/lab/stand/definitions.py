"""Brings the project's CRDs into a cluster."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lab.controlplane.plane import ControlPlane

FOLDER: Final = Path(__file__).parents[3] / "crds"


def define(plane: ControlPlane) -> None:
    """Apply the CRDs, and wait until their objects are served."""
    plane.kubectl("apply", "--server-side", *files())
    plane.kubectl("wait", "--for=condition=Established", "--timeout=60s", *files())


def files(without: Sequence[str] = ()) -> list[str]:
    """Name the files of the CRDs for kubectl.

    Args:
        without: Names of files, without their ending, that are left out.
    """
    found = sorted(FOLDER.glob("*.yaml"))
    return [f"--filename={path}" for path in found if path.stem not in without]
