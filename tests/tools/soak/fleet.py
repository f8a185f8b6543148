"""The Mailboxes of a soak: all six combinations, in turn, and what becomes of each in the end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from lab.stand.manifests import Manifest, mailbox, new_namespace, secret
from tools.soak.options import Options

NAMESPACES: Final = 30
PLATFORM: Final = "soak"
APP: Final = {"client-id": "app", "client-secret": "hush"}
COMBINATIONS: Final = tuple(product(("Google", "Outlook", "SMTP"), ("Private", "Managed")))
WRONG_EVERY: Final = 8
"""So many SMTP mailboxes have one among them whose password is wrong all the time."""
DOMAINS: Final = ("acme.example", "moved.example")
"""A preset names the first; the MX records of the second lead there."""
HEALTHY: Final = frozenset({"Connected", "ConnectedUnverified"})
REFUSED: Final = frozenset({"InvalidCredentials", "RateLimited"})
"""A wrong password is not tried for the rest of an hour; one that is not known by then is held back."""


@dataclass(slots=True)
class Member:
    """One Mailbox.

    Attributes:
        password: In its Secret, if it has one.
        is_wrong: Whether the server knows another password.
        has_consent: Whether its owner was told that all is well.
    """

    number: int
    provider: str
    infrastructure: str
    password: str
    is_wrong: bool
    has_consent: bool = False

    @property
    def name(self) -> str:
        """Name it."""
        return f"box-{self.number}"

    @property
    def namespace(self) -> str:
        """Name its namespace."""
        return f"soak-{self.number % NAMESPACES}"

    @property
    def address(self) -> str:
        """Name its address; nobody else has it."""
        domain = DOMAINS[self.number // len(COMBINATIONS) % len(DOMAINS)]
        return f"{self.name}@{domain}"

    @property
    def needs_consent(self) -> bool:
        """Whether a person has to click."""
        return self.provider != "SMTP" and self.infrastructure == "Managed"

    @property
    def has_password(self) -> bool:
        """Whether it logs in by one."""
        return self.provider == "SMTP"

    @property
    def token(self) -> str:
        """The refresh token that its owner brings."""
        return f"token-of-{self.name}"

    def truths(self, *, held: bool) -> frozenset[str]:
        """Return the reasons that are true of it, while all others do as they should.

        Args:
            held: Whether it, or its namespace, was refused so often that it waits for an hour's end.
        """
        if self.is_wrong:
            return REFUSED
        return HEALTHY | REFUSED if held else HEALTHY

    def manifest(self, interval_seconds: int, port: int) -> Manifest:
        """Declare it.

        Args:
            interval_seconds: Between two checks.
            port: Of the mail server, if it names one.
        """
        spec: dict[str, Any] = {
            "address": self.address,
            "provider": self.provider,
            "infrastructure": self.infrastructure,
            "checkInterval": f"{interval_seconds}s",
        }
        if self.infrastructure == "Managed":
            spec["managedInfrastructureName"] = PLATFORM
        if not self.needs_consent:
            spec["credentialsSecretRef"] = {"name": self.name}
        if self.has_password and self.infrastructure == "Private":
            spec["smtp"] = {"host": "localhost", "port": port, "security": "STARTTLS"}
        return self._placed(mailbox(spec, self.name))

    def secret(self) -> Manifest:
        """Write its Secret."""
        if self.has_password:
            return secret({"password": self.password}, self.name, self.namespace)
        tenant = {"tenant-id": "contoso.example"} if self.provider == "Outlook" else {}
        return secret(APP | tenant | {"refresh-token": self.token}, self.name, self.namespace)

    def _placed(self, manifest: Manifest) -> Manifest:
        return manifest | {"metadata": {**manifest["metadata"], "namespace": self.namespace}}


@dataclass(frozen=True, slots=True)
class Fleet:
    """All of them."""

    members: Sequence[Member]

    @classmethod
    def of(cls, options: Options) -> "Fleet":
        """Make so many."""
        return cls([member(number) for number in range(options.mailboxes)])

    def with_passwords(self) -> list[Member]:
        """Return those that log in by a password, and rightly."""
        return [each for each in self.members if each.has_password and not each.is_wrong]

    def tenants(self) -> Mapping[str, str]:
        """Return the namespaces of the users whose passwords may be refused."""
        return {each.address: each.namespace for each in self.members if each.has_password}

    def with_consents(self) -> list[Member]:
        """Return those for which a person clicks."""
        return [each for each in self.members if each.needs_consent]

    def accounts(self) -> Mapping[str, str]:
        """Return the passwords that the mail servers know."""
        own = (each for each in self.members if each.has_password)
        return {each.address: "another" if each.is_wrong else each.password for each in own}

    def tokens(self) -> Mapping[str, str]:
        """Return the accounts of the refresh tokens that the sign-in service knows."""
        return {each.token: each.address for each in self.members if not each.has_password}

    def namespaces(self) -> Iterator[Manifest]:
        """Declare the namespaces."""
        for number in range(NAMESPACES):
            name = f"soak-{number}"
            yield new_namespace(name)


def member(number: int) -> Member:
    """Make one Mailbox; its number settles everything."""
    provider, infrastructure = COMBINATIONS[number % len(COMBINATIONS)]
    is_wrong = provider == "SMTP" and (number // len(COMBINATIONS) + number) % WRONG_EVERY == 1
    return Member(number, provider, infrastructure, f"word-{number}", is_wrong)
