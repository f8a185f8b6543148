"""What the conditions of an object say, written short: type, then status and reason."""

from collections.abc import Mapping
from typing import Any, Final

Summary = Mapping[str, str]
CAPACITY: Final = "Capacity"


def summary(found: Mapping[str, Any] | None) -> Summary:
    """Sum up the conditions of an object; empty before the first look, or if it is gone.

    Capacity is left out: it comes within a minute wherever there is a limit, and none of the others
    depends on it.
    """
    return {name: each for name, each in _conditions(found).items() if name != CAPACITY}


def capacity(found: Mapping[str, Any] | None) -> str:
    """Sum up what an object says of its limit; empty where it says nothing."""
    return _conditions(found).get(CAPACITY, "")


def _conditions(found: Mapping[str, Any] | None) -> Summary:
    status = (found or {}).get("status", {})
    return {c["type"]: f"{c['status']} {c['reason']}" for c in status.get("conditions", ())}


def progressing() -> Summary:
    """Expect that it is being tried."""
    unknown = "Unknown Progressing"
    return _row(unknown, "False Progressing", Reconciling="True Progressing")


def connected() -> Summary:
    """Expect that all is well."""
    return _row("True Connected", "False Connected")


def available() -> Summary:
    """Expect that applications can log in and send."""
    return unconnected(_row("True Available", "False Available"))


def unverified() -> Summary:
    """Expect that the login is fine, and that the address is not claimed."""
    return _row("True ConnectedUnverified", "False ConnectedUnverified")


def retrying(reason: str) -> Summary:
    """Expect a loss that the operator mends by itself, if it can be mended."""
    return _row(f"False {reason}", f"True {reason}", Reconciling="True ProgressingWithRetry")


def waiting(reason: str) -> Summary:
    """Expect that something it needs is missing."""
    return _row(f"False {reason}", f"True {reason}", Reconciling="True DependencyNotReady")


def stalled(reason: str) -> Summary:
    """Expect that a person has to act."""
    return _row(f"False {reason}", f"True {reason}", Stalled=f"True {reason}")


def unconnected(expected: Summary) -> Summary:
    """Leave out what a ManagedInfrastructure and a Sender do not have."""
    return {name: value for name, value in expected.items() if name != "Connected"}


def _row(ready: str, error: str, **explained: str) -> Summary:
    return {"Ready": ready, "Connected": ready, "Error": error, **explained}
