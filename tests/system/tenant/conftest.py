"""The tenant's chart, for rendering and for a real cluster."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from lab.controlplane.plane import ControlPlane
from system.tenant.chart import Chart, Eventually

PATIENCE: Final = timedelta(seconds=60)


@pytest.fixture(scope="session")
def chart(helm: Path) -> Chart:
    return Chart(helm)


@pytest.fixture
def tenant(helm: Path, plane: ControlPlane, namespace: str) -> Iterator[Chart]:
    """The chart in a namespace of its own; what it leaves in the cluster goes with the test."""
    options = (f"--namespace={namespace}", f"--kubeconfig={plane.kubeconfig}")
    chart = Chart(helm, options)
    yield chart
    chart.run("uninstall", "acme", "--ignore-not-found")


@pytest.fixture
def eventually() -> Eventually:
    """Wait for what the API server and its controllers do in their own time."""

    def wait(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE.total_seconds()
        while not holds():
            assert time.monotonic() < deadline, "it does not come to pass"

    return wait
