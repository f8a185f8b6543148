"""A Mailbox as the operator sees it: what is asked for, and what its status says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mailbox_operator.decide.declared.resource import Key, Watched
from mailbox_operator.decide.declared.spec import CHECK_INTERVAL, Spec, parse_spec
from mailbox_operator.decide.words import Infrastructure, Kind


@dataclass(frozen=True, slots=True)
class Mailbox(Watched[Spec]):
    """One Mailbox of the cluster."""

    @property
    def infrastructure(self) -> Infrastructure:
        """Whose infrastructure it uses; Private where that cannot be read."""
        return self.spec.infrastructure if self.spec else Infrastructure.PRIVATE

    @property
    def destination(self) -> str:
        """What it will dial, as far as its spec tells; each takes only so many at once."""
        return self.spec.access.destination(self.spec.domain) if self.spec else "nobody"

    @property
    def suspended(self) -> bool:
        """Whether it is to be left alone."""
        return self.spec is not None and self.spec.suspend

    @property
    def check_interval(self) -> timedelta:
        """The time between two checks while it is healthy."""
        return self.spec.check_interval if self.spec else CHECK_INTERVAL


def parse_mailbox(body: Mapping[str, Any]) -> Mailbox:
    """Read a Mailbox as the API server sends it, or as it stands in a file."""
    metadata = body["metadata"]
    key = Key(Kind.MAILBOX, metadata.get("namespace", "default"), metadata["name"])
    return Mailbox.read(key, body, parse_spec)
