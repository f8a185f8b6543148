"""Builds what reaches out to the mail world; the operator's process and `verify` share it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Protocol, assert_never

from mailbox_operator.assemble.reach import reach_of
from mailbox_operator.clock import jitter, now
from mailbox_operator.connect.google.connector import Google
from mailbox_operator.connect.oauth.accesses import AccessSource
from mailbox_operator.connect.oauth.bearer import Bearers
from mailbox_operator.connect.oauth.clients import AppProver
from mailbox_operator.connect.oauth.idtoken import IdTokens
from mailbox_operator.connect.oauth.proxies import Proxies
from mailbox_operator.connect.oauth.token_connector import OAuthParts
from mailbox_operator.connect.oauth.tokenexchange import TokenExchanges
from mailbox_operator.connect.outlook.connector import Outlook
from mailbox_operator.connect.password import PasswordConnector
from mailbox_operator.connect.platform import PlatformConnector
from mailbox_operator.connect.ports import Grants, Secrets
from mailbox_operator.connect.relays import RELAY_PATIENCE_SECONDS, Relays
from mailbox_operator.connect.restraint import Restraint
from mailbox_operator.consent.ports import Authorizer
from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.words import Cloud, Provider
from mailbox_operator.places import Places
from mailbox_operator.ports import Bindings, Connector, Ports, Publisher, View
from mailbox_operator.report.observers import Observers
from mailbox_operator.settings.file import Settings


class OAuthConnector(Connector, Authorizer, AppProver, AccessSource, Protocol):
    """Serves a provider of tokens: its mailboxes, its part of a consent, the platform's app there."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What reaches out to the mail world.

    Attributes:
        connectors: What connects the mailboxes of each provider.
        authorizers: What carries each provider's part of a consent.
    """

    connectors: Mapping[Provider, Connector]
    authorizers: Mapping[Provider, OAuthConnector]
    platform: PlatformConnector
    exchanges: TokenExchanges


def pace(settings: Settings) -> Pace:
    """Build the platform's retry intervals."""
    found = settings.intervals
    return Pace(found.transient, found.person, lasting=found.lasting)


def ignore_token(case: Case) -> None:
    """Do nothing about a token that was fetched."""


def outside(
    settings: Settings,
    secrets: Secrets,
    grants: Grants,
    observers: Observers,
    restraint: Restraint | None = None,
    refreshed: Callable[[Case], None] = ignore_token,
) -> Outside:
    """Build what reaches out to the mail world.

    Args:
        settings: Where everything is.
        secrets: Reads Secrets.
        grants: Keeps grants.
        observers: Take note of what is done.
        restraint: Holds password logins back, and knows what is asked before each token; None for
            one that counts in this process alone.
        refreshed: Hears of each mailbox that a token was fetched for, beside the observers.
    """

    def fetched(case: Case) -> None:
        observers.refreshed(case)
        refreshed(case)

    reach = reach_of(settings, observers, settings.limits.concurrent_per_host)
    trust, smtp = reach.trust, reach.smtp
    restraint = restraint or Restraint(on_held_back=observers.held_back)
    bearers = Bearers(smtp, monotonic, fetched, observers, restraint.tenure)
    proxies = Proxies(settings.egress.proxy_url, settings.egress.no_proxy)
    id_tokens = IdTokens(trust, monotonic, now, proxies=proxies)
    parts = OAuthParts(trust, bearers, secrets, grants, id_tokens, proxies)
    found = {each: _authorizer(each, settings, parts) for each in Provider}
    authorizers = {each: made for each, made in found.items() if made}
    relays = Relays(monotonic, Places(settings.limits.concurrent_at_relay, RELAY_PATIENCE_SECONDS))
    password = PasswordConnector(smtp, reach.records, trust, secrets, restraint)
    platform = PlatformConnector(smtp, trust, secrets, authorizers, relays, observers, restraint)
    connectors = {each: made or password for each, made in found.items()}
    exchanges = bearers.exchanges
    return Outside(connectors, authorizers, platform, exchanges)


def _authorizer(provider: Provider, settings: Settings, parts: OAuthParts) -> OAuthConnector | None:
    """Build what connects a provider's mailboxes by token; None where they sign in by password."""
    match provider:
        case Provider.GOOGLE:
            return Google(parts, settings.google)
        case Provider.OUTLOOK:
            return Outlook(parts, {cloud: settings.cloud(cloud) for cloud in Cloud})
        case Provider.SMTP:
            return None
        case _:
            assert_never(provider)


def ports(
    settings: Settings,
    view: View,
    publisher: Publisher,
    out: Outside,
    observers: Observers,
    bindings: Bindings | None = None,
) -> Ports:
    """Fit everything one attempt needs."""
    return Ports(
        view=view,
        connectors=out.connectors,
        platform=out.platform,
        publisher=publisher,
        observer=observers,
        pace=pace(settings),
        attempt_timeout_seconds=settings.timeouts.attempt.total_seconds(),
        now=now,
        monotonic=monotonic,
        jitter=jitter,
        public_url=settings.consent.public_url or "",
        bindings=bindings,
    )
