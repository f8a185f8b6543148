"""A real Postfix with a real Dovecot behind it, in a directory of their own.

They listen on free loopback ports; neither /etc nor a service of the machine is touched.
"""

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from servers.authority import Authority
from servers.postfix_files import Site, write_dovecot, write_postfix

INSTALL: Final = "apt-get install -y --no-install-recommends postfix dovecot-core"
MASTER: Final = "/usr/lib/postfix/sbin/master"
START_SECONDS: Final = 20
SEARCH_BY_OTHERS: Final = 0o001


@dataclass(frozen=True, slots=True)
class RealMailServer:
    """Ports of a running pair; every mechanism that the operator speaks, over TLS only.

    Attributes:
        submission_port: Begins in plain text and offers STARTTLS.
        smtps_port: Begins with TLS.
        host: The address of both.
    """

    submission_port: int
    smtps_port: int
    host: str = "127.0.0.1"

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        directory: Path,
        authority: Authority,
        users: Mapping[str, str],
        introspection_url: str,
    ) -> AsyncIterator["RealMailServer"]:
        """Run the pair as long as the block lasts.

        Args:
            directory: An empty directory with a short path that every user may search.
            authority: Signs the certificate, for localhost and 127.0.0.1. Dovecot trusts it too.
            users: Passwords by address; each may send as itself and as nobody else.
            introspection_url: Where Dovecot asks about tokens, RFC 7662.

        Raises:
            RuntimeError: A package is missing, we are not root, or a program would not start.
        """
        _check_machine()
        _check_directory(directory)
        server = cls(*free_ports())
        site = Site(directory, server.submission_port, server.smtps_port)
        write_postfix(site, authority.certificate(), users)
        write_dovecot(site, authority.ca_pem, users, introspection_url)
        async with (
            _running(site, "dovecot", "-F", "-c", str(site.dovecot / "dovecot.conf")),
            _running(site, MASTER, "-d", "-c", str(site.postfix)),
        ):
            await _ready(site)
            yield server


def _check_machine() -> None:
    if shutil.which("dovecot") is None or not Path(MASTER).exists():
        raise RuntimeError(f"Postfix or Dovecot is missing: {INSTALL}")
    if os.geteuid() != 0:
        raise RuntimeError("Postfix starts as root only.")


def _check_directory(directory: Path) -> None:
    directory.chmod(0o711)
    for parent in directory.resolve().parents:
        if not parent.stat().st_mode & SEARCH_BY_OTHERS:
            raise RuntimeError(f"The users postfix and dovecot cannot search {parent}.")


def free_ports() -> tuple[int, int]:
    """Find two ports that nobody listens at."""
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        return one.getsockname()[1], other.getsockname()[1]


@asynccontextmanager
async def _running(site: Site, *command: str) -> AsyncIterator[None]:
    with site.log.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _ready(site: Site) -> None:
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await _answers(site):  # noqa: ASYNC110 - another program's state
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        log = site.log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"Postfix and Dovecot would not start.\n{log}") from error


async def _answers(site: Site) -> bool:
    """Tell whether both are up; without Dovecot, Postfix hangs up before its banner."""
    if not site.sasl.exists():
        return False
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.submission_port)
    except OSError:
        return False
    banner = await reader.readline()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return banner.startswith(b"220")
