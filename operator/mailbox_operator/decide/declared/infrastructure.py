"""A ManagedInfrastructure: what the platform provides, and to whom."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, ClassVar, Final

from mailbox_operator.decide.declared.domains import Domains, bound_to, read_domains
from mailbox_operator.decide.declared.fields import REQUIRED, Fields, read_all
from mailbox_operator.decide.declared.limits import UNLIMITED, Limits, read_limits
from mailbox_operator.decide.declared.providers.access import App
from mailbox_operator.decide.declared.providers.table import OAUTH_PROVIDERS, block_of
from mailbox_operator.decide.declared.resource import (
    Key,
    KindOf,
    Unreadable,
    Watched,
    metadata_of,
    read_spec,
)
from mailbox_operator.decide.declared.selector import SELECTOR_FIELDS, Requirement, parse_selector
from mailbox_operator.decide.declared.server import read_server
from mailbox_operator.decide.declared.spec import CHECK_INTERVAL, check_interval
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.servers.preset import Preset, UsernameFormat
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.texts.shapes import DOMAIN, LINK, PRESET_NAME
from mailbox_operator.decide.words import DeletionPolicy, Infrastructure, Kind, Provider

INFRASTRUCTURE_FIELDS: Final = (
    *map(block_of, OAUTH_PROVIDERS), "relay", "presets", "domains", "namespaceSelector",
    "checkInterval", "deletionPolicy", "sending",
)  # fmt: skip
USERNAMES: Final = (UsernameFormat.ADDRESS, UsernameFormat.LOCAL_PART)
RELAY: Final = ("host", "port", "security", "credentialsSecretRef", "caSecretRef")
PRESET: Final = (
    "name", "host", "port", "security", "domains", "mxSuffixes", "usernameFormat", "appPasswordURL",
)  # fmt: skip
MOST_ITEMS: Final = 64
APART: Final = frozenset({"domains", "deletionPolicy", "sending"})


@dataclass(frozen=True, slots=True)
class Relay:
    """The platform's relay, which must accept every Managed sender."""

    endpoint: Endpoint
    secret: str
    ca_secret: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a ManagedInfrastructure offers; what it leaves out is None."""

    apps: Mapping[Provider, App] = field(default_factory=dict)
    relay: Relay | None = None
    presets: tuple[Preset, ...] = ()
    domains: Domains = field(default_factory=dict)
    selector: tuple[Requirement, ...] = ()
    check_interval: timedelta = CHECK_INTERVAL
    deletion_policy: DeletionPolicy | None = None
    sending: Limits = UNLIMITED

    def admits(self, labels: Mapping[str, str]) -> bool:
        """Say whether a namespace with these labels may use it; an empty selector admits all."""
        return all(requirement.admits(labels) for requirement in self.selector)

    def bound_to(self, domain: str) -> Collection[str] | None:
        """Return the namespaces that alone may use addresses of a domain; None if all may."""
        return bound_to(domain, self.domains)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provided(Watched):
    """What every ManagedInfrastructure answers, whether its spec can be read or not."""

    platform: ClassVar[bool] = True

    @property
    def infrastructure(self) -> Infrastructure:
        """Who must act: the platform."""
        return Infrastructure.MANAGED

    @property
    def destination(self) -> str:
        """What it will dial: the platform's own servers."""
        return "platform"

    @property
    def facts(self) -> Mapping[str, str]:
        """What messages can say about it."""
        return {"infrastructure": self.key.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadableInfrastructure(Provided):
    """A ManagedInfrastructure that says what the platform offers.

    Attributes:
        content: Digest of what concerns the connection of every Mailbox that uses it: the spec without
            `domains`, `deletionPolicy` and `sending`.
    """

    spec: Offer
    content: str = ""

    @property
    def offer_version(self) -> str:
        """What changes when every Mailbox that uses it has to be looked at."""
        return self.content or str(self.generation)

    @property
    def check_interval(self) -> timedelta:
        """The time between two checks while it is healthy."""
        return self.spec.check_interval

    @property
    def accepted(self) -> str:
        """What a check has proved; presets alone leave nothing to prove."""
        parts = [f"the {provider} app" for provider in self.spec.apps]
        if self.spec.relay:
            parts.append("the relay's login")
        if not parts:
            return "It declares no OAuth app and no relay, so there is nothing to prove"
        return f"These were accepted: {', '.join(parts)}"

    def secrets_for(self, provider: Provider | None = None) -> Iterable[str]:
        """Name its Secrets, or those that mailboxes of a provider use; all of them use the relay."""
        apps = self.spec.apps
        used = apps.values() if provider is None else [apps[provider]] if provider in apps else ()
        relay = self.spec.relay
        yield from (app.secret for app in used)
        if relay:
            yield from filter(None, (relay.secret, relay.ca_secret))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableInfrastructure(Provided, Unreadable):
    """A ManagedInfrastructure whose spec cannot be read."""

    problem: Fault


ManagedInfrastructure = ReadableInfrastructure | UnreadableInfrastructure
"""One ManagedInfrastructure of the cluster."""


def parse_infrastructure(body: Mapping[str, Any]) -> ManagedInfrastructure:
    """Read a ManagedInfrastructure as the API server sends it, or as it stands in a file."""
    key = Key(Kind.INFRASTRUCTURE, "", body["metadata"]["name"])
    content = body.get("spec")
    match read_spec(key, content, parse_offer):
        case Fault() as problem:
            return UnreadableInfrastructure(problem=problem, **metadata_of(key, body))
        case offer:
            known = metadata_of(key, body)
            return ReadableInfrastructure(spec=offer, content=_content(content), **known)


INFRASTRUCTURE: Final = KindOf(
    "managedinfrastructures",
    "managed_infrastructure",
    namespaced=False,
    connects=False,
    parse=parse_infrastructure,
)


def _content(spec: Any) -> str:
    """Digest a spec.

    A domain that is bound concerns the Mailboxes of that domain only, and no login goes by what happens
    after a deletion, or by how much is sent.
    """
    if not isinstance(spec, Mapping):
        return ""
    common = {name: value for name, value in spec.items() if name not in APART}
    return sha256(json.dumps(common, sort_keys=True, default=str).encode()).hexdigest()[:16]


def parse_offer(content: Any) -> Offer:
    """Read `spec`.

    Raises:
        Fault: `InvalidSpec`, with each field that is wrong and what is wrong with it.
    """
    return read_all(content, "spec", INFRASTRUCTURE_FIELDS, _offer)


def _offer(fields: Fields) -> Offer:
    return Offer(
        apps=_apps(fields),
        relay=_relay(fields) if fields.has("relay") else None,
        presets=_presets(fields),
        domains=read_domains(fields),
        selector=parse_selector(fields.fields("namespaceSelector", SELECTOR_FIELDS)),
        check_interval=check_interval(fields),
        deletion_policy=fields.word_or_none("deletionPolicy", DeletionPolicy),
        sending=read_limits(fields, "sending"),
    )


def _apps(fields: Fields) -> Mapping[Provider, App]:
    return {
        provider: oauth.read_app(fields.fields(block_of(provider), oauth.app_fields))
        for provider, oauth in OAUTH_PROVIDERS.items()
        if fields.has(block_of(provider))
    }


def _relay(fields: Fields) -> Relay:
    block = fields.fields("relay", RELAY)
    secret = block.reference("credentialsSecretRef")
    return Relay(_endpoint(block), secret, block.reference_or_none("caSecretRef"))


def _endpoint(fields: Fields) -> Endpoint:
    server = read_server(fields)
    if server.host is None:
        fields.refuse("host", REQUIRED)
        server = replace(server, host="")
    return server.endpoint


def _presets(fields: Fields) -> tuple[Preset, ...]:
    presets = tuple(_preset(each) for each in fields.each("presets", MOST_ITEMS, PRESET))
    if len({preset.name for preset in presets}) < len(presets):
        fields.refuse("presets", "it must name each preset only once")
    return presets


def _preset(fields: Fields) -> Preset:
    return Preset(
        name=fields.text("name", PRESET_NAME),
        endpoint=_endpoint(fields),
        domains=fields.texts("domains", DOMAIN, MOST_ITEMS, distinct=True),
        mx_suffixes=fields.texts("mxSuffixes", DOMAIN, MOST_ITEMS, distinct=True),
        username=fields.word("usernameFormat", USERNAMES, UsernameFormat.ADDRESS),
        app_password_url=fields.text_or_none("appPasswordURL", LINK) or "",
    )
