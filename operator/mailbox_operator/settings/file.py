"""The operator's configuration file: every field, its default and its bounds.

The platform writes it; nothing in it comes from a tenant. All wrong values are reported at once.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

import yaml
from pydantic import Field, ValidationError, model_validator

from mailbox_operator.decide.grants.orphan import GrantTerms
from mailbox_operator.decide.machine.claim import Terms
from mailbox_operator.decide.network.egress import PORTS
from mailbox_operator.decide.texts.shapes import NAMELESS
from mailbox_operator.decide.words import Cloud
from mailbox_operator.settings.values import (
    DOMAIN,
    CollectorUrl,
    Duration,
    HeloName,
    NamespaceName,
    Network,
    Port,
    ProxyUrl,
    Section,
    Server,
    Url,
    WebUrl,
)


class SettingsError(Exception):
    """The configuration file cannot be used; the message has a line for each wrong value."""


class Egress(Section):
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

    allowed_networks: tuple[Network, ...] = ()
    denied_networks: tuple[Network, ...] = ()
    allowed_ports: frozenset[Port] = PORTS
    ca_bundle_file: Path | None = None
    proxy_url: ProxyUrl | None = Field(default=None, repr=False)
    no_proxy: tuple[str, ...] = ()
    nameservers: tuple[str, ...] = ()
    nameserver_port: Port = 53
    helo_name: HeloName | None = None


class Smtp(Section):
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
    smtp: Server = Server(host="smtp.gmail.com")


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
    smtp: Server


CLOUDS: Final = {
    Cloud.GLOBAL: OutlookCloud(
        authority="https://login.microsoftonline.com",
        resource="https://outlook.office.com",
        app_resource="https://outlook.office365.com",
        smtp=Server(host="smtp.office365.com"),
    ),
    Cloud.US_GOVERNMENT: OutlookCloud(
        authority="https://login.microsoftonline.us",
        resource="https://outlook.office365.us",
        app_resource="https://outlook.office365.us",
        smtp=Server(host="smtp.office365.us"),
    ),
    Cloud.CHINA: OutlookCloud(
        authority="https://login.chinacloudapi.cn",
        resource="https://partner.outlook.cn",
        app_resource="https://partner.outlook.cn",
        smtp=Server(host="smtp.partner.outlook.cn"),
    ),
}


class Outlook(Section):
    """Microsoft's clouds; one that is named here replaces the built-in one."""

    clouds: dict[Cloud, OutlookCloud] = Field(default_factory=dict)


class Limits(Section):
    """How much is done at once; all of it is shared fairly among namespaces.

    Attributes:
        concurrent_attempts: Attempts in flight; a namespace alone gets half of them.
        concurrent_per_host: Attempts in flight at one provider or server, by its address.
        concurrent_at_relay: Sessions at the platform's relays.
        attempts_per_second, burst: Token bucket over all attempts.
    """

    concurrent_attempts: Annotated[int, Field(ge=1, le=10_000)] = 100
    concurrent_per_host: Annotated[int, Field(ge=1, le=10_000)] = 20
    concurrent_at_relay: Annotated[int, Field(ge=1, le=10_000)] = 5
    attempts_per_second: Annotated[float, Field(gt=0)] = 100
    burst: Annotated[int, Field(ge=1)] = 200


class Timeouts(Section):
    """How long the operator waits for a mail server."""

    connect: Duration = timedelta(seconds=10)
    command: Duration = timedelta(seconds=20)
    other_port: Duration = timedelta(seconds=5)
    attempt: Duration = timedelta(seconds=60)


class Intervals(Section):
    """When a mailbox is looked at again.

    Attributes:
        transient: Waits after one, two, ... failures in a row that may pass by themselves.
        person: Waits while a person's move is due.
        lasting: After so long a trouble that passes by itself as a rule is somebody's move.
        sweep: How often the watch is compared with a listing.
    """

    transient: Annotated[tuple[Duration, ...], Field(min_length=1)] = tuple(
        timedelta(seconds=seconds) for seconds in (5, 15, 45, 120, 300, 900)
    )
    person: Annotated[tuple[Duration, ...], Field(min_length=1)] = (
        timedelta(hours=1),
        timedelta(hours=6),
    )
    lasting: Duration = timedelta(hours=1)
    sweep: Duration = timedelta(minutes=20)


class ClaimsSection(Section):
    """How long a Managed mailbox keeps its address without proving it.

    Attributes:
        grace: How long an address waits for a deleted Mailbox to be created again.
        lapse: After this without a proof, another Mailbox that proves the address gets it.
    """

    grace: Duration = Terms().grace
    lapse: Duration = Terms().lapse

    @property
    def terms(self) -> Terms:
        """Hand the terms on."""
        return Terms(self.grace, self.lapse)


class GrantsSection(Section):
    """What becomes of the access that deleted mailboxes were granted by consent.

    Attributes:
        grace: How long it is kept for the Mailbox to be created again, before it is revoked.
        most_per_hour: Where more Mailboxes than this go within an hour, their grants wait for an
            administrator.
    """

    grace: Duration = GrantTerms().grace
    most_per_hour: Annotated[int, Field(ge=0)] = GrantTerms().most_per_hour

    @property
    def terms(self) -> GrantTerms:
        """Hand the terms on."""
        return GrantTerms(self.grace, self.most_per_hour)


class LeaderElection(Section):
    """The Lease that lets one replica work; its times are those of Kubernetes' own controllers.

    Attributes:
        lease_duration: After this a silent leader is replaced.
        renew_deadline: After this without a renewal the leader gives up; one request has half of it.
        retry_period: Between two tries; 1s or more.
    """

    lease_name: str = "mailbox-operator"
    lease_duration: Duration = timedelta(seconds=15)
    renew_deadline: Duration = timedelta(seconds=10)
    retry_period: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(seconds=2)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.lease_duration > self.renew_deadline > 1.2 * self.retry_period:
            raise ValueError("leaseDuration > renewDeadline > 1.2 * retryPeriod does not hold")
        return self


class Listen(Section):
    """Where /healthz, /readyz and /metrics are served; port 0 takes a free one."""

    address: str = "::"  # IPv4 as well: a pod's probes come from the node
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class MetricsSection(Section):
    """What /metrics tells.

    Attributes:
        per_mailbox: Whether every Mailbox has series of its own; without them the sums remain.
    """

    per_mailbox: bool = True


class Consent(Section):
    """The web page where people give consent; there is none unless `public_url` is set.

    Attributes:
        public_url: Where browsers reach it; `{public_url}/callback` is the redirect URI to register.
        address, port: Where it is served, in plain HTTP behind an ingress; port 0 takes a free one.
        trusted_proxies: How many proxies, one behind the other, browsers pass on their way here; each
            appends to X-Forwarded-For.
        starts_per_minute: Consents that may begin within a minute on one replica, shared fairly.
        starts_per_link: Consents of one Mailbox that are kept for ten minutes, on all replicas.
    """

    public_url: WebUrl | None = None
    address: str = "::"  # IPv4 as well: an ingress comes from another pod
    port: Annotated[int, Field(ge=0, le=65535)] = 8081
    trusted_proxies: Annotated[int, Field(ge=0, le=16)] = 1
    starts_per_minute: Annotated[int, Field(ge=1)] = 60
    starts_per_link: Annotated[int, Field(ge=1)] = 10


class Tracing(Section):
    """Where traces of attempts go; there are none unless `endpoint` is set.

    Attributes:
        endpoint: Of a collector that takes OTLP over HTTP.
        sample_ratio: Share of the attempts that are traced.
    """

    endpoint: CollectorUrl | None = None
    sample_ratio: Annotated[float, Field(ge=0, le=1)] = 1.0


class SecretRights(StrEnum):
    """How the operator may read Secrets."""

    CLUSTER = "Cluster"
    NAMESPACED = "Namespaced"


class Settings(Section):
    """The whole file.

    Attributes:
        operator_namespace: Where the platform's Secrets, kept grants and the Lease lie.
        namespaces: Whose Mailboxes are connected; all unless some are named.
        managed: Whether the operator reads ManagedInfrastructures and the labels of namespaces.
        secrets: Whether it may read all Secrets, or those of namespaces that admit it by a RoleBinding.
        log_level: DEBUG, INFO, WARNING or ERROR.
    """

    operator_namespace: str = ""
    namespaces: tuple[NamespaceName, ...] = ()
    managed: bool = True
    secrets: SecretRights = SecretRights.CLUSTER
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
    egress: Egress = Egress()
    smtp: Smtp = Smtp()
    google: GoogleSection = GoogleSection()
    outlook: Outlook = Outlook()
    limits: Limits = Limits()
    timeouts: Timeouts = Timeouts()
    intervals: Intervals = Intervals()
    claims: ClaimsSection = ClaimsSection()
    grants: GrantsSection = GrantsSection()
    leader_election: LeaderElection = LeaderElection()
    listen: Listen = Listen()
    metrics: MetricsSection = MetricsSection()
    consent: Consent = Consent()
    tracing: Tracing = Tracing()

    def cloud(self, cloud: Cloud) -> OutlookCloud:
        """Return where one of Microsoft's clouds is."""
        return self.outlook.clouds.get(cloud, CLOUDS[cloud])

    @property
    def ehlo_name(self) -> str:
        """What the operator calls itself in EHLO (RFC 5321 section 4.1.1.1).

        A name that is known to lead to this platform, where there is one, and never the pod's
        address: servers refuse literals of addresses that they do not see.
        """
        named = self.smtp.ehlo_name or self.egress.helo_name
        page = urlsplit(self.consent.public_url or "").hostname or ""
        return named or (page if re.match(DOMAIN, page) else NAMELESS)


def by_environment(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """Take the proxy of the environment where the configuration names none.

    The lower-case spelling counts first, as it does for curl. Other variables change nothing: whom
    the operator trusts is for the configuration alone to say.

    Raises:
        SettingsError: HTTPS_PROXY is no HTTP proxy; its value is not repeated.
    """
    egress = settings.egress
    proxy, exceptions = _variable(environ, "HTTPS_PROXY"), _variable(environ, "NO_PROXY")
    url = proxy if not proxy or "://" in proxy else f"http://{proxy}"
    found = egress.model_dump() | {
        "proxy_url": egress.proxy_url or url or None,
        "no_proxy": egress.no_proxy or tuple(exceptions.replace(",", " ").split()),
    }
    try:
        return settings.model_copy(update={"egress": Egress.model_validate(found)})
    except ValidationError as error:
        raise SettingsError("HTTPS_PROXY: write http://host:port or https://host:port") from error


def _variable(environ: Mapping[str, str], name: str) -> str:
    return (environ.get(name.lower()) or environ.get(name) or "").strip()


def load(text: str) -> Settings:
    """Read a configuration file.

    Raises:
        SettingsError: It is no YAML, or has wrong values.
    """
    try:
        content = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise SettingsError(f"it must be YAML: {error}") from error
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise SettingsError("\n".join(_line(problem) for problem in error.errors())) from error


def _line(problem: Any) -> str:
    path = ".".join(str(part) for part in problem["loc"]) or "the file"
    return f"{path}: {problem['msg']}"
