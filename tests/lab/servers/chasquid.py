"""A real chasquid as Debian builds it, a mail server in Go, in a directory of its own."""

import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from lab.servers.authority import Authority
from lab.servers.mail_server import MailServer, greets, running, started
from lab.servers.unpacked import unpacked

PROGRAM: Final = "usr/bin/chasquid"
USERS: Final = "usr/bin/chasquid-util"
CONFIGURATION: Final = """\
hostname: "mail.test"
smtp_address: "{server.host}:0"
submission_address: "{server.host}:{server.submission_port}"
submission_over_tls_address: "{server.host}:{server.smtps_port}"
mail_delivery_agent_bin: "/usr/bin/tee"
mail_delivery_agent_args: "-a"
mail_delivery_agent_args: "{directory}/mail/%to_user%"
data_dir: "{directory}/data"
mail_log_path: "<stderr>"
"""


class Chasquid(MailServer):
    """A running chasquid: PLAIN over TLS only, and it does not judge the sender of who logged in.

    Mail to its users is delivered into `mail/`, a file for each.
    """

    __slots__ = ()

    @classmethod
    @asynccontextmanager
    async def start(
        cls, directory: Path, authority: Authority, users: Mapping[str, str]
    ) -> AsyncIterator["Chasquid"]:
        """Run it as long as the block lasts.

        Args:
            directory: An empty directory.
            authority: Signs the certificate, for localhost and 127.0.0.1.
            users: Passwords by address.

        Raises:
            RuntimeError: It is not there, or would not start.
        """
        program = unpacked("chasquid", PROGRAM)
        server = cls.at_free_ports()
        _write(directory, authority, server, users)
        log = directory / "out"
        async with running(log, str(program), f"-config_dir={directory}") as process:
            await started("chasquid", process, log, partial(greets, server))
            yield server


def _write(
    directory: Path, authority: Authority, server: MailServer, users: Mapping[str, str]
) -> None:
    (directory / "chasquid.conf").write_text(
        CONFIGURATION.format(server=server, directory=directory)
    )
    pair, certificates = authority.certificate(), directory / "certs" / "mail.test"
    certificates.mkdir(parents=True)
    (certificates / "fullchain.pem").write_bytes(pair.cert)
    (certificates / "privkey.pem").write_bytes(pair.key)
    (directory / "mail").mkdir()
    for address, password in users.items():
        (directory / "domains" / address.partition("@")[2]).mkdir(parents=True, exist_ok=True)
        add = (unpacked("chasquid", USERS), f"--configdir={directory}", "user-add", address)
        subprocess.run((*add, f"--password={password}"), check=True, capture_output=True)
