"""`make test` is two runs of pytest whose results count as one."""

import os
from pathlib import Path

import pytest

from tools import wings

SUITE = """
import pytest

@pytest.mark.cluster
def test_that_meets_a_cluster():
    assert False

def test_that_meets_none():
    pass
"""
INI = """
[pytest]
markers =
    cluster
    consent
    sending
"""


async def test_a_failure_in_one_wing_fails_both_and_is_said_again_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "pytest.ini"
    settings.write_text(INI)
    tmp_path.joinpath("test_it.py").write_text(SUITE)
    environ = {**os.environ, "COVERAGE_FILE": str(tmp_path / "coverage")}

    status = await wings.run(["-c", str(settings), str(tmp_path)], environ)

    shown = capsys.readouterr().out
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "1 passed, 1 deselected" in shown
    failed, cluster, others = shown.splitlines()[-3:]
    assert failed.startswith("cluster | FAILED")
    assert "1 failed" in cluster
    assert others.startswith(" others | ")


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        pytest.param([0, 0], 0, id="both pass"),
        pytest.param([1, 0], 1, id="the first fails"),
        pytest.param([0, 2], 2, id="the second fails"),
        pytest.param([5, 0], 0, id="the first has no test"),
        pytest.param([5, 1], 1, id="the first has no test and the second fails"),
        pytest.param([5, 5], 5, id="neither has a test"),
        pytest.param([-9, 0], -9, id="one is killed"),
    ],
)
def test_two_wings_have_one_exit_status(statuses: list[int], status: int) -> None:
    assert wings.together(statuses) == status
