"""What every provider has to say about itself; each says it in a file of its own beside this one."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Generic, TypeVar

from mailbox_operator.decide.declared.fields import Fields, Mistake
from mailbox_operator.decide.declared.limits import NOTHING_KNOWN, Known
from mailbox_operator.decide.words import Grant, Infrastructure, Provider

IDENTITY: Final = "To be sure that it is you, and no other account by mistake."
Asked = TypeVar("Asked")


@dataclass(frozen=True, slots=True)
class SpecRule(Generic[Asked]):
    """A rule that takes more than one field to break.

    Attributes:
        field: Below `spec`, the one to change.
        problem: The sentence for its owner.
        broken: Whether this breaks it; the flag says whether the infrastructure is Managed.
    """

    field: str
    problem: str
    broken: Callable[[Asked, bool], bool]


def mistakes(rules: Iterable[SpecRule[Asked]], asked: Asked, *, managed: bool) -> Iterator[Mistake]:
    """Name the fields that break a rule, and how."""
    return ((rule.field, rule.problem) for rule in rules if rule.broken(asked, managed))


class Access(ABC):
    """How the operator signs in to a mailbox of one provider, as its owner asks for it."""

    __slots__ = ()
    provider: ClassVar[Provider]

    @abstractmethod
    def mistakes(self, *, managed: bool) -> Iterator[Mistake]:
        """Name what breaks a rule of this provider."""

    @abstractmethod
    def destination(self, domain: str) -> str:
        """Name what is dialled for an address in this domain; each takes only so many at once."""

    @abstractmethod
    def server_from(self, infrastructure: Infrastructure) -> Infrastructure:
        """Say who names the server: the tenant or the platform."""

    @property
    def oauth(self) -> bool:
        """Whether it signs in by token rather than by password."""
        return False

    @property
    def takes_consent(self) -> bool:
        """Whether a person's consent connects the mailbox."""
        return False

    @property
    def user_name(self) -> str | None:
        """The account that signs in; None for the address itself."""
        return None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The Secrets it names beside the one with the credentials."""
        return ()

    def known_limits(self, domain: str) -> Known:  # noqa: ARG002 - see subclasses
        """Say what the provider is known to take from an address in this domain."""
        return NOTHING_KNOWN

    @property
    def facts(self) -> Mapping[str, str]:
        """What a message about such a mailbox can say because of its provider."""
        return {}


@dataclass(frozen=True, slots=True)
class OAuthAccess(Access):
    """Access by token: the provider's own server, and a grant."""

    grant: Grant = Grant.AUTHORIZATION_CODE

    @property
    def oauth(self) -> bool:
        """Whether it signs in by token rather than by password."""
        return True

    @property
    def takes_consent(self) -> bool:
        """Whether a person's consent connects the mailbox."""
        return self.grant is Grant.AUTHORIZATION_CODE

    def destination(self, domain: str) -> str:  # noqa: ARG002 - one server for every domain
        """Name what is dialled: the provider's own server."""
        return self.provider.value

    def server_from(self, infrastructure: Infrastructure) -> Infrastructure:  # noqa: ARG002 - see above
        """Say who names the server: it is in the platform's configuration."""
        return Infrastructure.MANAGED


@dataclass(frozen=True, slots=True)
class App:
    """An OAuth app that a ManagedInfrastructure offers.

    Attributes:
        secret: Name of the Secret with the client.
    """

    secret: str


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that is asked for.

    Attributes:
        scopes: As the provider calls it (RFC 6749 section 3.3), separated by blanks.
        name: As the provider's own screen calls it, more or less.
        why: What the operator does with it.
    """

    scopes: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class OAuth:
    """What a provider of tokens says about its app, and about its consent.

    Attributes:
        app_fields: Fields of its block in a ManagedInfrastructure.
        read_app: Reads that block.
        permissions: What a consent asks for.
        scope: The permission without which no mail is sent.
    """

    app_fields: tuple[str, ...]
    read_app: Callable[[Fields], App]
    permissions: tuple[Permission, ...]
    scope: str

    @property
    def scopes(self) -> str:
        """All that is asked for, separated by blanks."""
        return " ".join(each.scopes for each in self.permissions)

    @property
    def needed(self) -> str:
        """The permission without which no mail is sent, as the provider's screen calls it."""
        names = (each.name for each in self.permissions if self.scope in each.scopes.split())
        return f'"{next(names)}"'


@dataclass(frozen=True, slots=True)
class Declaration:
    """Where a provider stands in the manifests of both kinds.

    Attributes:
        name: The provider as people call it.
        fields: Fields of its block in a Mailbox.
        read: Reads that block.
        oauth: What it says about app and consent; None where mailboxes sign in by password.
    """

    name: str
    fields: tuple[str, ...]
    read: Callable[[Fields], Access]
    oauth: OAuth | None = None
