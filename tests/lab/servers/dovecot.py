"""A real Dovecot's submission service, which logs people in and relays to the server behind it.

Dovecot itself is installed; the service is of the same version and only unpacked.
"""

import shutil
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from lab.servers.authority import Authority
from lab.servers.mail_server import MailServer, greets, running, started
from lab.servers.unpacked import unpacked

INSTALL: Final = "apt-get install -y --no-install-recommends dovecot-core"
NOBODY: Final = 65534

# Without the penalty of anvil, a refused login would slow down the next good one by seconds.
BASE: Final = """\
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {log}
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

SUBMISSION: Final = """\
protocols = submission
hostname = mail.test
ssl = required
ssl_cert = <{directory}/pair.pem
ssl_key = <{directory}/pair.pem
passdb {{
  driver = passwd-file
  args = username_format=%u {directory}/users
}}
userdb {{
  driver = static
  args = uid={nobody} gid={nobody} home={directory}/home
}}
mail_location = maildir:~/mail
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
service submission-login {{
  executable = {login}
  inet_listener submission {{
    address = {server.host}
    port = {server.submission_port}
  }}
  inet_listener submissions {{
    address = {server.host}
    port = {server.smtps_port}
    ssl = yes
  }}
}}
service submission {{
  executable = {submission}
}}
"""


class DovecotSubmission(MailServer):
    """A running one: PLAIN over TLS only, as it comes; the server behind it judges the sender."""

    __slots__ = ()

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        directory: Path,
        authority: Authority,
        users: Mapping[str, str],
        relay_port: int,
        settings: Iterable[str] = (),
    ) -> AsyncIterator["DovecotSubmission"]:
        """Run it as long as the block lasts.

        Args:
            directory: An empty directory.
            authority: Signs the certificate, for localhost and 127.0.0.1.
            users: Passwords by address, each with further fields of a passwd-file if need be.
            relay_port: Of the server behind it, on 127.0.0.1.
            settings: More lines for its configuration.

        Raises:
            RuntimeError: A package is missing, or it would not start.
        """
        if shutil.which("dovecot") is None:
            raise RuntimeError(f"Dovecot is missing: {INSTALL}")
        server = cls.at_free_ports()
        log = directory / "log"
        parts = {
            name: unpacked("Dovecot's submission service", f"usr/lib/dovecot/{file}")
            for name, file in (("submission", "submission"), ("login", "submission-login"))
        }
        written = SUBMISSION.format(
            directory=directory, nobody=NOBODY, relay=relay_port, server=server, **parts
        )
        lines = (
            BASE.format(directory=directory, log=log),
            written,
            *(f"{line}\n" for line in settings),
        )
        (directory / "dovecot.conf").write_text("".join(lines))
        _write(directory, authority, users)
        command = ("dovecot", "-F", "-c", str(directory / "dovecot.conf"))
        async with running(log, *command) as process:
            await started("Dovecot", process, log, partial(greets, server))
            yield server


def _write(directory: Path, authority: Authority, users: Mapping[str, str]) -> None:
    directory.chmod(0o711)
    authority.certificate().write(directory / "pair.pem")
    listed = "".join(f"{user}:{{PLAIN}}{password}\n" for user, password in users.items())
    (directory / "users").write_text(listed)
    (directory / "home").mkdir()
    shutil.chown(directory / "home", NOBODY, NOBODY)
