"""What the owner of a Mailbox asks for, held to the rules that the API server enforces."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from mailbox_operator.decide.declared.fields import Fields, read_all
from mailbox_operator.decide.declared.server import Server, read_server
from mailbox_operator.decide.texts.shapes import (
    ADDRESS,
    DISPLAY_NAME,
    PRESET_NAME,
    SHORT_NAME,
    TENANT,
)
from mailbox_operator.decide.words import Cloud, DeletionPolicy, Grant, Infrastructure, Provider

CHECK_INTERVAL: Final = timedelta(minutes=10)
SHORTEST_INTERVAL: Final = timedelta(seconds=30)
LONGEST_INTERVAL: Final = timedelta(hours=24)
SHARED_TENANTS: Final = frozenset({"common", "organizations", "consumers"})
FIELDS: Final = (
    "address", "displayName", "provider", "infrastructure", "credentialsSecretRef", "google", "outlook",
    "smtp", "managedInfrastructureName", "checkInterval", "suspend", "deletionPolicy",
)  # fmt: skip
GOOGLE_GRANTS: Final = (Grant.AUTHORIZATION_CODE, Grant.JWT_BEARER)
OUTLOOK_GRANTS: Final = (Grant.AUTHORIZATION_CODE, Grant.CLIENT_CREDENTIALS)


@dataclass(frozen=True, slots=True)
class SmtpSettings(Server):
    """The owner's own words about its server; what they leave out is None."""

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
    login_name: str | None = None
    smtp: SmtpSettings = SmtpSettings()
    infrastructure_name: str = "default"
    check_interval: timedelta = CHECK_INTERVAL
    suspend: bool = False
    deletion_policy: DeletionPolicy | None = None

    @property
    def domain(self) -> str:
        """The part of the address after the at sign, in lower case."""
        return self.address.rpartition("@")[2].lower()

    @property
    def account(self) -> str:
        """The user name of the account that signs in: the address, unless the owner names another."""
        return self.login_name or self.address

    @property
    def managed(self) -> bool:
        """Whether the platform brings what the connection needs."""
        return self.infrastructure is Infrastructure.MANAGED

    @property
    def oauth(self) -> bool:
        """Whether it logs in by token rather than by password."""
        return self.provider is not Provider.SMTP


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that takes more than one field to break.

    Attributes:
        field: Below `spec`, the one to change.
        problem: What is said where the rule is broken.
        broken: Whether it is.
    """

    field: str
    problem: str
    broken: Callable[[Spec], bool]


RULES: Final = (
    Rule("google.grant", "JWTBearer needs a service account of your own: use Private",
         lambda spec: spec.managed and spec.grant is Grant.JWT_BEARER),
    Rule("outlook.grant", "ClientCredentials needs an app registration of your own: use Private",
         lambda spec: spec.managed and spec.grant is Grant.CLIENT_CREDENTIALS),
    Rule("outlook.tenant", "ClientCredentials needs one tenant: its id or a domain",
         lambda spec: spec.grant is Grant.CLIENT_CREDENTIALS and spec.tenant in SHARED_TENANTS),
    Rule("outlook.loginName", "with ClientCredentials the app logs in as the mailbox: remove it",
         lambda spec: spec.grant is Grant.CLIENT_CREDENTIALS and spec.login_name is not None),
    Rule("outlook", "under Managed the platform names tenant and cloud: remove them",
         lambda spec: spec.managed and (spec.tenant, spec.cloud) != (None, Cloud.GLOBAL)),
    Rule("smtp", "state host or preset",
         lambda spec: not (spec.oauth or spec.managed or spec.smtp.host or spec.smtp.preset)),
    Rule("smtp.preset", "state host or preset, not both",
         lambda spec: bool(spec.smtp.host and spec.smtp.preset)),
    Rule("smtp", "port and security go with host, a preset brings its own",
         lambda spec: not spec.smtp.host and bool(spec.smtp.port or spec.smtp.security)),
    Rule("smtp.caSecretRef", "it goes with infrastructure Private only",
         lambda spec: spec.managed and spec.smtp.ca_secret is not None),
    Rule("credentialsSecretRef", "name the Secret with the credentials",
         lambda spec: not (spec.oauth and spec.managed) and spec.secret is None),
    Rule("credentialsSecretRef", "Managed Google and Outlook use the platform's app: remove it",
         lambda spec: spec.oauth and spec.managed and spec.secret is not None),
)  # fmt: skip


def parse_spec(content: Any) -> Spec:
    """Read `spec`.

    Raises:
        Fault: `InvalidSpec`, with each field that is wrong and what is wrong with it.
    """
    return read_all(content, "spec", FIELDS, _spec)


def _spec(fields: Fields) -> Spec:
    fields.text_or_none("displayName", DISPLAY_NAME)
    provider = fields.word("provider", Provider)
    infrastructure = fields.word("infrastructure", Infrastructure)
    _refuse_foreign(fields, provider, infrastructure)
    grant, tenant, cloud, login_name = _access(fields, provider)
    spec = Spec(
        address=fields.text("address", ADDRESS),
        provider=provider,
        infrastructure=infrastructure,
        secret=fields.reference_or_none("credentialsSecretRef"),
        grant=grant,
        tenant=tenant,
        cloud=cloud,
        login_name=login_name,
        smtp=_smtp(fields),
        infrastructure_name=fields.text("managedInfrastructureName", SHORT_NAME, "default"),
        check_interval=check_interval(fields),
        suspend=fields.flag("suspend"),
        deletion_policy=fields.word_or_none("deletionPolicy", DeletionPolicy),
    )
    if fields.is_right("provider", "infrastructure"):  # the rules go by these two
        for rule in RULES:
            if rule.broken(spec):
                fields.refuse(rule.field, rule.problem)
    return spec


def check_interval(fields: Fields) -> timedelta:
    """Read `checkInterval`, which both kinds have."""
    interval = fields.duration("checkInterval", CHECK_INTERVAL)
    if not SHORTEST_INTERVAL <= interval <= LONGEST_INTERVAL:
        fields.refuse("checkInterval", "it must be from 30s to 24h")
    return interval


def _refuse_foreign(fields: Fields, provider: Provider, infrastructure: Infrastructure) -> None:
    if not fields.is_right("provider", "infrastructure"):
        return
    for owner in Provider:
        block = owner.value.lower()
        if owner is not provider and fields.has(block):
            fields.refuse(block, f"it goes with provider {owner} only: remove it")
    name = "managedInfrastructureName"
    if infrastructure is not Infrastructure.MANAGED and fields.has(name):
        fields.refuse(name, "it goes with infrastructure Managed only: remove it")


def _access(fields: Fields, provider: Provider) -> tuple[Grant, str | None, Cloud, str | None]:
    google = fields.fields("google", ("grant",))
    outlook = fields.fields("outlook", ("grant", "tenant", "cloud", "loginName"))
    if provider is Provider.OUTLOOK:
        grant = outlook.word("grant", OUTLOOK_GRANTS, Grant.AUTHORIZATION_CODE)
    else:
        grant = google.word("grant", GOOGLE_GRANTS, Grant.AUTHORIZATION_CODE)
    tenant = outlook.text_or_none("tenant", TENANT)
    login_name = outlook.text_or_none("loginName", ADDRESS)
    return grant, tenant, outlook.word("cloud", Cloud, Cloud.GLOBAL), login_name


def _smtp(fields: Fields) -> SmtpSettings:
    block = fields.fields("smtp", ("host", "port", "security", "preset", "caSecretRef"))
    server = read_server(block)
    return SmtpSettings(
        host=server.host,
        port=server.port,
        security=server.security,
        preset=block.text_or_none("preset", PRESET_NAME),
        ca_secret=block.reference_or_none("caSecretRef"),
    )
