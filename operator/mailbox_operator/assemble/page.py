"""Fits the consent page."""

from collections.abc import Callable
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from mailbox_operator import clock
from mailbox_operator.assemble.parts import Parts
from mailbox_operator.cluster.authorizations import PendingRequests
from mailbox_operator.consent.cookies import Cookies
from mailbox_operator.consent.pages import Pages
from mailbox_operator.consent.ports import ConsentPorts
from mailbox_operator.consent.web import Site
from mailbox_operator.decide.machine.consent import CALLBACK
from mailbox_operator.decide.sharing.shared_rate import Path, SharedRate
from mailbox_operator.report.events.consents import Consents

RETURNS: Final = 10
"""Ways back from a provider for each consent that may begin: browsers reload, and strangers guess."""


def consent_site(parts: Parts, public_url: str) -> Site:
    """Fit the consent page of that address."""
    return Site(
        consent_ports(parts, public_url),
        Pages(urlsplit(public_url).path),
        Cookies(public_url.startswith("https:"), clock.draw),
        public_url,
        parts.sweeper.ready.is_set,
        parts.settings.consent.trusted_proxies,
    )


def consent_ports(parts: Parts, public_url: str) -> ConsentPorts:
    """Fit everything a consent needs."""
    wanted = parts.settings.consent
    return ConsentPorts(
        mailboxes=parts.store,
        requests=PendingRequests(parts.api, parts.namespace),
        authorizers=parts.outside.authorizers,
        secrets=parts.secrets,
        grants=parts.grants,
        audience=Consents(parts.metrics, parts.events),
        starts=_turns(wanted.starts_per_minute),
        returns=_turns(RETURNS * wanted.starts_per_minute),
        draw=clock.draw,
        now=clock.now,
        redirect_uri=f"{public_url}{CALLBACK}",
        links=wanted.starts_per_link,
        keeps=parts.settling.keeps,
    )


def _turns(per_minute: int) -> Callable[[Path], bool]:
    turns = SharedRate(per_minute)
    return lambda path: turns.take(path, monotonic())
