"""The short form of `make soak`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.controlplane.plane import ControlPlane
from tools.soak.report import INVARIANTS

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(420)]

ROOT = Path(__file__).parents[3]


def test_no_mailbox_is_lost_in_a_minute_of_faults(plane: ControlPlane, helm: Path) -> None:
    asked = {"SECONDS": "40", "MAILBOXES": "60", "SEED": "11"}
    paths = {"PYTHONPATH": f"{ROOT / 'operator'}:{ROOT / 'tests'}"}

    done = subprocess.run(
        [sys.executable, "-m", "tools.soak"],
        env={**os.environ, **paths, **asked},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert sum(line.endswith("  ok") for line in done.stdout.splitlines()) == len(INVARIANTS)
