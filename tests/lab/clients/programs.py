"""Mail programs of Debian, and what an application is given to log in at a gateway."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEBIAN: Final = "apt-get install -y --no-install-recommends"
INSTALL: Final = {
    "curl": f"{DEBIAN} curl",
    "swaks": f"{DEBIAN} swaks libnet-ssleay-perl",
    "msmtp": f"{DEBIAN} msmtp",
    "postfix": f"{DEBIAN} postfix libsasl2-modules",
    "php": f"{DEBIAN} php-cli libphp-phpmailer",
    "java": f"{DEBIAN} openjdk-17-jdk-headless libjakarta-mail-java",
    "javac": f"{DEBIAN} openjdk-17-jdk-headless libjakarta-mail-java",
    "node": "apt-get install -y nodejs npm",
    "go": "https://go.dev/doc/install",
}
"""The line that installs a program."""


@dataclass(frozen=True, slots=True)
class Login:
    """What the Secret of a Sender says.

    Attributes:
        port: With STARTTLS.
        tls_port: With TLS from the beginning.
        address: That of the Mailbox.
        certificates: PEM of the authority; empty for those of the system.
    """

    host: str
    port: int
    tls_port: int
    username: str
    password: str
    address: str
    certificates: str

    def environment(self, to: str) -> Mapping[str, str]:
        """Write the variables of an application, besides ours."""
        return {
            **os.environ,
            "SMTP_HOST": self.host,
            "SMTP_PORT": str(self.port),
            "SMTP_USERNAME": self.username,
            "SMTP_PASSWORD": self.password,
            "SMTP_FROM": self.address,
            "SMTP_CERTIFICATES": self.certificates,
            "TO": to,
        }


@dataclass(frozen=True, slots=True)
class Ended:
    """A program that has ended.

    Attributes:
        said: On both of its outputs.
    """

    status: int | None
    said: str


async def run(
    *command: str | Path,
    stdin: str = "",
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Ended:
    """Run a program to its end.

    Args:
        command: A program of the table above, or the path of one; then its arguments.
        stdin: What it reads.
        environment: In place of ours.
        directory: Where it runs.

    Raises:
        RuntimeError: It is missing; with the line that installs it.
    """
    given = os.environ if environment is None else environment
    check(str(command[0]), given)
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=directory,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=given,
    )
    said, _ = await process.communicate(stdin.encode())
    return Ended(process.returncode, said.decode(errors="replace"))


def check(name: str, environment: Mapping[str, str]) -> None:
    """Check that a program is on the PATH.

    Raises:
        RuntimeError: It is missing; with the line that installs it.
    """
    if shutil.which(name, path=environment["PATH"]) is None:
        raise RuntimeError(f"{name} is missing: {INSTALL[name]}")
