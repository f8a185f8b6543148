"""The sections about what the operator dials, and how long it waits there."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from mailbox_operator.decide.network.egress import MAIL_PORTS
from mailbox_operator.settings.values import (
    Cidr,
    Duration,
    HeloName,
    Port,
    ProxyUrl,
    Section,
)

LEAST_FINAL: Final = timedelta(minutes=1)
MOST_FINAL: Final = timedelta(minutes=10)
"""A message whose reply is not waited for is in doubt. RFC 5321 section 4.5.3.2.6 grants 10."""


class EgressSection(Section):
    """What may be dialled on a tenant's word.

    Attributes:
        allowed_networks: CIDRs allowed although they are not global addresses.
        denied_networks: CIDRs never dialled, allowed or not.
        allowed_ports: Ports of mail servers.
        ca_bundle_file: PEM file of the trusted authorities; the public ones unless set. It counts for
            mail servers, sign-in services, and a proxy that is spoken to by TLS.
        proxy_url: HTTP proxy that sign-in services are reached through; the environment's HTTPS_PROXY
            unless set. SMTP does not take it.
        no_proxy: Hosts that are reached without it; the environment's NO_PROXY unless set.
        nameservers: Asked for MX records; the system's unless set.
        nameserver_port: Their UDP and TCP port.
        helo_name: The former place of `smtp.ehlo_name`, which counts first.
    """

    allowed_networks: tuple[Cidr, ...] = ()
    denied_networks: tuple[Cidr, ...] = ()
    allowed_ports: frozenset[Port] = MAIL_PORTS
    ca_bundle_file: Path | None = None
    proxy_url: ProxyUrl | None = Field(default=None, repr=False)
    no_proxy: tuple[str, ...] = ()
    nameservers: tuple[str, ...] = ()
    nameserver_port: Port = 53
    helo_name: HeloName | None = None


class SmtpSection(Section):
    """How the operator speaks to mail servers.

    Attributes:
        ehlo_name: What it calls itself in EHLO.
    """

    ehlo_name: HeloName | None = None


class TimeoutsSection(Section):
    """How long a mail server is waited for.

    Attributes:
        final_reply: For the reply to a complete message; the gateway's alone.
    """

    connect: Duration = timedelta(seconds=10)
    command: Duration = timedelta(seconds=20)
    other_port: Duration = timedelta(seconds=5)
    attempt: Duration = timedelta(seconds=60)
    final_reply: Annotated[Duration, Field(ge=LEAST_FINAL, le=MOST_FINAL)] = timedelta(minutes=5)
