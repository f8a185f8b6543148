"""A Mailbox as the operator sees it: what is asked for, and what its status says of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.manifest import Fields, invalid
from mailbox_operator.decide.status import Status, parse_status
from mailbox_operator.decide.words import Cloud, Grant, Infrastructure, Kind, Provider, Security

RECONNECT: Final = "mailbox-operator.io/reconnect-requested-at"
LONGEST_ECHO: Final = 256
CHECK_INTERVAL: Final = timedelta(minutes=10)
SHORTEST_INTERVAL: Final = timedelta(seconds=30)
ADDRESS: Final = re.compile(r"[^\s@<>\x00-\x1f\x7f-\uffff]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
TLS_PORTS: Final = frozenset({465, 2465})
STARTTLS_PORTS: Final = frozenset({587, 2525, 2587})
SPEC: Final = (
    "address", "displayName", "provider", "infrastructure", "credentialsSecretRef", "google", "outlook",
    "smtp", "managedInfrastructureName", "checkInterval", "suspend",
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Names one object of the two kinds."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The tenant's own words about its server; what it left out is None."""

    host: str | None = None
    port: int | None = None
    security: Security | None = None
    preset: str | None = None
    ca_secret: str | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """What the owner of a Mailbox asks for."""

    address: str
    provider: Provider
    infrastructure: Infrastructure
    secret: str | None = None
    grant: Grant = Grant.AUTHORIZATION_CODE
    tenant: str | None = None
    cloud: Cloud = Cloud.GLOBAL
    smtp: SmtpSettings = SmtpSettings()
    infrastructure_name: str = "default"
    check_interval: timedelta = CHECK_INTERVAL
    suspend: bool = False

    @property
    def domain(self) -> str:
        """The part of the address after the at sign, in lower case."""
        return self.address.rpartition("@")[2].lower()

    @property
    def managed(self) -> bool:
        """Whether the platform brings what the connection needs."""
        return self.infrastructure is Infrastructure.MANAGED


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One Mailbox of the cluster.

    Attributes:
        spec: None where it cannot be read; `problem` then says why.
        reconnect: Value of the reconnect annotation; empty if nobody asked.
        version: `metadata.resourceVersion` of this view.
    """

    key: Key
    uid: str
    generation: int
    version: str
    spec: Spec | None
    problem: Fault | None
    reconnect: str
    status: Status

    @property
    def infrastructure(self) -> Infrastructure:
        """Whose infrastructure it uses; Private where that cannot be read."""
        return self.spec.infrastructure if self.spec else Infrastructure.PRIVATE


def parse_mailbox(body: Mapping[str, Any]) -> Mailbox:
    """Read a Mailbox as the API server sends it, or as it stands in a file."""
    metadata = body.get("metadata", {})
    spec, problem = None, None
    try:
        spec = parse_spec(body.get("spec"))
    except Fault as fault:
        problem = fault
    return Mailbox(
        key=Key(Kind.MAILBOX, metadata.get("namespace", "default"), metadata["name"]),
        uid=metadata.get("uid", ""),
        generation=metadata.get("generation", 1),
        version=metadata.get("resourceVersion", ""),
        spec=spec,
        problem=problem,
        reconnect=reconnect_of(metadata),
        status=parse_status(body.get("status") or {}),
    )


def reconnect_of(metadata: Mapping[str, Any]) -> str:
    """Read the reconnect annotation, as far as the status can echo it."""
    value = (metadata.get("annotations") or {}).get(RECONNECT, "")
    return str(value)[:LONGEST_ECHO]


def parse_spec(content: Any) -> Spec:
    """Read `spec`, and hold it to the rules that the API server enforces.

    Raises:
        Fault: `InvalidSpec`, with the field and what is wrong with it.
    """
    fields = Fields(content, "spec", SPEC)
    provider = fields.word("provider", Provider)
    grant, tenant, cloud = _grant(fields, provider)
    spec = Spec(
        address=fields.text("address"),
        provider=provider,
        infrastructure=fields.word("infrastructure", Infrastructure),
        secret=fields.reference("credentialsSecretRef"),
        grant=grant,
        tenant=tenant,
        cloud=cloud,
        smtp=_smtp(fields),
        infrastructure_name=fields.text("managedInfrastructureName", "default"),
        check_interval=fields.duration("checkInterval", CHECK_INTERVAL),
        suspend=fields.flag("suspend"),
    )
    _check(spec, fields)
    return spec


def _grant(fields: Fields, provider: Provider) -> tuple[Grant, str | None, Cloud]:
    if provider is Provider.OUTLOOK:
        block = fields.fields("outlook", ("grant", "tenant", "cloud"))
        tenant = block.text("tenant") if block.has("tenant") else None
        grant = block.word("grant", Grant, Grant.AUTHORIZATION_CODE)
        return grant, tenant, block.word("cloud", Cloud, Cloud.GLOBAL)
    block = fields.fields("google", ("grant",))
    return block.word("grant", Grant, Grant.AUTHORIZATION_CODE), None, Cloud.GLOBAL


def _smtp(fields: Fields) -> SmtpSettings:
    block = fields.fields("smtp", ("host", "port", "security", "preset", "caSecretRef"))
    port = block.port("port", 587) if block.has("port") else None
    security = block.word("security", Security) if block.has("security") else None
    if port is not None and security is not None:
        check_port(port, security, "spec.smtp")
    return SmtpSettings(
        host=block.text("host") if block.has("host") else None,
        port=port,
        security=security,
        preset=block.text("preset") if block.has("preset") else None,
        ca_secret=block.reference("caSecretRef"),
    )


def check_port(port: int, security: Security, path: str) -> None:
    """Refuse a port and a security that cannot work together.

    Raises:
        Fault: `InvalidSpec`.
    """
    if port in TLS_PORTS and security is Security.STARTTLS:
        raise invalid(f"{path}.security", f"port {port} speaks TLS from its first byte: use TLS")
    if port in STARTTLS_PORTS and security is Security.TLS:
        raise invalid(f"{path}.security", f"port {port} starts in the clear: use STARTTLS")


def _check(spec: Spec, fields: Fields) -> None:
    for field, problem in _problems(spec, fields):
        raise invalid(field, problem)


def _problems(spec: Spec, fields: Fields) -> list[tuple[str, str]]:
    oauth = spec.provider is not Provider.SMTP
    smtp = spec.smtp
    private_smtp = not oauth and not spec.managed
    jwt, app_only = spec.grant is Grant.JWT_BEARER, spec.grant is Grant.CLIENT_CREDENTIALS
    rules: list[tuple[bool, str, str]] = [
        (not ADDRESS.fullmatch(spec.address), "spec.address", "it is no mail address"),
        *(
            (fields.has(block) and spec.provider is not owner, f"spec.{block}", f"only for {owner}")
            for block, owner in _BLOCKS
        ),
        (jwt and spec.provider is not Provider.GOOGLE, "spec.outlook.grant", "only for Google"),
        (app_only and spec.provider is not Provider.OUTLOOK, "spec.google.grant", "only for Outlook"),
        ((jwt or app_only) and spec.managed, "spec.infrastructure", f"{spec.grant} is Private only"),
        (oauth and spec.managed and spec.secret is not None, "spec.credentialsSecretRef",
         "Managed Google and Outlook use the platform's app; remove it"),
        (not (oauth and spec.managed) and spec.secret is None, "spec.credentialsSecretRef",
         "name the Secret with the credentials"),
        (fields.has("managedInfrastructureName") and not spec.managed,
         "spec.managedInfrastructureName", "only with infrastructure Managed"),
        (private_smtp and not (smtp.host or smtp.preset), "spec.smtp", "state host or preset"),
        (bool(smtp.host and smtp.preset), "spec.smtp", "state host or preset, not both"),
        (smtp.ca_secret is not None and spec.managed, "spec.smtp.caSecretRef", "only with Private"),
        (smtp.port == 25, "spec.smtp.port",  # noqa: PLR2004 - the port of RFC 5321
         "port 25 is for relaying between servers: use 587 with STARTTLS or 465 with TLS"),
        (spec.check_interval < SHORTEST_INTERVAL, "spec.checkInterval", "it must be 30s or more"),
    ]  # fmt: skip
    return [(field, problem) for broken, field, problem in rules if broken]


_BLOCKS: Final = (
    ("google", Provider.GOOGLE),
    ("outlook", Provider.OUTLOOK),
    ("smtp", Provider.SMTP),
)
