"""A Mailbox as the operator sees it: what is asked for, and what its status says of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from sys import intern
from typing import Any, Final

from mailbox_operator.decide.declared.labels import NO_LABELS, Labels, read_labels
from mailbox_operator.decide.declared.resource import (
    Key,
    KindOf,
    Unreadable,
    Watched,
    metadata_of,
    read_spec,
)
from mailbox_operator.decide.declared.spec import Spec, parse_spec
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.words import Infrastructure, Kind, Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled(Watched):
    """What every Mailbox answers about its labels, whether its spec can be read or not.

    Attributes:
        label_keys: None where the labels are too large to be kept.
        label_values: In one text.
    """

    label_keys: tuple[str, ...] | None = NO_LABELS.keys
    label_values: str = NO_LABELS.values

    @property
    def labels(self) -> Mapping[str, str] | None:
        """Its labels; None where they are too large, so that no Sender selects it by them."""
        return Labels(self.label_keys, self.label_values).mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadableMailbox(Labelled):
    """A Mailbox that says what its owner asks for."""

    spec: Spec

    @property
    def infrastructure(self) -> Infrastructure:
        """Whose infrastructure it uses."""
        return self.spec.infrastructure

    @property
    def destination(self) -> str:
        """What it will dial, as far as its spec tells; each takes only so many at once."""
        return self.spec.access.destination(self.spec.domain)

    @property
    def server_from(self) -> Infrastructure:
        """Who names the server; it may be another than who brings the rest."""
        return self.spec.access.server_from(self.spec.infrastructure)

    @property
    def suspended(self) -> bool:
        """Whether it is to be left alone."""
        return self.spec.suspend

    @property
    def check_interval(self) -> timedelta:
        """The time between two checks while it is healthy."""
        return self.spec.check_interval

    @property
    def provider(self) -> Provider:
        """Who runs it."""
        return self.spec.provider

    @property
    def takes_consent(self) -> bool:
        """Whether a person's consent connects it."""
        return self.spec.access.takes_consent

    @property
    def address(self) -> str:
        """The address it connects."""
        return self.spec.address

    @property
    def used(self) -> str | None:
        """Name of the ManagedInfrastructure it uses; None under Private."""
        return self.spec.infrastructure_name if self.spec.managed else None

    @property
    def facts(self) -> Mapping[str, str]:
        """What messages can say about it."""
        spec = self.spec
        secret = {"secret": f"Secret {spec.secret}"} if spec.secret else {}
        login = {"login": spec.account, **spec.access.facts}
        return {
            "address": spec.address,
            "infrastructure": spec.infrastructure_name,
            **login,
            **secret,
        }

    def secrets_for(self, provider: Provider | None = None) -> Iterable[str]:  # noqa: ARG002 - it has one
        """Name its Secrets."""
        own = (self.spec.secret,) if self.spec.secret else ()
        return (*own, *self.spec.access.secrets)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableMailbox(Labelled, Unreadable):
    """A Mailbox whose spec cannot be read."""

    problem: Fault

    @property
    def infrastructure(self) -> Infrastructure:
        """Who must act: the owner, as under Private."""
        return Infrastructure.PRIVATE

    @property
    def destination(self) -> str:
        """What it will dial."""
        return "nobody"


Mailbox = ReadableMailbox | UnreadableMailbox
"""One Mailbox of the cluster."""


def parse_mailbox(body: Mapping[str, Any]) -> Mailbox:
    """Read a Mailbox as the API server sends it, or as it stands in a file."""
    metadata = body["metadata"]
    key = Key(Kind.MAILBOX, intern(metadata.get("namespace", "default")), metadata["name"])
    labels = read_labels(metadata.get("labels"))
    common = metadata_of(key, body) | {"label_keys": labels.keys, "label_values": labels.values}
    match read_spec(key, body.get("spec"), parse_spec):
        case Fault() as problem:
            return UnreadableMailbox(problem=problem, **common)
        case spec:
            return ReadableMailbox(spec=spec, **common)


MAILBOX: Final = KindOf("mailboxes", "mailbox", namespaced=True, connects=True, parse=parse_mailbox)
