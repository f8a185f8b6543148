"""Builds what reaches out to the mail world; the operator's process and `verify` share it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, assert_never

from mailbox_operator.assemble.later import Later, OAuthConnector
from mailbox_operator.assemble.reach import Reach, reach_of
from mailbox_operator.clock import jitter, now
from mailbox_operator.connect.network.mailthread import MailThread
from mailbox_operator.connect.network.servers import Servers
from mailbox_operator.connect.oauth.bearer import Bearers
from mailbox_operator.connect.oauth.tokenexchange import TokenExchanges
from mailbox_operator.connect.password import PasswordConnector
from mailbox_operator.connect.platform import PlatformConnector
from mailbox_operator.connect.ports import Grants, Secrets
from mailbox_operator.connect.relays import RELAY_PATIENCE_SECONDS, Relays
from mailbox_operator.connect.restraint import Restraint
from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.words import Cloud, Provider
from mailbox_operator.places import Places
from mailbox_operator.ports import Bindings, Connector, Ports, Publisher, View
from mailbox_operator.report.observers import Observers
from mailbox_operator.settings.file import Settings

if TYPE_CHECKING:
    from mailbox_operator.connect.oauth.token_connector import OAuthParts


@dataclass(frozen=True, slots=True)
class Outside:
    """What reaches out to the mail world.

    Attributes:
        connectors: What connects the mailboxes of each provider.
        authorizers: What carries each provider's part of a consent.
        servers: Counts the sessions at each server.
        relays: Spares the platform's relays.
        mail: Where sessions with mail servers are held.
    """

    connectors: Mapping[Provider, Connector]
    authorizers: Mapping[Provider, OAuthConnector]
    platform: PlatformConnector
    exchanges: TokenExchanges
    servers: Servers
    relays: Relays
    mail: MailThread


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

    servers = Servers(settings.limits.concurrent_per_host)
    reach = reach_of(settings, observers, servers)
    trust, smtp = reach.trust, reach.smtp
    restraint = restraint or Restraint(on_held_back=observers.held_back)
    bearers = Bearers(smtp, monotonic, fetched, observers, restraint.tenure)
    turn = asyncio.Lock()

    @cache
    def parts() -> "OAuthParts":
        return _oauth_parts(settings, reach, bearers, secrets, grants)

    def later(provider: Provider) -> OAuthConnector | None:
        build = _authorizer(provider, settings, parts)
        return Later(build, turn) if build else None

    found = {each: later(each) for each in Provider}
    authorizers = {each: made for each, made in found.items() if made}
    relays = Relays(monotonic, Places(settings.limits.concurrent_at_relay, RELAY_PATIENCE_SECONDS))
    password = PasswordConnector(smtp, reach.records, trust, secrets, restraint)
    platform = PlatformConnector(smtp, trust, secrets, authorizers, relays, observers, restraint)
    connectors = {each: made or password for each, made in found.items()}
    exchanges = bearers.exchanges
    return Outside(connectors, authorizers, platform, exchanges, servers, relays, smtp.elsewhere)


def _oauth_parts(
    settings: Settings, reach: Reach, bearers: Bearers, secrets: Secrets, grants: Grants
) -> "OAuthParts":
    """Build what the connectors of all providers of tokens share."""
    from mailbox_operator.connect.oauth.idtoken import IdTokens  # noqa: PLC0415 - joserfc is large
    from mailbox_operator.connect.oauth.proxies import Proxies  # noqa: PLC0415 - so is httpx2
    from mailbox_operator.connect.oauth.token_connector import OAuthParts  # noqa: PLC0415 - the same

    proxies = Proxies(settings.egress.proxy_url, settings.egress.no_proxy)
    id_tokens = IdTokens(reach.trust, monotonic, now, proxies=proxies)
    return OAuthParts(reach.trust, bearers, secrets, grants, id_tokens, proxies)


def _authorizer(
    provider: Provider, settings: Settings, parts: Callable[[], "OAuthParts"]
) -> Callable[[], OAuthConnector] | None:
    """Say how to build what connects a provider's mailboxes by token; None where it is by password."""

    def google() -> OAuthConnector:
        from mailbox_operator.connect.google.connector import Google  # noqa: PLC0415 - authlib is large

        return Google(parts(), settings.google)

    def outlook() -> OAuthConnector:
        from mailbox_operator.connect.outlook.connector import Outlook  # noqa: PLC0415 - msal is large

        return Outlook(parts(), {cloud: settings.cloud(cloud) for cloud in Cloud})

    match provider:
        case Provider.GOOGLE:
            return google
        case Provider.OUTLOOK:
            return outlook
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
