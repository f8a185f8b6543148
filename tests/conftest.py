"""What every test may ask for: a control plane for the session, a namespace for itself, clients."""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest

from lab.controlplane.assets import Assets
from lab.controlplane.build import BuildError
from lab.controlplane.plane import ControlPlane
from lab.controlplane.programs import Program
from lab.locked import LOCKS, Locked
from lab.stand.definitions import define
from lab.stand.program import packages, tree
from system.chart.checkov import LOCK, Checkov

TOOLS: Final = (Program.KUBECONFORM, Program.KUBE_STATE_METRICS, Program.ACTIONLINT)
hypothesis.settings.register_profile(
    "no test is timed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "few examples", hypothesis.settings.get_profile("no test is timed"), max_examples=25
)
hypothesis.settings.load_profile("no test is timed")
DIRECTORY: Final = pytest.StashKey[Path]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build what the chosen tests need now: a test's own time limit is too short for it."""
    if session.config.option.collectonly:
        return
    assets = Assets.from_environment()
    candidates = (*assets.programs, *TOOLS)
    wanted = [program for program in candidates if is_wanted(program, session.items)]
    steps: list[Callable[[], Any]] = [
        partial(assets.locate, name) for name in wanted if assets.find(name) is None
    ]
    for fixture, tools in (
        ("checkov", Checkov.of(assets.environ, LOCK)),
        ("scanners", Locked.of(assets.environ, LOCKS / "scan.txt")),
    ):
        if is_asked_for(fixture, session.items) and not tools.is_installed:
            steps.append(tools.install)
    if is_asked_for("image_tree", session.items):
        steps.append(partial(packages, os.environ))
    capture = session.config.pluginmanager.getplugin("capturemanager")
    try:
        for step in steps:
            with capture.global_and_fixture_disabled():  # minutes of silence look like a hang
                step()
    except BuildError as error:
        raise pytest.UsageError(str(error)) from error


def is_wanted(program: Program, items: Sequence[pytest.Item]) -> bool:
    """Tell whether any of the tests runs a program."""
    if program in {Program.HELM, *TOOLS}:
        return is_asked_for(program.replace("-", "_"), items)
    return any(item.get_closest_marker("cluster") for item in items)


def is_asked_for(fixture: str, items: Sequence[pytest.Item]) -> bool:
    """Tell whether any of the tests takes a fixture."""
    return any(fixture in getattr(item, "fixturenames", ()) for item in items)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say where the logs of the control plane are, if they were kept."""
    directory = config.stash.get(DIRECTORY, None)
    if directory is not None and directory.exists():
        terminalreporter.write_line(f"The logs of the control plane are in {directory}")


@pytest.fixture(scope="session")
def plane(request: pytest.FixtureRequest) -> Iterator[ControlPlane]:
    """Share one control plane, with the project's CRDs, among all tests that ask for it."""
    with ControlPlane.start() as running:
        request.config.stash[DIRECTORY] = running.directory
        define(running)
        yield running
        if request.session.testsfailed:
            running.keep()


@pytest.fixture
def namespace(plane: ControlPlane) -> Iterator[str]:
    """Give a test a namespace of its own, with its default ServiceAccount."""
    name = f"test-{secrets.token_hex(4)}"
    plane.kubectl("create", "namespace", name)
    created = ("wait", "--for=create", "serviceaccount/default", "--timeout=60s")
    plane.kubectl(*created, f"--namespace={name}")
    yield name
    plane.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="session")
def helm() -> Path:
    """Find the Helm program."""
    return Assets.from_environment().locate(Program.HELM)


@pytest.fixture(scope="session")
def kubeconform() -> Path:
    """Find kubeconform, which holds manifests against schemas."""
    return Assets.from_environment().locate(Program.KUBECONFORM)


@pytest.fixture(scope="session")
def kube_state_metrics() -> Path:
    """Find kube-state-metrics, which tells of objects in metrics."""
    return Assets.from_environment().locate(Program.KUBE_STATE_METRICS)


@pytest.fixture(scope="session")
def actionlint() -> Path:
    """Find actionlint, which reads workflows as GitHub does."""
    return Assets.from_environment().locate(Program.ACTIONLINT)


@pytest.fixture(scope="session")
def scanners() -> Locked:
    """Find zizmor, which looks for weak places in workflows, and pip-audit."""
    found = Locked.of(Assets.from_environment().environ, LOCKS / "scan.txt")
    found.install()
    return found


@pytest.fixture(scope="session")
def image_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the folder that the image adds to its base, with the operator of the working copy."""
    place = tmp_path_factory.mktemp("image") / "tree"
    tree(place, os.environ)
    return place


@pytest.fixture(scope="session")
def checkov() -> Checkov:
    """Find checkov, which holds manifests against policies."""
    found = Checkov.of(Assets.from_environment().environ, LOCK)
    found.install()
    return found
