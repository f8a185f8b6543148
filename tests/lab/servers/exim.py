"""A real Exim as Debian builds it, in a directory of its own, beside whatever the machine has."""

import shutil
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from lab.servers.authority import Authority
from lab.servers.mail_server import MailServer, greets, running, started
from lab.servers.unpacked import boxed, environment, unpacked

USERS: Final = {"Debian-exim": 64999}
ID: Final = USERS["Debian-exim"]
PROGRAM: Final = "usr/sbin/exim4"

MAIN: Final = """\
primary_hostname = mail.test
keep_environment =
spool_directory = {directory}/spool
log_file_path = {directory}/%slog
pid_file_path = {directory}/pid
daemon_smtp_ports = {server.submission_port} : {server.smtps_port}
tls_on_connect_ports = {server.smtps_port}
local_interfaces = {server.host}
host_lookup =
tls_advertise_hosts = *
tls_certificate = {directory}/pair.pem
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
acl_smtp_rcpt = recipient
acl_smtp_data = data
"""

LISTS: Final = """\
begin acl
recipient:
  deny !authenticated = *
  deny condition = ${if !eqi{$sender_address}{$authenticated_id}}
       message = Sender address does not belong to the authenticated user
  accept
data:
  deny
silence:
  accept delay = 60s
slow:
  accept delay = 1s
unwelcome:
  deny message = Your host is not welcome here
banned:
  deny message = Temporarily blocked for too many failed logins
busy:
  defer message = Too many authentication attempts
begin authenticators
"""

PLAIN: Final = """\
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if eq{{$auth3}}{{${{lookup{{$auth2}}lsearch{{{directory}/users}}}}}}}}
  server_set_id = $auth2
"""
CRAM_MD5: Final = """\
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{lookup{{$auth1}}lsearch{{{directory}/users}}}}
  server_set_id = $auth1
"""
REFUSING: Final = """\
other:
  driver = plaintext
  public_name = {name}
  server_condition = false
"""


class Exim(MailServer):
    """A running Exim: PLAIN over TLS only, and the sender is judged at RCPT."""

    __slots__ = ()

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        directory: Path,
        authority: Authority,
        users: Mapping[str, str],
        settings: Iterable[str] = (),
        authenticators: str = PLAIN,
    ) -> AsyncIterator["Exim"]:
        """Run it as long as the block lasts.

        Args:
            directory: An empty directory.
            authority: Signs the certificate, for localhost and 127.0.0.1.
            users: Passwords by address; each may send as itself and as nobody else.
            settings: Main options that differ; `acl_smtp_... = silence` names one of the lists above.
            authenticators: What it lets a client log in by.

        Raises:
            RuntimeError: It is not there, or would not start.
        """
        program = unpacked("Exim", PROGRAM)
        server = cls.at_free_ports()
        _write(directory, authority, users)
        main = _merged(MAIN.format(directory=directory, server=server), settings)
        logins = authenticators.format(directory=directory)
        (directory / "exim.conf").write_text(f"{main}\n{LISTS}{logins}")
        command = (str(program), "-C", str(directory / "exim.conf"), "-bdf")
        log = directory / "out"
        async with running(
            log, *boxed(command, directory, USERS), environment=environment()
        ) as process:
            await started("Exim", process, log, partial(greets, server))
            yield server


def _merged(main: str, settings: Iterable[str]) -> str:
    """Put settings in the place of those of the same name, for Exim takes none twice."""
    lines = (*main.splitlines(), *settings)
    return "\n".join({line.partition(" ")[0]: line for line in lines}.values())


def _write(directory: Path, authority: Authority, users: Mapping[str, str]) -> None:
    directory.chmod(0o755)
    authority.certificate().write(directory / "pair.pem")
    listed = "".join(f"{user}: {password}\n" for user, password in users.items())
    (directory / "users").write_text(listed)
    (directory / "spool").mkdir()
    for name in ("pair.pem", "users", "spool", ""):
        shutil.chown(directory / name, ID, ID)
