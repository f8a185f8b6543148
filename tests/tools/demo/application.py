"""An application that sends mail: docs/examples/send.py, with its Secret in the environment."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Final

from lab.controlplane.plane import ControlPlane
from tools.demo.examples import FOLDER
from tools.demo.places import MAILBOXES

PROGRAM: Final = FOLDER / "send.py"
KEYS: Final = ("host", "port", "username", "password", "certificates", "from")
RECIPIENT: Final = "customer@elsewhere.example"


def secret_of(plane: ControlPlane, name: str) -> dict[str, str]:
    """Read a Secret as the environment of a container has it: `SMTP_` and the key."""
    found: Any = json.loads(plane.kubectl("get", "secret", name, "-n", MAILBOXES, "-o", "json"))
    values = {key: base64.b64decode(found["data"][key]).decode() for key in KEYS}
    return {f"SMTP_{key.upper()}": value for key, value in values.items()}


def send(secret: Mapping[str, str]) -> str:
    """Run the application; return the last line that it prints, empty where it sent its message."""
    own = {"PATH": os.environ["PATH"], "TO": RECIPIENT, **secret}
    done = subprocess.run(
        [sys.executable, PROGRAM], env=own, capture_output=True, text=True, check=False
    )
    return done.stderr.strip().rpartition("\n")[2]
