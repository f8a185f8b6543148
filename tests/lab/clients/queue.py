"""The Postfix of the documentation as the queue in front of the gateway."""

import asyncio
import os
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Final, Self

from lab.clients.applications import SENDING
from lab.clients.programs import INSTALL, Login
from lab.servers.mail_server import MailServer, greets, running, started
from lab.servers.postfix import MASTER
from lab.servers.postfix_files import MASTER as SERVICES, PRIVATE, Site, make_queues

MAIN_CF: Final = SENDING / "main.cf"
PLAIN: Final = "*/sasl2/libplain.so"
PLACE: Final = "[mailbox-operator-gateway.mail.svc]:587"
LISTENER: Final = """\
{server.host}:{server.submission_port} inet n - n - - smtpd
scache unix - - n - 1 scache
"""
OWN: Final = f"""\
{PRIVATE}\
myhostname = queue.test
smtp_host_lookup = native
minimal_backoff_time = 3s
maximal_backoff_time = 3s
queue_run_delay = 3s
"""
"""What a test needs besides: a place of its own, and a queue that tries again soon."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A running one, which takes mail from this machine.

    Attributes:
        site: Where its files are.
    """

    server: MailServer
    site: Site

    @classmethod
    @asynccontextmanager
    async def start(cls, directory: Path, login: Login) -> AsyncIterator[Self]:
        """Run it as long as the block lasts.

        Args:
            directory: An empty directory with a short path that every user may search.
            login: At the gateway.

        Raises:
            RuntimeError: Postfix is missing, we are not root, or it would not start.
        """
        _check_machine()
        server, site = MailServer.at_free_ports(), Site(directory)
        _write(site, server, login)
        async with running(site.log, MASTER, "-d", "-c", str(site.postfix)) as process:
            await started("Postfix", process, site.log, partial(greets, server))
            yield cls(server, site)

    async def take(self, message: EmailMessage) -> None:
        """Take a message, as an application hands it over."""
        await asyncio.to_thread(self._take, message)

    def _take(self, message: EmailMessage) -> None:
        with smtplib.SMTP(self.server.host, self.server.submission_port, timeout=20) as client:
            client.send_message(message)

    def log(self) -> str:
        """Read what it says of its messages."""
        return self.site.log.read_text(errors="replace")


def _check_machine() -> None:
    if not Path(MASTER).exists() or not any(Path("/usr/lib").glob(PLAIN)):
        raise RuntimeError(f"Postfix or its way to log in is missing: {INSTALL['postfix']}")
    if os.geteuid() != 0:
        raise RuntimeError("Postfix starts as root only.")


def _write(site: Site, server: MailServer, login: Login) -> None:
    site.directory.chmod(0o711)
    site.postfix.mkdir()
    gateway = f"[{login.host}]:{login.port}"
    shown = MAIN_CF.read_text().replace(PLACE, gateway).replace("/etc/postfix", str(site.postfix))
    (site.postfix / "main.cf").write_text(shown + OWN.format(site=site))
    (site.postfix / "master.cf").write_text(LISTENER.format(server=server) + SERVICES)
    (site.postfix / "login").write_text(f"{gateway} {login.username}:{login.password}\n")
    (site.postfix / "authority.pem").write_text(login.certificates)
    make_queues(site)
