"""A process loads what it needs from the start; the rest comes with the first object that needs it."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from unit.assemble import fitting

ROOT: Final = Path(__file__).parents[3]
LARGE: Final = frozenset(
    {"authlib", "cryptography", "httpx2", "jinja2", "joserfc", "msal", "opentelemetry"}
)
"""Each takes one to eight megabytes."""

PAGE: Final = "consent: {publicURL: 'https://connect.acme.example', address: 127.0.0.1, port: 0}"
GATEWAY: Final = "gateway: {host: smtp.acme.example}"


@cache
def loaded(process: str, configuration: str = "{}") -> frozenset[str]:
    """Return the modules that a process has loaded before it sees its first object."""
    path = os.pathsep.join([str(ROOT / "operator"), str(ROOT / "tests")])
    command = [sys.executable, "-m", fitting.__name__, process, configuration]
    environ = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environ)
    return frozenset(done.stdout.split())


@pytest.mark.parametrize(
    ("process", "configuration", "needed"),
    [
        pytest.param("operator", "{}", set(), id="the operator"),
        pytest.param("operator", PAGE, {"jinja2"}, id="the operator with a consent page"),
        pytest.param("operator", GATEWAY, {"cryptography"}, id="the operator with a gateway"),
        pytest.param("gateway", GATEWAY, {"cryptography"}, id="the gateway"),
    ],
)
def test_a_process_loads_no_large_library_that_it_does_not_need_yet(
    process: str, configuration: str, needed: set[str]
) -> None:
    assert loaded(process, configuration) & LARGE == needed


@pytest.mark.parametrize(
    ("process", "other"),
    [("operator", "mailbox_operator.gateway"), ("gateway", "mailbox_operator.schedule")],
)
def test_a_process_does_not_load_the_other_one(process: str, other: str) -> None:
    assert other not in loaded(process, GATEWAY)
