"""What kstatus makes of an object; `helm --wait` and Flux ask it, in Go.

Source:
    sigs.k8s.io/cli-utils, pkg/kstatus/status (`Compute` for a kind it has no rules for).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Kstatus(StrEnum):
    """The words of kstatus that a custom resource can get."""

    CURRENT = "Current"
    IN_PROGRESS = "InProgress"
    FAILED = "Failed"
    TERMINATING = "Terminating"


def kstatus(obj: Mapping[str, Any]) -> Kstatus:
    """Judge an object as kstatus does, in the order in which it looks."""
    metadata, status = obj["metadata"], obj.get("status", {})
    found = {one["type"]: one["status"] for one in status.get("conditions", ())}
    if "deletionTimestamp" in metadata:
        return Kstatus.TERMINATING
    if status.get("observedGeneration", metadata["generation"]) != metadata["generation"]:
        return Kstatus.IN_PROGRESS
    if found.get("Reconciling") == "True":
        return Kstatus.IN_PROGRESS
    if found.get("Stalled") == "True":
        return Kstatus.FAILED
    return Kstatus.CURRENT if found.get("Ready", "True") == "True" else Kstatus.IN_PROGRESS
