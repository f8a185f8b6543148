"""The bench of the intake measures both ways."""

import os
import subprocess
import sys

import pytest

from tools.bench import intake


@pytest.mark.timeout(300)  # it starts three processes, on a machine that may be busy
def test_both_ways_take_everything_in() -> None:
    command = [sys.executable, "-m", intake.__name__]

    said = subprocess.run(
        command,
        env={**os.environ, "N": "20", "ROUNDS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    for way in ("a task each", "the stream"):
        assert said.stdout.count(f"{way}: listing of 20: ") == 1
        assert said.stdout.count(f"{way}: a newcomer behind 20 echoes: ") == 1
