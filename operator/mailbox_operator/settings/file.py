"""The operator's configuration file as a whole, and how it is read.

The platform writes it; nothing in it comes from a tenant. All wrong values are reported at once.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

import yaml
from pydantic import Field, ValidationError

from mailbox_operator.decide.texts.shapes import NAMELESS
from mailbox_operator.decide.words import Cloud
from mailbox_operator.settings import providers
from mailbox_operator.settings.dialling import EgressSection, SmtpSection, TimeoutsSection
from mailbox_operator.settings.gateway import GatewaySection
from mailbox_operator.settings.operator import (
    ClaimsSection,
    ConsentSection,
    GrantsSection,
    IntervalsSection,
    LeaderElectionSection,
    LimitsSection,
    ListenSection,
    MetricsSection,
    SecretRights,
    TracingSection,
    WatchSection,
)
from mailbox_operator.settings.values import (
    DOMAIN_PATTERN,
    NamespaceName,
    Section,
)


class SettingsError(Exception):
    """The configuration file cannot be used; the message has a line for each wrong value."""


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
    watch: WatchSection = WatchSection()
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
    egress: EgressSection = EgressSection()
    smtp: SmtpSection = SmtpSection()
    google: providers.GoogleSection = providers.GoogleSection()
    outlook: providers.OutlookSection = providers.OutlookSection()
    limits: LimitsSection = LimitsSection()
    timeouts: TimeoutsSection = TimeoutsSection()
    intervals: IntervalsSection = IntervalsSection()
    claims: ClaimsSection = ClaimsSection()
    grants: GrantsSection = GrantsSection()
    leader_election: LeaderElectionSection = LeaderElectionSection()
    listen: ListenSection = ListenSection()
    metrics: MetricsSection = MetricsSection()
    consent: ConsentSection = ConsentSection()
    tracing: TracingSection = TracingSection()
    gateway: GatewaySection = GatewaySection()

    def cloud(self, cloud: Cloud) -> providers.OutlookCloud:
        """Return where one of Microsoft's clouds is."""
        return self.outlook.clouds.get(cloud, providers.CLOUDS[cloud])

    @property
    def ehlo_name(self) -> str:
        """What the operator calls itself in EHLO (RFC 5321 section 4.1.1.1).

        A name that is known to lead to this platform, where there is one, and never the pod's
        address: servers refuse literals of addresses that they do not see.
        """
        named = self.smtp.ehlo_name or self.egress.helo_name
        page = urlsplit(self.consent.public_url or "").hostname or ""
        return named or (page if re.match(DOMAIN_PATTERN, page) else NAMELESS)


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
        return settings.model_copy(update={"egress": EgressSection.model_validate(found)})
    except ValidationError as error:
        raise SettingsError("HTTPS_PROXY: write http://host:port or https://host:port") from error


def _variable(environ: Mapping[str, str], name: str) -> str:
    return (environ.get(name.lower()) or environ.get(name) or "").strip()


def load(text: str) -> Settings:
    """Read a configuration file.

    Raises:
        SettingsError: It is not valid YAML, or has wrong values.
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
