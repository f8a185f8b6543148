"""A process that dies ends the bench at once, with the end of its log."""

import asyncio
import sys
from pathlib import Path

import pytest

from lab.controlplane.process import Process, ProcessError
from tools.bench.vigil import concluded, watched

ENDS = "import sys; sys.stdin.read(); sys.exit('no certificate')"


def test_a_process_that_dies_ends_a_wait_that_has_no_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process = Process([sys.executable, "-c", ENDS], tmp_path / "log", is_spoken_to=True)

    async def wait() -> None:
        async with watched(process):
            process.input.close()
            await asyncio.Event().wait()

    def bench() -> int:
        with process:
            asyncio.run(wait())
        return 0

    assert concluded(bench) == 1
    assert "no certificate" in capsys.readouterr().err


async def test_a_process_that_lives_does_not_disturb(tmp_path: Path) -> None:
    with Process([sys.executable, "-c", ENDS], tmp_path / "log", is_spoken_to=True) as process:
        async with watched(process):
            pass

        assert process.is_running


def test_a_bench_that_ends_well_has_status_zero() -> None:
    assert concluded(lambda: 0) == 0


def test_an_error_of_the_bench_itself_is_not_hidden() -> None:
    def bench() -> int:
        raise ExceptionGroup("", [ProcessError("etcd ended"), KeyError("seconds")])

    with pytest.raises(ExceptionGroup):
        concluded(bench)
