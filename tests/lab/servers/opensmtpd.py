"""A real OpenSMTPD as Debian 13 builds it, in a box with the libraries that it runs on.

Debian 12's is there as well: it breaks off every TLS handshake, for it does not go together with the
OpenSSL that it is built with (its issue 1171).
"""

import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from lab.servers.authority import Authority
from lab.servers.mail_server import MailServer, greets, running, started
from lab.servers.unpacked import boxed, environment, unpacked

USERS: Final = {"opensmtpd": 64997, "opensmtpq": 64998}
SYSTEM: Final = "trixie"
PROGRAM: Final = "usr/sbin/smtpd"
AUTHORITIES: Final = "/etc/ssl/certs/ca-certificates.crt"
"""It does not start without any."""

EMPTY: Final = ("/run", "/var/spool", "/var/lib", "/var/lib/opensmtpd/empty")

CONFIGURATION: Final = """\
pki mail.test cert "{directory}/cert.pem"
pki mail.test key "{directory}/key.pem"
table logins file:{directory}/users
table addresses file:{directory}/senders
listen on {server.host} port {server.submission_port} {submission} hostname mail.test
listen on {server.host} port {server.smtps_port} {smtps} hostname mail.test
action "outward" relay{via}
match from auth for domain "elsewhere.example" action "outward"
"""
PAIR: Final = "pki mail.test"
TLS: Final = f"tls {PAIR}"
LOGIN: Final = "auth <logins> senders <addresses>"


class OpenSmtpd(MailServer):
    """A running OpenSMTPD: PLAIN and LOGIN over TLS only, and the sender is judged at MAIL.

    Mail to its users is not its business, so it refuses them as recipients.
    """

    __slots__ = ()

    @classmethod
    @asynccontextmanager
    async def start(  # noqa: PLR0913 - each is a setting of its own
        cls,
        directory: Path,
        authority: Authority,
        users: Mapping[str, str],
        *,
        login: str = LOGIN,
        via: str = "",
        offers_tls: bool = True,
        broken: bool = False,
    ) -> AsyncIterator["OpenSmtpd"]:
        """Run it as long as the block lasts.

        Args:
            directory: An empty directory.
            authority: Signs the certificate, for localhost and 127.0.0.1.
            users: Passwords by address; each may send as itself and as nobody else.
            login: What its listeners say about logins.
            via: Where it sends mail, as in `smtp://127.0.0.1:2525`; unless given, where the MX is.
            offers_tls: Whether it offers STARTTLS.
            broken: Whether to run Debian 12's.

        Raises:
            RuntimeError: It is not there, or would not start.
        """
        system = None if broken else unpacked("OpenSMTPD", SYSTEM)
        program = unpacked("OpenSMTPD", PROGRAM) if broken else Path("/", PROGRAM)
        server = cls.at_free_ports()
        _write(directory, authority, users)
        settings = CONFIGURATION.format(
            directory=directory, server=server, via=f' host "{via}"' if via else "",
            submission=f"{TLS} {login}" if offers_tls else "", smtps=f"smtps {PAIR} {login}",
        )  # fmt: skip
        (directory / "smtpd.conf").write_text(settings)
        command = (str(program), "-d", "-f", str(directory / "smtpd.conf"))
        log = directory / "out"
        files = {} if broken else {AUTHORITIES: directory / "cert.pem"}
        box = boxed(command, directory, USERS, EMPTY, system, files)
        async with running(log, *box, environment=environment()) as process:
            await started("OpenSMTPD", process, log, partial(greets, server))
            yield server


def _write(directory: Path, authority: Authority, users: Mapping[str, str]) -> None:
    pair = authority.certificate()
    for name, pem in (("cert.pem", pair.cert), ("key.pem", pair.key)):
        (directory / name).touch(mode=0o600)
        (directory / name).write_bytes(pem)
    logins = "".join(f"{user} {_hashed(password)}\n" for user, password in users.items())
    (directory / "users").write_text(logins)
    (directory / "senders").write_text("".join(f"{user} {user}\n" for user in users))


def _hashed(password: str) -> str:
    """Hash a password as crypt(3) does."""
    command = ("openssl", "passwd", "-6", "-stdin")
    done = subprocess.run(command, input=password, check=True, capture_output=True, text=True)
    return done.stdout.strip()
