"""A ManagedInfrastructure: what the platform provides, and to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.mailbox import CHECK_INTERVAL, TLS_PORTS, Key, check_port, reconnect_of
from mailbox_operator.decide.manifest import Fields, invalid
from mailbox_operator.decide.presets import Preset, UsernameFormat
from mailbox_operator.decide.status import Endpoint, Status, parse_status
from mailbox_operator.decide.words import Cloud, Infrastructure, Kind, Security

SPEC: Final = ("google", "outlook", "relay", "presets", "namespaceSelector", "checkInterval")
PRESET: Final = (
    "name", "host", "port", "security", "domains", "mxSuffixes", "usernameFormat", "appPasswordURL",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relay:
    """The platform's relay, which must accept every Managed sender."""

    endpoint: Endpoint
    secret: str
    ca_secret: str | None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One expression of a label selector (metav1.LabelSelectorRequirement)."""

    key: str
    operator: str
    values: tuple[str, ...]

    def admits(self, labels: Mapping[str, str]) -> bool:
        """Say whether labels meet the expression."""
        value = labels.get(self.key)
        match self.operator:
            case "In":
                return value in self.values
            case "NotIn":
                return value is None or value not in self.values
            case "Exists":
                return value is not None
            case _:
                return value is None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a ManagedInfrastructure offers; what it leaves out is None."""

    google_secret: str | None = None
    outlook_secret: str | None = None
    outlook_tenant: str = "organizations"
    outlook_cloud: Cloud = Cloud.GLOBAL
    relay: Relay | None = None
    presets: tuple[Preset, ...] = ()
    selector: tuple[Requirement, ...] = ()
    check_interval: timedelta = CHECK_INTERVAL

    def admits(self, labels: Mapping[str, str]) -> bool:
        """Say whether a namespace with these labels may use it; an empty selector admits all."""
        return all(requirement.admits(labels) for requirement in self.selector)


@dataclass(frozen=True, slots=True)
class ManagedInfrastructure:
    """One ManagedInfrastructure of the cluster; the fields are those of a Mailbox."""

    key: Key
    uid: str
    generation: int
    version: str
    spec: Offer | None
    problem: Fault | None
    reconnect: str
    status: Status

    @property
    def infrastructure(self) -> Infrastructure:
        """Whose move its trouble is: the platform's."""
        return Infrastructure.MANAGED


def parse_infrastructure(body: Mapping[str, Any]) -> ManagedInfrastructure:
    """Read a ManagedInfrastructure as the API server sends it, or as it stands in a file."""
    metadata = body.get("metadata", {})
    spec, problem = None, None
    try:
        spec = parse_offer(body.get("spec") or {})
    except Fault as fault:
        problem = fault
    return ManagedInfrastructure(
        key=Key(Kind.INFRASTRUCTURE, "", metadata["name"]),
        uid=metadata.get("uid", ""),
        generation=metadata.get("generation", 1),
        version=metadata.get("resourceVersion", ""),
        spec=spec,
        problem=problem,
        reconnect=reconnect_of(metadata),
        status=parse_status(body.get("status") or {}),
    )


def parse_offer(content: Any) -> Offer:
    """Read `spec`.

    Raises:
        Fault: `InvalidSpec`, with the field and what is wrong with it.
    """
    fields = Fields(content, "spec", SPEC)
    outlook = fields.fields("outlook", ("clientSecretRef", "tenant", "cloud"))
    return Offer(
        google_secret=fields.fields("google", ("clientSecretRef",)).reference("clientSecretRef"),
        outlook_secret=outlook.reference("clientSecretRef"),
        outlook_tenant=outlook.text("tenant", "organizations"),
        outlook_cloud=outlook.word("cloud", Cloud, Cloud.GLOBAL),
        relay=_relay(fields) if fields.has("relay") else None,
        presets=tuple(
            _preset(item, f"spec.presets[{place}]")
            for place, item in enumerate(fields.items("presets"))
        ),
        selector=_selector(fields.fields("namespaceSelector", ("matchLabels", "matchExpressions"))),
        check_interval=fields.duration("checkInterval", CHECK_INTERVAL),
    )


def _endpoint(fields: Fields) -> Endpoint:
    implicit = fields.has("security") and fields.word("security", Security) is Security.TLS
    port = fields.port("port", 465 if implicit else 587)
    usual = Security.TLS if port in TLS_PORTS else Security.STARTTLS
    security = fields.word("security", Security, usual)
    check_port(port, security, fields.path)
    return Endpoint(fields.text("host"), port, security)


def _relay(fields: Fields) -> Relay:
    relay = fields.fields(
        "relay", ("host", "port", "security", "credentialsSecretRef", "caSecretRef")
    )
    secret = relay.reference("credentialsSecretRef")
    if secret is None:
        raise invalid("spec.relay.credentialsSecretRef", "it is required")
    return Relay(_endpoint(relay), secret, relay.reference("caSecretRef"))


def _preset(content: Any, path: str) -> Preset:
    fields = Fields(content, path, PRESET)
    return Preset(
        name=fields.text("name"),
        endpoint=_endpoint(fields),
        domains=fields.texts("domains"),
        mx_suffixes=fields.texts("mxSuffixes"),
        username=fields.word("usernameFormat", UsernameFormat, UsernameFormat.ADDRESS),
        app_password_url=fields.text("appPasswordURL", ""),
    )


def _selector(fields: Fields) -> tuple[Requirement, ...]:
    equal = fields.content.get("matchLabels") or {}
    expressions = fields.items("matchExpressions")
    return (
        *(Requirement(key, "In", (value,)) for key, value in equal.items()),
        *(
            Requirement(item["key"], item["operator"], tuple(item.get("values") or ()))
            for item in expressions
        ),
    )
