"""The sections about what the operator dials, and how long it waits there."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import Field

from mailbox_operator.decide.network.egress import MAIL_PORTS
from mailbox_operator.decide.words import Cloud
from mailbox_operator.settings.values import (
    Cidr,
    Duration,
    HeloName,
    Port,
    ProxyUrl,
    Section,
    ServerSection,
    Url,
    WebUrl,
)


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


class GoogleSection(Section):
    """Where Google is.

    Attributes:
        issuer: Who signs its id_tokens.
    """

    issuer: Url = "https://accounts.google.com"
    authorization_endpoint: WebUrl = "https://accounts.google.com/o/oauth2/v2/auth"
    token_endpoint: Url = "https://oauth2.googleapis.com/token"
    revocation_endpoint: Url = "https://oauth2.googleapis.com/revoke"
    jwks_uri: Url = "https://www.googleapis.com/oauth2/v3/certs"
    smtp: ServerSection = ServerSection(host="smtp.gmail.com")


class OutlookCloud(Section):
    """Where one of Microsoft's clouds is.

    Attributes:
        authority: The sign-in service, without a tenant.
        sign_in_page: The same for browsers, where that is another address.
        resource: Owner of the delegated scope SMTP.Send.
        app_resource: Owner of the app permission SMTP.SendAsApp.
    """

    authority: Url
    sign_in_page: WebUrl | None = None
    resource: Url
    app_resource: Url
    smtp: ServerSection


CLOUDS: Final = {
    Cloud.GLOBAL: OutlookCloud(
        authority="https://login.microsoftonline.com",
        resource="https://outlook.office.com",
        app_resource="https://outlook.office365.com",
        smtp=ServerSection(host="smtp.office365.com"),
    ),
    Cloud.US_GOVERNMENT: OutlookCloud(
        authority="https://login.microsoftonline.us",
        resource="https://outlook.office365.us",
        app_resource="https://outlook.office365.us",
        smtp=ServerSection(host="smtp.office365.us"),
    ),
    Cloud.CHINA: OutlookCloud(
        authority="https://login.chinacloudapi.cn",
        resource="https://partner.outlook.cn",
        app_resource="https://partner.outlook.cn",
        smtp=ServerSection(host="smtp.partner.outlook.cn"),
    ),
}


class OutlookSection(Section):
    """Microsoft's clouds; one that is named here replaces the built-in one."""

    clouds: dict[Cloud, OutlookCloud] = Field(default_factory=dict)


class TimeoutsSection(Section):
    """How long the operator waits for a mail server."""

    connect: Duration = timedelta(seconds=10)
    command: Duration = timedelta(seconds=20)
    other_port: Duration = timedelta(seconds=5)
    attempt: Duration = timedelta(seconds=60)
