"""A network with a name server of its own, and nothing else, that a program of these tests runs in."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Final

from lab.node.runtime import check_runtime

CONFIGURATION: Final = """\
nameserver 127.0.0.1
search corp.test
options ndots:2 timeout:2 attempts:1
"""
SANDBOX: Final = (
    *("bwrap", "--die-with-parent", "--unshare-user", "--unshare-net", "--uid", "0", "--gid", "0"),
    *("--cap-add", "CAP_NET_BIND_SERVICE", "--dev-bind", "/", "/"),
)
LONGEST_SECONDS: Final = 120


def outcomes_of(program: ModuleType, directory: Path) -> Mapping[str, str]:
    """Run a module that serves names at port 53, and return the JSON object that it prints.

    Args:
        program: The module.
        directory: For the resolver's configuration.
    """
    check_runtime()
    file = directory / "resolv.conf"
    file.write_text(CONFIGURATION)
    bound = ("--ro-bind", str(file), "/etc/resolv.conf")
    path = ("--setenv", "PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    command = (*SANDBOX, *bound, *path, sys.executable, "-m", program.__name__)
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=LONGEST_SECONDS
    )
    assert done.returncode == 0, done.stderr
    found: Mapping[str, str] = json.loads(done.stdout)
    return found
