"""Applications that send mail: docs/examples/send.py, and one that reads what the gateway replies."""

import base64
import json
import os
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any, Final

from lab.controlplane.plane import ControlPlane
from tools.demo.examples import FOLDER
from tools.demo.places import MAILBOXES

PROGRAM: Final = FOLDER / "send.py"
KEYS: Final = ("host", "port", "username", "password", "certificates", "from")
RECIPIENT: Final = "customer@elsewhere.example"
COMPLETED: Final = 250


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


def letter(secret: Mapping[str, str], recipient: str, header: Mapping[str, str]) -> str:
    """Send one message; return the last reply of the gateway.

    Args:
        secret: What the application knows, as `secret_of` reads it.
        recipient: Who gets it.
        header: Fields beside the usual ones.
    """
    message = EmailMessage()
    own = {"From": secret["SMTP_FROM"], "To": recipient, "Subject": "Spring"}
    for name, value in {**own, **header}.items():
        message[name] = value
    message.set_content("It is here.")
    trust = ssl.create_default_context(cadata=secret["SMTP_CERTIFICATES"])
    with smtplib.SMTP(secret["SMTP_HOST"], int(secret["SMTP_PORT"])) as gateway:
        gateway.starttls(context=trust)
        try:
            gateway.login(secret["SMTP_USERNAME"], secret["SMTP_PASSWORD"])
            code, text = gateway.mail(secret["SMTP_FROM"])
            if code == COMPLETED:
                gateway.rcpt(recipient)
                code, text = gateway.data(message.as_bytes())
        except smtplib.SMTPResponseException as refusal:
            return reply(refusal.smtp_code, refusal.smtp_error)
    return reply(code, text)


def reply(code: int, text: bytes | str) -> str:
    """Write a reply as the gateway said it."""
    return f"{code} {text.decode() if isinstance(text, bytes) else text}"
