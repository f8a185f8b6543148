"""Clock and resolver go wrong for one process, while it runs; its monotonic clock goes on."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from lab.stand.nodes import Node, Resolver

TIMES = "import sys, time\nfor _ in sys.stdin: print(time.time(), time.monotonic(), flush=True)"
NAMES = """
import socket, sys
for host in sys.stdin:
    try: print(socket.getaddrinfo(host.strip(), 25)[0][4][0], flush=True)
    except socket.gaierror as error: print(error.errno == socket.EAI_AGAIN, flush=True)
"""
HOUR = 3600

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")


@contextmanager
def running(node: Node, program: str) -> Iterator[tuple[IO[str], IO[str]]]:
    """Run a program on a node as long as the block lasts."""
    environ = {**os.environ, **node.variables}
    command = [sys.executable, "-c", program]
    with subprocess.Popen(
        command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdin, process.stdout


def test_a_wall_clock_is_stepped_while_a_process_runs(tmp_path: Path) -> None:
    node = Node.of(tmp_path, "first")
    with running(node, TIMES) as (ask, answer):

        def told(seconds: int) -> list[float]:
            node.step(seconds)
            ask.write("\n")
            wall, monotonic = map(float, answer.readline().split())
            return [wall - time.time(), monotonic - time.monotonic()]

        steps = [told(seconds) for seconds in (0, HOUR, -HOUR, 0)]

    assert [round(wall / HOUR) for wall, _ in steps] == [0, 1, -1, 0]
    assert [round(monotonic / HOUR) for _, monotonic in steps] == [0, 0, 0, 0]


def test_a_resolver_breaks_while_a_process_runs(tmp_path: Path) -> None:
    node = Node.of(tmp_path, "first")
    with running(node, NAMES) as (ask, answer):

        def told(resolver: Resolver, host: str = "localhost") -> str:
            node.resolve(resolver)
            ask.write(f"{host}\n")
            return answer.readline().strip()

        assert told(Resolver.FAILS) == "True"
        assert told(Resolver.DENIES) == "False"
        assert told(Resolver.LIES) == "127.0.0.2"
        assert told(Resolver.FAILS, "127.0.0.1") == "127.0.0.1"
        assert told(Resolver.WORKS) in ("::1", "127.0.0.1")


def test_a_step_of_the_clock_leaves_a_resolver_as_it_is(tmp_path: Path) -> None:
    node = Node.of(tmp_path, "first")

    node.resolve(Resolver.DENIES)
    node.step(HOUR)

    assert (node.seconds, node.resolver) == (HOUR, Resolver.DENIES)
    assert node.file.read_bytes()[8:] == Resolver.DENIES.to_bytes(8, sys.byteorder)
