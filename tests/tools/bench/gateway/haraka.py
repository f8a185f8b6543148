"""Haraka as the same relay: queue/smtp_forward, whose reply is the provider's, as the gateway's is."""

import os
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lab.controlplane.ports import free_ports
from lab.controlplane.process import Process
from lab.npm import installed, program
from lab.servers.authority import Authority
from tools.bench.gateway.provider import PASSWORD, USER, Provider
from tools.bench.gateway.relay import Login, NotAtHandError, Relay

SOURCES: Final = Path(__file__).with_name("haraka")
FILES: Final = {
    "smtp.ini": "listen=127.0.0.1:{port}\nnodes=0\n",
    "plugins": "tls\nauth/flat_file\nqueue/smtp_forward\n",
    "log.ini": "[main]\nlevel=warn\nformat=default\n",
    "tls.ini": "key=tls_key.pem\ncert=tls_cert.pem\n",
    "auth_flat_file.ini": "[core]\nmethods=PLAIN\nconstrain_sender=false\n[users]\n{users}",
    "smtp_forward.ini": """\
host=localhost
port={provider}
enable_tls=true
enable_outbound=true
auth_type=plain
auth_user={user}
auth_pass={password}
[tls]
rejectUnauthorized=true
""",
    "me": "haraka.test\n",
}
"""What differs from the configuration that it comes with."""


@contextmanager
def running(
    directory: Path, authority: Authority, provider: Provider, logins: Sequence[Login]
) -> Iterator[Relay]:
    """Run it for as long as the block.

    Raises:
        NotAtHandError: It cannot be installed.
    """
    try:
        node = program("node")
        package = installed("haraka", SOURCES, ()) / "node_modules" / "Haraka"
    except RuntimeError as error:
        raise NotAtHandError(str(error)) from error
    own, (port,) = directory / "haraka", free_ports(1)
    shutil.copytree(package / "config", own / "config")
    _write(own / "config", authority, logins, port=port, provider=provider.port)
    command = [node, str(package / "bin" / "haraka"), "-c", str(own)]
    trust = os.environ | {"NODE_EXTRA_CA_CERTS": str(provider.bundle)}
    with Process(command, directory / "haraka.log", trust) as process:
        process.wait_until(lambda: _listens(port))
        yield Relay("Haraka", port, authority.ca_pem.decode(), logins, (process,))


def _write(
    folder: Path, authority: Authority, logins: Sequence[Login], *, port: int, provider: int
) -> None:
    pair = authority.certificate()
    (folder / "tls_key.pem").write_bytes(pair.key)
    (folder / "tls_cert.pem").write_bytes(pair.cert)
    users = "".join(f"{each.username}={each.password}\n" for each in logins)
    known = {"provider": provider, "user": USER, "password": PASSWORD}
    for name, text in FILES.items():
        (folder / name).write_text(text.format(port=port, users=users, **known))


def _listens(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) == 0
