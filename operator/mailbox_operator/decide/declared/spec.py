"""What the owner of a Mailbox asks for, held to the rules that the API server enforces."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from mailbox_operator.decide.declared.fields import Fields, read_all
from mailbox_operator.decide.declared.limits import UNLIMITED, Limits, read_limits
from mailbox_operator.decide.declared.providers.access import Access, SpecRule, mistakes
from mailbox_operator.decide.declared.providers.table import OAUTH_PROVIDERS, PROVIDERS, block_of
from mailbox_operator.decide.texts.addresses import domain_of
from mailbox_operator.decide.texts.shapes import ADDRESS, DISPLAY_NAME, SHORT_NAME
from mailbox_operator.decide.words import DeletionPolicy, Infrastructure, Provider

CHECK_INTERVAL: Final = timedelta(minutes=10)
SHORTEST_INTERVAL: Final = timedelta(seconds=30)
LONGEST_INTERVAL: Final = timedelta(hours=24)
FIELDS: Final = (
    "address", "displayName", "provider", "infrastructure", "credentialsSecretRef",
    *map(block_of, PROVIDERS), "managedInfrastructureName", "checkInterval", "suspend",
    "deletionPolicy", "sending",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spec:
    """What the owner of a Mailbox asks for."""

    address: str
    infrastructure: Infrastructure
    access: Access
    secret: str | None = None
    infrastructure_name: str = "default"
    check_interval: timedelta = CHECK_INTERVAL
    suspend: bool = False
    deletion_policy: DeletionPolicy | None = None
    display_name: str = ""
    sending: Limits = UNLIMITED

    @property
    def provider(self) -> Provider:
        """Who runs the mailbox."""
        return self.access.provider

    @property
    def domain(self) -> str:
        """The part of the address after the at sign, in lower case."""
        return domain_of(self.address)

    @property
    def account(self) -> str:
        """The user name of the account that signs in: the address, unless the owner names another."""
        return self.access.user_name or self.address

    @property
    def managed(self) -> bool:
        """Whether the platform brings what the connection needs."""
        return self.infrastructure is Infrastructure.MANAGED

    @property
    def oauth(self) -> bool:
        """Whether it logs in by token rather than by password."""
        return self.access.oauth


SPEC_RULES: Final[tuple[SpecRule[Spec], ...]] = (
    SpecRule("credentialsSecretRef", "name the Secret with the credentials",
             lambda spec, managed: not (spec.oauth and managed) and spec.secret is None),
    SpecRule("credentialsSecretRef",
             f"Managed {' and '.join(OAUTH_PROVIDERS)} use the platform's app: remove it",
             lambda spec, managed: spec.oauth and managed and spec.secret is not None),
)  # fmt: skip


def parse_spec(content: Any) -> Spec:
    """Read `spec`.

    Raises:
        Fault: `InvalidSpec`, with each field that is wrong and what is wrong with it.
    """
    return read_all(content, "spec", FIELDS, _spec)


def _spec(fields: Fields) -> Spec:
    provider = fields.word("provider", Provider)
    infrastructure = fields.word("infrastructure", Infrastructure)
    _refuse_foreign(fields, provider, infrastructure)
    spec = Spec(
        address=fields.text("address", ADDRESS),
        infrastructure=infrastructure,
        secret=fields.reference_or_none("credentialsSecretRef"),
        access=_access(fields, provider),
        infrastructure_name=fields.text("managedInfrastructureName", SHORT_NAME, "default"),
        check_interval=check_interval(fields),
        suspend=fields.flag("suspend"),
        deletion_policy=fields.word_or_none("deletionPolicy", DeletionPolicy),
        display_name=fields.text_or_none("displayName", DISPLAY_NAME) or "",
        sending=read_limits(fields, "sending", whole=True),
    )
    if fields.is_right("provider", "infrastructure"):  # the rules go by these two
        own = spec.access.mistakes(managed=spec.managed)
        for mistake in (*own, *mistakes(SPEC_RULES, spec, managed=spec.managed)):
            fields.refuse(*mistake)
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
        block = block_of(owner)
        if owner is not provider and fields.has(block):
            fields.refuse(block, f"it goes with provider {owner} only: remove it")
    name = "managedInfrastructureName"
    if infrastructure is not Infrastructure.MANAGED and fields.has(name):
        fields.refuse(name, "it goes with infrastructure Managed only: remove it")


def _access(fields: Fields, provider: Provider) -> Access:
    """Read the blocks of all providers, so that every mistake is named; return the one that counts."""
    found = {
        each: declared.read(fields.fields(block_of(each), declared.fields))
        for each, declared in PROVIDERS.items()
    }
    return found[provider]
