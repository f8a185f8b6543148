"""Fits the parts of an attempt together; the only module that knows them all, the clock and chance."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

import dns.asyncresolver

from mailbox_operator.connect.bearer import Bearers
from mailbox_operator.connect.google import Google, GoogleEndpoints
from mailbox_operator.connect.network import Network
from mailbox_operator.connect.outlook import Outlook, OutlookEndpoints
from mailbox_operator.connect.password import PasswordConnector
from mailbox_operator.connect.platform import PlatformConnector
from mailbox_operator.connect.smtp import Smtp
from mailbox_operator.connect.trust import Trust
from mailbox_operator.decide.backoff import Pace
from mailbox_operator.decide.egress import Egress
from mailbox_operator.decide.machine import Proof
from mailbox_operator.decide.seen import Seen
from mailbox_operator.decide.status import Endpoint
from mailbox_operator.decide.words import Cloud, Provider
from mailbox_operator.ports import (
    Case,
    Connector,
    Grants,
    Platform,
    Ports,
    Publisher,
    Secrets,
    View,
)
from mailbox_operator.report.log import log_attempt
from mailbox_operator.report.metrics import Metrics, labels_of
from mailbox_operator.sections import Server
from mailbox_operator.settings import Settings


def now() -> datetime:
    """Return the time of day, to the second, as conditions carry it."""
    return datetime.now(UTC)


def jitter() -> float:
    """Draw from 0 to 1."""
    return random.random()  # noqa: S311 - spreads load, guards nothing


@dataclass(frozen=True, slots=True)
class Observers:
    """Logs and counts attempts."""

    metrics: Metrics

    def attempted(self, seen: Seen, outcome: Proof | Exception, seconds: float) -> None:
        """Take note of an attempt that ended so."""
        log_attempt(seen, outcome, seconds)
        self.metrics.count(seen, outcome, seconds)

    def refreshed(self, case: Case) -> None:
        """Take note of an access token that was fetched."""
        self.metrics.refreshes.labels(*labels_of(case.mailbox)).inc()


def connectors(
    settings: Settings, secrets: Secrets, grants: Grants, observers: Observers
) -> tuple[Mapping[Provider, Connector], Platform]:
    """Build what connects the mailboxes of each provider, and what proves the platform's part."""
    trust = Trust(settings.egress.ca_bundle_file) if settings.egress.ca_bundle_file else Trust()
    network, timeouts = _network(settings), settings.timeouts
    smtp = Smtp(network, timeouts.command.total_seconds(), timeouts.other_port.total_seconds())
    bearers = Bearers(smtp, monotonic, observers.refreshed)
    endpoints = GoogleEndpoints(settings.google.token_endpoint, _endpoint(settings.google.smtp))
    google = Google(endpoints, trust, bearers, secrets, grants)
    clouds = {cloud: _cloud(settings, cloud) for cloud in Cloud}
    outlook = Outlook(clouds, trust, bearers, secrets, grants)
    return {
        Provider.SMTP: PasswordConnector(smtp, network, trust, secrets),
        Provider.GOOGLE: google,
        Provider.OUTLOOK: outlook,
    }, PlatformConnector(smtp, trust, secrets, google, outlook)


def ports(
    settings: Settings,
    view: View,
    publisher: Publisher,
    secrets: Secrets,
    grants: Grants,
    observers: Observers,
) -> Ports:
    """Fit everything one attempt needs."""
    providers, platform = connectors(settings, secrets, grants, observers)
    return Ports(
        view=view,
        connectors=providers,
        platform=platform,
        publisher=publisher,
        observer=observers,
        pace=Pace(settings.intervals.transient, settings.intervals.person),
        attempt_timeout_seconds=settings.timeouts.attempt.total_seconds(),
        now=now,
        monotonic=monotonic,
        jitter=jitter,
    )


def _network(settings: Settings) -> Network:
    egress = settings.egress
    policy = Egress(tuple(egress.allowed_networks), egress.allowed_ports)
    resolver = dns.asyncresolver.Resolver(configure=not egress.nameservers)
    if egress.nameservers:
        resolver.nameservers = list(egress.nameservers)
        resolver.port = egress.nameserver_port
    resolver.lifetime = settings.timeouts.connect.total_seconds()
    return Network(policy, settings.timeouts.connect.total_seconds(), resolver)


def _endpoint(server: Server) -> Endpoint:
    return Endpoint(server.host, server.port, server.security)


def _cloud(settings: Settings, cloud: Cloud) -> OutlookEndpoints:
    found = settings.cloud(cloud)
    smtp = _endpoint(found.smtp)
    return OutlookEndpoints(found.authority, found.resource, found.app_resource, smtp)
