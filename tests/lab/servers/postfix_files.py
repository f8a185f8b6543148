"""The configuration files of a private Postfix and a private Dovecot 2.3."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.servers.authority import PemPair
from lab.servers.dovecot import BASE
from lab.servers.mail_server import MailServer

PRIVATE: Final = """\
compatibility_level = 3.6
queue_directory = {site.queue}
data_directory = {site.state}
maillog_file = {site.log}
maillog_file_prefixes = {site.directory}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
"""
"""Settings of every Postfix here: a place of its own."""

SUBMISSION: Final = """\
myhostname = mail.test
mydestination =
smtpd_tls_chain_files = {site.postfix}/pair.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
"""
"""Settings of one that takes mail of those who log in by TLS, whom Dovecot knows."""

MAIN: Final = f"""\
{PRIVATE}\
{SUBMISSION}\
smtpd_error_sleep_time = 0
default_transport = discard
local_transport = discard
smtpd_sender_login_maps = texthash:{{site.postfix}}/senders
smtpd_sender_restrictions = reject_sender_login_mismatch, permit_sasl_authenticated, reject
"""

LISTENER: Final = """\
{server.host}:{server.submission_port} inet n - n - - smtpd{options}
{server.host}:{server.smtps_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes{options}
"""
MASTER: Final = """\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
discard unix - - n - - discard
smtp unix - - n - - smtp
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT: Final = """\
protocols =
ssl = no
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 xoauth2 oauthbearer
passdb {{
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
  args = scheme=PLAIN username_format=%u {site.dovecot}/users
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {site.dovecot}/oauth2.conf
}}
service auth {{
  unix_listener {site.sasl} {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
"""

OAUTH2: Final = """\
introspection_mode = post
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
tls_ca_cert_file = {site.dovecot}/ca.pem
"""

QUEUES: Final = (
    "active bounce corrupt defer deferred flush hold incoming maildrop private public saved trace"
)


@dataclass(frozen=True, slots=True)
class Site:
    """Where everything lies."""

    directory: Path

    @property
    def postfix(self) -> Path:
        """Postfix's configuration."""
        return self.directory / "postfix"

    @property
    def dovecot(self) -> Path:
        """Dovecot's configuration and run-time files."""
        return self.directory / "dovecot"

    @property
    def queue(self) -> Path:
        """Postfix's queue, and the sockets of its services."""
        return self.directory / "queue"

    @property
    def state(self) -> Path:
        """What Postfix writes besides."""
        return self.directory / "state"

    @property
    def log(self) -> Path:
        """The log of both."""
        return self.directory / "log"

    @property
    def sasl(self) -> Path:
        """The socket through which Postfix asks Dovecot."""
        return self.queue / "private" / "auth"


def write_postfix(
    site: Site,
    pair: PemPair,
    users: Mapping[str, str],
    listeners: Iterable[tuple[MailServer, Iterable[str]]],
) -> None:
    """Lay out what Postfix needs; its own installer would look into /etc.

    Args:
        site: Where.
        pair: Its certificate.
        users: Who may send, each as itself.
        listeners: Where it listens, and the settings that differ there from main.cf.
    """
    site.postfix.mkdir()
    pair.write(site.postfix / "pair.pem")
    (site.postfix / "main.cf").write_text(MAIN.format(site=site))
    lines = [
        LISTENER.format(server=server, options="".join(f" -o {{ {each} }}" for each in settings))
        for server, settings in listeners
    ]
    (site.postfix / "master.cf").write_text("".join((*lines, MASTER)))
    senders = "".join(f"{user} {user}\n" for user in users)
    (site.postfix / "senders").write_text(senders)
    make_queues(site)


def make_queues(site: Site) -> None:
    """Lay out where Postfix keeps messages and state."""
    _own(site.state, "postfix")
    site.queue.mkdir()
    (site.queue / "pid").mkdir()
    for name in QUEUES.split():
        _own(site.queue / name, "postfix")


def write_dovecot(site: Site, ca_pem: bytes, users: Mapping[str, str], url: str) -> None:
    """Lay out what Dovecot's login service needs; its user has to read it."""
    site.dovecot.mkdir()
    (site.dovecot / "ca.pem").write_bytes(ca_pem)
    base = BASE.format(directory=site.dovecot, log=site.log)
    (site.dovecot / "dovecot.conf").write_text(base + DOVECOT.format(site=site))
    (site.dovecot / "oauth2.conf").write_text(OAUTH2.format(site=site, url=url))
    passwords = "".join(f"{user}:{password}\n" for user, password in users.items())
    (site.dovecot / "users").write_text(passwords)


def _own(directory: Path, user: str) -> None:
    directory.mkdir(mode=0o755)
    shutil.chown(directory, user)
