"""The bench says why it cannot go on."""

import sys
from pathlib import Path

import pytest

from lab.controlplane.process import Process, ProcessError
from tools.bench.speech import ask

ENDS = "import sys; input(); sys.exit('no certificate')"


async def test_a_program_that_ended_is_quoted(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ENDS]

    with (
        Process(command, tmp_path / "log", is_spoken_to=True) as process,
        pytest.raises(ProcessError, match="no certificate"),
    ):
        await ask(process, "go")
