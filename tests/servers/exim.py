"""A real Exim as Debian builds it, in a directory of its own, beside whatever the machine has.

Its package is only unpacked, so the user that it insists on does not exist: bubblewrap shows it lists
of users and groups that name him.
"""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from servers.authority import Authority
from servers.postfix import free_ports

INSTALL: Final = ".ci/mail-servers"
UNPACKED: Final = Path(
    os.environ.get("MAIL_SERVERS", "/var/cache/mailbox-operator-tests/mail-servers")
)
PROGRAM: Final = UNPACKED / "usr/sbin/exim4"
LIBRARIES: Final = UNPACKED / "usr/lib/x86_64-linux-gnu"
USER: Final = "Debian-exim"
ID: Final = 64999
START_SECONDS: Final = 20

CONFIGURATION: Final = """\
primary_hostname = mail.test
keep_environment =
spool_directory = {directory}/spool
log_file_path = {directory}/%slog
pid_file_path = {directory}/pid
daemon_smtp_ports = {submission} : {smtps}
tls_on_connect_ports = {smtps}
local_interfaces = 127.0.0.1
host_lookup =
tls_advertise_hosts = *
tls_certificate = {directory}/pair.pem
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
acl_smtp_rcpt = recipient
acl_smtp_data = data
begin acl
recipient:
  deny !authenticated = *
  deny condition = ${{if !eqi{{$sender_address}}{{$authenticated_id}}}}
       message = Sender address does not belong to the authenticated user
  accept
data:
  deny
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if eq{{$auth3}}{{${{lookup{{$auth2}}lsearch{{{directory}/users}}}}}}}}
  server_set_id = $auth2
"""


@dataclass(frozen=True, slots=True)
class Exim:
    """Ports of a running Exim: PLAIN over TLS only, and the sender is judged at RCPT.

    Attributes:
        submission_port: Begins in plain text and offers STARTTLS.
        smtps_port: Begins with TLS.
    """

    submission_port: int
    smtps_port: int
    host: str = "127.0.0.1"

    @classmethod
    @asynccontextmanager
    async def start(
        cls, directory: Path, authority: Authority, users: Mapping[str, str]
    ) -> AsyncIterator["Exim"]:
        """Run it as long as the block lasts.

        Args:
            directory: An empty directory.
            authority: Signs the certificate, for localhost and 127.0.0.1.
            users: Passwords by address; each may send as itself and as nobody else.

        Raises:
            RuntimeError: It is not there, or would not start.
        """
        if not PROGRAM.exists():
            raise RuntimeError(f"Exim is missing: {INSTALL}")
        server = cls(*free_ports())
        _write(directory, server, authority, users)
        log = directory / "out"
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *_command(directory), stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out,
                env={**os.environ, "LD_LIBRARY_PATH": str(LIBRARIES)},
            )  # fmt: skip
        try:
            await _ready(server, log)
            yield server
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


def _write(directory: Path, server: Exim, authority: Authority, users: Mapping[str, str]) -> None:
    directory.chmod(0o755)
    authority.certificate().write(directory / "pair.pem")
    listed = "".join(f"{user}: {password}\n" for user, password in users.items())
    (directory / "users").write_text(listed)
    for name in ("pair.pem", "users"):
        shutil.chown(directory / name, ID, ID)
    (directory / "spool").mkdir()
    shutil.chown(directory / "spool", ID, ID)
    shutil.chown(directory, ID, ID)
    for name, entry in (
        ("passwd", f"{USER}:x:{ID}:{ID}::/:/bin/false"),
        ("group", f"{USER}:x:{ID}:"),
    ):
        (directory / name).write_text(f"{Path('/etc', name).read_text()}{entry}\n")
    settings = CONFIGURATION.format(
        directory=directory, submission=server.submission_port, smtps=server.smtps_port
    )
    (directory / "exim.conf").write_text(settings)


def _command(directory: Path) -> tuple[str, ...]:
    shown = [("--bind", str(directory / name), f"/etc/{name}") for name in ("passwd", "group")]
    users = (argument for each in shown for argument in each)
    box = ("bwrap", "--die-with-parent", "--dev-bind", "/", "/", *users)
    return (*box, str(PROGRAM), "-C", str(directory / "exim.conf"), "-bdf")


async def _ready(server: Exim, log: Path) -> None:
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await _answers(server):  # noqa: ASYNC110 - another program's state
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise RuntimeError(f"Exim would not start.\n{_end_of(log)}") from error


def _end_of(log: Path) -> str:
    return log.read_text()[-2000:]


async def _answers(server: Exim) -> bool:
    try:
        _, writer = await asyncio.open_connection(server.host, server.submission_port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
