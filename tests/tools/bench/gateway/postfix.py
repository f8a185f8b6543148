"""Postfix as the same relay: its queue, with the provider as relayhost, and sessions that it reuses.

smtpd_proxy_filter, which would wait for the provider's reply as the gateway does, speaks no TLS and no
AUTH. So Postfix answers once a message is in its queue: its time counts until the provider has it.
"""

import os
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from lab.controlplane.process import Process
from lab.servers.authority import Authority
from lab.servers.mail_server import MailServer
from lab.servers.postfix import INSTALL, MASTER
from lab.servers.postfix_files import (
    LISTENER,
    MASTER as SERVICES,
    PRIVATE,
    SUBMISSION,
    Site,
    make_queues,
    write_dovecot,
)
from tools.bench.gateway.provider import PASSWORD, USER, Provider
from tools.bench.gateway.relay import Login, NotAtHandError, Relay

MAIN: Final = f"""\
{PRIVATE}\
{SUBMISSION}\
relayhost = [localhost]:{{provider.port}}
smtp_host_lookup = native
smtp_tls_security_level = secure
smtp_tls_CAfile = {{site.postfix}}/authority.pem
smtp_tls_connection_reuse = yes
smtp_sasl_auth_enable = yes
smtp_sasl_security_options = noanonymous
smtp_sasl_password_maps = texthash:{{site.postfix}}/login
"""

REUSE: Final = """\
tlsproxy unix - - n - 0 tlsproxy
scache unix - - n - 1 scache
"""


@contextmanager
def running(authority: Authority, provider: Provider, logins: Sequence[Login]) -> Iterator[Relay]:
    """Run it for as long as the block, with Dovecot, which knows the logins.

    Raises:
        NotAtHandError: A package is missing, or we are not root.
    """
    if not Path(MASTER).exists() or not shutil.which("dovecot"):
        raise NotAtHandError(f"Postfix or Dovecot is missing: {INSTALL}")
    if os.geteuid() != 0:
        raise NotAtHandError("Postfix starts as root only")
    server = MailServer.at_free_ports()
    with TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        site = Site(Path(name))
        _write(site, authority, provider, logins, server)
        dovecot = ["dovecot", "-F", "-c", str(site.dovecot / "dovecot.conf")]
        dovecot[0] = str(shutil.which("dovecot"))
        processes = [Process(dovecot, site.log), Process(_master(site), site.log)]
        for each in processes:
            stack.enter_context(each)
        processes[1].wait_until(lambda: site.sasl.exists() and _greets(server))
        yield Relay("Postfix", server.submission_port, authority.ca_pem.decode(), logins, processes)


def _master(site: Site) -> list[str]:
    return [MASTER, "-d", "-c", str(site.postfix)]


def _write(
    site: Site,
    authority: Authority,
    provider: Provider,
    logins: Sequence[Login],
    server: MailServer,
) -> None:
    site.directory.chmod(0o711)
    site.postfix.mkdir()
    authority.certificate().write(site.postfix / "pair.pem")
    shutil.copy(provider.bundle, site.postfix / "authority.pem")
    (site.postfix / "main.cf").write_text(MAIN.format(site=site, provider=provider))
    listeners = LISTENER.format(server=server, options="")
    (site.postfix / "master.cf").write_text(listeners + SERVICES + REUSE)
    login = f"[localhost]:{provider.port} {USER}:{PASSWORD}\n"
    (site.postfix / "login").write_text(login)
    make_queues(site)
    users = {each.username: each.password for each in logins}
    write_dovecot(site, authority.ca_pem, users, "https://localhost:1/")


def _greets(server: MailServer) -> bool:
    with socket.socket() as knocking:
        knocking.settimeout(5)
        try:
            knocking.connect((server.host, server.submission_port))
            return knocking.recv(3) == b"220"
        except OSError:
            return False
