"""A cluster that knows the kinds, and their manuals."""

import time
from datetime import timedelta
from typing import Final

import pytest

from lab.controlplane.kubectl import KubectlError
from lab.controlplane.plane import ControlPlane

NAMES: Final = ("mailboxes", "managedinfrastructures", "senders")
PATIENCE: Final = timedelta(seconds=30)


@pytest.fixture(scope="session")
def api(plane: ControlPlane) -> ControlPlane:
    """The control plane, once `kubectl explain` works; that comes later than Established."""
    deadline = time.monotonic() + PATIENCE.total_seconds()
    while not all(is_explained(plane, name) for name in NAMES):
        assert time.monotonic() < deadline, "the API server does not publish the kinds"
    return plane


def is_explained(plane: ControlPlane, name: str) -> bool:
    try:
        return "mailbox-operator.io" in plane.kubectl("explain", name)
    except KubectlError:
        return False
