"""A real Postfix with a real Dovecot behind it, in a directory of their own.

They listen on free loopback ports; neither /etc nor a service of the machine is touched.
"""

import os
import shutil
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from lab.servers.authority import Authority, Key
from lab.servers.mail_server import MailServer, greeting, running, started
from lab.servers.postfix_files import Site, write_dovecot, write_postfix

INSTALL: Final = "apt-get install -y --no-install-recommends postfix dovecot-core"
MASTER: Final = "/usr/lib/postfix/sbin/master"
NO_TOKENS: Final = "https://localhost:1/"
NOTHING: Final[Mapping[str, Iterable[str]]] = {}
SEARCH_BY_OTHERS: Final = 0o001


@dataclass(frozen=True, slots=True)
class RealMailServer(MailServer):
    """A running pair; every mechanism that the operator speaks, over TLS only.

    Attributes:
        variants: Further ports of the same pair, with settings of their own, by name.
    """

    variants: Mapping[str, MailServer] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        directory: Path,
        authority: Authority,
        users: Mapping[str, str],
        introspection_url: str = NO_TOKENS,
        variants: Mapping[str, Iterable[str]] = NOTHING,
        key: Key | None = None,
    ) -> AsyncIterator["RealMailServer"]:
        """Run the pair as long as the block lasts.

        Args:
            directory: An empty directory with a short path that every user may search.
            authority: Signs the certificate, for localhost and 127.0.0.1. Dovecot trusts it too.
            users: Passwords by address; each may send as itself and as nobody else.
            introspection_url: Where Dovecot asks about tokens, RFC 7662.
            variants: Settings of Postfix's for further ports, by the name of these ports.
            key: Of the certificate; of an elliptic curve unless given.

        Raises:
            RuntimeError: A package is missing, we are not root, or a program would not start.
        """
        _check_machine()
        _check_directory(directory)
        more = {name: MailServer.at_free_ports() for name in variants}
        server = replace(cls.at_free_ports(), variants=more)
        site = Site(directory)
        listeners = [(server, ()), *((more[name], variants[name]) for name in variants)]
        write_postfix(site, authority.certificate(key=key), users, listeners)
        write_dovecot(site, authority.ca_pem, users, introspection_url)
        async with (
            running(site.log, "dovecot", "-F", "-c", str(site.dovecot / "dovecot.conf")),
            running(site.log, MASTER, "-d", "-c", str(site.postfix)) as postfix,
        ):
            await started("Postfix or Dovecot", postfix, site.log, partial(_is_up, site, server))
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


async def _is_up(site: Site, server: MailServer) -> bool:
    """Say whether both are up; without Dovecot, Postfix hangs up before its banner."""
    return site.sasl.exists() and (await greeting(server)).startswith(b"220")
